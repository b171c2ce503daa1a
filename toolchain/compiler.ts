import { HardhatPluginError } from "hardhat/plugins";
import type { CompilerInput, CompilerOutput, SolcBuild } from "hardhat/types";
import execa from "execa";

export const SOLC_VERSION = "0.8.37";

const RUNNER = require.resolve("./solc.js");
const MAX_ANSWER_BYTES = 1024 ** 3;

/**
 * The npm package's compiler. The suffix of its long version is dropped: explorers know the release by its commit alone.
 */
export async function npmCompiler(): Promise<SolcBuild> {
  const { version } = await import("solc");
  return {
    version: SOLC_VERSION,
    longVersion: version().replace(/\.Emscripten\.clang$/, ""),
    compilerPath: require.resolve("solc/soljson.js"),
    isSolcJs: true,
  };
}

/**
 * Compiles in a process of its own, so that jobs run side by side and memory is given back; `solc.js` says why it is not
 * Hardhat's. Throws with what the process said when the compiler itself fails; errors in the sources are in the output.
 */
export async function runCompiler(input: CompilerInput, soljson: string): Promise<CompilerOutput> {
  const text = JSON.stringify(input);
  const { exitCode, signal, stdout, stderr } = await execa(process.execPath, [RUNNER, "--standard-json"], {
    ...{ input: text, env: { SOLJSON: soljson }, reject: false, maxBuffer: MAX_ANSWER_BYTES },
  });
  const job = `the compiler, given ${text.length} characters,`;
  if (exitCode !== 0) {
    throw failure(`${job} ${signal === undefined ? `ended with code ${exitCode}` : `was ended by ${signal}`}`, stderr);
  }
  try {
    return JSON.parse(stdout) as CompilerOutput;
  } catch (error) {
    throw failure(`${job} answered something else than JSON: ${String(error)}`, stderr);
  }
}

function failure(what: string, stderr: string): HardhatPluginError {
  return new HardhatPluginError("asterism", [what, stderr.trim()].filter((part) => part !== "").join(":\n"));
}
