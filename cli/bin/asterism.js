#!/usr/bin/env node
// Runs from the sources: nothing has to be built first.
const { join } = require("node:path");
require("ts-node").register({ cwd: join(__dirname, "..", "..") });
require("../src/main").start(process.argv.slice(2));
