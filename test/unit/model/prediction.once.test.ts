import { expect } from "chai";
import fc from "fast-check";
import { betProfit, houseEdgePips, settleBet, strikeBet } from "../../../sdk/model";
import { pips, px, tokens } from "../../../sdk/units";

describe("model: predictions", () => {
  const stake = tokens("10", 6);
  const rate = pips("77%");

  it("returns the stake and the profit to a winner and nothing to a loser", () => {
    const won = { won: true, payout: tokens("17.7", 6), toVault: 0n - tokens("7.7", 6) };
    const lost = { won: false, payout: 0n, toVault: stake };
    expect(settleBet(stake, rate, true, px("60000"), px("60000") + 1n)).to.deep.equal(won);
    expect(settleBet(stake, rate, false, px("60000"), px("60000") - 1n)).to.deep.equal(won);
    expect(settleBet(stake, rate, true, px("60000"), px("59999"))).to.deep.equal(lost);
  });

  it("counts a tie as lost on both sides", () => {
    for (const isUp of [true, false]) {
      expect(settleBet(stake, rate, isUp, px("60000"), px("60000")).won).to.equal(false);
    }
  });

  it("takes both fees before the bet is sized, and refuses an amount of at most two", () => {
    expect(strikeBet(100n, 7n)).to.deep.equal({ isRefused: false, executorPay: 7n, keptFee: 7n, stake: 86n });
    expect(strikeBet(15n, 7n)).to.deep.equal({ isRefused: false, executorPay: 7n, keptFee: 7n, stake: 1n });
    expect(strikeBet(14n, 7n)).to.deep.equal({ isRefused: true, executorPay: 7n, keptFee: 0n, stake: 7n });
    expect(strikeBet(7n, 7n)).to.deep.equal({ isRefused: true, executorPay: 7n, keptFee: 0n, stake: 0n });
    expect(strikeBet(6n, 7n)).to.deep.equal({ isRefused: true, executorPay: 6n, keptFee: 0n, stake: 0n });
    const amount = fc.bigInt({ min: 0n, max: 10n ** 30n });
    fc.assert(
      fc.property(amount, amount, (brought, fee) => {
        const { executorPay, keptFee, stake } = strikeBet(brought, fee);
        return executorPay + keptFee + stake === brought;
      }),
    );
  });

  it("keeps the house an edge at even chances", () => {
    expect(houseEdgePips(pips("77%"))).to.equal(pips("11.5%"));
    expect(houseEdgePips(pips("80%"))).to.equal(pips("10%"));
    expect(houseEdgePips(pips("82%"))).to.equal(pips("9%"));
    expect(houseEdgePips(pips("72%"))).to.equal(pips("14%"));
    expect(houseEdgePips(pips("100%"))).to.equal(0n);
  });

  it("never pays more than stake and reserve, in parts or in one piece", () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 30n });
    fc.assert(
      fc.property(amount, amount, fc.bigInt({ min: 0n, max: 1_000_000n }), (a, b, payoutPips) => {
        const whole = settleBet(a + b, payoutPips, true, 1n, 2n);
        const isReserved =
          whole.payout === a + b + betProfit(a + b, payoutPips) && whole.toVault === a + b - whole.payout;
        return isReserved && betProfit(a, payoutPips) + betProfit(b, payoutPips) <= betProfit(a + b, payoutPips);
      }),
    );
  });
});
