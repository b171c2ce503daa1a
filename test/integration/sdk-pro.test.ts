import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { Interface } from "ethers";
import { connectTo, recordOf } from "../../kit/connect";
import { DEFAULT_PRICES } from "../../kit/replica";
import { Asterism } from "../../sdk/Asterism";
import { proKeeperAbi } from "../../sdk/abis";
import { UnknownNameError } from "../../sdk/chains";
import type { PriceProof } from "../../sdk/clients/keeper";
import { feeOf } from "../../sdk/model/pro";
import { RefusedError } from "../../sdk/failures";
import type { ProAction } from "../../sdk/pro/actions";
import { marketOfOrder } from "../../sdk/pro/words";
import { UnitError, formatPrice, pips, px, size, usd } from "../../sdk/units";
import { thrownBy } from "../dsl/thrown";
import { emptyDeskFixture } from "../fixtures/desk";

const BTC = DEFAULT_PRICES.BTC;
const TAKER_FEE = 400n;
const PRO_KEEPER = new Interface(proKeeperAbi);

/** A price so many whole dollars from that of BTC. */
const at = (dollars: bigint) => formatPrice(BTC + dollars * px("1"));

const refusalOf = (error: unknown) => (error as RefusedError).error.name;

/** Two connected traders with cash in Pro, and prices there. */
async function proFixture() {
  const fixture = await loadFixture(emptyDeskFixture);
  const { desk, trader, other } = fixture;
  const [asTrader, asMaker] = [await connectTo(desk, trader), await connectTo(desk, other)];
  const { settlementSymbol } = desk.profile.pro;
  for (const { address } of [trader, other]) {
    await desk.replica.mintToken(settlementSymbol, address, desk.tokenUnits(settlementSymbol, 50_000n));
  }
  await (await asTrader.pro.deposit("10000")).send({ approve: true });
  await (await asMaker.pro.deposit("40000", { sub: 3 })).send({ approve: true });
  await (await asMaker.pro.act([], { sub: 3, refresh: ["BTC", "ETH"] })).send();
  return { ...fixture, asTrader, asMaker, settlementSymbol };
}

/** With bids and asks of half a bitcoin, 10 and 20 dollars from the price. */
async function quotedFixture() {
  const fixture = await loadFixture(proFixture);
  const quote = (side: "buy" | "sell", dollars: bigint): ProAction => ({
    ...{ kind: "place", market: "BTC", side, size: "0.5", price: at(dollars), type: "postOnly" },
  });
  const quotes = [quote("buy", -10n), quote("buy", -20n), quote("sell", 10n), quote("sell", 20n)];
  const { rested } = await (await fixture.asMaker.pro.act(quotes, { sub: 3 })).send();
  return { ...fixture, rested };
}

describe("Asterism.pro", () => {
  it("opens accounts by deposits, and knows them", async () => {
    const { asTrader, asMaker, pro, other } = await loadFixture(proFixture);
    expect([await asTrader.pro.account(), await asMaker.pro.account({ sub: 3 })]).to.deep.equal([256n, 515n]);
    expect(await asTrader.pro.account({ owner: other.address, sub: 3 })).to.equal(515n);
    expect((await asTrader.pro.health()).cash).to.equal(usd("10000"));
    const action = await asTrader.pro.deposit("5");
    expect(action.allowances).to.deep.equal([
      { token: await pro.token(), spender: await pro.getAddress(), amount: action.allowances[0].amount },
    ]);
    expect(await (await asTrader.pro.deposit("5")).send({ approve: true })).to.equal(256n);
  });

  it("quotes, takes and shows the book, orders, health, mark and funding", async () => {
    const { asTrader, asMaker, rested } = await loadFixture(quotedFixture);
    expect(rested).to.have.length(4);
    expect(rested.map(marketOfOrder)).to.deep.equal([0n, 0n, 0n, 0n]);
    const { bids, asks } = await asTrader.pro.book("BTC/USD");
    expect([...bids, ...asks].map((level) => [level.price, level.size, level.orders])).to.deep.equal(
      [-10n, -20n, 10n, 20n].map((dollars) => [px(at(dollars)), size("0.5"), 1n]),
    );

    const taking: ProAction[] = [{ kind: "place", market: "BTC", side: "buy", size: "0.6" }];
    const [preview] = await asTrader.pro.preview(taking);
    const notional = px(at(10n)) * size("0.5") + px(at(20n)) * size("0.1");
    expect(preview).to.deep.equal({ reason: "None", filled: 600n, notional, orderId: 0n });
    const { fills } = await (await asTrader.pro.act(taking)).send();
    expect(fills).to.deep.equal([
      { market: "BTC/USD", side: "buy", size: size("0.6"), notional, fee: feeOf(notional, TAKER_FEE) },
    ]);
    const { cash, positions } = await asTrader.pro.health();
    expect(cash).to.equal(usd("10000") - feeOf(notional, TAKER_FEE));
    expect(positions.map((position) => [position.market, position.size, position.cost])).to.deep.equal([
      ["BTC/USD", size("0.6"), notional],
    ]);
    const lower = await asTrader.pro.healthAt({ BTC: at(-1_000n) });
    expect(lower.positions[0].pnl).to.equal(px(at(-1_000n)) * size("0.6") - notional);
    const [own] = await asMaker.pro.orders("BTC", { sub: 3 });
    expect(own).to.deep.include({ id: rested[0], side: "buy", size: size("0.5"), isReduceOnly: false, expiry: 0n });
    expect((await asTrader.pro.mark("BTC")).index).to.equal(BTC);
    expect((await asTrader.pro.funding("BTC")).openInterest).to.equal(600n);
  });

  it("lowers and cancels orders, moves cash between scopes, isolates, and withdraws", async () => {
    const { asTrader, asMaker, desk, rested, settlementSymbol, trader } = await loadFixture(quotedFixture);
    const maker = { sub: 3 };
    await (
      await asMaker.pro.act(
        [
          { kind: "lower", id: rested[0], size: "0.2" },
          { kind: "cancel", id: rested[1] },
        ],
        maker,
      )
    ).send();
    const orders = await asMaker.pro.orders("BTC", maker);
    expect(orders.map((order) => order.size)).to.deep.equal([size("0.2"), size("0.5"), size("0.5")]);

    const opening: ProAction[] = [
      { kind: "mode", market: "BTC", mode: "isolated" },
      { kind: "leverage", market: "BTC", leverage: 10 },
      { kind: "transfer", from: "cross", to: "BTC", amount: "1000" },
      { kind: "place", market: "BTC", side: "buy", size: "0.1" },
    ];
    await (await asTrader.pro.act(opening)).send();
    const isolated = await asTrader.pro.health("BTC");
    expect(isolated.positions[0]).to.deep.include({ leverage: 10n, size: size("0.1") });
    expect((await asTrader.pro.health()).cash).to.equal(usd("9000"));

    const token = desk.replica.token(settlementSymbol);
    const before = await token.balanceOf(trader);
    const out: ProAction[] = [{ kind: "withdraw", amount: "9000" }];
    await (await asTrader.pro.act(out, { refresh: ["BTC"] })).send();
    expect((await token.balanceOf(trader)) - before).to.equal(desk.tokenUnits(settlementSymbol, 9_000n));
  });

  it("names refusals: of a call, of a soft action, of what is no step", async () => {
    const { asTrader } = await loadFixture(quotedFixture);
    const post: ProAction = {
      kind: "place",
      market: "BTC",
      side: "buy",
      size: "0.1",
      price: at(50n),
      type: "postOnly",
    };
    const error = await thrownBy(asTrader.pro.preview([post]));
    expect(error).to.be.instanceOf(RefusedError);
    expect((error as RefusedError).error.name).to.equal("Pro_ActionRefused");
    const soft: ProAction[] = [
      { ...post, isSoft: true },
      { kind: "withdraw", amount: "1" },
      { kind: "place", market: "BTC", side: "buy", size: "0.1" },
    ];
    const results = await asTrader.pro.preview(soft, { refresh: ["ETH"] });
    expect(results.map(({ filled, reason }) => [reason, filled])).to.deep.equal([
      ["WouldFill", 0n],
      ["None", 0n],
      ["None", 100n],
    ]);
    const odd = { kind: "place", market: "BTC", side: "buy" } as const;
    expect(await thrownBy(asTrader.pro.act([{ ...odd, size: "0.0001" }]))).to.be.instanceOf(UnitError);
    expect(await thrownBy(asTrader.pro.act([{ ...odd, size: "0.1", price: "60000.5" }]))).to.be.instanceOf(UnitError);
    expect(await thrownBy(asTrader.pro.act([{ ...odd, market: "SOL", size: "1" }]))).to.be.instanceOf(UnknownNameError);
  });

  it("runs a grid: opens, previews, rolls, shows and stops it", async () => {
    const { asTrader, asMaker } = await loadFixture(proFixture);
    const { proGrids } = asTrader;
    const grid = { market: "BTC", low: at(-1_000n), high: at(1_000n), lines: 5, size: "0.01" };
    expect(await proGrids.last("BTC")).to.equal(undefined);
    expect(((await thrownBy((await proGrids.open(grid)).simulate())) as RefusedError).error.name).to.equal(
      "Pro_NotAllowed",
    );
    await (await proGrids.allow("trade")).send();
    const { id, placed, refused } = await (await proGrids.open(grid)).send();
    expect(refused).to.deep.equal([]);
    const cells = await proGrids.cells(id);
    expect(
      cells.map(({ isWithin, line, price, resting, side }) => [side, line, price, resting, isWithin]),
    ).to.deep.equal([
      ["buy", 0, px(at(-1_000n)), size("0.01"), true],
      ["buy", 1, px(at(-500n)), size("0.01"), true],
      ["sell", 3, px(at(500n)), size("0.01"), true],
      ["sell", 4, px(at(1_000n)), size("0.01"), true],
    ]);
    expect(new Set(cells.map(({ orderId }) => orderId))).to.deep.equal(new Set(placed));

    const selling: ProAction[] = [{ kind: "place", market: "BTC", side: "sell", size: "0.01" }];
    await (await asMaker.pro.act(selling, { sub: 3 })).send();
    const counts = { placed: 1n, cancelled: 0n, refused: 0n };
    const roll = { ...counts, bought: size("0.01"), sold: 0n, tip: usd("0.02") };
    const rolled = { id, outcome: "Rolled", reason: "None", roll };
    const { address } = asMaker.connection.signer as unknown as { address: string };
    expect(await proGrids.previewRoll(id, { keeper: address })).to.deep.equal(rolled);
    const lost = id + 2n ** 48n;
    const missing = { outcome: "Skipped", reason: "GridNotFound" };
    expect(await (await asMaker.proGrids.roll([lost, id], { refresh: ["BTC"] })).send()).to.deep.equal([
      { id: lost, ...missing },
      rolled,
    ]);
    expect((await asMaker.pro.health()).cash).to.equal(usd("0.02"));
    expect(await proGrids.last("BTC")).to.deep.include({
      ...{ id, market: "BTC/USD", isRunning: true, spacing: "arithmetic", lines: 5n, window: 16n, size: size("0.01") },
      ...{ low: px(at(-1_000n)), high: px(at(1_000n)), stopLow: 0n, startHeld: size("0.02"), held: size("0.03") },
      ...{ tips: usd("0.02"), pairs: 0n, realised: 0n, end: "None" },
    });
    const { transaction } = await asMaker.proGrids.roll([id], { refresh: ["BTC", "ETH"] });
    const [, proofs] = PRO_KEEPER.decodeFunctionData("roll", transaction.data) as unknown as [string, PriceProof[]];
    expect(proofs.map(({ assetIds, updateData }) => [assetIds, updateData.length])).to.deep.equal([[[1n, 2n], 1]]);
    const failing = await asMaker.proGrids.roll([id], { maxLines: 11 });
    const [attempt] = await failing.send();
    expect([attempt.outcome, attempt.error?.name]).to.deep.equal(["Failed", "GridBook_MaxLinesOutOfRange"]);

    expect(await proGrids.stop(id).send()).to.deep.equal({ cancelled: 4n, left: "None" });
    expect([(await proGrids.grid(id))?.isRunning, await proGrids.cells(id)]).to.deep.equal([false, []]);
    expect(await proGrids.grid(lost)).to.equal(undefined);
  });

  it("says in words why a grid can't run", async () => {
    const { asTrader } = await loadFixture(proFixture);
    await (await asTrader.proGrids.allow("trade")).send();
    const grid = { market: "BTC", low: at(-1_000n), high: at(1_000n), lines: 5, size: "0.01" };
    const refusals: [object, string][] = [
      [{ lines: 101 }, "GridBook_LinesOutOfRange(lines: 101, min: 2, max: 100): A grid has 2 to 100 lines"],
      [{ size: "0.001" }, "bound: 500000000000000000000): RestTooSmall: "],
      [{ start: "long" }, "): PriceMissing: "],
      [{ start: "long", entryLimit: at(10n) }, "): WouldNotFill: "],
    ];
    for (const [fields, words] of refusals) {
      const action = await asTrader.proGrids.open({ ...grid, ...fields });
      const refusal = await thrownBy(action.simulate());
      expect(refusal).to.be.instanceOf(RefusedError);
      expect((refusal as RefusedError).message).to.contain(words);
    }
    expect(await thrownBy(asTrader.proGrids.open({ ...grid, low: "59000.5" }))).to.be.instanceOf(UnitError);
  });

  it("gives unsigned calls for others to sign, and lets delegates act for an account", async () => {
    const { asTrader, asMaker, desk, other, system, profile, trader } = await loadFixture(quotedFixture);
    const reading = await Asterism.connect(desk.replica.token("USDT").runner?.provider ?? trader.provider, {
      deployment: await recordOf(system, profile.chainId),
    });
    const call = await reading.pro.act([{ kind: "leverage", market: "BTC", leverage: 5 }], { owner: trader.address });
    const { chainId, data, to, value } = call.transaction;
    expect([chainId, to, value]).to.deep.equal([BigInt(profile.chainId), await system.pro.getAddress(), 0n]);
    await (await trader.sendTransaction({ to, data, value })).wait();
    await (await asTrader.pro.act([{ kind: "place", market: "BTC", side: "buy", size: "0.1" }])).send();
    expect((await asTrader.pro.health()).positions[0].leverage).to.equal(5n);

    const forTrader = { owner: trader.address };
    const closing: ProAction[] = [{ kind: "place", market: "BTC", side: "sell", size: "0.1", isReduceOnly: true }];
    const refused = await thrownBy(asMaker.pro.preview(closing, forTrader));
    expect((refused as RefusedError).error.name).to.equal("Pro_NotAllowed");
    const expiry = (await desk.now()) + 100;
    await (await asTrader.pro.setDelegate(other.address, "reduce", expiry)).send();
    expect((await asMaker.pro.preview(closing, forTrader))[0].reason).to.equal("None");
    const allowed = (["cancel", "reduce", "trade"] as const).map((rights) =>
      asMaker.pro.isAllowed(other.address, rights, forTrader),
    );
    expect(await Promise.all(allowed)).to.deep.equal([true, true, false]);
    expect((await reading.pro.preview(closing, forTrader))[0].reason).to.equal("None");
  });

  it("has stops wait, changes and cancels them, once it has given them the right to reduce", async () => {
    const { asTrader } = await loadFixture(quotedFixture);
    await (await asTrader.pro.act([{ kind: "place", market: "BTC", side: "buy", size: "0.2" }])).send();
    const { proTriggers } = asTrader;
    expect(await proTriggers.isAllowed("reduce")).to.equal(false);
    await (await proTriggers.allow("reduce")).send();
    expect([await proTriggers.isAllowed("reduce"), await proTriggers.isAllowed("trade")]).to.deep.equal([true, false]);
    const stop = { market: "BTC", kind: "stop", side: "sell", price: at(-500n), bound: "2%" } as const;
    const trail = { market: "BTC", kind: "trailing", side: "sell", size: "0.1", callback: "0.5%" } as const;
    const ids = await (await proTriggers.place([stop, trail])).send();
    const [first, second] = await proTriggers.all();
    expect([first.id, second.id]).to.deep.equal(ids);
    const none = { limit: 0n, expiry: 0n, market: "BTC/USD", side: "sell", isReduceOnly: true, tip: usd("0.1") };
    expect(first).to.deep.include({ ...none, kind: "stop", size: 0n, price: px(at(-500n)), bound: pips("2%") });
    expect(second).to.deep.include({ ...none, kind: "trailing", size: size("0.1"), callback: pips("0.5%"), price: 0n });
    await proTriggers.change(ids[0], { ...stop, kind: "takeProfit", price: at(900n), bound: undefined }).send();
    const [changed] = await proTriggers.all("BTC");
    expect(changed).to.deep.include({ id: ids[0], kind: "takeProfit", price: px(at(900n)), bound: pips("1%") });
    expect(
      await proTriggers
        .cancel([...ids, 7n * ids[0]])
        .simulate()
        .catch(refusalOf),
    ).to.equal("ProTriggers_NotAllowed");
    expect(await proTriggers.cancel(ids).send()).to.equal(2);
    expect(await proTriggers.all()).to.deep.equal([]);
    const wide = await proTriggers.place([{ ...stop, bound: "6%" }]);
    expect(await wide.simulate().catch(refusalOf)).to.equal("ProTriggers_OrderRefused");
  });
});
