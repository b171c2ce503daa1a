#!/usr/bin/env node
// Packed, the program that was built; in the repository its sources, so that it is never an older one.
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const source = join(__dirname, "..", "src", "main.ts");
if (existsSync(source)) {
  require("ts-node").register({ cwd: join(__dirname, "..", "..") });
  require(source).start(process.argv.slice(2));
} else {
  require("../dist/main.js").start(process.argv.slice(2));
}
