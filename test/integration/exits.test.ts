import { expect } from "chai";
import { ethers } from "hardhat";
import { confirmed } from "../../kit/desk/Desk";
import { requestLimit, requestPartialClose } from "../../kit/desk/orders";
import { px } from "../../sdk/units";
import { expectBalanced, holdingOf, replaceToken } from "../attacks/support";
import { executeAt, nextBlockAt, openPosition, start } from "../unit/trading/setup";
import type { Fixture } from "../unit/trading/setup";

const FAR = 2 ** 40 - 1;
const DAY = 24 * 3_600;
const STANDARD = { mode: "standard", leverage: 100 } as const;

/** The owner brings the proof himself; what became of it. */
async function alone(fixture: Fixture, id: bigint, target: number): Promise<string> {
  const now = Math.max(target, (await fixture.desk.now()) + 1);
  const proof = fixture.desk.firstTick("BTC", target);
  const { outcomes } = await executeAt(fixture, now, [id], [proof], { by: fixture.trader });
  return outcomes[0];
}

/** A large Standard position, and an order and a limit that wait; then nobody else is there any more. */
async function left(fixture: Fixture) {
  const { desk, trader } = fixture;
  const amount = desk.tokenUnits("USDT", 1_000n);
  const { id, model } = await openPosition(fixture, { ...STANDARD, amount });
  const limit = await requestLimit(desk, trader, { ...STANDARD, acceptablePrice: px("50000"), deadline: FAR });
  const order = await desk.requestOpen(trader, STANDARD);
  return { id, model, limit, order };
}

describe("exits: a trader whom nobody helps", () => {
  it("fills his own opening with a proof, or has it back after its deadline", async () => {
    const fixture = await start();
    const { desk, trader, trading, tradingRecords } = fixture;
    const first = await desk.requestOpen(trader, STANDARD);
    expect(await alone(fixture, first.id, first.target)).to.equal("Opened");
    const before = await holdingOf(desk, "USDT", trader);
    const second = await desk.requestOpen(trader, STANDARD);
    const { expiry } = await tradingRecords.order(second.id);
    await nextBlockAt(Number(expiry));
    await expect(trading.connect(trader).cancelExpired(second.id))
      .to.be.revertedWithCustomError(trading, "Trading_NotExpired")
      .withArgs(second.id, expiry + 1n);
    await nextBlockAt(Number(expiry) + 1);
    await confirmed(trading.connect(trader).cancelExpired(second.id));
    expect(await holdingOf(desk, "USDT", trader)).to.equal(before);
    await expectBalanced(desk);
  });

  for (const level of [0, 1, 2]) {
    it(`at level ${level} closes in part and whole, asks again for what lapsed, takes back orders, adds margin`, async () => {
      const fixture = await start();
      const { desk, trader, trading, breaker, guardian } = fixture;
      const { id, model, limit, order } = await left(fixture);
      if (level > 0) await confirmed(breaker.connect(guardian).raise(level));
      const connected = trading.connect(trader);

      await confirmed(connected.addMargin(id, 5n));
      await confirmed(connected.updateTpSl(id, px("60200"), px("59000")));
      const part = await requestPartialClose(desk, trader, id, model.size / 2n);
      expect(await alone(fixture, id, part.target)).to.equal("Reduced");
      // Nobody comes for the next: it lapses, and is asked for again.
      const lapsed = await desk.requestClose(trader, id);
      await desk.warp(60);
      await desk.refresh();
      expect(await alone(fixture, id, lapsed.target)).to.match(/^Skipped/);
      const again = await desk.requestClose(trader, id);
      expect(await alone(fixture, id, again.target)).to.equal("Closed");

      await confirmed(connected.cancelExpired(order.id));
      await confirmed(connected.cancelLimit(limit.id));
      await desk.warp(10);
      await confirmed(connected.cancelExpired(limit.id));
      for (const done of [id, order.id, limit.id]) expect(await desk.statusOf(done)).to.equal("None");
      const line = await fixture.vault.productLedger(trading, desk.replica.token("USDT"));
      expect([line.collateral, line.reserved]).to.deep.equal([0n, 0n]);
      await expectBalanced(desk);
    });

    it(`at level ${level} takes his profit and arms and fills his stop`, async () => {
      const fixture = await start();
      const { desk, trader, tradingRecords, breaker, guardian } = fixture;
      const winner = await openPosition(fixture, { ...STANDARD, takeProfit: px("60200") });
      const loser = await openPosition(fixture, { ...STANDARD, stopLoss: px("59900") });
      if (level > 0) await confirmed(breaker.connect(guardian).raise(level));
      const now = (await desk.now()) + 10;
      const taken = await executeAt(fixture, now, [winner.id], [desk.anyTick("BTC", now, { price: px("60200") })], {
        by: trader,
      });
      expect(taken.outcomes).to.deep.equal(["Closed"]);
      const armed = await executeAt(
        fixture,
        now + 1,
        [loser.id],
        [desk.anyTick("BTC", now + 1, { price: px("59900") })],
        { by: trader },
      );
      expect(armed.outcomes).to.deep.equal(["Armed"]);
      const { target } = await tradingRecords.closeOf(loser.id);
      expect(await alone(fixture, loser.id, Number(target))).to.equal("Closed");
      await expectBalanced(desk);
    });
  }

  it("at level 3 takes back orders and limits, claims, and closes a day later", async () => {
    const fixture = await start();
    const { desk, trader, trading, breaker, guardian } = fixture;
    const { id, limit, order } = await left(fixture);
    await confirmed(breaker.connect(guardian).raise(3));
    const connected = trading.connect(trader);
    for (const refused of [
      connected.requestClose(id, 0n, FAR),
      connected.requestPartialClose(id, 1n, 0n, FAR),
      connected.addMargin(id, 1n),
      connected.updateTpSl(id, 0n, 1n),
      connected.requestLimit(await desk.openRequest(trader, { ...STANDARD, acceptablePrice: px("50000") })),
    ]) {
      await expect(refused).to.be.revertedWithCustomError(trading, "Trading_BreakerRaised").withArgs(3);
    }
    await confirmed(connected.cancelLimit(limit.id));
    await desk.warp(60);
    const before = await holdingOf(desk, "USDT", trader);
    for (const { id: waiting } of [limit, order]) await confirmed(connected.cancelExpired(waiting));
    expect((await holdingOf(desk, "USDT", trader)) - before).to.equal(2n * desk.tokenUnits("USDT", 100n));
    await desk.warp(DAY);
    await desk.refresh();
    const pending = await desk.requestClose(trader, id);
    expect(await alone(fixture, id, pending.target)).to.equal("Closed");
    await expectBalanced(desk);
  });

  it("claims what could not be pushed, at level 2 and 3: a payout, a part, a refund", async () => {
    for (const level of [2, 3]) {
      const fixture = await start();
      const { desk, trader, trading, breaker, guardian, vault } = fixture;
      const { id, model, order } = await left(fixture);
      const hostile = await ethers.getContractAt("BlacklistToken", await replaceToken(desk, "USDT", "BlacklistToken"));
      await confirmed(hostile.setBlacklisted(trader, true));
      const owed = async () => vault.claimableOf(hostile, trader);
      let last = await owed();
      const part = await requestPartialClose(desk, trader, id, model.size / 2n);
      expect(await alone(fixture, id, part.target)).to.equal("Reduced");
      expect(await owed()).to.be.above(last);
      last = await owed();
      const close = await desk.requestClose(trader, id);
      expect(await alone(fixture, id, close.target)).to.equal("Closed");
      expect(await owed()).to.be.above(last);
      last = await owed();
      await confirmed(breaker.connect(guardian).raise(level));
      await desk.warp(60);
      await confirmed(trading.connect(trader).cancelExpired(order.id));
      expect((await owed()) - last).to.equal(desk.tokenUnits("USDT", 100n));
      await confirmed(hostile.setBlacklisted(trader, false));
      const all = await owed();
      await expect(vault.connect(trader).claim(hostile, trader, false)).to.changeTokenBalance(hostile, trader, all);
      await expectBalanced(desk);
    }
  });
});
