/** To whom a position is offered that the book does not take: winners by their return, and in the end those who bear the loss. */
import { Codec, query } from "@asterism/sdk";
import type { Connection } from "@asterism/sdk";
import { proLensAbi } from "@asterism/sdk/abis";
import type { ProBoard, ScopeView } from "./ProBoard";
import { TASK } from "./calls";
import type { ProItem } from "./calls";
import { accountOfScope } from "./ids";

const LENS = new Codec(proLensAbi);

/** From the beginning of deleveraging on, after which the opposite side may be charged. */
const SHARED_AFTER_SECONDS = 45;
/** Candidates that are ranked, and that are tried at once. */
const MAX_RANKED = 64;
const MAX_CANDIDATES = 4;

/**
 * Winners on the other side, the highest return first; once the threshold is gone also those who bear the rest of the loss.
 * @param turn Which of the largest positions are asked to bear it: others where those could not.
 */
export async function passingsOf(
  { contracts, reader }: Connection,
  { state }: ProBoard,
  { equity, market, scope }: ScopeView,
  now: number,
  turn: number,
): Promise<ProItem[]> {
  const distress = state.distress.get(scope);
  if (distress === undefined) return [];
  const opposite = state.opposite(market, accountOfScope(scope)).slice(0, MAX_RANKED);
  if (opposite.length === 0) return [];
  const ranks = await reader.all(
    opposite.map((account) => query(LENS, contracts.proLens, "adlRank", [contracts.pro, market, account, []])),
  );
  const ranked = opposite.map((account, at) => ({ account, score: ranks[at].scoreX18 }));
  ranked.sort((a, b) => (a.score === b.score ? 0 : a.score < b.score ? 1 : -1));
  const best = ranked.slice(0, MAX_CANDIDATES);
  const items = best.map(({ account: other }): ProItem => ({ task: TASK.deleverage, market, scope, other }));
  const { adlSince } = distress;
  if (equity >= 0n || adlSince === 0 || now - adlSince < SHARED_AFTER_SECONDS) return items;
  const start = (turn * MAX_CANDIDATES) % opposite.length;
  const bearers = opposite.slice(start, start + MAX_CANDIDATES);
  return [...items, ...bearers.map((other): ProItem => ({ task: TASK.shareLoss, market, scope, other }))];
}
