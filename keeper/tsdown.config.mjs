import { defineConfig } from "tsdown";

export default defineConfig({
  entry: { index: "index.ts", main: "main.ts" },
  format: ["esm", "cjs"],
  platform: "node",
  target: "es2022",
  // The package is of no type: modules end in .mjs, CommonJS in .js.
  fixedExtension: false,
  dts: true,
  sourcemap: false,
});
