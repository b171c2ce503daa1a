import { expect } from "chai";
import * as words from "../../../sdk/pro/words";
import { UnitError } from "../../../sdk/units";

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

  const most = (bits: bigint) => (1n << bits) - 1n;
  const held: [name: string, bits: bigint, of: (value: bigint) => unknown][] = [
    ["market", 8n, (market) => words.ask(1n, 1n, { market })],
    ["type", 8n, (type) => words.bid(1n, 1n, { type })],
    ["selfTrade", 8n, (selfTrade) => words.bid(1n, 1n, { selfTrade })],
    ["maxFills", 8n, (maxFills) => words.bid(1n, 1n, { maxFills })],
    ["tick", 24n, (tick) => words.bid(tick, 1n)],
    ["lots", 48n, (lots) => words.bid(1n, lots)],
    ["expiry", 32n, (expiry) => words.bid(1n, 1n, { expiry })],
    ["market", 8n, (market) => words.refresh(market)],
    ["tickIndex", 16n, (tick) => words.refresh(0n, tick)],
    ["orderId", 104n, words.cancel],
    ["orderId", 104n, (id) => words.lower(id, 1n)],
    ["lots", 48n, (lots) => words.lower(1n, lots)],
    ["market", 8n, (market) => words.setLeverage(market, 1n)],
    ["leverage", 8n, (leverage) => words.setLeverage(0n, leverage)],
    ["market", 8n, (market) => words.setMode(market, true)],
    ["scope", 8n, (scope) => words.transfer(scope, 0n, 1n)],
    ["scope", 8n, (scope) => words.transfer(0n, scope, 1n)],
    ["amount", 112n, (amount) => words.transfer(0n, 1n, amount)],
    ["sub", 8n, (sub) => words.transfer(0n, 0n, 1n, sub)],
    ["broker", 32n, words.nameBroker],
    ["tip", 64n, (amount) => words.tip(KEEPER, amount)],
  ];
  for (const [name, bits, of] of held) {
    it(`refuses a ${name} of more than ${bits} bits or below 0, which would say something else`, () => {
      expect(() => of(most(bits))).not.to.throw();
      const tooMuch = most(bits) + 1n;
      expect(() => of(tooMuch)).to.throw(UnitError, `${name} ${tooMuch} does not fit into ${bits} bits`);
      expect(() => of(-1n)).to.throw(UnitError, `${name} -1 does not fit into ${bits} bits`);
    });
  }

  it("refuses what is written by mistake: a bound beyond all ticks, an expiry in milliseconds", () => {
    // 1.0 BNB for at most 1,000,000 dollars, in ticks of a cent: 5 of what is cut off would be lots.
    expect(() => words.bid(100_000_000n, 10n)).to.throw(UnitError, "tick 100000000 does not fit into 24 bits");
    // An expiry in milliseconds.
    expect(() => words.bid(1n, 1n, { expiry: 1_790_000_000_000n })).to.throw(UnitError);
  });
});
