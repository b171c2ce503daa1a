import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import fc from "fast-check";

import { bandOf, clampToBand, median } from "../../../sdk/model/prices";
import { px } from "../../../sdk/units";
import type { RawFeed } from "../../../typechain-types";
import type { ProbeCall } from "./fixture";
import {
  BEHAVIOUR,
  BTC,
  Caller,
  E8,
  ETH,
  FEE,
  GOVERNOR_ROLE,
  MAX_AGE_SECONDS,
  MIN_GAS_LEFT,
  USDT,
  deployWithFeeds,
  encodeRound,
  proofOf,
  tickAt,
} from "./fixture";

/** What a source may be; only the first is fresh. */
const STATES = ["fresh", "stale", "reverting", "pinned", "disabled"] as const;

interface SourceCase {
  readonly state: (typeof STATES)[number];
  /** 8 decimals. */
  readonly answer: bigint;
}

const NO_TICK = [0n, 0n, 0n, 0n, 0n, false];
/** An answer of 8 decimals has two more as a price. */
const toPrice = (answer: bigint): bigint => answer * 100n;

/** As `deployWithFeeds`; the probe may change sources, so that a case needs one call and leaves no trace. */
async function deploy() {
  const context = await deployWithFeeds();
  await context.manager.grantRole(GOVERNOR_ROLE, context.probe, 0n);
  return context;
}

async function load() {
  const context = await loadFixture(deploy);
  const { aggregator, feeds, probe, publisher, now } = context;
  const caller = new Caller(aggregator, probe);
  const target = await aggregator.getAddress();

  /** Proves a tick of this price, 10 decimals. */
  const prove = (price: bigint): Promise<ProbeCall> => {
    const tick = tickAt(now, { price, conf: 1n, expo: -10 });
    return caller.prove([proofOf([publisher.update([tick])], now)], FEE);
  };
  const callFeed = async (feed: RawFeed, data: string): Promise<ProbeCall> => {
    return { target: await feed.getAddress(), value: 0n, data };
  };
  const answer = (index: number, value: bigint, updatedAt = now): Promise<ProbeCall> => {
    const round = encodeRound({ answer: value, updatedAt }, now);
    return callFeed(feeds[index], feeds[index].interface.encodeFunctionData("setAnswer", [round]));
  };
  const setEnabled = (index: number, isEnabled: boolean): ProbeCall => {
    const data = aggregator.interface.encodeFunctionData("setSourceEnabled", [BTC, index, isEnabled]);
    return { target, value: 0n, data };
  };

  /** Brings a source of bitcoin into a state. */
  const arrange = async (source: SourceCase, index: number): Promise<ProbeCall[]> => {
    const { interface: feed } = feeds[index];
    const age = source.state === "stale" ? MAX_AGE_SECONDS + 1n : 0n;
    const calls = [await answer(index, source.answer, now - age)];
    if (source.state === "disabled") calls.push(setEnabled(index, false));
    if (source.state === "reverting") {
      calls.push(await callFeed(feeds[index], feed.encodeFunctionData("setBehaviour", [BEHAVIOUR.revert])));
    }
    if (source.state === "pinned") {
      calls.push(await callFeed(feeds[index], feed.encodeFunctionData("setBounds", [1n, source.answer])));
      const data = aggregator.interface.encodeFunctionData("synchroniseSource", [BTC, index]);
      calls.push({ target, value: 0n, data });
    }
    return calls;
  };
  return { ...context, caller, prove, answer, setEnabled, arrange };
}

/** The fresh anchors that an exit at this tick reads: the first whose band together holds it, or all. */
function readFor(tick: bigint, fresh: readonly bigint[]): readonly bigint[] {
  for (let count = 1; count < fresh.length; count++) {
    const band = bandOf(fresh.slice(0, count));
    if (tick >= band.low && tick <= band.high) return fresh.slice(0, count);
  }
  return fresh;
}

/** Lowest, median, highest and number, as a quote tells them. */
function anchorsOf(prices: readonly bigint[]): bigint[] {
  if (prices.length === 0) return [0n, 0n, 0n, 0n];
  const sorted = [...prices].sort((a, b) => (a < b ? -1 : 1));
  return [sorted[0], median(prices), sorted[sorted.length - 1], BigInt(prices.length)];
}

function clampOrNone(tick: bigint, [low, , high, fresh]: readonly bigint[]): bigint {
  return fresh === 0n ? 0n : clampToBand(tick, [low, high]);
}

describe("PriceAggregator: exitQuote", () => {
  it("stops at the first source whose band holds the tick", async () => {
    const { caller, prove } = await load();
    const [, result] = await caller.run(await prove(px("60600")), await caller.exitQuote(0n, USDT));
    const quote = caller.quoteOf(result);
    expect(quote.tick[0]).to.equal(px("60600"));
    expect(quote.anchors).to.deep.equal(anchorsOf([px("60000")]));
    expect(quote.tokenPrice).to.equal(px("1"));
    expect(quote.isSequencerReady).to.equal(true);
  });

  it("reads on for a tick outside, to the second that holds it, and to the last that does not", async () => {
    const { caller, prove } = await load();
    const second = await caller.run(await prove(px("60605")), await caller.exitQuote(0n, USDT));
    expect(caller.quoteOf(second[1]).anchors).to.deep.equal(anchorsOf([px("60000"), px("60010")]));
    const none = await caller.run(await prove(px("61000")), await caller.exitQuote(0n, USDT));
    expect(caller.quoteOf(none[1]).anchors).to.deep.equal(anchorsOf([px("60000"), px("60010"), px("60020")]));
  });

  it("reads all of a market whose asset is the token's", async () => {
    const { caller, prove } = await load();
    const [, result] = await caller.run(await prove(px("60000")), await caller.exitQuote(0n, BTC));
    expect(caller.quoteOf(result).anchors).to.deep.equal(anchorsOf([px("60000"), px("60010"), px("60020")]));
    expect(caller.quoteOf(result).tokenPrice).to.equal(px("60010"));
  });

  it("tells the token's price of all its sources after an exit has read some of them as anchors", async () => {
    const { caller, prove } = await load();
    const calls = [await prove(px("60000")), await caller.exitQuote(0n, USDT), await caller.exitQuote(0n, BTC)];
    const [, some, all] = await caller.run(...calls);
    expect(caller.quoteOf(some).anchors[3]).to.equal(1n);
    expect(caller.quoteOf(all).tokenPrice).to.equal(px("60010"));
  });

  it("tells both ends of a disputed token, and has no token price where no source is fresh", async () => {
    const { aggregator, caller, prove, answer, setEnabled } = await load();
    const apart = [await answer(1, 90_000n * E8), setEnabled(2, false)];
    const calls = [
      ...apart,
      await prove(px("60000")),
      await caller.exitQuote(0n, BTC),
      await caller.exitQuote(0n, ETH),
    ];
    const [disputed, missing] = (await caller.run(...calls)).slice(-2);
    const words = aggregator.interface.decodeFunctionResult("exitQuote", disputed) as unknown as bigint[];
    const cut = (from: bigint) => (words[2] >> from) & (2n ** 64n - 1n);
    expect([cut(72n), cut(136n)]).to.deep.equal([px("60000"), px("90000")]);
    expect(caller.quoteOf(missing).tokenPrice).to.equal(0n);
  });

  it("has neither tick nor anchors for an index without a tick", async () => {
    const { caller, prove } = await load();
    const [, result] = await caller.run(await prove(px("60000")), await caller.exitQuote(1n, USDT));
    const quote = caller.quoteOf(result);
    expect([quote.tick, quote.anchors, quote.tokenPrice]).to.deep.equal([NO_TICK, [0n, 0n, 0n, 0n], px("1")]);
  });

  it("leaves an opening of the same transaction every anchor", async () => {
    const { aggregator, caller, prove } = await load();
    const push = aggregator.interface.encodeFunctionData("pushPrice", [BTC]);
    const view = { target: await aggregator.getAddress(), value: 0n, data: push };
    const calls = [await prove(px("60000")), await caller.exitQuote(0n, USDT), view, await caller.quote(0n, USDT)];
    const [, exit, viewed, opening] = await caller.run(...calls);
    const whole = anchorsOf([px("60000"), px("60010"), px("60020")]);
    expect(caller.quoteOf(exit).anchors[3]).to.equal(1n);
    expect(aggregator.interface.decodeFunctionResult("pushPrice", viewed)[0]).to.deep.equal(whole);
    expect(caller.quoteOf(opening).anchors).to.deep.equal(whole);
  });

  it("asks the feeds once for a batch, and again for a tick that what is kept does not hold", async () => {
    const { caller, prove, answer } = await load();
    const proofs = [await prove(px("60000")), await prove(px("60001")), await prove(px("66000"))];
    const quotes = await Promise.all([0n, 1n, 2n, 0n].map((index) => caller.exitQuote(index, USDT)));
    const moved = [await answer(0, 65_000n * E8), await answer(1, 65_000n * E8)];
    const results = await caller.run(...proofs, quotes[0], ...moved, ...quotes.slice(1));
    const [first, , , second, far, again] = results.slice(3).map((result, at) => {
      return at === 1 || at === 2 ? [] : caller.quoteOf(result).anchors;
    });
    const kept = anchorsOf([px("60000")]);
    expect([first, second, again]).to.deep.equal([kept, kept, kept]);
    const [low, middle, high] = anchorsOf([px("65000"), px("65000"), px("60020")]);
    expect(far).to.deep.equal([low, middle, high, 3n]);
  });

  it("forgets what it kept when sources change within the transaction", async () => {
    const { caller, prove, setEnabled } = await load();
    const quote = await caller.exitQuote(0n, USDT);
    const results = await caller.run(await prove(px("60000")), quote, setEnabled(0, false), quote);
    expect(caller.quoteOf(results[1]).anchors).to.deep.equal(anchorsOf([px("60000")]));
    expect(caller.quoteOf(results[3]).anchors).to.deep.equal(anchorsOf([px("60010")]));
  });

  it("reverts for too little gas instead of calling a healthy source stale", async () => {
    const { aggregator, probe } = await load();
    const call = aggregator.exitQuote.staticCall(probe, 0n, USDT, { gasLimit: 150_000n });
    await expect(call)
      .to.be.revertedWithCustomError(aggregator, "PriceAggregator_InsufficientGas")
      .withArgs((available: bigint) => available < MIN_GAS_LEFT, MIN_GAS_LEFT);
  });

  it("clamps every tick as the full reading does, whatever the sources are and in whatever order", async () => {
    const { caller, prove, arrange } = await load();
    const answers = fc.bigInt({ min: 57_000n * E8, max: 63_000n * E8 });
    const states = fc.oneof({ weight: 3, arbitrary: fc.constant("fresh" as const) }, fc.constantFrom(...STATES));
    const sources = fc.array(fc.record({ state: states, answer: answers }), { minLength: 3, maxLength: 3 });
    // Anywhere, or on and beside an edge of the band of one source.
    const tickOf = fc.record({
      free: fc.bigInt({ min: px("55000"), max: px("65000") }),
      edge: fc.nat(2),
      source: fc.nat(2),
      offset: fc.bigInt({ min: -1n, max: 1n }),
    });
    const seen = new Set<string>();
    type Case = { state: (typeof STATES)[number] | "fresh"; answer: bigint };
    type Tick = { free: bigint; edge: number; source: number; offset: bigint };
    const property = fc.asyncProperty(sources, tickOf, tickOf, async (cases, ...wanted) => {
      const fresh = cases.filter(({ state }) => state === "fresh").map(({ answer }) => toPrice(answer));
      const ticks = wanted.map(({ free, edge, source, offset }) => {
        const band = bandOf([toPrice(cases[source].answer)]);
        return [free, band.low + offset, band.high + offset][edge];
      });
      const setup = [...(await Promise.all(cases.map(arrange))).flat()];
      for (const tick of ticks) setup.push(await prove(tick));
      const [exit, otherExit] = [await caller.exitQuote(0n, USDT), await caller.exitQuote(1n, USDT)];
      const full = await caller.quote(0n, USDT);
      const read = async (...calls: ProbeCall[]) =>
        (await caller.run(...setup, ...calls)).slice(setup.length).map((result) => caller.quoteOf(result).anchors);

      const whole = anchorsOf(fresh);
      const [alone, second, opening, late] = await read(exit, otherExit, full, exit);
      expect(alone, "the first exit").to.deep.equal(anchorsOf(readFor(ticks[0], fresh)));
      expect(opening, "an opening").to.deep.equal(whole);
      for (const [tick, anchors] of [
        [ticks[0], alone],
        [ticks[1], second],
        [ticks[0], late],
      ] as const) {
        expect(clampOrNone(tick, anchors)).to.equal(clampOrNone(tick, whole));
        expect(anchors[3] === 0n, "whether any is fresh").to.equal(fresh.length === 0);
      }
      const [before, after] = await read(full, exit);
      expect([before, after], "an exit after an opening").to.deep.equal([whole, whole]);
      seen.add(`${alone[3]} of ${fresh.length}`);
    });
    const tickAt = (free: bigint) => ({ free, edge: 0, source: 0, offset: 0n });
    const example = (freshCount: number, free: bigint): [Case[], Tick, Tick] => {
      const cases = [60_000n, 60_010n, 60_020n].map((dollars, index) => ({
        state: index < freshCount ? ("fresh" as const) : ("stale" as const),
        answer: dollars * E8,
      }));
      return [cases, tickAt(free), tickAt(free)];
    };
    const examples = [
      example(3, px("60000")),
      example(3, px("60605")),
      example(3, px("64000")),
      example(2, px("60000")),
      example(2, px("64000")),
      example(1, px("60000")),
      example(0, px("60000")),
    ];
    await fc.assert(property, { numRuns: 120, examples });
    // Stopped at once, at the second, read all, nothing to read.
    expect([...seen]).to.include.members(["1 of 3", "2 of 3", "3 of 3", "1 of 2", "2 of 2", "1 of 1", "0 of 0"]);
  });
});
