import { Codec } from "../abi";
import { predictionAbi } from "../abis";
import { BetIndexer } from "../betIndexer";
import type { Connection } from "../connection";
import { query } from "../reading";

const PREDICTION = new Codec(predictionAbi);
/** Bets asked for at once. */
const PAGE = 100n;

/** Every bet that stands at a block, read from the contracts: feed it the logs of later blocks. */
export async function betsAt(connection: Connection, blockTag: number): Promise<BetIndexer> {
  const { reader, contracts, chain } = connection;
  const { prediction } = contracts;
  const indexer = new BetIndexer();
  const tokens = Object.values(chain.tokens);
  const listed = await reader.all(
    tokens.map(({ address }) => query(PREDICTION, prediction, "stakeToken", [address])),
    blockTag,
  );
  for (const [index, { address }] of tokens.entries()) {
    // Numbers begin at 1.
    if (listed[index].tokenId !== 0n) indexer.listToken(address, listed[index].tokenId);
  }
  const end = await reader.one(query(PREDICTION, prediction, "nextBetId", []), blockTag);
  for (let from = 1n; from < end; from += PAGE) {
    const count = Number(end - from < PAGE ? end - from : PAGE);
    const ids = Array.from({ length: count }, (_, index) => from + BigInt(index));
    const bets = await reader.all(
      ids.map((id) => query(PREDICTION, prediction, "bet", [id])),
      blockTag,
    );
    for (const [index, id] of ids.entries()) if ((bets[index].state & 3n) !== 0n) indexer.putBet(id, bets[index]);
  }
  return indexer;
}
