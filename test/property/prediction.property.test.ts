import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import fc from "fast-check";
import { ethers } from "hardhat";
import { BetIndexer } from "../../sdk/betIndexer";
import { confirmed } from "../../kit/desk/Desk";
import { executeBets, requestBet } from "../../kit/desk/bets";
import { betProfit, executionFeeTokens, settleBet, strikeBet } from "../../sdk/model";
import { px } from "../../sdk/units";
import { Budget } from "../dsl/budget";
import { betFixture, stakesOf } from "../unit/prediction/fixture";
import type { BetContext } from "../unit/prediction/fixture";

const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const NUM_RUNS = Number(process.env.FUZZ_RUNS ?? 6);
const FUZZ_SECONDS = Number(process.env.FUZZ_SECONDS ?? 60);
const MAX_STEPS = 24;
const PERIODS = [300, 900] as const;
const PAYOUT_PIPS: Readonly<Record<number, bigint>> = { 300: 770_000n, 900: 800_000n };
const START = px("60000");
const STRUCK = 2n;

/** Found once: a strike in the very second in which the bet expires. */
const LAST_SECOND: Step[] = (["request", "wait", "request", "request", "strike"] as const).map((kind, index) => ({
  ...{ kind, pick: index < 2 ? 1 : 0, isUp: false, period: 300, move: 0 },
}));

/** A bet as the model knows it. */
interface TwinBet {
  id: bigint;
  isUp: boolean;
  period: number;
  stake: bigint;
  /** Target of the tick that comes next. */
  target: number;
  strike: bigint | null;
  fee: bigint;
}

interface Step {
  kind: "request" | "strike" | "settle" | "return" | "wait";
  /** Which bet, or how large a stake in percent of the most; more than 100 is refused. */
  pick: number;
  isUp: boolean;
  period: number;
  /** In hundredths of a dollar, away from the start. */
  move: number;
}

const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom("request", "request", "strike", "settle", "return", "wait"),
    pick: fc.integer({ min: 0, max: 104 }),
    isUp: fc.boolean(),
    period: fc.constantFrom(...PERIODS),
    move: fc.integer({ min: -200, max: 200 }),
  }),
  { minLength: 4, maxLength: MAX_STEPS },
);

/** The same sequence on the chain and in the model: after every step every amount agrees. */
class Run {
  readonly bets: TwinBet[] = [];
  private paidIn = 0n;
  private paidOut = 0n;
  private credited = 0n;
  private readonly indexer = new BetIndexer();
  private indexed = 0;

  private constructor(
    private readonly context: BetContext,
    private readonly wallet: bigint,
    private readonly liquidity: bigint,
    private readonly cap: bigint,
  ) {}

  static async start(context: BetContext): Promise<Run> {
    const { usdt, trader, vault, desk, prediction, predictionConfigurator, profile } = context;
    await desk.setPrice("BTC", START);
    // Room for one of the largest stakes and most of another, so that caps are met.
    const { maxStake } = stakesOf(profile, "USDT");
    const cap = 2n * maxStake - maxStake / 3n;
    for (const period of PERIODS) {
      await predictionConfigurator.connect(context.guardian).cutCap(prediction, 0, usdt, period, cap);
    }
    return new Run(context, await usdt.balanceOf(trader), (await vault.ledger(usdt)).liquidity, cap);
  }

  async step(step: Step): Promise<void> {
    if (step.kind === "request") await this.request(step);
    else if (step.kind === "wait") await this.context.desk.warp(step.pick * 20);
    else await this.advance(step);
    await this.compare();
  }

  private async request({ pick, isUp, period }: Step): Promise<void> {
    const { desk, trader, prediction, profile } = this.context;
    const { minStake, maxStake } = stakesOf(profile, "USDT");
    const stake = minStake - 3n + ((maxStake - minStake) * BigInt(pick)) / 100n;
    const isInRange = stake >= minStake && stake <= maxStake;
    const staked = this.openStake(isUp, period) + stake;
    const sent = requestBet(desk, trader, { stake, isUp, periodSeconds: period });
    if (!isInRange || staked > this.cap) {
      const [error, ...args] = isInRange
        ? ["Prediction_CapReached", staked, this.cap]
        : ["Prediction_StakeOutOfRange", stake, minStake, maxStake];
      await expect(sent)
        .to.be.revertedWithCustomError(prediction, error)
        .withArgs(...args);
      return;
    }
    const { id, target } = await sent;
    this.bets.push({ id, isUp, period, stake, target, strike: null, fee: 0n });
    this.paidIn += stake;
  }

  private async advance({ kind, pick, move }: Step): Promise<void> {
    if (this.bets.length === 0) return;
    const bet = this.bets[pick % this.bets.length];
    const price = START + BigInt(move) * 10n ** 8n;
    if (kind === "return") await this.giveBack(bet);
    else if (bet.strike === null) await this.strike(bet, price);
    else await this.settle(bet, bet.strike, price);
  }

  private async strike(bet: TwinBet, price: bigint): Promise<void> {
    const { desk, keeper, prediction, profile } = this.context;
    const isLate = (await desk.now()) + 30 > bet.target + profile.execution.executionWindowSeconds;
    await executeBets(desk, keeper, [{ ...bet, asset: "BTC" }], { price });
    // What it would do is asked a block before it is done: at the last second only the state tells.
    if ((await prediction.statusOf(bet.id)) !== STRUCK) {
      expect(isLate, "skipped in time").to.equal(true);
      return;
    }
    const { stake, executorPay, keptFee } = strikeBet(bet.stake, this.fee());
    [bet.stake, bet.fee] = [stake, keptFee];
    bet.strike = price;
    bet.target += bet.period;
    this.credited += executorPay;
  }

  private async settle(bet: TwinBet, strike: bigint, price: bigint): Promise<void> {
    const { desk, stranger } = this.context;
    const [{ outcome }] = (await executeBets(desk, stranger, [{ ...bet, asset: "BTC" }], { price })).results;
    expect(outcome).to.equal("Closed");
    const { payout } = settleBet(bet.stake, PAYOUT_PIPS[bet.period], bet.isUp, strike, price);
    this.paidOut += payout;
    this.credited += bet.fee;
    this.remove(bet);
  }

  private async giveBack(bet: TwinBet): Promise<void> {
    const { desk, prediction, profile, stranger } = this.context;
    const window = profile.execution.executionWindowSeconds;
    const from = bet.target + window + 1 + (bet.strike === null ? 0 : 86_400);
    expect(await prediction.returnableFrom(bet.id)).to.equal(from);
    if ((await desk.now()) + 1 < from) {
      await expect(prediction.connect(stranger).returnStake(bet.id))
        .to.be.revertedWithCustomError(prediction, "Prediction_NotReturnable")
        .withArgs(bet.id, from);
      return;
    }
    await confirmed(prediction.connect(stranger).returnStake(bet.id));
    this.paidOut += bet.stake + bet.fee;
    this.remove(bet);
  }

  private remove(bet: TwinBet): void {
    this.bets.splice(this.bets.indexOf(bet), 1);
  }

  private fee(): bigint {
    const { desk, profile } = this.context;
    const token = profile.tokens.find(({ symbol }) => symbol === "USDT")!;
    const quote = { decimals: token.decimals, price: desk.priceOf("USDT") };
    return executionFeeTokens(profile.execution.executionFeeUsd, quote);
  }

  private openStake(isUp: boolean, period: number): bigint {
    const bets = this.bets.filter((bet) => bet.isUp === isUp && bet.period === period);
    return bets.reduce((sum, { stake }) => sum + stake, 0n);
  }

  private async compare(): Promise<void> {
    const { desk, prediction, vault, usdt, trader, keeper, stranger } = this.context;
    const stakes = this.bets.reduce((sum, { stake, fee }) => sum + stake + fee, 0n);
    const wins = this.bets.reduce((sum, { stake, period }) => sum + betProfit(stake, PAYOUT_PIPS[period]), 0n);
    const line = await vault.productLedger(prediction, usdt);
    expect([line.collateral, line.reserved], "Σ stakes and kept fees, Σ wins").to.deep.equal([stakes, wins]);
    for (const isUp of [true, false]) {
      for (const period of PERIODS) {
        const open = this.openStake(isUp, period);
        expect(await prediction.openStake(0, usdt, period, isUp), "open stake").to.equal(open);
        expect(open, "cap").to.be.at.most(this.cap);
      }
    }
    expect(await usdt.balanceOf(trader), "wallet").to.equal(this.wallet - this.paidIn + this.paidOut);
    const claims = (await vault.claimableOf(usdt, keeper)) + (await vault.claimableOf(usdt, stranger));
    expect(claims, "keepers").to.equal(this.credited);
    // What players paid in and did not get, keepers were not paid and is not at stake, is the LPs'.
    const { liquidity } = await vault.ledger(usdt);
    expect(liquidity - this.liquidity, "LPs").to.equal(this.paidIn - this.paidOut - this.credited - stakes);
    expect(await desk.isBalanced()).to.equal(true);
    await this.compareIndexer();
  }

  /** The records rebuilt from the events are those of the storage. */
  private async compareIndexer(): Promise<void> {
    const { prediction, usdt } = this.context;
    const toBlock = await ethers.provider.getBlockNumber();
    const logs = await ethers.provider.getLogs({ address: prediction, fromBlock: this.indexed, toBlock });
    this.indexed = toBlock + 1;
    for (const log of logs) {
      const block = await ethers.provider.getBlock(log.blockNumber);
      this.indexer.apply({ topics: log.topics, data: log.data, blockTimestamp: BigInt(block!.timestamp) });
    }
    expect([...this.indexer.bets.keys()]).to.have.members(this.bets.map(({ id }) => id));
    for (const [id, bet] of this.indexer.bets) {
      const record = await prediction.bet(id);
      const state = (bet.isStruck ? 2n : 1n) | (bet.isUp ? 4n : 0n) | (bet.asNative ? 8n : 0n);
      const { owner, marketId, tokenId, time, periodSeconds, stake, executionFee, strike, payoutPips } = bet;
      const indexed = [owner, marketId, tokenId, state, time, periodSeconds, stake, executionFee, strike, payoutPips];
      expect(indexed).to.deep.equal([...record]);
    }
    for (const isUp of [true, false]) {
      const [token, period] = [await usdt.getAddress(), 300n];
      const stored = await prediction.openStake(0, token, period, isUp);
      expect(this.indexer.openStake(0n, token, period, isUp)).to.equal(stored);
    }
    const next = await prediction.nextBetId();
    expect(BigInt(this.indexer.endings.size + this.indexer.bets.size)).to.equal(next - 1n);
  }
}

describe("properties of predictions", () => {
  it(`S12 I27 I30: payouts conserve, caps hold, the reserve is what can be won, in any order (seed ${SEED})`, async () => {
    const budget = new Budget(FUZZ_SECONDS);
    await fc.assert(
      fc.asyncProperty(
        steps,
        budget.bound(async (sequence: Step[]) => {
          const run = await Run.start(await loadFixture(betFixture));
          for (const step of sequence) await run.step(step);
        }),
      ),
      { seed: SEED, numRuns: NUM_RUNS, examples: [[LAST_SECOND]] },
    );
  });

  it("holds for a bet of each ending, one after the other", async () => {
    const run = await Run.start(await loadFixture(betFixture));
    const base = { pick: 50, isUp: true, period: 300, move: 0 } as const;
    const request = { ...base, kind: "request" } as const;
    // Won, lost, tied, and sent back unstruck and unsettled.
    for (const move of [1, -1, 0]) {
      for (const step of [request, { ...base, kind: "strike", pick: 0 }, { ...base, kind: "settle", pick: 0, move }]) {
        await run.step(step as Step);
      }
    }
    const wait = { ...base, kind: "wait", pick: 104 } as const;
    const giveBack = { ...base, kind: "return", pick: 0 } as const;
    for (const step of [request, giveBack, wait, giveBack]) await run.step(step);
    for (const step of [request, { ...base, kind: "strike", pick: 0 } as const, giveBack]) await run.step(step);
    for (let hours = 0; hours < 44; hours++) await run.step(wait);
    await run.step(giveBack);
    expect(run.bets).to.deep.equal([]);
  });
});
