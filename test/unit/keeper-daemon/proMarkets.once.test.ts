import { expect } from "chai";
import { ProBoard } from "../../../keeper/pro/ProBoard";
import { ProIndexer } from "../../../keeper/pro/ProIndexer";
import { crossScope, isolatedScope, orderIdOf } from "../../dsl/proActions";

const ALICE = 256n;
const BOB = 512n;
const ORDER = { isBid: true, isReduceOnly: false, tick: 1n, lots: 1n, expiry: 0 };

/** Alice: long in market 0, an order in market 1, long in market 2 in isolated mode. Bob: an order in market 3. */
function board(): ProBoard {
  const state = new ProIndexer();
  state.lots.set(0, new Map([[ALICE, 10n]]));
  state.lots.set(2, new Map([[ALICE, 5n]]));
  state.isolated.set(2, new Set([ALICE]));
  for (const [account, market] of [
    [ALICE, 1n],
    [ALICE, 2n],
    [BOB, 3n],
  ]) {
    state.putOrder(orderIdOf(account, 0n, 1n, market), ORDER);
  }
  return new ProBoard(undefined as never, state, undefined as never, undefined as never, 0);
}

describe("ProBoard", () => {
  it("brings the prices of markets where no more than an order rests: the test for stretched asks for them", () => {
    expect(board().marketsOf(crossScope(ALICE))).to.deep.equal([0, 1]);
    expect(board().marketsOf(isolatedScope(ALICE, 2n))).to.deep.equal([2]);
    expect(board().marketsOf(crossScope(BOB))).to.deep.equal([3]);
  });

  it("brings those of the cross scope too where a trigger's tip comes from it", () => {
    expect(board().marketsOfTip(ALICE, 2)).to.deep.equal([2, 0, 1]);
    expect(board().marketsOfTip(ALICE, 0)).to.deep.equal([0, 1]);
    expect(board().marketsOfTip(BOB, 1)).to.deep.equal([1, 3]);
  });
});
