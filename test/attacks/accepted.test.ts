import { takeSnapshot } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { executionFeeTokens, liquidationPrice } from "../../sdk/model";
import { px, usd } from "../../sdk/units";
import { executeAt, modelOpening, quoteOf } from "../unit/trading/setup";
import { CENT, expectBalanced, holdingOf, loadDesk } from "./support";

const ENTRY = px("60000");
const PIPS = 1_000_000n;
const DAY = 86_400;
const LEAST_MARGIN = 5n;
/** Whole dollars that the reserve of 3.5 M of a token costs, to enter and leave and a day. On Arbitrum a ceiling ends it at 1 M. */
const NUMBERS = { bnb: [5_040n, 134n], arbitrum: [1_801n, 48n] };

type Fixture = Awaited<ReturnType<typeof loadDesk>>;

/** What the vault and the treasury have of a token, in its units. */
async function keptOf({ vault, replica }: Fixture, symbol: string): Promise<bigint> {
  const { liquidity, fees } = await vault.ledger(replica.token(symbol));
  return liquidity + fees;
}

describe("attacks: accepted within a bound", () => {
  it("A39: a stop that its owner's accounts arm and execute takes two execution fees at most out of a loss", async () => {
    const fixture = await loadDesk();
    const { desk, trader, other, stranger, keeper, tradingRecords, profile } = fixture;
    await desk.setPrice("BTC", ENTRY);
    const fee = executionFeeTokens(profile.execution.executionFeeUsd, quoteOf(fixture));
    // A position of the least margin, whose stop every tick reaches.
    const options = { amount: desk.tokenUnits("USDT", LEAST_MARGIN) + fee };
    const { position } = modelOpening(fixture, options);
    expect(position.margin).to.equal(desk.tokenUnits("USDT", LEAST_MARGIN));
    const id = await desk.open(trader, keeper, { ...options, stopLoss: px("60050") });
    await desk.warp(10);
    await desk.refresh();
    // A cent before it would be liquidated.
    const price = liquidationPrice(position, 0n, quoteOf(fixture)) + px("0.01");
    const snapshot = await takeSnapshot();
    const before = await keptOf(fixture, "USDT");

    const pending = await desk.requestClose(trader, id);
    const own = await executeAt(fixture, pending.target, [id], [desk.firstTick("BTC", pending.target, { price })], {
      by: trader,
    });
    expect(own.outcomes).to.deep.equal(["Closed"]);
    const kept = (await keptOf(fixture, "USDT")) - before;

    await snapshot.restore();
    const armed = await desk.execute(other, [id], [desk.anyTick("BTC", await desk.now())]);
    expect(armed.results[0].outcome).to.equal("Armed");
    const target = Number((await tradingRecords.closeOf(id)).target);
    const proofs = [desk.firstTick("BTC", target, { price })];
    const stopped = await executeAt(fixture, target, [id], proofs, { by: stranger });
    expect(stopped.outcomes).to.deep.equal(["Closed"]);
    const lost = kept - ((await keptOf(fixture, "USDT")) - before);

    // Two fees are paid, and nearly all of both is what the close would have left for vault and treasury.
    for (const account of [other, stranger]) {
      expect(await fixture.vault.claimableOf(desk.replica.token("USDT"), account)).to.equal(fee);
    }
    const cent = (CENT * desk.tokenUnits("USDT", 1n)) / usd("1");
    expect([lost <= 2n * fee, lost >= 2n * fee - cent], `${lost} of ${2n * fee}`).to.deep.equal([true, true]);
    expect(profile.execution.executionFeeUsd).to.equal(profile.key === "bnb" ? usd("0.5") : usd("0.2"));
    await expectBalanced(desk);
  });

  it("A40: whoever holds the reserve of a token pays 0.18% and 0.0048% a day, and stops nothing else", async () => {
    const fixture = await loadDesk();
    const { desk, trader, other, keeper, lp, alp, alpManager, vault, trading, profile } = fixture;
    const symbol = profile.pro.settlementSymbol;
    const second = profile.tokens.find((each) => each.symbol !== symbol)!;
    const token = desk.replica.token(symbol);
    await desk.setPrice("BTC", ENTRY);
    const standard = { mode: "standard", leverage: 10, token: symbol } as const;
    const bystander = await desk.open(other, keeper, standard);

    // Longs and shorts alike, so that neither price nor funding costs anything; each order at most a quarter of a side's cap.
    const { liquidity } = await vault.ledger(token);
    const { ceiling, reserved } = await vault.productLedger(trading, token);
    const byUse = (liquidity * BigInt(profile.vault.maxUtilizationPips)) / PIPS;
    const room = (byUse < ceiling ? byUse : ceiling) - reserved;
    const largest = (profile.markets[0].books[0].maxOpenInterestUsd * desk.tokenUnits(symbol, 1n)) / usd("4");
    const pairs = room / (2n * largest) + 1n;
    const amount = room / (2n * pairs);
    await desk.fund(trader, symbol, room);
    const before = await holdingOf(desk, symbol, trader);
    const ids: bigint[] = [];
    for (let pair = 0n; pair < pairs; ++pair) {
      for (const isLong of [true, false]) {
        ids.push(await desk.open(trader, keeper, { ...standard, leverage: 1, isLong, amount }));
      }
    }
    const held = (await vault.productLedger(trading, token)).reserved - reserved;
    expect(held * 1_000n >= room * 999n, `${held} of ${room}`).to.equal(true);

    // Nobody opens in it, and LPs take out what is free; other tokens and open positions go on.
    const refused = await desk.settle(keeper, await desk.requestOpen(other, { ...standard, amount: room / 500n }));
    expect(refused.results[0]).to.deep.include({ outcome: "Refused", reason: "ReserveFull" });
    const ledger = await vault.ledger(token);
    const free = ledger.liquidity - ledger.reserved;
    const most = ((await alp.totalSupply()) * 9n) / 10n;
    await expect(desk.burn(lp, symbol, most))
      .to.be.revertedWithCustomError(alpManager, "AlpManager_LiquidityReserved")
      .withArgs((required: bigint) => required > free, free);
    const worth = (desk.tokenUnits(second.symbol, 100n) * px("1")) / desk.priceOf(second.assetKey);
    await desk.open(other, keeper, { ...standard, token: second.symbol, amount: worth });
    const snapshot = await takeSnapshot();
    const { margin } = await desk.system.tradingRecords.position(bystander);
    const had = await holdingOf(desk, symbol, other);
    await desk.close(other, keeper, bystander);
    // His margin less fee and slippage at 10x, and the execution fee.
    const paid = (await holdingOf(desk, symbol, other)) - had;
    expect(paid * 100n > margin * 98n, `${paid} of ${margin}`).to.equal(true);
    await snapshot.restore();

    const leave = async (): Promise<bigint> => {
      for (const id of ids) await desk.close(trader, keeper, id);
      return ((before - (await holdingOf(desk, symbol, trader))) * usd("1")) / desk.tokenUnits(symbol, 1n);
    };
    const cost = await leave();
    await snapshot.restore();
    await desk.warp(DAY);
    await desk.refresh();
    const day = (await leave()) - cost;
    // Fees of 8 bp and slippage of 1 bp either way, and the execution fees; borrowing of 0.0002% an hour.
    const heldUsd = (held * usd("1")) / desk.tokenUnits(symbol, 1n);
    const { executionFeeUsd } = profile.execution;
    expect(cost).to.be.closeTo((heldUsd * 1_800n) / PIPS + 4n * pairs * executionFeeUsd, usd("0.2"));
    expect(day).to.be.closeTo((heldUsd * 48n) / PIPS, usd("0.01"));
    expect([cost, day].map((value) => (value + usd("0.5")) / usd("1"))).to.deep.equal(NUMBERS[profile.key]);
    await expectBalanced(desk);
  });
});
