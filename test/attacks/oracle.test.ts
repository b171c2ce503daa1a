import { expect } from "chai";
import { ethers } from "hardhat";
import { assetIdOf } from "../../deploy/arguments/oracle";
import type { Desk, Pending, Proof } from "../../kit/desk/Desk";
import { confirmed } from "../../kit/desk/Desk";
import { sameSecond } from "../../kit/pyth/publisher";
import { px } from "../../sdk/units";
import { callAs, expectBalanced, expectIntact, holdingOf, loadDesk, navOf, openedDesk, stateOf } from "./support";
import { revertOf } from "../dsl/reverts";

const BTC = assetIdOf("BTC");

/** A request of the trader's whose target has come, with fresh feeds. */
async function dueFixture() {
  const fixture = await loadDesk();
  const { desk, trader } = fixture;
  const pending = await desk.requestOpen(trader);
  await due(desk, pending);
  return { ...fixture, pending };
}

async function due(desk: Desk, pending: Pending): Promise<void> {
  await desk.warpTo(pending.target + 1);
  await desk.refresh();
}

async function reasonOf(
  desk: Desk,
  keeper: Awaited<ReturnType<typeof dueFixture>>["keeper"],
  id: bigint,
  proof: Proof,
) {
  const { results } = await desk.execute(keeper, [id], [proof]);
  return results[0].reason;
}

describe("attacks: oracle, timing and keepers' discretion", () => {
  it("O01 I19: of all genuine ticks in the window only the first fills, so all who execute fill alike", async () => {
    const { desk, keeper, stranger, trading, executor, pending } = await dueFixture();
    const before = await stateOf(desk, [pending.id]);
    const { target, id } = pending;
    const items = [{ tradeId: id, tickIndex: 0 }];
    for (const at of [target + 1, target + 2, target + 5]) {
      // Honestly dated, the later tick is not unique from the target on: Pyth refuses the proof.
      const late = desk.firstTick("BTC", target, { at, previous: at - 1, price: px("59000") });
      const chosen = executor.connect(stranger).execute(trading, [late], items, { value: 1n });
      expect(await revertOf(chosen)).to.equal("PriceFeedNotFoundWithinRange()");
      // Proven without uniqueness, or from later on, it fills nothing.
      expect(await reasonOf(desk, keeper, id, desk.anyTick("BTC", at))).to.equal("TickNotFirst");
      expect(await reasonOf(desk, keeper, id, desk.firstTick("BTC", at))).to.equal("TickNotFirst");
    }
    // Another price of the same second is genuine and not the first.
    const first = desk.pythPrice("BTC", target);
    const second = desk.publisher.update([sameSecond(first, first.price + 1n)]);
    const proof = { ...desk.firstTick("BTC", target), updateData: [second] };
    const other = executor.connect(stranger).execute(trading, [proof], items, { value: 1n });
    expect(await revertOf(other)).to.equal("PriceFeedNotFoundWithinRange()");
    expect(await stateOf(desk, [id])).to.equal(before);
    expect((await desk.execute(keeper, [id], [desk.firstTick("BTC", target)])).results[0].outcome).to.equal("Opened");
  });

  it("O02 I20: an opening and its close cannot fill in one transaction, nor at prices of one request's window", async () => {
    const { desk, trader, trading, tradingRecords, executor, vault } = await loadDesk();
    const wallet = await ethers.deployContract("BatchWallet");
    const owner = await wallet.getAddress();
    const before = await holdingOf(desk, "USDT", trader);
    const pending = await desk.requestOpen(trader, { owner });
    await due(desk, pending);
    const { target, id } = pending;
    const encode = (proof: Proof) =>
      executor.interface.encodeFunctionData("execute", [trading.target, [proof], [{ tradeId: id, tickIndex: 0 }]]);
    const close = trading.interface.encodeFunctionData("requestClose", [id, 0, (await desk.now()) + 3_600]);
    const rich = px("60600");
    // The first tick opens; what the attacker knows to be a better price follows in the same block, and closes nothing.
    await confirmed(
      wallet.executeAll(
        [
          { target: executor, value: 1n, data: encode(desk.firstTick("BTC", target)) },
          { target: trading, value: 0n, data: close },
          { target: executor, value: 1n, data: encode(desk.firstTick("BTC", target + 1, { price: rich })) },
          { target: executor, value: 1n, data: encode(desk.anyTick("BTC", target + 1, { price: rich })) },
        ],
        { value: 3n },
      ),
    );
    expect(await desk.statusOf(id)).to.equal("Open");
    const request = await tradingRecords.closeOf(id);
    expect(request.target).to.be.greaterThan(BigInt(await desk.now()));
    await desk.warpTo(Number(request.target) + 1);
    await desk.refresh();
    const { results } = await desk.execute(trader, [id], [desk.firstTick("BTC", Number(request.target))]);
    expect(results[0].outcome).to.equal("Closed");
    const token = await desk.replica.token("USDT").getAddress();
    const paid = (await desk.replica.token("USDT").balanceOf(owner)) + (await vault.claimableOf(token, owner));
    expect((await holdingOf(desk, "USDT", trader)) + paid).to.be.below(before);
    await expectBalanced(desk);
  });

  it("O03 A16: no data, another feed's data and a proof of another order's tick fill nothing", async () => {
    const { desk, keeper, executor, trading, trader, pending } = await dueFixture();
    const { target, id } = pending;
    const items = [{ tradeId: id, tickIndex: 0 }];
    const { results } = await desk.execute(keeper, [id], []);
    expect(results[0].reason).to.equal("NoTick");
    expect(await reasonOf(desk, keeper, id, desk.firstTick("ETH", target))).to.equal("TickOfOtherAsset");
    const empty = { ...desk.firstTick("BTC", target), updateData: [] };
    const none = { ...desk.firstTick("BTC", target), assetIds: [] };
    const foreign = { ...desk.firstTick("ETH", target), assetIds: [BTC] };
    for (const [proof, error] of [
      [empty, "PriceAggregator_NoUpdateData()"],
      [none, "PriceAggregator_NoAssets()"],
      [foreign, "PriceFeedNotFoundWithinRange()"],
    ] as const) {
      const sent = executor.connect(keeper).execute(trading, [proof], items, { value: 1n });
      expect(await revertOf(sent)).to.equal(error);
    }
    // A later order's first tick does not serve an earlier order, nor the other way round.
    const earlier = await desk.requestOpen(trader);
    const later = await desk.requestOpen(trader);
    await due(desk, later);
    const proofs = [desk.firstTick("BTC", earlier.target), desk.firstTick("BTC", later.target)];
    const crossed = await desk.execute(keeper, [earlier.id, later.id], proofs, [1, 0]);
    expect(crossed.results.map(({ reason }) => reason)).to.deep.equal(["TickNotFirst", "TickTooEarly"]);
    const right = await desk.execute(keeper, [earlier.id, later.id], proofs, [0, 1]);
    expect(right.results.map(({ outcome }) => outcome)).to.deep.equal(["Opened", "Opened"]);
  });

  it("O04: neither a tick from the future nor an older one after a newer is of use", async () => {
    const { desk, keeper, executor, trading, pending } = await dueFixture();
    const { target, id } = pending;
    const items = [{ tradeId: id, tickIndex: 0 }];
    const future = (await desk.now()) + 60;
    const early = executor.connect(keeper).execute(trading, [desk.firstTick("BTC", future)], items, { value: 1n });
    expect(await revertOf(early)).to.match(new RegExp(`^PriceAggregator_MinPublishTimeInFuture\\(${future},\\d+\\)$`));
    const dated = desk.firstTick("BTC", target, { at: future });
    expect(await revertOf(executor.connect(keeper).execute(trading, [dated], items, { value: 1n }))).to.equal(
      "PriceFeedNotFoundWithinRange()",
    );
    // Two proofs in one call, the newer first: each tick is what it is, and nothing is remembered.
    const proofs = [desk.firstTick("BTC", target), desk.firstTick("BTC", target - 20)];
    const { results } = await desk.execute(keeper, [id, id], proofs, [1, 0]);
    expect(results.map(({ reason, outcome }) => `${outcome} ${reason}`)).to.deep.equal([
      "Skipped TickTooEarly",
      "Opened None",
    ]);
    const [without] = (await desk.execute(keeper, [id], [])).results;
    expect(without).to.deep.include({ outcome: "Skipped", reason: "NothingPending" });
  });

  it("O05: a wide confidence refuses openings and closes, and liquidates nobody", async () => {
    const { desk, trader, keeper, id } = await openedDesk();
    const price = desk.priceOf("BTC");
    const pending = await desk.requestOpen(trader);
    const { results } = await desk.settle(keeper, pending, { confidence: (price * 16n) / 10_000n });
    expect(results[0]).to.deep.include({ outcome: "Refused", reason: "ConfidenceTooWide" });
    const close = await desk.requestClose(trader, id);
    const refused = await desk.settle(keeper, close, { confidence: (price * 101n) / 10_000n });
    expect(refused.results[0]).to.deep.include({ outcome: "Refused", reason: "ConfidenceTooWide" });
    await desk.setPrice("BTC", px("59900"));
    const skipped = await desk.liquidate(keeper, [id], "BTC", { confidence: px("700") });
    expect(skipped.results[0].reason).to.equal("ConfidenceTooWide");
    const close2 = await desk.requestClose(trader, id);
    await desk.setPrice("BTC", price);
    // What genuine ticks carry is accepted.
    const closed = await desk.settle(keeper, close2, { confidence: (price * 18n) / 10_000n });
    expect(closed.results[0].outcome).to.equal("Closed");
    await expectBalanced(desk);
  });

  it("O06: exponents of any sign give the same fill", async () => {
    const { desk, trader, keeper, trading, tradingRecords, executor } = await loadDesk();
    const entries = new Set<bigint>();
    for (const [expo, price] of [
      [-8, 6_000_000_000_000n],
      [-5, 6_000_000_000n],
      [0, 60_000n],
      [2, 600n],
    ] as const) {
      const pending = await desk.requestOpen(trader);
      await due(desk, pending);
      const raw = { ...desk.pythPrice("BTC", pending.target), price, conf: 0n, expo };
      const proof = { ...desk.firstTick("BTC", pending.target), updateData: [desk.publisher.update([raw])] };
      const { results } = await desk.execute(keeper, [pending.id], [proof]);
      expect(results[0].outcome, `${expo}`).to.equal("Opened");
      entries.add((await tradingRecords.position(pending.id)).entry);
    }
    expect([...entries]).to.deep.equal([px("60006")]);
    for (const price of [0n, -6_000_000_000_000n]) {
      const pending = await desk.requestOpen(trader);
      await due(desk, pending);
      const raw = { ...desk.pythPrice("BTC", pending.target), price };
      const proof = { ...desk.firstTick("BTC", pending.target), updateData: [desk.publisher.update([raw])] };
      const items = [{ tradeId: pending.id, tickIndex: 0 }];
      const sent = executor.connect(keeper).execute(trading, [proof], items, { value: 1n });
      expect(await revertOf(sent)).to.equal(`PriceAggregator_PriceOutOfRange(${BTC},${price},${raw.expo})`);
      expect(await desk.statusOf(pending.id)).to.equal("MarketOrder");
    }
  });

  it("O07: a feed that answers 0, −1, an old or a future round is no anchor", async () => {
    const { desk, keeper, replica, pending, profile } = await dueFixture();
    const feed = await replica.aggregator("BTC");
    const now = await desk.now();
    const answer = 6_000_000_000_000n;
    const proof = desk.firstTick("BTC", pending.target);
    const old = now - 3 * 24 * 60 * 60;
    for (const [value, updatedAt] of [
      [0n, now],
      [-1n, now],
      [answer, old],
      [answer, 0],
      [answer, now + 60],
    ] as const) {
      await confirmed(feed.pushRound(value, updatedAt));
      const push = await desk.system.priceAggregator.pushPrice(BTC);
      expect(push.fresh).to.equal(BigInt(profile.oracle.minAnchors - 1));
      expect(await reasonOf(desk, keeper, pending.id, proof)).to.equal("AnchorsNotFresh");
    }
    await confirmed(feed.pushAnswer(answer));
    expect((await desk.execute(keeper, [pending.id], [proof])).results[0].outcome).to.equal("Opened");
  });

  it("O10 O11: no newer price of a weaker source wins, and no accepted price becomes the measure of the next", async () => {
    const { desk, trader, keeper, replica, profile } = await loadDesk();
    const start = desk.priceOf("BTC");
    // Ticks walk away from the anchors by just under the limit each time: the first few pass, none beyond the limit does.
    let price = start;
    const outcomes: string[] = [];
    for (let step = 0; step < 4; ++step) {
      price = (price * 10_040n) / 10_000n;
      const pending = await desk.requestOpen(trader, { amount: desk.tokenUnits("USDT", 10n) });
      const { results } = await desk.settle(keeper, pending, { price });
      outcomes.push(results[0].reason);
    }
    expect(outcomes).to.deep.equal(["None", "PriceDeviates", "PriceDeviates", "PriceDeviates"]);
    // One source says three percent more than the other, and is newer.
    const pending = await desk.requestOpen(trader);
    await due(desk, pending);
    const weak = profile.binance === null ? "chainlink" : "atlas";
    await replica.setPushPrice("BTC", (start * 103n) / 100n, undefined, [weak]);
    for (const tick of [start, (start * 103n) / 100n, (start * 1_015n) / 1_000n]) {
      if (profile.binance === null && tick !== start) continue;
      const proof = desk.firstTick("BTC", pending.target, { price: tick });
      expect(await reasonOf(desk, keeper, pending.id, proof)).to.equal("PriceDeviates");
    }
    await expectBalanced(desk);
  });

  it("O16 I18: an order that its owner makes impossible ends in a refund or a claim, and can never fill later", async () => {
    const { desk, trader, keeper, trading, vault, replica, profile, stranger } = await loadDesk();
    const symbol = profile.wrappedNativeSymbol;
    const wallet = await ethers.deployContract("RevertingReceiver");
    await confirmed(wallet.setHostile(true));
    const amount = desk.tokenUnits(symbol, 1n) / 5n;
    const owner = await wallet.getAddress();
    const nav = await navOf(desk);
    const options = { owner, token: symbol, amount, asNative: true, leverage: 700 };
    const refused = await desk.requestOpen(trader, { ...options, acceptablePrice: 1n });
    const { results } = await desk.settle(keeper, refused);
    expect(results[0]).to.deep.include({ outcome: "Refused", reason: "PriceBound" });
    const afterRefusal = await vault.claimableOf(profile.wrappedNative, owner);
    expect(afterRefusal).to.be.greaterThan(0n);

    const expired = await desk.requestOpen(trader, options);
    await desk.warpTo(expired.target + profile.execution.executionWindowSeconds + 1);
    await desk.refresh();
    expect(await reasonOf(desk, keeper, expired.id, desk.firstTick("BTC", expired.target))).to.equal("Expired");
    await trading.connect(stranger).cancelExpired(expired.id);
    expect(await vault.claimableOf(profile.wrappedNative, owner)).to.equal(afterRefusal + amount);
    expect(await reasonOf(desk, keeper, expired.id, desk.firstTick("BTC", expired.target))).to.equal("NothingPending");
    await callAs(wallet, vault, "claim", [profile.wrappedNative, owner, false]);
    expect(await replica.token(symbol).balanceOf(owner)).to.equal(afterRefusal + amount);
    await expectIntact(desk, nav);
  });
});
