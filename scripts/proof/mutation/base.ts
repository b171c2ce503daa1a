/** What the sources compile to as they stand, by the settings that mutants are compiled with. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compileSources } from "../lib/compile";
import type { Bytecode } from "../lib/compile";
import { closureOf, solidityIn } from "../lib/sources";
import type { Sources } from "../lib/sources";

/** Nothing of the sources' text is in the code: what behaves alike is alike. */
const WITHOUT_METADATA = { metadata: { appendCBOR: false, bytecodeHash: "none" } };

export interface Code {
  bytecode: Bytecode;
  deployedBytecode: Bytecode;
}

export interface Contract extends Code {
  name: string;
  source: string;
}

/** Every contract that is deployed, by name, with what it is linked to. */
export interface Base {
  contracts: ReadonlyMap<string, Contract>;
  /** Of each contract those it is linked to, itself among them. */
  linkedTo(name: string): ReadonlySet<string>;
  /** Changes when anything does. */
  key: string;
}

/** Compiles everything once, a minute or two; the answer is kept in `cache/proof` as long as no source changes. */
export async function readBase(): Promise<Base> {
  const sources = closureOf(solidityIn("contracts"));
  const key = createHash("sha256")
    .update(JSON.stringify([...sources]))
    .digest("hex")
    .slice(0, 32);
  const path = join("cache", "proof", `code-${key}.json`);
  if (!existsSync(path)) {
    const compiled = await compileContracts(sources, { "*": ["*"] });
    mkdirSync(join("cache", "proof"), { recursive: true });
    writeFileSync(path, JSON.stringify(compiled));
  }
  const all = JSON.parse(readFileSync(path, "utf8")) as Contract[];
  return baseOf(
    all.filter(({ source }) => source.startsWith("contracts/")),
    key,
  );
}

function baseOf(all: readonly Contract[], key: string): Base {
  const contracts = new Map(all.map((contract) => [contract.name, contract]));
  const linkedTo = (name: string, found = new Set<string>()): Set<string> => {
    const contract = contracts.get(name);
    if (contract === undefined || found.has(name)) return found;
    found.add(name);
    for (const libraries of Object.values(contract.bytecode.linkReferences)) {
      for (const library of Object.keys(libraries)) linkedTo(library, found);
    }
    return found;
  };
  return { contracts, key, linkedTo };
}

/** Code of the contracts selected, by source and name. Throws a `CompileError` where a source does not compile. */
export async function compileContracts(sources: Sources, selected: Record<string, string[]>): Promise<Contract[]> {
  const parts = ["evm.bytecode.object", "evm.bytecode.linkReferences"];
  const outputs = [...parts, "evm.deployedBytecode.object", "evm.deployedBytecode.linkReferences"];
  const selection = Object.entries(selected).map(
    ([source, names]) => [source, Object.fromEntries(names.map((name) => [name, outputs]))] as const,
  );
  const { contracts = {} } = await compileSources(sources, Object.fromEntries(selection), WITHOUT_METADATA);
  return Object.entries(contracts).flatMap(([source, named]) =>
    Object.entries(named)
      .filter(([, { evm }]) => evm.bytecode.object !== "")
      .map(([name, { evm }]) => ({ name, source, bytecode: evm.bytecode, deployedBytecode: evm.deployedBytecode })),
  );
}
