import { loadFixture, mine, takeSnapshot } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { ContractTransactionResponse } from "ethers";
import type { Mode } from "../../deploy/profiles";
import { ceilDiv, toTokensUp } from "../../sdk/model";
import { PIPS, px } from "../../sdk/units";
import { quickRolesDeskFixture } from "../fixtures/trading";
import { bookOf, executeAt, nextBlockAt, quoteOf } from "../unit/trading/setup";
import { eventsOf, expectBalanced } from "./support";

const START = px("60000");
const HOUR = 3_600;
const [FIXED, DEPTH, SKEW] = [0, 1, 2];
const REDUCE_ONLY = 2;

type Context = Awaited<ReturnType<typeof start>>;

/** A position of an older tier, and what its terms let a close slip. */
interface Held {
  id: bigint;
  mode: Mode;
  notional: bigint;
  maxExitSlippagePips: bigint;
}

/** Positions of every shipped tier, on both sides, at its largest leverage but for what one second may liquidate. */
async function start() {
  const fixture = await loadFixture(quickRolesDeskFixture);
  const { desk, trader, keeper, tradingRecords, tradingConfigurator, quickRiskManager, guardian, quickGovernor } =
    fixture;
  await desk.setPrice("BTC", START);
  const held: Held[] = [];
  for (const mode of ["standard", "degen"] as const) {
    for (const { maxLeverage, maxExitSlippagePips } of bookOf(fixture, "BTC", mode).tiers) {
      for (const isLong of [true, false]) {
        const amount = desk.tokenUnits("USDT", 50n);
        const id = await desk.open(trader, keeper, { mode, isLong, leverage: maxLeverage, amount });
        const { size, entry } = await tradingRecords.position(id);
        held.push({ id, mode, notional: size * entry, maxExitSlippagePips: BigInt(maxExitSlippagePips) });
      }
    }
  }
  await desk.refresh();
  return {
    ...fixture,
    held,
    asRiskManager: tradingConfigurator.connect(quickRiskManager),
    asGuardian: tradingConfigurator.connect(guardian),
    asGovernor: tradingConfigurator.connect(quickGovernor),
  };
}

/** What each position would be paid if it were closed now at the price at which it opened. */
async function payouts({ trading, tradingLens, held }: Context): Promise<bigint[]> {
  const all: bigint[] = [];
  for (const { id } of held) {
    const { isLiquidated, payout } = await tradingLens.closePreview(trading, id, 0n, START);
    expect(isLiquidated, `position ${id}`).to.equal(false);
    all.push(payout);
  }
  return all;
}

type Call = (context: Context, bookId: number) => Promise<ContractTransactionResponse>;

/** A tier of leverage 1 that lets exits slip as far as any may, with the highest fees and the lowest loss rate and cap. */
const WORST_TIER = {
  maxLeverage: 1,
  maxNotionalUsd: 1,
  termsId: 0,
  terms: {
    liquidationLossRatePips: 500_000,
    profitCapPips: 100_000,
    closeFeePips: 10_000,
    profitSharePips: 500_000,
    maxExitSlippagePips: 250_000,
  },
};

/** The calls that a book of one mode can be configured by, at the bounds that are worst for who is in it. */
const HARMLESS: Readonly<Record<string, Call>> = {
  "fees of nothing": ({ asRiskManager, trading }, bookId) => asRiskManager.setFees(trading, bookId, 0, 0),
  "the highest fees": ({ asRiskManager, trading }, bookId) => asRiskManager.setFees(trading, bookId, 10_000, 1_000_000),
  "the least caps": ({ asRiskManager, trading }, bookId) => asRiskManager.setCaps(trading, bookId, 0, 1, 0),
  "the largest caps": ({ asRiskManager, trading }, bookId) => asRiskManager.setCaps(trading, bookId, 1e9, 1e9, 0),
  "the highest minimums": ({ asRiskManager, trading }, bookId) =>
    asRiskManager.setMinimums(trading, bookId, 100_000, 10_000),
  "the narrowest checks": ({ asRiskManager, trading }, bookId) => asRiskManager.setOpenChecks(trading, bookId, 1, 1, 3),
  "reduce-only": ({ asRiskManager, trading }, bookId) => asRiskManager.setStatus(trading, bookId, REDUCE_ONLY, 0),
  "a cut of both caps": ({ asGuardian, trading }, bookId) => asGuardian.cutCaps(trading, bookId, 0, 1),
  "a news window": ({ asGuardian, trading }, bookId) => asGuardian.startNewsWindow(trading, bookId, HOUR),
  "a disabled book": ({ asGuardian, trading }, bookId) => asGuardian.disableBook(trading, bookId),
  "a disabled token": ({ asGuardian, trading, replica }) =>
    asGuardian.disableMarginToken(trading, replica.token("USDT")),
  "the highest rates, at once": ({ asRiskManager, trading }, bookId) => {
    const rates = bookId % 2 === 1 ? ([100, 1_000, 50, 50] as const) : ([100, 1_000, 500, 500] as const);
    return asRiskManager.setRates(trading, bookId, ...rates);
  },
};

describe("attacks: configuration", () => {
  for (const mode of ["standard", "degen"] as const) {
    it(`A32: no call but that of slippage changes what a close of a ${mode} position pays`, async () => {
      const context = await start();
      const bookId = context.desk.bookId("BTC", mode);
      const snapshot = await takeSnapshot();
      const at = (await context.desk.now()) + 10;
      await nextBlockAt(at);
      await mine();
      const before = await payouts(context);
      for (const [name, call] of Object.entries(HARMLESS)) {
        await snapshot.restore();
        await nextBlockAt(at);
        await call(context, bookId);
        expect(await payouts(context), name).to.deep.equal(before);
      }
      // Degen tiers begin at 500x.
      if (mode === "degen") return;
      await snapshot.restore();
      await nextBlockAt(at);
      await context.asRiskManager.setTiers(context.trading, bookId, [WORST_TIER]);
      expect(await payouts(context), "other tiers").to.deep.equal(before);
    });

    it(`A32: no slippage takes more of a ${mode} position than its terms have said when it opened`, async () => {
      const context = await start();
      const { desk, trading, asRiskManager, held } = context;
      const bookId = desk.bookId("BTC", mode);
      const fixedPips = BigInt(bookOf(context, "BTC", mode).slippagePips);
      const snapshot = await takeSnapshot();
      const at = (await desk.now()) + 10;
      await nextBlockAt(at);
      await mine();
      const before = await payouts(context);
      const most = mode === "standard" ? 200 : 100;
      const settings: (readonly [string, ...(readonly [number, number, number])])[] = [
        ["nothing", FIXED, 0, 0],
        ["the largest fixed rate", FIXED, most, 0],
      ];
      if (mode === "standard") {
        for (const pips of [0, most]) {
          settings.push(
            [`a depth of 1 USD and ${pips}`, DEPTH, pips, 1],
            [`a skew of 1 USD and ${pips}`, SKEW, pips, 1],
          );
        }
      }
      for (const [name, model, pips, depthUsd] of settings) {
        await snapshot.restore();
        await nextBlockAt(at);
        await asRiskManager.setSlippage(trading, bookId, model, pips, depthUsd);
        const after = await payouts(context);
        for (const [index, { id, notional, maxExitSlippagePips, ...position }] of held.entries()) {
          const lost = before[index] - after[index];
          if (position.mode !== mode) {
            expect(lost, `${name}: ${id}`).to.equal(0n);
            continue;
          }
          // x: what the terms let it slip beyond the rate before, on the notional; the close fee on that (1% at most); a unit.
          const slipped = ceilDiv(notional * (maxExitSlippagePips - fixedPips) * 101n, PIPS * 100n);
          expect(lost <= toTokensUp(slipped, quoteOf(context)) + 2n, `${name}: ${id}`).to.equal(true);
          // A tenth of the margin at the largest leverage of its tier, in Standard; nothing in Degen.
          expect(mode === "standard" || lost <= 2n, `${name}: ${id}`).to.equal(true);
        }
      }
    });

    it(`A32: the highest rates cost a ${mode} position their bound in an hour, and no more`, async () => {
      const context = await start();
      const { desk, trading, asRiskManager, held } = context;
      const bookId = desk.bookId("BTC", mode);
      const bound = mode === "standard" ? 600n : 150n;
      const before = await payouts(context);
      const rates = mode === "standard" ? ([0, 1_000, 600, 600] as const) : ([0, 1_000, 150, 150] as const);
      // One more long: the sides are not equal, and the heavier owes all of it.
      await desk.open(context.other, context.keeper, { mode, amount: desk.tokenUnits("USDT", 50n) });
      const at = (await desk.now()) + 10;
      await nextBlockAt(at);
      await asRiskManager.setRates(trading, bookId, ...rates);
      await desk.warpTo(at + HOUR);
      await desk.refresh();
      // The desk's transactions took a few seconds on either side of the hour.
      const seconds = BigInt(HOUR + 60);
      for (const [index, { id, notional, mode: own }] of held.entries()) {
        if (own !== mode) continue;
        const { payout } = await context.tradingLens.closePreview(trading, id, 0n, START);
        const owed = ceilDiv(notional * bound * seconds, PIPS * BigInt(HOUR)) + (notional * 22n) / PIPS;
        expect(before[index] - payout <= toTokensUp(owed, quoteOf(context)), `position ${id}`).to.equal(true);
      }
    });
  }

  it("A32: tiers that allow more slippage, and then that slippage, are borne by new positions alone", async () => {
    const context = await start();
    const { desk, trading, trader, asRiskManager, held } = context;
    const bookId = desk.bookId("BTC", "standard");
    const [lowest, , highest] = held.filter(({ mode }) => mode === "standard").filter((_, index) => index % 2 === 0);
    const tier = { ...WORST_TIER, maxNotionalUsd: 1_000_000 };
    await asRiskManager.setTiers(trading, bookId, [tier]);
    await asRiskManager.setSlippage(trading, bookId, DEPTH, 10_000, 1);
    for (const { id, maxExitSlippagePips } of [lowest, highest]) {
      const { target } = await desk.requestClose(trader, id);
      const { outcomes, receipt } = await executeAt(context, target, [id], [desk.firstTick("BTC", target)]);
      expect(outcomes).to.deep.equal(["Closed"]);
      const [event] = eventsOf(trading, "TradeClosed", receipt);
      // To the pip: the price less the largest slippage of its own terms, rounded down.
      expect(event.exit).to.equal((START * (PIPS - maxExitSlippagePips)) / PIPS);
      expect(event.payout > 0n).to.equal(true);
    }
    await expectBalanced(desk);
  });
});
