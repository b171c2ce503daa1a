import { expect } from "chai";
import { Interface } from "ethers";
import { decodeCall } from "../../../console/src/view/decode";
import { tellOf } from "../../../console/src/view/happenings";
import { PlainError, plainly, refusalOf, restOf } from "../../../console/src/view/plainly";
import { erc20Abi, tradingAbi } from "../../../sdk/abis";
import { REASONS } from "../../../sdk/errors";
import { chains } from "../../../sdk/chains";
import { px, tokens, usd } from "../../../sdk/units";

const { USDT } = chains.bnb.tokens;
const TRADING = "0x0000000000000000000000000000000000000011";
const STRANGER = "0x0000000000000000000000000000000000000022";
const book = { contracts: { trading: TRADING }, tokens: Object.values(chains.bnb.tokens), nativeSymbol: "BNB" };

describe("console: what is signed", () => {
  it("names the contract, the call, the amounts with their token and the prices", () => {
    const request = {
      ...{ owner: STRANGER, bookId: 1, isLong: true, leverage: 1001, token: USDT.address, amount: tokens("50", 18) },
      ...{
        acceptablePrice: px("60120.5"),
        takeProfit: 0,
        stopLoss: 0,
        deadline: 1_700_000_000,
        broker: 0,
        asNative: false,
      },
    };
    const data = new Interface(tradingAbi).encodeFunctionData("requestOpen", [request]);
    const { target, isKnown, call, args, value } = decodeCall(book, { to: TRADING, data, value: 0n });
    expect({ target, isKnown, call, value }).to.deep.equal({
      target: "trading",
      isKnown: true,
      call: "requestOpen",
      value: undefined,
    });
    const texts = Object.fromEntries(args.map(({ name, text }) => [name, text]));
    expect(texts).to.include({
      ...{ owner: STRANGER, leverage: "1001", isLong: "yes", amount: "50 USDT", acceptablePrice: "60,120.5" },
      ...{ takeProfit: "none", token: `USDT (${USDT.address})`, deadline: "2023-11-14T22:13:20.000Z" },
    });
  });

  it("shows an allowance to the unit, and who gets it", () => {
    const data = new Interface(erc20Abi).encodeFunctionData("approve", [TRADING, tokens("12.000000000000000001", 18)]);
    const { target, args } = decodeCall(book, { to: USDT.address.toLowerCase(), data, value: 0n });
    expect(target).to.equal("USDT");
    expect(args.map(({ text }) => text)).to.deep.equal([`trading (${TRADING})`, "12.000000000000000001 USDT"]);
  });

  it("says where it knows neither contract nor call", () => {
    const wrong = decodeCall(book, { to: STRANGER, data: "0x12345678", value: 10n ** 18n });
    expect(wrong).to.include({ isKnown: false, target: STRANGER, value: "1 BNB" });
    expect(decodeCall(book, { to: TRADING, data: "0x12345678", value: 0n }).isKnown).to.equal(false);
  });
});

describe("console: what went wrong", () => {
  it("tells a refused signature, a silent node and its own words apart", () => {
    expect(plainly({ code: 4001, message: "User rejected" }).words).to.equal(
      "You refused it in the wallet: nothing was sent.",
    );
    expect(plainly({ code: "ACTION_REJECTED" }).words).to.equal("You refused it in the wallet: nothing was sent.");
    expect(plainly(new TypeError("Failed to fetch")).words).to.match(/^The node does not answer/);
    expect(plainly(new PlainError("As it is."))).to.deep.equal({ name: undefined, words: "As it is." });
  });

  it("has the contracts' reason and its words", () => {
    expect(refusalOf("None")).to.equal(undefined);
    expect(refusalOf("LossBudgetSpent")).to.deep.equal({ name: "LossBudgetSpent", words: REASONS.LossBudgetSpent });
    const rests = { outcome: "Skipped", reason: "TickNotReached" } as const;
    expect(restOf(rests)).to.deep.equal({ name: "TickNotReached", words: REASONS.TickNotReached });
    expect(restOf({ outcome: "Refused", reason: "NotionalTooSmall" })).to.equal(undefined);
    const data = new Interface(tradingAbi).encodeErrorResult("Trading_NotOwner", [1n, STRANGER]);
    expect(plainly({ data }).name).to.equal("Trading_NotOwner");
  });
});

describe("console: what has happened", () => {
  const unit = { symbol: "USDT", decimals: 18 };

  it("explains a liquidation by its numbers", () => {
    const args = {
      ...{ id: 7n, owner: STRANGER, liquidator: TRADING, tick: px("59964") },
      ...{ reward: tokens("2.5", 18), toVault: tokens("47", 18), badDebt: tokens("1", 18) },
    };
    expect(tellOf({ name: "TradeLiquidated", args }, unit)).to.deep.equal({
      title: "Liquidated",
      tone: "bad",
      words:
        "the price 59,964.00 crossed the liquidation price. 2.5000 USDT went to the liquidator, 47.0000 USDT to the vault. " +
        "The margin fell 1.0000 USDT short; nobody asks you for it.",
    });
  });

  it("says why an order was refused, and what came back", () => {
    const args = {
      ...{ id: 7n, owner: STRANGER, executor: TRADING, reason: 23n },
      ...{ refund: tokens("49.5", 18), executionFee: tokens("0.5", 18) },
    };
    const told = tellOf({ name: "OrderRefused", args }, unit);
    expect(told?.title).to.equal("Refused: PriceBound");
    expect(told?.words).to.equal(`${REASONS.PriceBound} 49.5000 USDT came back, 0.5000 USDT went to who tried.`);
  });

  it("names both sides of a close", () => {
    const args = {
      ...{ id: 7n, owner: STRANGER, executor: TRADING, exit: px("60060"), pnlUsd: usd("49.5"), carryOwedUsd: usd("0") },
      ...{ closeFee: tokens("14.9", 18), executionFee: tokens("0.5", 18), payout: tokens("83.6", 18) },
    };
    const told = tellOf({ name: "TradeClosed", args }, unit);
    expect(told).to.include({ title: "Closed", tone: "good" });
    expect(told?.words).to.match(/^exit 60,060\.00: \+\$49\.50 before .* You got 83\.6000 USDT\.$/);
  });
});
