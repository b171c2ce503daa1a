import { defineConfig } from "tsdown";

export default defineConfig({
  entry: { index: "index.ts", abis: "abis/index.ts", model: "model/index.ts" },
  format: ["esm", "cjs"],
  platform: "node",
  target: "es2022",
  // The package is of no type: modules end in .mjs, CommonJS in .js.
  fixedExtension: false,
  dts: true,
  sourcemap: false,
});
