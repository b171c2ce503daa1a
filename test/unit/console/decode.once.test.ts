import { expect } from "chai";
import { Interface } from "ethers";
import { decodeCall, decodePermit } from "../../../console/src/view/decode";
import { tellOf, toldOf } from "../../../console/src/view/happenings";
import { PlainError, plainly, refusalOf, refusalOfPro, restOf } from "../../../console/src/view/plainly";
import { erc20Abi, gridBookAbi, proAbi, proTriggersAbi, routerAbi, tradingAbi } from "../../../sdk/abis";
import { PRO_REASONS, REASONS } from "../../../sdk/errors";
import { chains } from "../../../sdk/chains";
import { ProReason } from "../../../sdk/enums";
import { FOREVER } from "../../../sdk/pro/words";
import { wordsOf } from "../../../sdk/pro/actions";
import type { ProAction } from "../../../sdk/pro/actions";
import { px, tokens, usd } from "../../../sdk/units";

const { USDT } = chains.bnb.tokens;
const TRADING = "0x0000000000000000000000000000000000000011";
const STRANGER = "0x0000000000000000000000000000000000000022";
const [ROUTER, PRO, TRIGGERS] = ["33", "44", "55"].map((end) => `0x${end.padStart(40, "0")}`);
const book = {
  contracts: { trading: TRADING, router: ROUTER, pro: PRO, proTriggers: TRIGGERS },
  tokens: Object.values(chains.bnb.tokens),
  ...{ nativeSymbol: "BNB", pro: chains.bnb.pro },
};
const textsOf = ({ args }: ReturnType<typeof decodeCall>) => args.map(({ text }) => text);

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

  it("takes the Router's calls apart, and a permit of theirs with them", () => {
    const router = new Interface(routerAbi);
    const permit = { token: USDT.address, amount: tokens("50", 18), deadline: 1_700_000_000, v: 27 };
    const hash = `0x${"01".repeat(32)}`;
    const data = router.encodeFunctionData("multicall", [
      [router.encodeFunctionData("permit", [{ ...permit, r: hash, s: hash }]), "0x12345678"],
    ]);
    const { call, args, inner, isKnown } = decodeCall(book, { to: ROUTER, data, value: 0n });
    expect({ call, args, isKnown }).to.deep.equal({ call: "multicall", args: [], isKnown: true });
    expect(inner.map((each) => [each.call, each.isKnown])).to.deep.equal([
      ["permit", true],
      ["0x12345678", false],
    ]);
    expect(textsOf(inner[0]).slice(0, 3)).to.deep.equal([
      `USDT (${USDT.address})`,
      "50 USDT",
      "2023-11-14T22:13:20.000Z",
    ]);
  });

  it("shows a permit as it is signed, and whether token and spender are the system's", () => {
    const message = { owner: STRANGER, spender: ROUTER, value: tokens("50", 18), nonce: 3n, deadline: 1_700_000_000n };
    const domain = { name: "USDT", version: "1", chainId: 56, verifyingContract: USDT.address };
    const shown = decodePermit(book, { domain, types: { Permit: [] }, message });
    expect(shown).to.include({ call: "permit", target: "USDT", isKnown: true, isSignature: true });
    expect(textsOf(shown)).to.deep.equal([
      ...[`router (${ROUTER})`, "50 USDT", "2023-11-14T22:13:20.000Z", STRANGER, "3"],
    ]);
    const elsewhere = { ...message, spender: STRANGER };
    expect(decodePermit(book, { domain, types: { Permit: [] }, message: elsewhere }).isKnown).to.equal(false);
    const other = { ...domain, verifyingContract: STRANGER };
    expect(decodePermit(book, { domain: other, types: { Permit: [] }, message }).isKnown).to.equal(false);
  });

  it("puts the numbers of Pro into words", () => {
    const order = { kind: "place", market: "ETH/USD", side: "sell", size: "0.5" } as const;
    const actions: ProAction[] = [
      { ...order, price: "2950.5", type: "postOnly", isReduceOnly: true, expiry: 1_700_000_000, isSoft: true },
      { ...order, side: "buy" },
      { kind: "leverage", market: "BTC/USD", leverage: 20 },
      { kind: "mode", market: "BTC/USD", mode: "isolated" },
      { kind: "transfer", from: "cross", to: "BTC/USD", toSub: 2, amount: "100" },
      { kind: "withdraw", amount: "1000" },
      { kind: "cancel", id: (1n << 96n) | 7n },
    ];
    const words = actions.flatMap((action) => wordsOf(chains.bnb, action, STRANGER));
    const data = new Interface(proAbi).encodeFunctionData("act", [7, [], [...words, 255n]]);
    expect(textsOf(decodeCall(book, { to: PRO, data, value: 0n })).slice(1)).to.deep.equal([
      "sell 0.5 ETH in ETH/USD at 2,950.5 or better, post only, only reduces, until 2023-11-14T22:13:20.000Z, or else skip it",
      "buy 0.5 ETH in ETH/USD at any price within the band, immediate or cancel",
      "leverage 20× in BTC/USD",
      "isolated margin in BTC/USD",
      "move $100 from cross to BTC/USD isolated of sub-account 2",
      `withdraw 1,000 USDT to ${STRANGER}`,
      `cancel order ${(1n << 96n) | 7n} of ETH/USD`,
      "something unknown: 255",
    ]);
    const rights = new Interface(proAbi).encodeFunctionData("setDelegate", [7, STRANGER, 3, FOREVER]);
    expect(textsOf(decodeCall(book, { to: PRO, data: rights, value: 0n }))).to.deep.equal([
      ...["7", STRANGER, "reduce", "never"],
    ]);
  });

  it("puts what waits for a price into words", () => {
    const common = { market: 1, isBuy: false, isReduceOnly: true, lots: 0, tick: 29_000, limit: 0, boundPips: 0 };
    const orders = [
      { ...common, kind: 0, callbackPips: 0, expiry: 0 },
      { ...common, kind: 1, lots: 50, limit: 28_000, isBuy: true, isReduceOnly: false, callbackPips: 0, expiry: 0 },
      { ...common, kind: 2, tick: 0, boundPips: 20_000, callbackPips: 15_000, expiry: 1_700_000_000 },
    ];
    const data = new Interface(proTriggersAbi).encodeFunctionData("place", [7, orders]);
    expect(textsOf(decodeCall(book, { to: TRIGGERS, data, value: 0n })).slice(1)).to.deep.equal([
      "stop: sell all that is open in ETH/USD when the price reaches 2,900, at most 1.00% worse, only reduces",
      "take profit: buy 0.5 ETH in ETH/USD when the price reaches 2,900, no worse than 2,800, may open",
      "trailing stop: sell all that is open in ETH/USD when the price has come back by 1.50%, at most 2.00% worse, only reduces, " +
        "until 2023-11-14T22:13:20.000Z",
    ]);
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
    expect(refusalOfPro("None")).to.equal(undefined);
    expect(refusalOfPro("WouldFill")).to.deep.equal({ name: "WouldFill", words: PRO_REASONS.WouldFill });
    const rests = { outcome: "Skipped", reason: "TickNotReached" } as const;
    expect(restOf(rests)).to.deep.equal({ name: "TickNotReached", words: REASONS.TickNotReached });
    expect(restOf({ outcome: "Refused", reason: "NotionalTooSmall" })).to.equal(undefined);
    const data = new Interface(tradingAbi).encodeErrorResult("Trading_NotOwner", [1n, STRANGER]);
    expect(plainly({ data }).name).to.equal("Trading_NotOwner");
  });

  it("has Pro's reason instead of the error that carries it, with what is lacking", () => {
    const reason = BigInt(ProReason.indexOf("MarginTooLow"));
    const scope = new Interface(proAbi).encodeErrorResult("Pro_ScopeRefused", [
      256n << 8n,
      reason,
      usd("100"),
      usd("250.5"),
    ]);
    expect(plainly({ data: scope })).to.deep.equal({
      name: "MarginTooLow",
      words: `${PRO_REASONS.MarginTooLow} It has $100.00 and needs $250.50.`,
    });
    const small = BigInt(ProReason.indexOf("RestTooSmall"));
    const grid = new Interface(gridBookAbi).encodeErrorResult("GridBook_Refused", [small, 1n, 2n]);
    expect(plainly({ data: grid })).to.deep.equal({ name: "RestTooSmall", words: PRO_REASONS.RestTooSmall });
    const owner = new Interface(gridBookAbi).encodeErrorResult("GridBook_NotAllowed", [256n, STRANGER]);
    expect(plainly({ data: owner }).name).to.equal("GridBook_NotAllowed");
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

  it("says what waits to be claimed, and what was", () => {
    const args = { token: USDT.address, receiver: STRANGER, amount: tokens("3", 18) };
    expect(tellOf({ name: "PaymentRefused", args }, unit)).to.deep.equal({
      ...{ title: "Payment refused", tone: "bad" },
      words: "your account did not take 3.0000 USDT: they wait in Portfolio to be claimed.",
    });
    const claimed = { ...args, account: STRANGER };
    expect(tellOf({ name: "Claimed", args: claimed }, unit)?.words).to.equal("3.0000 USDT were paid out.");
  });

  it("says what a trade came to, of all that was paid in", () => {
    const of = { id: 7n, owner: STRANGER };
    const paid = (name: string, args: Record<string, unknown>) =>
      ({ event: { name, args: { ...of, ...args } } }) as unknown as { event: Parameters<typeof tellOf>[0] };
    const closing = { carryOwedUsd: 0n, closeFee: tokens("14.9", 18), executionFee: tokens("0.5", 18) };
    const told = toldOf(chains.bnb, [
      paid("OrderPlaced", { token: USDT.address, amount: tokens("50", 18), leverage: 1_001n }),
      paid("TradeOpened", {
        ...{ tick: px("60000"), entry: px("60000"), margin: tokens("49.5", 18) },
        ...{ openFee: 0n, executionFee: tokens("0.5", 18) },
      }),
      paid("MarginAdded", { amount: tokens("10", 18), total: tokens("10", 18) }),
      paid("TradeReduced", { ...closing, exit: px("60030"), pnlUsd: usd("7"), payout: tokens("20", 18) }),
      paid("TradeClosed", { ...closing, exit: px("60030"), pnlUsd: usd("14.7"), payout: tokens("38.75", 18) }),
    ]).map(({ told: { title, tone, words } }) => [title, tone, words.replace(/ before .* execution 0\.5000 USDT/, "")]);
    expect(told.slice(2)).to.deep.equal([
      ["Margin added", "", "10.0000 USDT, 10.0000 USDT in all."],
      ["Reduced", "good", "exit 60,030.00 (+0.050% from 60,000.00): +$7.00. You got 20.0000 USDT."],
      [
        "Closed",
        "bad",
        "exit 60,030.00 (+0.050% from 60,000.00): +$14.70. You got 58.7500 USDT of 60.0000 USDT paid in: −1.2500 USDT.",
      ],
    ]);
    const [, , lost] = toldOf(chains.bnb, [
      paid("OrderPlaced", { token: USDT.address, amount: tokens("50", 18), leverage: 1_001n }),
      paid("TradeOpened", { tick: 0n, entry: px("60000"), margin: 0n, openFee: 0n, executionFee: 0n }),
      paid("TradeLiquidated", { tick: px("59964"), reward: 0n, toVault: 0n, badDebt: 0n }),
    ]);
    expect(lost.told.words).to.match(/^the price 59,964\.00 \(−0\.060% from 60,000\.00, at 1001×\) crossed/);
    expect(lost.told.words).to.match(/ Of 50\.0000 USDT paid in you got 0\.0000 USDT\.$/);
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
