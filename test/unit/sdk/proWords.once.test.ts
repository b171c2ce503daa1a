import { expect } from "chai";
import * as words from "../../../sdk/pro/words";

const KEEPER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

describe("sdk: a word of Pro, read", () => {
  it("says what was put into it, of every kind", () => {
    const order = {
      ...{
        isBid: false,
        isReduceOnly: true,
        type: words.ORDER_TYPE.fillOrKill,
        selfTrade: words.SELF_TRADE.expireBoth,
      },
      ...{ maxFills: 100n, tick: 2n ** 24n - 1n, lots: 2n ** 48n - 1n, expiry: 2n ** 32n - 1n },
    };
    const plain = { isSoft: false, market: 0n };
    const orderId = words.orderIdOf(7n, 3n, 5n, 2n);
    const cases: [bigint, words.ReadWord][] = [
      [words.refresh(2n, 9n), { ...plain, kind: "refresh", market: 2n, tickIndex: 9n }],
      [words.cancel(orderId), { ...plain, kind: "cancel", orderId }],
      [words.lower(orderId, 4n), { ...plain, kind: "lower", orderId, lots: 4n }],
      [words.place({ ...order, market: 1n }), { ...plain, kind: "place", market: 1n, ...order }],
      [words.setLeverage(2n, 200n), { ...plain, kind: "setLeverage", market: 2n, leverage: 200n }],
      [words.setMode(2n, true), { ...plain, kind: "setMode", market: 2n, isIsolated: true }],
      [
        words.transfer(0n, 3n, 10n ** 30n, 5n),
        { ...plain, kind: "transfer", fromScope: 0n, toScope: 3n, toSub: 5n, amount: 10n ** 30n },
      ],
      [words.withdraw(KEEPER, 1n)[0], { ...plain, kind: "withdraw", receiver: KEEPER }],
      [words.nameBroker(12n), { ...plain, kind: "nameBroker", broker: 12n }],
      [words.tip(KEEPER, 5n), { ...plain, kind: "tip", amount: 5n, keeper: KEEPER }],
    ];
    for (const [word, told] of cases) {
      expect(words.readWord(word)).to.deep.equal(told);
      expect(words.readWord(words.soft(word))).to.deep.equal({ ...told, isSoft: true });
    }
  });

  it("knows no other kind", () => {
    for (const kind of [0n, 11n, 255n]) expect(words.readWord(kind)).to.equal(undefined);
  });
});
