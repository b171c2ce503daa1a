import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import { expect } from "chai";
import { ethers } from "hardhat";
import * as actions from "../../dsl/proActions";
import { REASON, ask, bid, crossScope, isolatedScope } from "../../dsl/proActions";
import { failureOf } from "../../dsl/thrown";
import { randomOf } from "../../dsl/xorshift";
import type { ProContext } from "./proFixture";
import { USD, accountOf, act, deployFunded, setPrices } from "./proFixture";
import type { ProLens } from "../../../typechain-types";

const SEED = BigInt(process.env.PRO_SEED ?? 20_261_127);
const STEPS = Number(process.env.PRO_STEPS ?? 210);

const MARKETS = [0n, 1n];
/** Subs of each owner: one with plenty, one that a move of a few percent ruins. */
const SUBS = [0n, 1n];

async function deployThin() {
  const context = await deployFunded();
  const { pro, alice, bob, carol } = context;
  const lens = await ethers.deployContract("ProLens");
  for (const trader of [alice, bob, carol]) await pro.connect(trader).deposit(trader, 1, 900n * USD);
  for (const market of MARKETS) await pro.connect(alice).addToFund(market, 50_000n * USD);
  await act(context, carol, [actions.setMode(1n, true)], 1n);
  return { ...context, lens };
}

/** What is refused as a whole leaves nothing. */
async function attempt(context: ProContext, trader: HardhatEthersSigner, list: bigint[], sub: bigint) {
  await act(context, trader, list.map(actions.soft), sub).catch((error: unknown) => {
    expect(String(error)).to.match(/Pro_ScopeRefused|Pro_IndexRefused|Pro_ActionRefused/);
  });
}

type Seen = Map<string, number>;
const note = (seen: Seen, what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);

/** What the lens says of a scope against what the contract answers in the same block. */
async function compare({ pro, lens, keeper }: ProContext & { lens: ProLens }, scope: bigint, seen: Seen) {
  const shown = await lens.health(pro, scope);
  const market = shown.positions.find(({ lots }) => lots !== 0n)?.market ?? 0n;
  const [, due] = await pro.liquidate.staticCall(scope, market, 100, keeper);
  expect(due !== REASON.NotLiquidatable, `scope ${scope}: ${due}`).to.equal(shown.isLiquidatable);
  const [, stretched] = await pro.cancelStretched.staticCall(scope, [], keeper);
  expect(stretched, `scope ${scope}`).to.equal(shown.isStretched ? REASON.OrderNotFound : REASON.NotStretched);
  note(seen, shown.isLiquidatable ? "liquidatable" : shown.isStretched ? "stretched" : "sound");
  return shown.available;
}

/** What may leave a scope leaves it, and not one more. */
async function leave(
  { pro }: ProContext,
  owner: HardhatEthersSigner,
  { account, market }: { account: bigint; market?: bigint },
  available: bigint,
) {
  const moving = (amount: bigint) =>
    pro
      .connect(owner)
      .act.staticCall(
        account,
        [],
        market === undefined ? actions.withdraw(owner.address, amount) : [actions.transfer(market + 1n, 0n, amount)],
      );
  if (available !== 0n) await moving(available);
  expect(await failureOf(moving(available + 1n))).to.match(/Pro_ActionRefused|Pro_ScopeRefused/);
}

describe("ProLens: random states", () => {
  it(`shows what liquidations, cancellations and withdrawals then find (seed ${SEED})`, async () => {
    const context = await loadFixture(deployThin);
    const { pro, reader, alice, bob, carol, keeper } = context;
    const traders = [alice, bob, carol];
    const random = randomOf(SEED);
    const pick = <T>(list: readonly T[]): T => list[random(list.length)];
    const seen: Seen = new Map();
    let [btc, eth] = [100_000n, 4_000n];

    for (let step = 0; step < STEPS; step++) {
      if (random(2) === 0) {
        btc += BigInt(random(4_001) - 2_000);
        eth += BigInt(random(161) - 80);
      }
      // Now and then further than the thin ones can bear, back and forth.
      if (step % 6 === 5) btc += btc > 100_000n ? -9_000n : 9_000n;
      if (step % 9 === 8) eth += eth > 4_000n ? -400n : 400n;
      await setPrices(context, btc, eth);
      const owner = random(3);
      const sub = pick(SUBS);
      const market = pick(MARKETS);
      const center = market === 0n ? btc : eth * 10n;
      const tick = center + BigInt(random(401) - 200);
      const lots = BigInt(3 + random(sub === 0n ? 400 : 300));
      // What was left behind by a jump is in nobody's way for long.
      const expiry = BigInt(await time.latest()) + 20n;
      const more = { market, expiry, type: BigInt(pick([0, 0, 2, 2])), isReduceOnly: random(6) === 0 };
      // An isolated scope has what was brought for what follows.
      const funded = actions.transfer(0n, market + 1n, BigInt(200 + random(1_300)) * USD);
      const trade = [funded, random(2) === 0 ? bid(tick, lots, more) : ask(tick, lots, more)];
      const quotes = [funded, bid(tick, lots, more), ask(tick + 50n, lots, more)];
      const list = pick([
        ...[trade, trade, trade, quotes],
        [actions.setLeverage(market, BigInt(5 + random(45))), ...quotes],
        sub === 0n ? trade : [actions.setMode(market, random(2) === 0), ...trade],
      ]);
      const theirs = [bid(center - 30n, 400n, { market, expiry }), ask(center + 30n, 400n, { market, expiry })];
      await attempt(context, traders[(owner + 1) % 3], theirs, 0n);
      await attempt(context, traders[owner], list, sub);
      if (step % 3 !== 2) continue;

      await setPrices(context, btc, eth);
      for (const [place, trader] of traders.entries()) {
        for (const account of SUBS.map((each) => accountOf(BigInt(place) + 1n, each))) {
          await leave(context, trader, { account }, await compare(context, crossScope(account), seen));
          for (const each of MARKETS) {
            if (!(await reader.party(pro, each, account)).isIsolated) continue;
            const available = await compare(context, isolatedScope(account, each), seen);
            await leave(context, trader, { account, market: each }, available);
            note(seen, "isolated");
          }
          const health = await context.lens.health(pro, crossScope(account));
          const due = health.positions.find((position) => position.lots !== 0n);
          if (health.isLiquidatable && due && random(2) === 0) {
            await pro.liquidate(crossScope(account), due.market, 100, keeper);
            await setPrices(context, btc, eth);
          }
        }
      }
    }
    for (const what of ["liquidatable", "stretched", "sound", "isolated"]) {
      expect(seen.get(what) ?? 0, `${what} of ${JSON.stringify([...seen])}`).to.be.greaterThan(0);
    }
  });
});
