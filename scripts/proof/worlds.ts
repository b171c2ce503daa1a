/**
 * Every order of so many acts on small worlds, each act compared with the model to the unit:
 *
 *   npm run worlds -- [--depth 4] [--chain bnb|arbitrum] [--only empty|positions|exchange ...]
 *
 * Two traders, one LP and three ticks, from an empty book and from two positions; two traders of Pro and a book of three ticks.
 * A tree walk on the embedded chain: every node is one act, from a snapshot of the one before it. Two processes at once. Ends
 * with 1 and the very sequence where something differs.
 */
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { CALM_ALLOCATOR, CHAINS, hardhat } from "../lib/hardhat";
import type { Chain } from "../lib/hardhat";
import { runMain } from "../lib/main";
import { inParallel } from "./lib/parallel";

/** The longest first. */
const WORLDS = ["exchange", "positions", "empty"];
const PROCESSES = 2;

interface Options {
  depth: number;
  chain: Chain;
  only: string[];
}

function depthOf(text: string): number {
  const depth = Number(text);
  if (!Number.isSafeInteger(depth) || depth < 1) throw new InvalidArgumentError("Expected a whole number above 0.");
  return depth;
}

async function main(): Promise<number> {
  const { depth, chain, only } = new Command("worlds")
    .option("--depth <acts>", "acts of each sequence", depthOf, 4)
    .addOption(new Option("--chain <chain>", "whose deployment").choices(CHAINS).default("bnb"))
    .addOption(new Option("--only <worlds...>", "of the worlds").choices(WORLDS).default(WORLDS))
    .exitOverride()
    .parse()
    .opts<Options>();
  const startedAt = Date.now();
  if ((await hardhat(["compile", "--quiet"], { chain })).code !== 0) return 1;
  const env = { ...CALM_ALLOCATOR, WORLDS_DEPTH: String(depth) };
  let failed = 0;
  await inParallel(
    WORLDS.filter((name) => only.includes(name)),
    PROCESSES,
    async (name) => {
      const file = join("test", "worlds", `${name}.test.ts`);
      const { code } = await hardhat(["test", "--no-compile", file], { chain, env, output: "prefix" });
      if (code !== 0) failed += 1;
    },
  );
  console.log(`${failed} of ${only.length} worlds differ, ${((Date.now() - startedAt) / 1_000).toFixed(0)} seconds`);
  return failed === 0 ? 0 : 1;
}

runMain(main);
