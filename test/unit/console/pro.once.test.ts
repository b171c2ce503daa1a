import { expect } from "chai";
import { Interface } from "ethers";
import { decodeCall } from "../../../console/src/view/decode";
import { gridMargin, gridPlan, pairCosts } from "../../../console/src/view/gridPlan";
import { proHistoryOf } from "../../../console/src/view/proHappenings";
import type { ProEvent } from "../../../console/src/view/proHappenings";
import { Codec } from "../../../sdk/abi";
import { gridBookAbi, proAbi, proKeeperAbi, proTriggersAbi } from "../../../sdk/abis";
import { chains } from "../../../sdk/chains";
import { orderIdOf } from "../../../sdk/pro/words";
import { UnitError, px, size, usd } from "../../../sdk/units";

const { pro } = chains.bnb;
const BTC = pro.markets["BTC/USD"];
const SELF = 0x0100n;
const OTHER = 0x0200n;
const PAYER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const TERMS = { makerFeePips: 50n, takerFeePips: 400n, highLeverage: 20n };
const LADDER = { market: "BTC/USD", low: "99000", high: "101000", lines: 5, size: "0.01" };

describe("console: what a grid would do", () => {
  it("tells its orders, what a pair earns and pays as docs/pro.md counts them, and what it needs", () => {
    const plan = gridPlan(BTC, LADDER, px("100000"));
    expect(plan.orders).to.have.deep.members([
      { side: "buy", price: px("99500"), size: size("0.01") },
      { side: "buy", price: px("99000"), size: size("0.01") },
      { side: "sell", price: px("100500"), size: size("0.01") },
      { side: "sell", price: px("101000"), size: size("0.01") },
    ]);
    expect([plan.start, plan.leastPair, plan.mostPair]).to.deep.equal([0n, usd("5"), usd("5")]);
    expect(pairCosts(BTC, LADDER, TERMS)).to.equal(usd("0.14"));
    // The larger side, of 2,015 USD, at 10×: no order loses at 100,000.
    const flat = { lots: 0n, cost: 0n, leverage: 10n };
    expect(gridMargin(BTC, plan, flat, TERMS, px("100000"))).to.equal(usd("201.5"));
    expect(plan.actions.map((action) => [action.kind, action.isSoft])).to.deep.equal(Array(4).fill(["place", true]));
  });

  it("begins with what it sells above, or buys back below, wholly or not at all", () => {
    const long = gridPlan(BTC, { ...LADDER, start: "long", entryLimit: "100500" }, px("100000"));
    expect(long.start).to.equal(size("0.02"));
    expect(long.actions[0]).to.deep.equal({
      ...{ kind: "place", market: "BTC/USD", type: "fillOrKill", price: "100500", side: "buy", size: size("0.02") },
    });
    // 0.02 held and 0.02 bid: each at 10×, of the bids 1,985 USD.
    const margin = gridMargin(BTC, long, { lots: 0n, cost: 0n, leverage: 10n }, TERMS, px("100000"));
    expect(margin).to.equal(usd("398.5"));
    const short = gridPlan(BTC, { ...LADDER, start: "short", entryLimit: "99500" }, px("100000"));
    expect(short.start).to.equal(0n - size("0.02"));
    expect(short.actions[0]).to.include({ side: "sell", size: size("0.02"), type: "fillOrKill" });
    const ratios = gridPlan(BTC, { ...LADDER, spacing: "geometric" }, px("100000"));
    expect(ratios.leastPair < ratios.mostPair).to.equal(true);
  });

  it("says what can't be", () => {
    const refusal = (change: Partial<typeof LADDER> & { window?: number }) => () =>
      gridPlan(BTC, { ...LADDER, ...change }, px("100000"));
    expect(refusal({ lines: 1 })).to.throw(UnitError, "A grid has 2 to 100 lines.");
    expect(refusal({ lines: 2.5 })).to.throw(UnitError, "A grid has 2 to 100 lines.");
    expect(refusal({ window: 17 })).to.throw(UnitError, "1 to 16 orders rest on each side.");
    expect(refusal({ low: "101000" })).to.throw(UnitError, "The lowest line lies below the highest.");
    expect(refusal({ size: "0" })).to.throw(UnitError, "Say how much each line trades.");
    expect(refusal({ low: "99000.5" })).to.throw(UnitError, "99000.5 is no multiple of 1");
    const close = refusal({ high: "99003", lines: 5 });
    expect(close).to.throw(UnitError, "Rounded to 1, two lines fall together: take fewer of them.");
  });

  it("is signed as words, and so is its roll", () => {
    const book = {
      contracts: { gridBook: `0x${"66".padStart(40, "0")}`, proKeeper: `0x${"77".padStart(40, "0")}` },
      ...{ tokens: Object.values(chains.bnb.tokens), nativeSymbol: "BNB", pro },
    };
    const order = { market: 0, isGeometric: true, side: 1, lines: 5, window: 16, low: 99_000, high: 101_000, lots: 10 };
    const stops = { stopLow: 95_000, stopHigh: 0, entryLimit: 100_500 };
    const opened = new Interface(gridBookAbi).encodeFunctionData("open", [SELF, { ...order, ...stops }]);
    const call = decodeCall(book, { to: book.contracts.gridBook, data: opened, value: 0n });
    expect(call).to.include({ call: "open", target: "gridBook", isKnown: true });
    expect(call.args.map(({ text }) => text)).to.deep.equal([
      "256",
      "5 lines in BTC/USD from 99,000 to 101,000, equal ratios apart, 0.01 BTC each, at most 16 orders on each side, " +
        "first buys what its sales will sell, for that no worse than 100,500, ends at 95,000 or below",
    ]);
    const item = { task: 0, market: 1, scope: 0, other: 0, amount: 0 };
    const proof = { assetIds: [2], minPublishTime: 0, isUnique: false, updateData: [] };
    const args = [book.contracts.gridBook, [proof], [item], [{ id: (1n << 48n) | (SELF << 8n) | 1n, maxLines: 10 }]];
    const rolled = new Interface(proKeeperAbi).encodeFunctionData("roll", args);
    const roll = decodeCall(book, { to: book.contracts.proKeeper, data: rolled, value: 1n });
    expect(roll.args.map(({ text }) => text).slice(1)).to.deep.equal([
      "of the latest prices, signed by Pyth's guardians (1)",
      "bring the latest price of ETH/USD",
      `roll grid ${(1n << 48n) | (SELF << 8n) | 1n} of ETH/USD, 10 lines at most`,
    ]);
  });
});

/** Events as the chain tells them, one a block. */
function events(...told: [abi: "pro" | "triggers" | "grids", name: string, args: readonly unknown[]][]): ProEvent[] {
  const abis = { pro: proAbi, triggers: proTriggersAbi, grids: gridBookAbi };
  return told.map(([of, name, args], at) => {
    const log = new Interface(abis[of]).encodeEventLog(name, args);
    const event = new Codec(abis[of]).event(log);
    if (event === undefined) throw new Error(`no event ${name}`);
    return { key: String(at), block: at, event };
  });
}

describe("console: history of Pro", () => {
  const order = orderIdOf(SELF, 3n, 1n, 0n);

  it("tells fills with what was realised, funding and fees, and sums them", () => {
    const { rows, totals } = proHistoryOf(
      pro,
      SELF,
      events(
        ["pro", "Deposited", [SELF, PAYER, usd("10000")]],
        // 1 BTC at 60,000 with a fee of 0.04%.
        ["pro", "Taken", [SELF, 0, 1_000, 60_000n * 1_000n, usd("-24"), usd("24")]],
        ["pro", "OrderRested", [order, 61_000, 500, 0, 0]],
        // Half of it at 61,000: 500 realised, less 3 of funding and a fee of 0.005%.
        ["pro", "OrderFilled", [order, OTHER, 500, usd("495.475"), usd("1.525")]],
        ["pro", "OrderRemoved", [order, 1]],
        ["pro", "KeeperPaid", [OTHER, SELF << 8n, usd("0.02")]],
        ["pro", "KeeperPaid", [SELF, OTHER << 8n, usd("0.5")]],
        ["pro", "Withdrawn", [SELF, PAYER, usd("100")]],
      ),
    );
    expect(rows.map(({ title, words, fee, cash }) => [title, words, fee, cash]).reverse()).to.deep.equal([
      ["Deposited", "by 0x7099…79C8", undefined, usd("10000")],
      ["Bought", "buy 1 BTC at 60,000.00 from the book", usd("24"), usd("-24")],
      ["Rests", "sell 0.5 BTC at 61,000.00", undefined, undefined],
      [
        "Sold",
        "sell 0.5 BTC at 61,000.00 by a resting order; realised +$500.0000; funding −$3.0000",
        usd("1.525"),
        usd("495.475"),
      ],
      ["Paid to a keeper", "for what he did for this account", undefined, usd("-0.02")],
      ["Earned as a keeper", "for what was done for another", undefined, usd("0.5")],
      ["Withdrawn", "to 0x7099…79C8", undefined, usd("-100")],
    ]);
    expect(totals).to.deep.equal({
      ...{ in: usd("10000"), out: usd("100"), realised: usd("500"), funding: usd("-3"), together: 0n },
      ...{ fees: usd("25.525"), keepers: usd("-0.48") },
    });
  });

  it("tells realised and funding together where a fill crosses to the other side, until all is closed", () => {
    const { rows, totals } = proHistoryOf(
      pro,
      SELF,
      events(
        ["pro", "Taken", [SELF, 0, 100, 60_000n * 100n, usd("-2.4"), usd("2.4")]],
        ["pro", "Taken", [SELF, 0, -300, 60_100n * 300n, usd("2.788"), usd("7.212")]],
        ["pro", "PositionMoved", [SELF, 0, 200, usd("12000"), usd("18")]],
        ["pro", "Taken", [SELF, 0, 100, 60_000n * 100n, usd("-2.4"), usd("2.4")]],
        ["pro", "Taken", [SELF, 0, -100, 60_010n * 100n, usd("-1.4004"), usd("2.4004")]],
      ),
    );
    expect(rows.map(({ words, tone }) => [words, tone]).reverse()).to.deep.equal([
      ["buy 0.1 BTC at 60,000.00 from the book", ""],
      ["sell 0.3 BTC at 60,100.00 from the book; realised and funding +$10.0000 together", "good"],
      ["buy 0.2 BTC at 60,000.00 against another position; realised and funding +$18.0000 together", "good"],
      ["buy 0.1 BTC at 60,000.00 from the book", ""],
      ["sell 0.1 BTC at 60,010.00 from the book; realised +$1.0000", "bad"],
    ]);
    expect([totals.together, totals.realised, totals.funding]).to.deep.equal([usd("28"), usd("1"), 0n]);
  });

  it("tells liquidation, deleveraging and transfers from the side that the account was on", () => {
    const isolated = (SELF << 8n) | 1n;
    const { rows, totals } = proHistoryOf(
      pro,
      SELF,
      events(
        ["pro", "Transferred", [SELF << 8n, isolated, usd("50")]],
        ["pro", "Transferred", [SELF << 8n, (OTHER << 8n) | 2n, usd("20")]],
        ["pro", "ScopeReduced", [isolated, 0, 485, usd("42.3"), usd("7")]],
        ["pro", "Deleveraged", [OTHER << 8n, 0, SELF, 10, px("59000")]],
        ["pro", "Deleveraged", [SELF << 8n, 0, OTHER, 10, px("59000")]],
        ["pro", "LossShared", [SELF << 8n, 1, usd("12.5"), 1n]],
        ["pro", "Taken", [SELF, 9, 1, 1n, 0n, 0n]],
      ),
    );
    expect(rows.map(({ title, words, cash }) => [title, words, cash]).reverse()).to.deep.equal([
      ["Moved", "$50.00 from cross to BTC/USD isolated", undefined],
      ["Moved", "$20.00 from cross to ETH/USD isolated of sub-account 0", usd("-20")],
      [
        "Liquidated",
        "the margin no longer bore 0.485 BTC: they were closed for fees of $42.30; the fund paid $7.00",
        usd("-35.3"),
      ],
      [
        "Deleveraged",
        "0.01 BTC of your profit were taken at 59,000.00: a bankrupt account had nothing left to pay more",
        undefined,
      ],
      ["Deleveraged", "0.01 BTC were closed against a winner's position at 59,000.00", undefined],
      ["Loss shared", "$12.50 that the account lacked in ETH/USD were shared by the other side", undefined],
      ["Taken", "in market 9, which was listed after this page was made", undefined],
    ]);
    expect([totals.in, totals.out, totals.fees, totals.together]).to.deep.equal([0n, usd("20"), usd("42.3"), usd("7")]);
  });

  it("knows who may act for the account, as it was given last, and its leverages", () => {
    const { delegates, leverages } = proHistoryOf(
      pro,
      SELF,
      events(
        ["pro", "DelegateSet", [SELF, PAYER, 1, 100]],
        ["pro", "DelegateSet", [SELF, chains.bnb.tokens.USDT.address, 7, 2n ** 40n - 1n]],
        ["pro", "DelegateSet", [SELF, PAYER, 3, 200]],
        ["pro", "DelegateSet", [SELF, chains.bnb.tokens.USDT.address, 0, 0]],
        ["pro", "LeverageSet", [SELF, 1, 5]],
        ["pro", "LeverageSet", [SELF, 1, 7]],
      ),
    );
    expect(delegates).to.deep.equal([{ delegate: PAYER, rights: 3, expiry: 200n }]);
    expect([...leverages]).to.deep.equal([[1, 7n]]);
  });

  it("tells what waited for a price and how grids ended", () => {
    const trigger = (1n << 56n) | (SELF << 16n) | (1n << 8n);
    const grid = (1n << 48n) | (SELF << 8n) | 1n;
    const waits = {
      ...{ market: 1, kind: 0, isBuy: false, isReduceOnly: true, tick: 29_000, lots: 0, limit: 0 },
      ...{ boundPips: 0, callbackPips: 0, expiry: 0 },
    };
    const ladder = {
      market: 1,
      isGeometric: false,
      side: 0,
      lines: 3,
      window: 16,
      low: 29_000,
      high: 31_000,
      lots: 10,
    };
    const { rows } = proHistoryOf(
      pro,
      SELF,
      events(
        ["triggers", "TriggerSet", [trigger, SELF, PAYER, waits]],
        ["triggers", "TriggerFired", [trigger, PAYER, px("2900"), 20, 580_000, 0, true]],
        ["triggers", "TriggerRemoved", [trigger, 0]],
        ["grids", "GridOpened", [grid, SELF, PAYER, { ...ladder, stopLow: 0, stopHigh: 0, entryLimit: 0 }, 20]],
        ["grids", "GridEnded", [grid, PAYER, 0, 20, [0, 3, 0, 0, 0, 0], 0]],
      ),
    );
    expect(rows.map(({ title, words }) => [title, words]).reverse()).to.deep.equal([
      ["Waits", "stop in ETH/USD at 2,900.00"],
      ["Stop fired", "at 2,900.00: 0.2 ETH filled"],
      ["Stop gone", "it was cancelled"],
      ["Grid opened", "3 lines in ETH/USD from 2,900.00 to 3,100.00"],
      ["Grid over", "ETH/USD: its owner stopped it"],
    ]);
  });
});
