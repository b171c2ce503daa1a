import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import * as actions from "../../dsl/proActions";
import { ask, bid } from "../../dsl/proActions";
import { randomOf } from "../../dsl/xorshift";
import type { ProContext } from "./proFixture";
import { USD, accountOf, act, deployFunded, setPrices } from "./proFixture";

const SEED = BigInt(process.env.PRO_SEED ?? 20_260_317);
const STEPS = Number(process.env.PRO_STEPS ?? 250);

const OWNERS = [1n, 2n, 3n];
const ACCOUNTS = OWNERS.flatMap((owner) => [accountOf(owner), accountOf(owner, 1n)]);
const MARKETS = [0n, 1n];

interface Resting {
  id: bigint;
  lots: bigint;
  tick: bigint;
  isBid: boolean;
  isReduceOnly: boolean;
  expiry: bigint;
}

/** Every order that an account has on the book, by the bits of its slots. */
async function ordersOf({ pro, reader }: ProContext, account: bigint, market: bigint): Promise<Resting[]> {
  const { slots } = await reader.party(pro, market, account);
  const found: Resting[] = [];
  for (let slot = 0n; slot < 32n; slot++) {
    if (((slots >> slot) & 1n) === 0n) continue;
    const ref = (account << 8n) | slot;
    const { lots, tick, isBid, isReduceOnly, expiry, generation } = await reader.order(pro, ref | (market << 96n));
    found.push({ id: ref | (generation << 48n) | (market << 96n), lots, tick, isBid, isReduceOnly, expiry });
  }
  return found;
}

/** Invariants 1, 2, 3, 5, 6, 7 and 8 over all accounts, and the masks and counts that name them. */
async function expectSound(context: ProContext) {
  const { pro, reader, vault, token } = context;
  let held = 0n;
  let marked = 0n;
  for (const account of ACCOUNTS) {
    const word = await reader.account(pro, account);
    held += word.cash;
    let [orders, markets, positions] = [0n, 0n, 0n];
    for (const market of MARKETS) {
      const resting = await ordersOf(context, account, market);
      const party = await reader.party(pro, market, account);
      orders += BigInt(resting.length);
      const plain = resting.filter(({ isReduceOnly }) => !isReduceOnly);
      const sum = (isBid: boolean, of: (order: Resting) => bigint) =>
        plain.filter((order) => order.isBid === isBid).reduce((total, order) => total + of(order), 0n);
      expect(
        [party.bidLots, party.askLots, party.bidNotional, party.askNotional],
        `sums of ${account.toString()} in ${market.toString()}`,
      ).to.deep.equal([
        sum(true, ({ lots }) => lots),
        sum(false, ({ lots }) => lots),
        sum(true, ({ lots, tick }) => lots * tick),
        sum(false, ({ lots, tick }) => lots * tick),
      ]);
      if (!party.isIsolated && (resting.length !== 0 || party.lots !== 0n)) markets |= 1n << market;
      if (!party.isIsolated && party.lots !== 0n) positions++;
      const isIdle = resting.length === 0 && party.lots === 0n;
      if (isIdle) expect([party.cost, party.snapshot]).to.deep.equal([0n, 0n]);
      held += party.isolatedCash - party.cost;
      expect(party.isolatedCash >= 0n || party.lots !== 0n, "no isolated scope owes cash without a position").to.equal(
        true,
      );
    }
    expect([word.orders, word.markets, word.positions]).to.deep.equal([orders, markets, positions]);
    marked += word.orders;
  }
  for (const market of MARKETS) {
    const record = await reader.market(pro, market);
    held += record.fund + record.fees;
    let [sum, long, listed] = [0n, 0n, 0n];
    const levels = new Map<string, { lots: bigint; firm: bigint; count: bigint }>();
    for (const account of ACCOUNTS) {
      const party = await reader.party(pro, market, account);
      sum += party.lots;
      if (party.lots > 0n) long += party.lots;
      held -= party.lots * ((party.lots < 0n ? record.shortIndex : record.longIndex) - party.snapshot);
      for (const order of await ordersOf(context, account, market)) {
        const key = `${String(order.isBid)} ${order.tick.toString()}`;
        const level = levels.get(key) ?? { lots: 0n, firm: 0n, count: 0n };
        const isFirm = order.expiry === 0n && !order.isReduceOnly;
        levels.set(key, {
          lots: level.lots + order.lots,
          firm: level.firm + (isFirm ? order.lots : 0n),
          count: level.count + 1n,
        });
        listed++;
      }
    }
    expect([sum, record.openInterest], `positions of ${market.toString()}`).to.deep.equal([0n, long]);
    const ticks = { true: [] as bigint[], false: [] as bigint[] };
    for (const [key, expected] of levels) {
      const [side, tick] = key.split(" ");
      const isBid = side === "true";
      const level = await reader.level(pro, market, isBid, BigInt(tick));
      expect({ lots: level.lots, firm: level.firm, count: level.count }).to.deep.equal(expected);
      ticks[isBid ? "true" : "false"].push(BigInt(tick));
      listed -= level.count;
    }
    expect(listed).to.equal(0n);
    const best = ticks.true.reduce((most, tick) => (tick > most ? tick : most), 0n);
    const lowest = ticks.false.reduce((least, tick) => (least === 0n || tick < least ? tick : least), 0n);
    expect([record.bestBid, record.bestAsk]).to.deep.equal([best, lowest]);
    if (best !== 0n && lowest !== 0n) expect(best).to.be.lessThan(lowest);
  }
  const ledger = await vault.productLedger(pro, token);
  expect([ledger.collateral, ledger.reserved]).to.deep.equal([held, 0n]);
  expect((await vault.ledger(token)).liquidity).to.equal(0n);
  return marked;
}

describe("Pro: random actions", () => {
  it(`keeps its books, sums and levels (seed ${SEED.toString()})`, async () => {
    const context = await loadFixture(deployFunded);
    const { pro, configurator, alice, bob, carol, unit } = context;
    const traders = [alice, bob, carol];
    for (const trader of traders) await pro.connect(trader).deposit(trader, 1, 50_000n * unit);
    for (const market of MARKETS) await pro.connect(alice).addToFund(market, 50_000n * USD);
    await configurator.setConfig(pro, 0, (await import("./proFixture")).BTC, 100);
    const random = randomOf(SEED);
    const pick = <T>(list: readonly T[]): T => list[random(list.length)];
    let [btc, eth, done, refused] = [100_000n, 4_000n, 0, 0];
    const reasons = new Map<string, number>();

    for (let step = 0; step < STEPS; step++) {
      if (random(3) === 0) {
        btc += BigInt(random(401) - 200);
        eth += BigInt(random(17) - 8);
        await time.increase(random(4) === 0 ? random(5_000) : random(40));
        await setPrices(context, btc, eth);
      }
      const owner = random(3);
      const account = accountOf(BigInt(owner) + 1n, BigInt(random(2)));
      const list: bigint[] = [];
      for (let i = random(3); i >= 0; i--) {
        const market = pick(MARKETS);
        const center = market === 0n ? btc : eth * 10n;
        const spread = market === 0n ? 200 : 100;
        const kind = random(12);
        if (kind < 8) {
          const fields = {
            market,
            type: BigInt(pick([0, 0, 0, 1, 2, 3])),
            selfTrade: BigInt(random(3)),
            maxFills: BigInt(1 + random(6)),
            isReduceOnly: random(5) === 0,
            expiry: random(6) === 0 ? BigInt(await time.latest()) + BigInt(random(60)) : 0n,
          };
          const tick = center + BigInt(random(2 * spread) - spread);
          const lots = BigInt(3 + random(400));
          list.push(random(2) === 0 ? bid(tick, lots, fields) : ask(tick, lots, fields));
        } else if (kind < 10) {
          const orders = await ordersOf(context, account, market);
          if (orders.length === 0) continue;
          const { id, lots } = pick(orders);
          list.push(random(2) === 0 ? actions.cancel(id) : actions.lower(id, lots / 2n));
        } else if (kind === 10) {
          list.push(
            pick([actions.setMode(market, random(2) === 0), actions.setLeverage(market, BigInt(2 + random(30)))]),
          );
        } else {
          const scope = random(2) === 0 ? 0n : market + 1n;
          list.push(
            actions.transfer(scope, scope === 0n ? market + 1n : 0n, BigInt(random(3_000)) * USD, account & 255n),
          );
        }
      }
      const results = await act(context, traders[owner], list.map(actions.soft), account & 255n).catch(
        (error: unknown) => {
          // A call that fails as a whole leaves nothing: margin, stale prices, leverage above a tier.
          expect(String(error)).to.match(/Pro_ScopeRefused|Pro_IndexRefused|Pro_ActionRefused/);
          return undefined;
        },
      );
      if (results === undefined) refused++;
      else done++;
      for (const { reason } of results?.results ?? [])
        reasons.set(reason.toString(), (reasons.get(reason.toString()) ?? 0) + 1);
      if (step % 10 === 9) await expectSound(context);
    }
    await expectSound(context);
    // It is not all refusals, and trades happen.
    expect(done).to.be.greaterThan(refused);
    expect((await pro.queryFilter(pro.filters.OrderFilled())).length).to.be.greaterThan(STEPS / 10);
  });
});
