import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { ZeroAddress } from "ethers";
import { confirmed } from "../../kit/desk/Desk";
import { executeBets, requestBet, settlementOf } from "../../kit/desk/bets";
import { requestLimit } from "../../kit/desk/orders";
import * as model from "../../sdk/model";
import { usd } from "../../sdk/units";
import { expectEvents } from "../dsl/events";
import type { Told } from "../dsl/events";
import { betFixture } from "../unit/prediction/fixture";
import { bookOf, carryAt, modelOpening, quoteOf, timeOf } from "../unit/trading/setup";

/** State of a trade at its request: a market order or a limit, and long. */
const MARKET_LONG = 1n | 4n;
const LIMIT_LONG = 2n | 4n;

/** USD with 34 decimals to the 18 of the events. */
const X16 = 10n ** 16n;

async function start() {
  const fixture = await loadFixture(betFixture);
  const { alp, alpManager, desk, executor, liquidator, prediction, profile, trading, usdt, vault } = fixture;
  await desk.refresh();
  const contracts = { alp, alpManager, executor, liquidator, prediction, trading, usdt, vault };
  return {
    ...fixture,
    contracts,
    amount: desk.tokenUnits("USDT", 100n),
    window: profile.execution.executionWindowSeconds,
  };
}

type Fixture = Awaited<ReturnType<typeof start>>;

const moved = (from: unknown, to: unknown, amount: bigint): Told => ["usdt", "Transfer", [from, to, amount]];

/** A position of 100 USDT at 1001x, long, and what the model makes of it. */
async function opened(fixture: Fixture) {
  const { desk, keeper, trader } = fixture;
  const pending = await desk.requestOpen(trader);
  const { receipt } = await desk.settle(keeper, pending);
  return { id: pending.id, at: await timeOf(receipt), opening: modelOpening(fixture), pending, receipt };
}

/** The complete list of events of each main call, on the deployment as it goes to production. */
describe("everything that is told", () => {
  it("opening: the request, and its execution", async () => {
    const fixture = await start();
    const { amount, contracts, keeper, trader, usdt, vault, window } = fixture;
    const { id, opening, pending, receipt } = await opened(fixture);
    const bookId = fixture.desk.bookId("BTC", "degen");
    expectEvents(pending.receipt, contracts, [
      moved(trader, vault, amount),
      [
        "trading",
        "OrderPlaced",
        [id, trader, bookId, usdt, amount, 0, 0, 0, 1001, MARKET_LONG, 0, pending.target + window],
      ],
    ]);
    const { entry, executionFee, margin, openFee, size } = opening;
    const [tick, index] = [fixture.desk.priceOf("BTC"), (await fixture.tradingRecords.position(id)).carryIndex];
    const termsId = 1;
    expectEvents(receipt, contracts, [
      [
        "trading",
        "TradeOpened",
        [id, trader, keeper, tick, pending.target, entry, size, margin, openFee, executionFee, index, termsId],
      ],
    ]);
  });

  it("closing: the request, and its execution", async () => {
    const fixture = await start();
    const { contracts, desk, keeper, profile, trader, vault, window } = fixture;
    const { id, at, opening } = await opened(fixture);
    const pending = await desk.requestClose(trader, id);
    expectEvents(pending.receipt, contracts, [
      ["trading", "CloseRequested", [id, trader, 0, 0, pending.target, pending.target + window]],
    ]);
    const { receipt } = await desk.settle(keeper, pending);
    const carryOwedUsd = carryAt(fixture, {}, at, await timeOf(receipt), opening);
    const { closeFee, executorFee, exit, payout, pnlUsd } = model.closeTrade({
      position: opening.position,
      tick: desk.priceOf("BTC"),
      slippagePips: BigInt(bookOf(fixture, "BTC", "degen").slippagePips),
      token: quoteOf(fixture),
      carryOwedUsd,
      executionFeeUsd: profile.execution.executionFeeUsd,
      executionFeeCount: 1n,
    });
    expectEvents(receipt, contracts, [
      ["trading", "TradeClosed", [id, trader, keeper, exit, pnlUsd, carryOwedUsd, closeFee, executorFee, payout]],
      moved(vault, trader, payout),
    ]);
  });

  it("liquidating: one event, and no payment", async () => {
    const fixture = await start();
    const { contracts, desk, keeper, trader } = fixture;
    const { id, at, opening } = await opened(fixture);
    const price = (desk.priceOf("BTC") * 998n) / 1_000n;
    await desk.setPrice("BTC", price);
    const { receipt } = await desk.liquidate(keeper, [id], "BTC");
    const carry = carryAt(fixture, {}, at, await timeOf(receipt), opening);
    const { badDebt, reward, toVault } = model.settleLiquidation(opening.position, price, carry, quoteOf(fixture));
    expectEvents(receipt, contracts, [
      ["trading", "TradeLiquidated", [id, trader, keeper, price, reward, toVault, badDebt]],
    ]);
  });

  it("cancelling a limit: asked for, and finished", async () => {
    const fixture = await start();
    const { amount, contracts, desk, stranger, trader, trading, usdt, vault } = fixture;
    const limit = (desk.priceOf("BTC") * 9n) / 10n;
    const deadline = (await desk.now()) + 3_600;
    const { id, receipt: placed } = await requestLimit(desk, trader, { acceptablePrice: limit, deadline });
    expectEvents(placed, contracts, [
      moved(trader, vault, amount),
      [
        "trading",
        "OrderPlaced",
        [id, trader, desk.bookId("BTC", "degen"), usdt, amount, limit, 0, 0, 1001, LIMIT_LONG, 0, deadline],
      ],
    ]);
    const asked = await confirmed(trading.connect(trader).cancelLimit(id));
    // The delay of its book, and the age of the oldest tick that still fills it.
    const from = (await timeOf(asked)) + desk.delayOf("degen") + 4;
    expectEvents(asked, contracts, [["trading", "LimitCancelRequested", [id, trader, from]]]);
    await desk.warpTo(from);
    expectEvents(await confirmed(trading.connect(stranger).cancelExpired(id)), contracts, [
      ["trading", "OrderCancelled", [id, trader, amount]],
      moved(vault, trader, amount),
    ]);
  });

  it("minting and burning: the deposit, the shares, and what they were counted at", async () => {
    const fixture = await start();
    const { alp, contracts, desk, lp, profile, usdt, vault } = fixture;
    const token = profile.tokens.find(({ symbol }) => symbol === "USDT");
    if (token === undefined) throw new Error("no USDT");
    const quote = quoteOf(fixture);
    const amount = desk.tokenUnits("USDT", 1_000n);
    const before = await worthOf(fixture);
    const supply = await alp.totalSupply();
    const feePips = model.mintFeePips(weightsOf(fixture, before, before.usdt + before.unit * amount));
    const minted = await desk.mint(lp, "USDT", amount);
    const { shares } = model.sharesOut(amount, { ...quote, price: before.low }, feePips, before.highX34, supply * X16);
    expectEvents(minted, contracts, [
      moved(lp, vault, amount),
      ["vault", "LiquidityAdded", [usdt, lp, amount]],
      ["alp", "Transfer", [ZeroAddress, lp, shares]],
      ["alpManager", "AlpMinted", [lp, usdt, amount, shares, feePips, model.ceilDiv(before.highX34, X16), supply]],
    ]);

    const after = await worthOf(fixture);
    const high = { ...quote, price: after.high };
    const held = supply + shares;
    const gross = model.amountOut(shares / 2n, high, 0n, after.lowX34, held * X16);
    const burnFee = model.burnFeePips(weightsOf(fixture, after, after.usdt - after.unit * gross));
    const out = model.amountOut(shares / 2n, high, burnFee, after.lowX34, held * X16);
    const burnt = await desk.burn(lp, "USDT", shares / 2n);
    expectEvents(burnt, contracts, [
      ["alp", "Transfer", [lp, ZeroAddress, shares / 2n]],
      ["alpManager", "AlpBurned", [lp, usdt, lp, shares / 2n, out, burnFee, model.floorDiv(after.lowX34, X16), held]],
      ["vault", "LiquidityRemoved", [usdt, lp, out]],
      moved(vault, lp, out),
    ]);
  });

  it("betting: the request, its strike, and its settlement", async () => {
    const fixture = await start();
    const { contracts, desk, fee, keeper, stranger, trader, usdt, vault } = fixture;
    const stake = desk.tokenUnits("USDT", 100n);
    const bet = await requestBet(desk, trader, { stake });
    const payoutPips = 770_000n;
    expectEvents(bet.receipt, contracts, [
      moved(trader, vault, stake),
      ["prediction", "BetPlaced", [bet.id, trader, 0, true, 300, usdt, stake, payoutPips, false]],
    ]);
    const strike = desk.priceOf("BTC");
    const struck = await executeBets(desk, keeper, [bet]);
    const left = model.strikeBet(stake, fee);
    expectEvents(struck.receipt, contracts, [
      [
        "prediction",
        "BetStruck",
        [bet.id, trader, keeper, strike, bet.target, left.stake, left.executorPay, left.keptFee],
      ],
    ]);
    const price = strike + usd("1") / 10n ** 8n;
    const settled = await executeBets(desk, stranger, [await settlementOf(desk, bet)], { price });
    const { payout } = model.settleBet(left.stake, payoutPips, true, strike, price);
    expectEvents(settled.receipt, contracts, [
      ["prediction", "BetSettled", [bet.id, trader, stranger, price, true, payout, left.keptFee]],
      moved(vault, trader, payout),
    ]);
  });
});

/** What the vault is worth with no position open, each price with the desk's confidence; USD with 34 decimals. */
async function worthOf({ desk, profile, vault }: Fixture) {
  const worth = { lowX34: 0n, midX34: 0n, highX34: 0n, usdt: 0n, unit: 0n, low: 0n, high: 0n };
  for (const { symbol, assetKey, decimals } of profile.tokens) {
    const { liquidity } = await vault.ledger(desk.replica.token(symbol));
    const price = desk.priceOf(assetKey);
    const confidence = (price / 5_000n / 100n) * 100n;
    const scale = 10n ** BigInt(24 - decimals);
    worth.lowX34 += liquidity * scale * (price - confidence);
    worth.midX34 += liquidity * scale * price;
    worth.highX34 += liquidity * scale * (price + confidence);
    if (symbol !== "USDT") continue;
    Object.assign(worth, { usdt: liquidity * scale * price, unit: scale * price });
    Object.assign(worth, { low: price - confidence, high: price + confidence });
  }
  return worth;
}

function weightsOf({ profile }: Fixture, worth: Awaited<ReturnType<typeof worthOf>>, afterUsd: bigint) {
  const token = profile.tokens.find(({ symbol }) => symbol === "USDT");
  const { mintFeePips, mintFeeTaxPips } = profile.vault;
  return {
    targetUsd: model.targetUsd(worth.midX34, BigInt(token?.targetWeightPips ?? 0)),
    ...{ beforeUsd: worth.usdt, afterUsd },
    ...{ basePips: BigInt(mintFeePips), taxPips: BigInt(mintFeeTaxPips) },
  };
}
