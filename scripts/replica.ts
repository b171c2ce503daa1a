/**
 * Serves a funded replica of one chain to outside programs: the system deployed and in funds, feeds kept fresh, a block every
 * second, and Pyth updates to be had from a price service.
 *
 *   npm run replica -- --chain bnb --port 8545 [--price-port 8546] [--record file.json]
 *
 * Ends on an interrupt.
 */
import { Command, CommanderError } from "commander";
import { CHAINS, parseChain, parseWhole } from "./demo/options";
import type { ChainKey } from "./demo/options";

interface Arguments {
  chain: ChainKey;
  port: number;
  pricePort?: number;
  record?: string;
}

async function main(): Promise<void> {
  const program = new Command("replica")
    .description("Serves a funded replica of one chain on this machine.")
    .requiredOption("--chain <chain>", CHAINS.join(" or "), parseChain)
    .option("--port <number>", "port of the node", parseWhole, 8545)
    .option("--price-port <number>", "port of the price service; the node's and one by default", parseWhole)
    .option("--record <file>", "write the addresses and numbers of the deployment to this file")
    .exitOverride();
  const options = program.parse(process.argv.slice(2), { from: "user" }).opts<Arguments>();
  // Hardhat reads its configuration from the environment, once: a replica is never a fork.
  process.env.ASTERISM_CHAIN = options.chain;
  process.env.HARDHAT_NETWORK = "hardhat";
  delete process.env.BNB_RPC_URL;
  delete process.env.ARBITRUM_RPC_URL;
  const { serve } = await import("./replica/serve");
  const { port, record } = options;
  const { closed } = await serve({ port, pricePort: options.pricePort ?? port + 1, record });
  await closed;
}

main()
  // Hardhat's chain keeps timers of its own.
  .then(() => process.exit(0))
  .catch((error: unknown) => {
    if (error instanceof CommanderError) process.exit(error.exitCode);
    console.error(error);
    process.exit(1);
  });
