import { fileURLToPath } from "node:url";
import { defineConfig } from "tsdown";

const own = (path) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  entry: { main: "src/main.ts" },
  format: ["cjs"],
  platform: "node",
  target: "es2022",
  fixedExtension: false,
  dts: false,
  sourcemap: false,
  // One copy of the SDK for all that is inside, and so one class for each of its errors.
  alias: { "@asterism/sdk/abis": own("../sdk/abis/index.ts"), "@asterism/sdk": own("../sdk/index.ts") },
  // Only the repository has what deploys and diagnoses.
  deps: { neverBundle: [/scripts\/(deploy|doctor)\//] },
});
