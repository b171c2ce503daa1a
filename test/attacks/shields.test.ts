import { takeSnapshot } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { Reason } from "../../sdk/enums";
import { requestPartialClose } from "../../kit/desk/orders";
import { dryRunLiquidations, lensTick } from "../../kit/desk/reading";
import { FORMER_CLOSE_MEMORY, SHIELDED_TICK_MAX_AGE, liquidationTickAge, remembered } from "../../sdk/model";
import type { CloseSpan } from "../../sdk/model";
import { px } from "../../sdk/units";
import { IS_EXHAUSTIVE } from "../dsl/extent";
import { executeAt, nextBlockAt, openPosition } from "../unit/trading/setup";
import type { Fixture } from "../unit/trading/setup";
import { loadDesk } from "./support";

/** Liquidates a long of 500x opened at 60,000, and lies within the band of feeds that stay there. */
const CRASH = px("59700");
const STOP = px("59990");
/** No close at 60,000 is as good. */
const OUT_OF_REACH = px("70000");
const OLDEST = SHIELDED_TICK_MAX_AGE + 1;
/** Between the opening and the first close: ticks of every age are newer than the opening. */
const BEFORE = 70;
/** Of the ages at which nothing changes, every so manieth is tried. */
const COARSE = 9;

/** How a close comes about, and how it ends: so many seconds after its target, or by lapsing. */
interface Step {
  kind: "whole" | "part" | "armed";
  /** Seconds from the end of the close before it to its request. */
  wait: number;
  end: "lapses" | number;
}

const whole = (wait: number, end: Step["end"]): Step => ({ kind: "whole", wait, end });
const part = (wait: number, end: Step["end"]): Step => ({ kind: "part", wait, end });
const armed = (wait: number, end: Step["end"]): Step => ({ kind: "armed", wait, end });

const CHAINS: Readonly<Record<string, readonly Step[]>> = {
  "no close": [],
  "refused at its target": [whole(0, 0)],
  "refused late": [whole(0, 25)],
  lapsed: [whole(0, "lapses")],
  "filled in part": [part(0, 4)],
  "armed and lapsed": [armed(0, "lapses")],
  "armed and refused": [armed(0, 3)],
  "two refused in quick succession": [whole(0, 0), whole(1, 0)],
  "three refused in quick succession": [whole(0, 0), whole(1, 0), whole(1, 0)],
  "lapsed, renewed at once and lapsed again": [whole(0, "lapses"), whole(1, "lapses")],
  "refused, and refused again after a gap": [whole(0, 2), whole(24, 5)],
  "filled in part, then armed and lapsed": [part(0, 1), armed(6, "lapses")],
  "lapsed, then filled in part": [whole(0, "lapses"), part(9, 7)],
};

/** A position in a desk, its closes so far, and what is due when. */
class Chain {
  readonly closes: { target: number; end?: number; expiry: number }[] = [];

  constructor(
    readonly fixture: Fixture,
    readonly id: bigint,
    readonly openedAt: number,
  ) {}

  /** The closes as they stand at a moment. */
  at(now: number): CloseSpan[] {
    return this.closes.map(({ target, end, expiry }) => ({ target, end: end ?? (now > expiry ? expiry : undefined) }));
  }

  /**
   * Ages of a tick, at the latest block, against the model: those on either side of each change and next to each moment of
   * this chain, and every ninth; all of them in an exhaustive run.
   */
  async check(): Promise<void> {
    const { desk } = this.fixture;
    const now = await desk.now();
    const all = Array.from({ length: OLDEST + 1 }, (_, age) => now - age);
    const outcomes = new Map(all.map((time) => [time, this.expected(time, now)]));
    const moments = this.closes.flatMap(({ target, end, expiry }) => [target, end ?? expiry]).concat(this.openedAt);
    const isChange = (time: number) =>
      [time - 1, time + 1].some((next) => (outcomes.get(next) ?? "none") !== outcomes.get(time));
    const isNearMoment = (time: number) => moments.some((moment) => Math.abs(moment - time) <= 1);
    const times = all.filter(
      (time) => IS_EXHAUSTIVE || isChange(time) || isNearMoment(time) || (now - time) % COARSE === 0,
    );
    const ticks = times.map((time) => {
      const proof = { assetIds: [], minPublishTime: time, isUnique: false, updateData: [] };
      return lensTick(desk, "BTC", time, proof, { price: CRASH });
    });
    const attempts = await dryRunLiquidations(
      desk,
      ticks.map(() => this.id),
      ticks,
      [...ticks.keys()],
    );
    const found = attempts.map(({ outcome, reason }) => (outcome === "Skipped" ? reason : outcome));
    const expected = times.map((time) => outcomes.get(time));
    expect(found, `${now - this.openedAt} s after the opening`).to.deep.equal(expected);
  }

  /** What liquidating at a tick comes to. */
  private expected(publishTime: number, now: number): string {
    if (publishTime <= this.openedAt) return "TickNotNewer";
    const maxAge = liquidationTickAge(publishTime, this.at(now));
    if (maxAge === undefined) return "CloseIsPending";
    return now - publishTime > maxAge ? "TickTooOld" : "Liquidated";
  }

  /** Moves on and looks, second by second where the rules change. */
  async checkAt(moments: readonly number[]): Promise<void> {
    const { desk } = this.fixture;
    for (const moment of [...new Set(moments)].sort((a, b) => a - b)) {
      const now = await desk.now();
      if (moment < now) continue;
      if (moment - now > 20) await this.report(now + 1);
      await desk.warpTo(moment);
      await this.check();
    }
  }

  /** The feeds stay where they are, and fresh. */
  async report(at: number): Promise<void> {
    const { desk, replica } = this.fixture;
    await nextBlockAt(at);
    await replica.setPushPrices((["BTC", "USDT"] as const).map((asset) => ({ asset, priceX10: desk.priceOf(asset) })));
  }

  async place({ kind, wait }: Step): Promise<void> {
    const { desk, trader, tradingRecords } = this.fixture;
    const last = this.closes.at(-1);
    const from = last === undefined ? await desk.now() : (last.end ?? last.expiry);
    if (kind === "armed") await this.arm();
    else {
      const at = Math.max(from + wait, (await desk.now()) + 1);
      await nextBlockAt(at);
      if (kind === "whole")
        await desk.requestClose(trader, this.id, { acceptablePrice: OUT_OF_REACH, deadline: at + 600 });
      else await requestPartialClose(desk, trader, this.id, (await tradingRecords.position(this.id)).size / 3n);
    }
    const { target, expiry } = await tradingRecords.closeOf(this.id);
    this.closes.push({ target: Number(target), expiry: Number(expiry) });
  }

  /** A stop just below the market, reached by a tick that liquidates nothing. */
  private async arm(): Promise<void> {
    const { desk, trader, trading } = this.fixture;
    await trading.connect(trader).updateTpSl(this.id, 0n, STOP);
    const at = (await desk.now()) + desk.delayOf("standard");
    const { outcomes } = await executeAt(this.fixture, at, [this.id], [desk.anyTick("BTC", at, { price: STOP })]);
    expect(outcomes).to.deep.equal(["Armed"]);
    await trading.connect(trader).updateTpSl(this.id, 0n, 0n);
  }

  async end({ kind, end }: Step): Promise<void> {
    const close = this.closes[this.closes.length - 1];
    if (end === "lapses") return;
    const { desk } = this.fixture;
    const confidence = kind === "armed" ? desk.priceOf("BTC") / 50n : undefined;
    const at = close.target + end;
    const proof = desk.firstTick("BTC", close.target, { confidence });
    const { outcomes } = await executeAt(this.fixture, at, [this.id], [proof]);
    const why = { whole: "Refused PriceBound", part: "Reduced", armed: "Refused ConfidenceTooWide" };
    expect(outcomes).to.deep.equal([why[kind]]);
    close.end = at;
  }
}

async function opened(): Promise<Chain> {
  const fixture = await loadDesk();
  const amount = fixture.desk.tokenUnits("USDT", 100n);
  const { id, at } = await openPosition(fixture, { mode: "standard", leverage: 500, amount });
  await fixture.desk.warpTo(at + BEFORE);
  const chain = new Chain(fixture, id, at);
  await chain.report(at + BEFORE + 1);
  return chain;
}

describe("attacks: shields", () => {
  for (const [name, steps] of Object.entries(CHAINS)) {
    it(`A31: a tick of every age before, inside and after: ${name}`, async () => {
      const chain = await opened();
      await chain.check();
      for (const step of steps) {
        await chain.place(step);
        const { target, expiry } = chain.closes[chain.closes.length - 1];
        const over = step.end === "lapses" ? expiry : target + step.end;
        const last = step.end === "lapses" ? over : over - 1;
        await chain.check();
        await chain.checkAt([target - 1, target, target + 1, last].filter((moment) => moment <= last));
        await chain.end(step);
        await chain.check();
      }
      const close = chain.closes.at(-1);
      const from = close === undefined ? await chain.fixture.desk.now() : (close.end ?? close.expiry);
      await chain.checkAt([1, 29, 30, 31, 59, 60, 61, 91].map((after) => from + after));
    });
  }

  it("A31: a wick of 36 s ago, between two closes, liquidates nobody: one within the former does", async () => {
    const chain = await opened();
    const { desk, keeper, trading, liquidator } = chain.fixture;
    await chain.place(whole(0, 0));
    await chain.end(whole(0, 0));
    const wick = (chain.closes[0].end ?? 0) + 1;
    await chain.place(whole(20, 0));
    await chain.end(whole(20, 0));
    const at = wick + 36;
    const proofs = [wick, wick - 1].map((time) => desk.anyTick("BTC", time, { price: CRASH }));
    const none = ethers.MaxUint256;
    const items = [0, 1].map((tickIndex) => ({ tradeId: chain.id, tickIndex, closeTickIndex: none }));
    const value = await desk.updateFee(proofs);
    await chain.report((await desk.now()) + 1);
    await nextBlockAt(at);
    const sent = liquidator.connect(keeper).liquidate(trading, proofs, items, { value });
    await expect(sent)
      .to.emit(liquidator, "ItemSkipped")
      .withArgs(await trading.getAddress(), chain.id, Reason.indexOf("TickTooOld"));
    await expect(sent).to.emit(trading, "TradeLiquidated");
  });

  it("A31: a close renewed for ever shields nothing for ever: each tick has its seconds after its close has ended", async () => {
    const chain = await opened();
    const { desk } = chain.fixture;
    for (let round = 0; round < 6; ++round) {
      await chain.place(whole(1, "lapses"));
      const { target, expiry } = chain.closes[round];
      await chain.report((await desk.now()) + 1);
      await desk.warpTo(expiry + 1);
      // The moment the close is over, and until another has taken its place and ended, every tick of it counts.
      const now = await desk.now();
      for (const tick of [target, target + 1, expiry - 1, expiry]) {
        expect(liquidationTickAge(tick, chain.at(now)), `${round}`).to.equal(SHIELDED_TICK_MAX_AGE);
      }
      await chain.check();
    }
  });

  it("A31: a close remembers the one before it in twelve bits of seconds, and never more than that one shielded", async () => {
    const chain = await opened();
    const { desk, tradingRecords } = chain.fixture;
    const start = await takeSnapshot();
    // From the end of the close before to the target of the next.
    for (const apart of [
      FORMER_CLOSE_MEMORY - 40,
      FORMER_CLOSE_MEMORY - 1,
      FORMER_CLOSE_MEMORY,
      FORMER_CLOSE_MEMORY + 1,
    ]) {
      await start.restore();
      chain.closes.length = 0;
      await chain.place(whole(0, "lapses"));
      await chain.place(whole(apart - desk.delayOf("standard"), "lapses"));
      const [first, second] = chain.closes;
      expect(second.target - first.expiry).to.equal(apart);
      const former = Number((await tradingRecords.closeOf(chain.id)).former);
      const span = remembered(second.target, { target: first.target, end: first.expiry });
      const isForgotten = span.end === 0;
      expect(isForgotten).to.equal(apart > FORMER_CLOSE_MEMORY);
      const offsets = [second.target - span.target, second.target - (span.end ?? 0)];
      expect([former & 0xfff, former >> 12]).to.deep.equal(isForgotten ? [0, 0] : offsets);
      expect(span.target === 0 || span.target >= first.target).to.equal(true);
    }
  });
});
