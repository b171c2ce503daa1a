/** Compiles sources outside of Hardhat, with the settings that the legacy pipeline has there. */
import { runCompiler } from "../../../toolchain/compiler";
import type { Node } from "./ast";
import type { Sources } from "./sources";

/** By source and contract, as in standard JSON; an empty contract's name stands for the source. */
export type OutputSelection = Record<string, Record<string, string[]>>;

export interface Bytecode {
  object: string;
  linkReferences: Record<string, Record<string, { start: number; length: number }[]>>;
}

export interface Compiled {
  sources: Record<string, { ast: Node }>;
  contracts?: Record<string, Record<string, { evm: { bytecode: Bytecode; deployedBytecode: Bytecode } }>>;
  errors?: { severity: string; formattedMessage: string; message: string }[];
}

/** What the compiler objects to; `message` is its first error. */
export class CompileError extends Error {}

const SOLJSON = require.resolve("solc/soljson.js");

/** Throws a `CompileError` where a source does not compile. */
export async function compileSources(
  sources: Sources,
  outputSelection: OutputSelection,
  more: object = {},
): Promise<Compiled> {
  const input = {
    language: "Solidity",
    sources: Object.fromEntries([...sources].map(([name, content]) => [name, { content }])),
    settings: { evmVersion: "cancun", optimizer: { enabled: true, runs: 200 }, outputSelection, ...more },
  };
  const output = (await runCompiler(input, SOLJSON)) as Compiled;
  const failed = output.errors?.find(({ severity }) => severity === "error");
  if (failed !== undefined) throw new CompileError(failed.formattedMessage);
  return output;
}
