import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const source = (path) => fileURLToPath(new URL(`../sdk/${path}`, import.meta.url));

export default defineConfig({
  base: "/",
  publicDir: "public",
  // The sources of the SDK: nothing has to be built before.
  resolve: {
    alias: [
      { find: "@asterism/sdk/abis", replacement: source("abis/index.ts") },
      { find: "@asterism/sdk/model", replacement: source("model/index.ts") },
      { find: "@asterism/sdk", replacement: source("index.ts") },
    ],
  },
  build: {
    target: "es2022",
    // What is inlined as an address of its own is refused by the page's policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2_000,
  },
});
