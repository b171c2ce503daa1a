import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import type { JsonFragment } from "ethers";
import type { CompilerInput } from "hardhat/types";
import { npmCompiler, runCompiler } from "../../toolchain/compiler";
import { ExplainedError } from "../lib/main";

const IMPORT = /^\s*import\b[^;]*?["']([^"']+)["']\s*;/gm;

/** What the compiler says of one contract or interface. */
export interface CompiledContract {
  readonly abi: readonly JsonFragment[];
  readonly devdoc: Documentation;
  readonly userdoc: Documentation;
}

/** NatSpec as the compiler gives it: `notice` in userdoc, the rest in devdoc; by signature, errors and events in lists or alone. */
export interface Documentation {
  readonly title?: string;
  readonly notice?: string;
  readonly details?: string;
  readonly methods?: Readonly<Record<string, Words>>;
  readonly events?: Readonly<Record<string, Words>>;
  readonly errors?: Readonly<Record<string, readonly Words[]>>;
  readonly stateVariables?: Readonly<Record<string, Words>>;
}

export interface Words {
  readonly notice?: string;
  readonly details?: string;
  readonly return?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly returns?: Readonly<Record<string, string>>;
}

/** The parts of the syntax tree that the reference needs. */
export interface SourceNode {
  readonly nodeType: string;
  readonly name: string;
  /** Start and length in bytes, and the file's number. */
  readonly src: string;
  readonly abstract?: boolean;
  readonly contractKind?: "contract" | "interface" | "library";
  readonly documentation?: { readonly src: string; readonly text: string };
  readonly nodes?: readonly SourceNode[];
  readonly baseContracts?: readonly { readonly baseName: { readonly name: string } }[];
}

export interface CompiledSource {
  readonly path: string;
  readonly text: string;
  readonly nodes: readonly SourceNode[];
  readonly contracts: Readonly<Record<string, CompiledContract>>;
}

interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly sources?: Readonly<Record<string, { readonly ast: { readonly nodes: readonly SourceNode[] } }>>;
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, CompiledContract>>>>;
}

/** Analyses sources, given by path, and all that they import; no code is made of them. Throws with what the compiler complains about. */
export async function analyse(roots: Readonly<Record<string, string>>): Promise<CompiledSource[]> {
  const sources = withImports(roots);
  const outputSelection = { "*": { "": ["ast"], "*": ["abi", "devdoc", "userdoc"] } };
  const settings = { optimizer: {}, evmVersion: "cancun", outputSelection };
  const contents = Object.fromEntries([...sources].map(([path, content]) => [path, { content }]));
  const input = { language: "Solidity", sources: contents, settings } as CompilerInput;
  const output = (await runCompiler(input, (await npmCompiler()).compilerPath)) as unknown as Output;
  const faults = (output.errors ?? []).filter(({ severity }) => severity === "error");
  if (faults.length > 0) throw new ExplainedError(faults.map(({ formattedMessage }) => formattedMessage).join("\n"));
  return [...sources].map(([path, text]) => ({
    path,
    text,
    nodes: output.sources?.[path]?.ast.nodes ?? [],
    contracts: output.contracts?.[path] ?? {},
  }));
}

/** Solidity below a folder by path, without the rooms named. */
export function solidityBelow(folder: string, without: readonly string[] = []): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const paths = names.filter((name) => name.endsWith(".sol") && !without.some((room) => name.startsWith(room)));
  return Object.fromEntries(paths.sort().map((name) => [posix.join(folder, name), read(join(folder, name))]));
}

function withImports(roots: Readonly<Record<string, string>>): Map<string, string> {
  const sources = new Map(Object.entries(roots));
  // A map is walked to its end, entries that are added on the way included.
  for (const [path, text] of sources) {
    for (const [, name] of text.matchAll(IMPORT)) {
      const imported = name.startsWith(".") ? posix.join(dirname(path), name) : name;
      if (!sources.has(imported)) sources.set(imported, read(fileOf(imported)));
    }
  }
  return sources;
}

/** A path of the repository; one of this project's SDK, whose Solidity is the repository's; or one of an installed package. */
function fileOf(path: string): string {
  const own = path.replace(/^@asterism\/sdk\//, "");
  return own !== path || existsSync(own) ? own : require.resolve(path);
}

function read(path: string): string {
  return readFileSync(path, "utf8");
}
