import { expect } from "chai";
import { toAmount, toPrice, toSize, toUsd } from "../../../sdk/amounts";
import { UnknownNameError, chains, tokenOf } from "../../../sdk/chains";
import { isFirstOf } from "../../../sdk/choices";
import { openRequestOf } from "../../../sdk/clients/orders";
import type { OrderInput } from "../../../sdk/clients/orders";
import type { Connection } from "../../../sdk/connection";
import { wordsOf } from "../../../sdk/pro/actions";
import type { ProAction } from "../../../sdk/pro/actions";
import { UnitError, px, size, usd } from "../../../sdk/units";

const OWNER = "0x00000000000000000000000000000000000000AA";
const chain = chains.bnb;
const usdt = tokenOf(chain, "USDT");

/** What somebody writes whom no types hold back. */
const untyped = <T>(value: unknown): T => value as T;

describe("Inputs of the SDK", () => {
  it("takes text and units, and no number, which says neither", () => {
    expect(toAmount("1.5", usdt)).to.equal(15n * 10n ** 17n);
    expect([toPrice(px("2")), toSize(size("2")), toUsd(usd("2"))]).to.deep.equal([px("2"), size("2"), usd("2")]);
    const message = "100 is of no unit: write it as text, or as a bigint in units";
    expect(() => toAmount(untyped(100), usdt)).to.throw(UnitError, message);
    for (const read of [toPrice, toSize, toUsd]) expect(() => read(untyped(100))).to.throw(UnitError, message);
  });

  it("takes one of two choices for what it is, and nothing else for the second", () => {
    expect(isFirstOf("side", ["long", "short"], "long")).to.equal(true);
    expect(isFirstOf("side", ["long", "short"], "short")).to.equal(false);
    expect(() => isFirstOf("side", ["long", "short"], untyped("buy"))).to.throw(
      UnknownNameError,
      'no side "buy"; there are long, short',
    );
  });

  it("opens neither way where the side of an order is none", async () => {
    const connection = untyped<Connection>({ chain, provider: { getBlock: () => Promise.resolve({ timestamp: 1 }) } });
    const order = (side: OrderInput["side"]) =>
      openRequestOf(connection, {
        ...{ market: "BTC", mode: "standard", side, leverage: 50, token: "USDT", amount: "100", owner: OWNER },
      });
    expect((await order("long")).request.isLong).to.equal(true);
    expect((await order("short")).request.isLong).to.equal(false);
    const refused = await order(untyped("LONG")).catch((error: unknown) => error as Error);
    expect(refused).to.be.instanceOf(UnknownNameError);
    expect((refused as Error).message).to.equal('no side "LONG"; there are long, short');
  });

  it("sells nothing in the order book where the side is none, and changes no mode where the mode is none", () => {
    const placed = { kind: "place", market: "ETH", size: "0.1", price: "2990" };
    const refused: [ProAction, string][] = [
      [untyped({ ...placed, side: "bid" }), 'no side "bid"; there are buy, sell'],
      [untyped({ kind: "mode", market: "ETH", mode: "Isolated" }), 'no mode "Isolated"; there are isolated, cross'],
    ];
    for (const [action, message] of refused)
      expect(() => wordsOf(chain, action, OWNER)).to.throw(UnknownNameError, message);
  });
});
