import { expect } from "chai";
import { betRequest, executeBets, requestBet, settlementOf } from "../../../kit/desk/bets";
import { DAY, HOUR, start } from "./fixture";

describe("Prediction", () => {
  describe("I23: the breaker", () => {
    for (const level of [0, 1, 2, 3]) {
      it(`at level ${level} ${level === 0 ? "takes and strikes bets" : "neither takes nor strikes bets"}`, async () => {
        const { desk, trader, keeper, guardian, prediction, breaker } = await start();
        const pending = await requestBet(desk, trader);
        const request = await betRequest(desk, trader);
        if (level > 0) await breaker.connect(guardian).raise(level);
        if (level === 0) await prediction.connect(trader).requestBet.staticCall(request);
        else {
          await expect(prediction.connect(trader).requestBet(request))
            .to.be.revertedWithCustomError(prediction, "Prediction_BreakerRaised")
            .withArgs(level);
        }
        const [{ outcome, reason }] = (await executeBets(desk, keeper, [pending])).results;
        expect(`${outcome} ${reason}`).to.equal(level === 0 ? "Opened None" : "Skipped BreakerRaised");
        expect(await prediction.statusOf(pending.id)).to.equal(level === 0 ? 2n : 1n);
      });

      it(`at level ${level} ${level < 3 ? "settles bets" : "settles no bet"}`, async () => {
        const { desk, keeper, guardian, prediction, breaker, struck } = await start();
        const due = await settlementOf(desk, await struck());
        if (level > 0) await breaker.connect(guardian).raise(level);
        const [{ outcome, reason }] = (await executeBets(desk, keeper, [due])).results;
        expect(`${outcome} ${reason}`).to.equal(level < 3 ? "Closed None" : "Skipped BreakerRaised");
        expect(await prediction.statusOf(due.id)).to.equal(level < 3 ? 0n : 2n);
      });

      it(`at level ${level} lets anyone send back the stake of a bet that was never struck`, async () => {
        const { desk, trader, stranger, guardian, prediction, breaker, usdt } = await start();
        const before = await usdt.balanceOf(trader);
        const { id } = await requestBet(desk, trader);
        if (level > 0) await breaker.connect(guardian).raise(level);
        await desk.warpTo(Number(await prediction.returnableFrom(id)));
        await prediction.connect(stranger).returnStake(id);
        expect(await usdt.balanceOf(trader)).to.equal(before);
        expect(await desk.isBalanced()).to.equal(true);
      });
    }

    it("after a halt gives keepers an hour before a struck stake can be taken back", async () => {
      const { desk, trader, keeper, guardian, prediction, breaker, usdt, struck } = await start();
      const bet = await struck();
      const due = await settlementOf(desk, bet);
      const patience = await prediction.returnableFrom(bet.id);
      // The halt is raised when the bet falls due and lasts until its patience is all but over.
      await desk.warpTo(due.target + 20);
      await breaker.connect(guardian).raise(3);
      const haltEnd = await breaker.haltEndsAt();
      expect(haltEnd).to.be.greaterThan(BigInt(due.target + DAY));
      const from = haltEnd + BigInt(HOUR) + 1n;
      expect(from).to.be.greaterThan(patience);
      expect(await prediction.returnableFrom(bet.id)).to.equal(from);
      await desk.warpTo(Number(from) - 2);
      await expect(prediction.connect(trader).returnStake(bet.id))
        .to.be.revertedWithCustomError(prediction, "Prediction_NotReturnable")
        .withArgs(bet.id, from);
      // Struck at 60000 and lost: within the hour it still settles as such.
      const before = await usdt.balanceOf(trader);
      const price = desk.priceOf("BTC") - 10n ** 10n;
      const [{ outcome }] = (await executeBets(desk, keeper, [due], { price })).results;
      expect(outcome).to.equal("Closed");
      expect(await usdt.balanceOf(trader)).to.equal(before);
    });

    it("a halt that ended long before does not lengthen the patience", async () => {
      const { desk, guardian, riskManager, accessManager, prediction, breaker, profile, struck } = await start();
      await breaker.connect(guardian).raise(3);
      const data = breaker.interface.encodeFunctionData("lower", [0, await breaker.raisedAt()]);
      const target = await breaker.getAddress();
      await accessManager.connect(riskManager).schedule(target, data, 0);
      await desk.warp(DAY + 1);
      await accessManager.connect(riskManager).execute(target, data);
      await desk.refresh();
      const bet = await struck();
      const { target: due } = await settlementOf(desk, bet);
      const window = profile.execution.executionWindowSeconds;
      expect(await prediction.returnableFrom(bet.id)).to.equal(due + window + DAY + 1);
    });
  });
});
