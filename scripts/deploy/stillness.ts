import hre from "hardhat";
import type { EIP1193Provider, HardhatNetworkConfig, RequestArguments } from "hardhat/types";

/**
 * Lets blocks of the chain in memory share a second. On a fork the feeds report no more: what is looked at after more than a
 * hundred transactions must not be older than it was before them. To be called before the chain is asked anything.
 */
export function standStill(): void {
  const { name, config } = hre.network;
  if (name !== "hardhat") throw new Error(`${name} is not a chain in memory`);
  (config as HardhatNetworkConfig).allowBlocksWithSameTimestamp = true;
}

/**
 * Mines the first block of a fork, a second after the one that was forked. By the clock on the wall it could lie before that one, and what
 * was reported there ahead of it.
 */
export async function mineAfterFork(): Promise<void> {
  const { provider } = hre.network;
  const { timestamp } = (await provider.send("eth_getBlockByNumber", ["latest", false])) as { timestamp: string };
  await provider.send("evm_setNextBlockTimestamp", [Number(timestamp) + 1]);
  await provider.send("hardhat_mine", ["0x1"]);
}

/** The chain in memory, on which every transaction is mined in the second of the present block. */
export async function frozenProvider(): Promise<EIP1193Provider> {
  const { provider } = hre.network;
  const { timestamp } = (await provider.send("eth_getBlockByNumber", ["latest", false])) as { timestamp: string };
  const frozen: Pick<EIP1193Provider, "request"> = {
    async request(args: RequestArguments): Promise<unknown> {
      if (args.method === "eth_sendTransaction") await provider.send("evm_setNextBlockTimestamp", [timestamp]);
      return provider.request(args);
    },
  };
  return Object.assign(Object.create(provider) as EIP1193Provider, frozen);
}
