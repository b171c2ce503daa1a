import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compileContracts } from "../proof/mutation/base";
import { closureOf, solidityIn } from "../proof/lib/sources";
import { FUZZ_FOLDER } from "./forge";

/** A fault, where it is put, and the invariant that must break. */
export interface Mutant {
  readonly name: string;
  readonly source: string;
  readonly contract: string;
  readonly from: string;
  readonly to: string;
  /** Beginning of the message of what must fail. */
  readonly breaks: string;
  readonly campaign: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: "a settlement leaves the liquidity one unit too large",
    source: "contracts/vault/LedgerLib.sol",
    contract: "Vault",
    from: "_store(self, liquidity + collateral - outgoings, reserved - reserve, settings);",
    to: "_store(self, liquidity + collateral - outgoings + 1, reserved - reserve, settings);",
    breaks: "I1",
    campaign: "SystemTest",
  },
  {
    name: "a settlement releases no reserve of the token",
    source: "contracts/vault/LedgerLib.sol",
    contract: "Vault",
    from: "_store(self, liquidity + collateral - outgoings, reserved - reserve, settings);",
    to: "_store(self, liquidity + collateral - outgoings, reserved, settings);",
    breaks: "I15",
    campaign: "SystemTest",
  },
  {
    name: "a fill adds a lot too many to the open interest",
    source: "contracts/pro/logic/MatchLogic.sol",
    contract: "MatchLogic",
    from: "x.openInterest = x.openInterest + lots - closed - closedByMaker;",
    to: "x.openInterest = x.openInterest + lots + 1 - closed - closedByMaker;",
    breaks: "Pro 5",
    campaign: "ProTest",
  },
  {
    name: "a maker's closing lots are left in the open interest",
    source: "contracts/pro/logic/MatchLogic.sol",
    contract: "MatchLogic",
    from: "x.openInterest = x.openInterest + lots - closed - closedByMaker;",
    to: "x.openInterest = x.openInterest + lots - closed;",
    breaks: "Pro 5",
    campaign: "ProTest",
  },
];

/** Compiles the mutant and writes its code where the recorder finds it; answers with the file. */
export async function exchangedFor({ contract, from, name, source, to }: Mutant): Promise<string> {
  const text = readFileSync(source, "utf8");
  if (text.split(from).length !== 2) throw new Error(`${source} has not exactly one place for: ${name}`);
  const sources = closureOf(solidityIn("contracts"), new Map([[source, text.replace(from, to)]]));
  const home = [...sources.keys()].find((path) => path.endsWith(`/${contract}.sol`));
  if (home === undefined) throw new Error(`there is no source of ${contract}`);
  const compiled = await compileContracts(sources, { [home]: [contract] });
  const exchanged = compiled.map(({ bytecode, deployedBytecode, name: compiledName }) => ({
    name: compiledName,
    bytecode: `0x${bytecode.object}`,
    deployedBytecode: `0x${deployedBytecode.object}`,
    linkReferences: bytecode.linkReferences,
    deployedLinkReferences: deployedBytecode.linkReferences,
  }));
  const file = join(FUZZ_FOLDER, "exchanged.json");
  mkdirSync(FUZZ_FOLDER, { recursive: true });
  writeFileSync(file, JSON.stringify(exchanged));
  return file;
}
