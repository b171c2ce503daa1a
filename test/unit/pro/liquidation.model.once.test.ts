import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import fc from "fast-check";
import { abs } from "../../../sdk/model";
import { BTC_MARKET, Exchange, maintenanceMargin, valueOf } from "../../../sdk/model/pro";
import type { Scope } from "../../../sdk/model/pro";
import { PIPS, px, usd } from "../../../sdk/units";
import type { World } from "./world";
import { BTC, account, attempt, cross, deployWorld, hold, isolated, quote } from "./world";

const MARK = "97000";
const DAY = 86_400n;
const ENTRY_GAP = 3_000n;
const { grid, tiers } = BTC_MARKET;

/** A scope that is due or nearly so, what the book offers it, and what then is tried at which moments. */
interface Case {
  readonly lots: bigint;
  readonly isLong: boolean;
  readonly isIsolated: boolean;
  /** Pips of the maintenance margin. */
  readonly equity: bigint;
  readonly fund: bigint;
  readonly offers: readonly { readonly distance: bigint; readonly lots: bigint }[];
  readonly tries: readonly {
    readonly after: bigint;
    readonly what: "liquidate" | "deleverage" | "shareLoss";
    readonly most: number;
  }[];
}

const cases: fc.Arbitrary<Case> = fc.record({
  lots: fc.bigInt({ min: 20n, max: 9_000n }),
  isLong: fc.boolean(),
  isIsolated: fc.boolean(),
  equity: fc.oneof(fc.bigInt({ min: -2_500_000n, max: -1n }), fc.bigInt({ min: 0n, max: 1_050_000n })),
  fund: fc.constantFrom(0n, usd("300"), usd("100000")),
  offers: fc.array(
    fc.record({ distance: fc.bigInt({ min: -40n, max: 260n }), lots: fc.bigInt({ min: 10n, max: 6_000n }) }),
    { minLength: 0, maxLength: 4 },
  ),
  tries: fc.array(
    fc.record({
      after: fc.constantFrom(2n, 4n, 11n, 28n, 31n, 46n),
      what: fc.constantFrom("liquidate", "liquidate", "liquidate", "deleverage", "deleverage", "shareLoss"),
      most: fc.integer({ min: 1, max: 4 }),
    }),
    { minLength: 3, maxLength: 7 },
  ),
});

interface Twin extends World {
  readonly model: Exchange;
  readonly trader: bigint;
  readonly winner: bigint;
  readonly makers: bigint[];
  readonly keeperAccount: bigint;
  readonly scope: Scope;
}

/** The same beginning for both: number i of the model's accounts is `accounts[i]` here. */
async function begin(world: World, { equity, fund, isIsolated, isLong, lots, offers }: Case): Promise<Twin> {
  const { pro } = world;
  const market = { ...BTC_MARKET, interestPips: 0n };
  await pro.addToFund(BTC, fund);
  await time.increase(DAY);
  const trader = await account(world, "0");
  const winner = await account(world, "1000000");
  const keeperAccount = await account(world, "0", world.keeper);
  const makers: bigint[] = [];
  for (const _ of offers) makers.push(await account(world, "10000000"));
  const signed = isLong ? lots : -lots;
  const entry = (BigInt(MARK) + (isLong ? ENTRY_GAP : -ENTRY_GAP)).toString();
  const maintenance = maintenanceMargin(tiers, valueOf(grid, px(MARK), lots));
  const cash = (maintenance * equity) / PIPS + valueOf(grid, px(ENTRY_GAP.toString()), lots);
  if (isIsolated) await pro.setIsolated(trader, BTC, cash);
  else await pro.setCash(trader, cash);
  await hold(world, trader, signed, entry);
  await hold(world, winner, -signed, entry);
  const now = BigInt(await time.latest()) + 1n;
  await time.setNextBlockTimestamp(now);
  await pro.setIndex(BTC, px(MARK), now, true);

  const model = new Exchange([market], now - DAY);
  if (fund > 0n) model.addToFund(BTC, fund);
  model.state.now = now;
  for (const id of [trader, winner, keeperAccount, ...makers]) {
    const number = model.open(Number(id >> 8n));
    model.state.accounts[number].cash = await pro.cashOf(cross(id));
    const [held, cost] = await pro.position(id, BTC);
    model.state.accounts[number].stakes[BTC].position = { lots: held, cost, snapshot: 0n };
  }
  const stake = model.state.accounts[0].stakes[BTC];
  if (isIsolated) Object.assign(stake, { isIsolated, isolatedCash: cash });
  const state = model.state.markets[BTC];
  state.openLots = lots;
  state.funding = { ...state.funding, touchedAt: now };
  setModelIndex(model, now);
  for (const [i, offer] of offers.entries()) await rest(world, model, i, makers[i], isLong, offer);
  const scope = isIsolated ? { account: 0, market: BTC } : { account: 0 };
  return { ...world, model, trader, winner, makers, keeperAccount, scope };
}

function setModelIndex(model: Exchange, now: bigint): void {
  model.state.now = now;
  const market = model.state.markets[BTC];
  const price = px(MARK);
  market.index = { price, publishTime: now, isNarrow: true, isReady: true, mean: price, gapX9: 0n };
  if (market.mark === 0n) market.mark = price;
}

async function rest(
  world: World,
  model: Exchange,
  i: number,
  id: bigint,
  isLong: boolean,
  { distance, lots }: Case["offers"][number],
): Promise<void> {
  const tick = px(MARK) / grid.tickSize - (isLong ? distance : -distance);
  await quote(world, id, { lots, tick, isBid: isLong });
  model.state.now = BigInt(await time.latest());
  const placed = model.act(3 + i, [
    {
      kind: "place",
      order: {
        market: BTC,
        side: isLong ? "buy" : "sell",
        type: "limit",
        tick,
        lots,
        expiry: 0n,
        isReduceOnly: false,
        selfTrade: "expireMaker",
        maxFills: 1,
      },
    },
  ]);
  if (!("done" in placed)) throw new Error(`The model refused an order: ${placed.refused}`);
}

/** Lots that the model's accounts hold in all: each may leave a unit of a charge as dust. */
function drawnLots({ model }: Twin): bigint {
  return model.state.accounts.reduce((sum, { stakes }) => sum + abs(stakes[BTC].position.lots), 10_000n);
}

/** What all accounts are worth at the mark, the fund and the fees: constant but for dust, since what one gains another loses. */
async function booksOf({ pro, scope, trader }: Twin, accounts: readonly bigint[]): Promise<bigint> {
  const [fund, fees] = await pro.funds(BTC);
  let sum = fund + fees;
  for (const id of accounts) {
    const { cash, pnl } = await pro.health(cross(id));
    sum += cash + pnl;
  }
  if (scope.market === undefined) return sum;
  const own = await pro.health(isolated(trader));
  return sum + own.cash + own.pnl;
}

/** Tries one thing on both sides at the same second, and compares everything afterwards. */
async function tryOne(twin: Twin, { after, most, what }: Case["tries"][number]): Promise<void> {
  const { keeper, model, pro, scope, trader, winner } = twin;
  const at = BigInt(await time.latest()) + after;
  await time.setNextBlockTimestamp(at - 1n);
  await pro.setIndex(BTC, px(MARK), at - 1n, true);
  setModelIndex(model, at - 1n);
  model.state.markets[BTC].funding = { ...model.state.markets[BTC].funding, touchedAt: at - 1n };
  model.state.now = at;
  await time.setNextBlockTimestamp(at);
  const id = scope.market === undefined ? cross(trader) : isolated(trader);
  const accounts = [trader, winner, twin.keeperAccount, ...twin.makers];
  const before = await booksOf(twin, accounts);
  const equityBefore = await pro.health(id);
  const sent = {
    liquidate: () => pro.liquidate(id, BTC, most, keeper),
    deleverage: () => pro.deleverage(id, BTC, winner, keeper),
    shareLoss: () => pro.shareLoss(id, BTC, winner),
  }[what];
  const done = await attempt(twin, sent());
  if (what === "liquidate") model.liquidate(scope, BTC, most, 2);
  else if (what === "deleverage") model.deleverage(scope, BTC, 1, 2);
  else model.shareLoss(scope, BTC, 1);
  const context = `${what}: ${done.outcome} ${done.reason}`;

  const market = model.state.markets[BTC];
  for (const [i, account_] of accounts.entries()) {
    const { cash, stakes } = model.state.accounts[i];
    const { isolatedCash, position } = stakes[BTC];
    expect(await pro.cashOf(cross(account_)), `${context}, cash of ${i}`).to.equal(cash);
    expect(await pro.cashOf(isolated(account_)), `${context}, isolated cash of ${i}`).to.equal(isolatedCash);
    expect(await pro.position(account_, BTC), `${context}, position of ${i}`).to.deep.equal([
      position.lots,
      position.cost,
    ]);
  }
  const { adlSince, fundPaid, seen, since } = model.state.accounts[0].distress[scope.market === undefined ? 0 : 1] ?? {
    adlSince: 0n,
    fundPaid: 0n,
    seen: 0n,
    since: 0n,
  };
  expect(await pro.distress(id), `${context}, distress`).to.deep.equal([since, seen, adlSince, fundPaid]);
  expect(await pro.funds(BTC), `${context}, fund and fees`).to.deep.equal([market.fund.held, market.fees]);
  expect(await pro.steppedAt(trader, BTC), `${context}, step`).to.equal(model.state.accounts[0].stakes[BTC].steppedAt);
  expect((await pro.indices(BTC)).openInterest, context).to.equal(market.openLots);

  // Invariants 2, 16, 17, 18: the books, equity, no debt without position, the fund.
  const dust = before - (await booksOf(twin, accounts));
  expect(dust, `${context}, books`).to.be.within(
    0n,
    done.outcome === "LossShared" ? market.openLots + drawnLots(twin) : 0n,
  );
  const { cash, pnl } = await pro.health(id);
  const equity = equityBefore.cash + equityBefore.pnl;
  expect(cash + pnl, `${context}, equity`).to.be.at.least(equity < 0n ? equity : 0n);
  const [held] = await pro.position(trader, BTC);
  if (held === 0n) expect(cash, `${context}, debt`).to.be.at.least(0n);
}

describe("Liquidations beside the model", () => {
  it("leave every account, the fund and the record as the model does", async () => {
    const property = fc.asyncProperty(cases, async (drawn) => {
      const world = await loadFixture(deployWorld);
      const twin = await begin(world, drawn);
      for (const next of drawn.tries) await tryOne(twin, next);
    });
    await fc.assert(property, { numRuns: Number(process.env.FUZZ_RUNS ?? 25) });
  });
});
