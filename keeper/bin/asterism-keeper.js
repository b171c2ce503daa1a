#!/usr/bin/env node
// Packed, the program that was built; in the repository its source, so that it is never an older one.
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const source = join(__dirname, "..", "main.ts");
if (existsSync(source)) {
  require("ts-node").register({ cwd: join(__dirname, "..", "..") });
  require(source).main(process.argv.slice(2));
} else {
  require("../dist/main.js").main(process.argv.slice(2));
}
