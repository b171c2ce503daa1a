import type { JsonRpcProvider, Log } from "ethers";

/** Blocks of one question. */
const PAGE = 500;

/** Everything that some contracts told from a block on, in its order. */
export async function logsOf(provider: JsonRpcProvider, address: string[], startBlock: number): Promise<Log[]> {
  const head = await provider.getBlockNumber();
  const found: Log[] = [];
  for (let fromBlock = startBlock; fromBlock <= head; fromBlock += PAGE) {
    const toBlock = Math.min(head, fromBlock + PAGE - 1);
    found.push(...(await provider.getLogs({ address, fromBlock, toBlock })));
  }
  return found;
}
