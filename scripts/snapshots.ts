/**
 * Writes what outsiders rely on of every production contract: its ABI to `snapshots/abis.json`, the layout of its storage
 * to `snapshots/layouts.json`. With `--check` compares instead, and fails when something changed. Reads the artifacts:
 * compile first.
 *
 *   ts-node scripts/snapshots.ts abis|layouts [--check]
 */
import { readFileSync } from "node:fs";
import { Argument, Command } from "commander";
import { Interface } from "ethers";
import { z } from "zod";
import { productionContracts } from "./lib/artifacts";
import type { ProductionContract } from "./lib/artifacts";
import { runMain } from "./lib/main";
import { settleSnapshot } from "./lib/snapshot";
import type { Facts } from "./lib/snapshot";

const variableSchema = z.object({ label: z.string(), slot: z.string(), offset: z.number(), type: z.string() });
const layoutSchema = z.object({
  storage: z.array(variableSchema),
  types: z
    .record(
      z.string(),
      z.object({ label: z.string(), numberOfBytes: z.string(), members: z.array(variableSchema).optional() }),
    )
    .nullable(),
});
const outputSchema = z.object({ storageLayout: layoutSchema, transientStorageLayout: layoutSchema });
const buildInfoSchema = z.object({
  output: z.object({ contracts: z.record(z.string(), z.record(z.string(), outputSchema)) }),
});
type Layout = z.infer<typeof layoutSchema>;

const MEASURES: Record<string, (contracts: readonly ProductionContract[]) => Facts> = {
  abis: (contracts) =>
    Object.fromEntries(contracts.map(({ name, abi }) => [name, Interface.from(abi).format(false).sort()])),
  layouts: (contracts) => {
    const read = layoutReader();
    const layouts = contracts.map((contract) => [contract.name, read(contract)] as const);
    return Object.fromEntries(layouts.filter(([, lines]) => lines.length > 0));
  },
};

/** Build infos are large and shared: each is read once. */
function layoutReader(): (contract: ProductionContract) => string[] {
  const outputs = new Map<string, z.infer<typeof buildInfoSchema>["output"]>();
  return ({ name, source, buildInfo }) => {
    const output = outputs.get(buildInfo) ?? buildInfoSchema.parse(JSON.parse(readFileSync(buildInfo, "utf8"))).output;
    outputs.set(buildInfo, output);
    const { storageLayout, transientStorageLayout } = output.contracts[source][name];
    return [...linesOf("", storageLayout), ...linesOf("transient ", transientStorageLayout)];
  };
}

/** A line for every variable, then one for every member of a struct. The compiler's ids of types are not among them. */
function linesOf(kind: string, { storage, types }: Layout): string[] {
  const typeOf = (type: string) => types?.[type] ?? { label: type, numberOfBytes: "?" };
  const line = (owner: string, { label, slot, offset, type }: z.infer<typeof variableSchema>) =>
    `${owner}slot ${slot}+${offset}: ${typeOf(type).label} ${label}, ${typeOf(type).numberOfBytes} bytes`;
  const structs = Object.values(types ?? {}).sort((a, b) => (a.label < b.label ? -1 : 1));
  return [
    ...storage.map((variable) => line(kind, variable)),
    ...structs.flatMap(({ label, members = [] }) => members.map((member) => line(`${label} `, member))),
  ];
}

runMain(() => {
  const program = new Command("snapshots")
    .addArgument(new Argument("<kind>").choices(Object.keys(MEASURES)))
    .option("--check", "compare with the snapshot")
    .exitOverride()
    .parse();
  const [kind] = program.args;
  const { check = false } = program.opts<{ check?: boolean }>();
  const isCurrent = settleSnapshot(kind, MEASURES[kind](productionContracts()), check);
  return check && !isCurrent ? 1 : 0;
});
