#!/usr/bin/env node
/**
 * The npm compiler as a program: reads standard JSON from stdin and writes the compiler's answer to stdout. Behaves enough
 * like the native `solc` for tools that take a path to one:
 *
 *   toolchain/solc.js --standard-json < input.json
 *   toolchain/solc.js --version
 *   SOLJSON=path/to/soljson.js toolchain/solc.js --standard-json
 *
 * The package's own `compile` copies its input to the stack of the WebAssembly module, 5 MiB at up to 4 bytes a character,
 * and breaks on inputs above about 1.31 million characters. Here the input lies on the heap, which grows.
 */
const { buffer } = require("node:stream/consumers");

/** Compiles standard JSON in UTF-8 and returns the answer as text. Imports that the input lacks are errors in the answer. */
function compile(soljson, bytes) {
  // The compiler owns what it allocates here until it is reset, and expects a closing zero.
  const pointer = soljson._solidity_alloc(bytes.length + 1);
  if (pointer === 0) throw new Error(`no room for an input of ${bytes.length} bytes`);
  // Read after the allocation: growing the heap replaces the view.
  soljson.HEAPU8.set(bytes, pointer);
  soljson.HEAPU8[pointer + bytes.length] = 0;
  const noCallback = 0;
  const solidityCompile = soljson.cwrap("solidity_compile", "number", ["number", "number", "number"]);
  const answer = soljson.UTF8ToString(solidityCompile(pointer, noCallback, noCallback));
  soljson._solidity_reset();
  return answer;
}

function version(soljson) {
  return soljson.UTF8ToString(soljson._solidity_version());
}

async function main(args) {
  const soljson = require(process.env.SOLJSON ?? "solc/soljson.js");
  if (args.includes("--version")) {
    process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${version(soljson)}\n`);
    return;
  }
  if (!args.includes("--standard-json")) throw new Error("expected --standard-json or --version");
  process.stdout.write(compile(soljson, await buffer(process.stdin)));
}

if (require.main === module) {
  main(process.argv.slice(2)).catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
}

module.exports = { compile, version };
