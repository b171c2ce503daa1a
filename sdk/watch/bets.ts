import { Codec } from "../abi";
import { predictionAbi, predictionLensAbi } from "../abis";
import { BetIndexer } from "../betIndexer";
import type { Connection } from "../connection";
import { query } from "../reading";

const PREDICTION = new Codec(predictionAbi);
const LENS = new Codec(predictionLensAbi);
/** Ids that one scan looks through; those that ended cost it little. */
const SCANNED = 1_000n;
/** Bets asked for at once. */
const PAGE = 100;

/** Every bet that stands at a block, read from the contracts: feed it the logs of later blocks. */
export async function betsAt(connection: Connection, blockTag: number): Promise<BetIndexer> {
  const { reader, contracts, chain } = connection;
  const { prediction, predictionLens } = contracts;
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
  for (let from = 1n; from < end; from += SCANNED) {
    const to = from + SCANNED < end ? from + SCANNED : end;
    const found = await reader.one(query(LENS, predictionLens, "scan", [prediction, from, to]), blockTag);
    for (let start = 0; start < found.length; start += PAGE) {
      const ids = found.slice(start, start + PAGE).map(({ id }) => id);
      const bets = await reader.all(
        ids.map((id) => query(PREDICTION, prediction, "bet", [id])),
        blockTag,
      );
      for (const [index, id] of ids.entries()) indexer.putBet(id, bets[index]);
    }
  }
  return indexer;
}
