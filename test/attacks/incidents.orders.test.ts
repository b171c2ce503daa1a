import { expect } from "chai";
import { ROLES } from "../../deploy/roles";
import { NO_TICK, confirmed } from "../../kit/desk/Desk";
import { px } from "../../sdk/units";
import {
  contractsOf,
  entriesOf,
  expectBalanced,
  leavesOf,
  expectIntact,
  holdingOf,
  loadDesk,
  navOf,
  tokenWealthOf,
} from "./support";

describe("attacks: incidents: batches, claims and orders", () => {
  it("X13: what comes twice is done once, in every batch and claim", async () => {
    const { desk, trader, other, keeper, vault, feeDistributor, treasury } = await loadDesk();
    const pending = await desk.requestOpen(trader);
    await desk.warpTo(pending.target + 1);
    await desk.refresh();
    const proof = desk.firstTick("BTC", pending.target);
    const { results } = await desk.execute(keeper, [pending.id, pending.id, pending.id], [proof]);
    const nothing = "Skipped NothingPending";
    const told = (batch: typeof results) => batch.map(({ outcome, reason }) => `${outcome} ${reason}`);
    expect(told(results)).to.deep.equal(["Opened None", nothing, nothing]);

    const second = await desk.open(other, keeper, { leverage: 700 });
    await desk.setPrice("BTC", px("59900"));
    const batch = await desk.liquidate(keeper, [pending.id, pending.id, second, 999n, second, 0n], "BTC");
    const done = "Liquidated None";
    expect(told(batch.results)).to.deep.equal([done, nothing, done, nothing, nothing, nothing]);

    const token = await desk.replica.token("USDT").getAddress();
    await vault.connect(keeper).claim(token, keeper, false);
    await expect(vault.connect(keeper).claim(token, keeper, false))
      .to.be.revertedWithCustomError(vault, "Vault_NothingToClaim")
      .withArgs(token, keeper);
    // Liquidated Degen positions have paid no fee: a close has.
    await desk.setPrice("BTC", px("60000"));
    await desk.close(trader, keeper, await desk.open(trader, keeper));
    await feeDistributor.collect(token);
    await expect(feeDistributor.collect(token))
      .to.be.revertedWithCustomError(feeDistributor, "FeeDistributor_NothingToCollect")
      .withArgs(token);
    expect(await vault.claimableOf(token, treasury)).to.be.greaterThan(0n);
    await expectBalanced(desk);
  });

  it("X14: minting with one token and redeeming in another, with a gift in between, earns nothing", async () => {
    const { desk, stranger, replica, vault, alpManager, alp, profile } = await loadDesk();
    const symbols = profile.tokens.map(({ symbol }) => symbol);
    for (const [index, symbol] of symbols.entries()) {
      const { assetKey, decimals } = profile.tokens[index];
      const amount = (100_000n * 10n ** BigInt(decimals + 10)) / desk.priceOf(assetKey);
      const spent = (amount * desk.priceOf(assetKey) * 10n ** 8n) / 10n ** BigInt(decimals);
      const wealth = await tokenWealthOf(desk, stranger);
      const nav = await navOf(desk);
      await desk.mint(stranger, symbol, amount);
      const shares = await alp.balanceOf(stranger);
      await replica.mintToken("USDT", await vault.getAddress(), desk.tokenUnits("USDT", 1_000_000n));
      await replica.mintToken("USDC", await alpManager.getAddress(), desk.tokenUnits("USDC", 1_000_000n));
      await desk.warp(profile.vault.cooldownSeconds);
      await desk.burn(stranger, symbols[(index + 1) % symbols.length], shares);
      expect(await tokenWealthOf(desk, stranger), symbol).to.be.below(wealth + spent);
      expect(await navOf(desk), symbol).to.be.at.least(nav);
    }
    const surplus = (await desk.books()).map((line) => line.surplus);
    expect(surplus.some((value) => value !== 0n)).to.equal(true);
  });

  it("X15: no contract of the system holds a role, and no function takes a price to believe in", async () => {
    const { system, accessManager } = await loadDesk();
    for (const contract of contractsOf(system)) {
      for (const { id } of Object.values(ROLES)) {
        const [isMember] = await accessManager.hasRole(id, contract.target);
        expect(isMember).to.equal(false);
      }
    }
    for (const entry of entriesOf(system.priceAggregator)) {
      for (const { name, type } of leavesOf(entry.inputs)) {
        expect(`${type} ${name}`, entry.name).not.to.match(/price|answer|^int/i);
      }
    }
  });

  it("X16: prices at both ends of their range close at the cap or at nothing; a stop has no price of its own", async () => {
    const { desk, trader, keeper, tradingRecords } = await loadDesk();
    const start = desk.priceOf("BTC");
    const amount = desk.tokenUnits("USDT", 100n);
    for (const price of [10_000n, 10n ** 17n]) {
      for (const isLong of [true, false]) {
        await desk.setPrice("BTC", start);
        // The stop is on the winning side, far beyond any price: it never fills, it can only ask for a market close.
        const stopLoss = isLong ? 2n ** 64n - 1n : 1n;
        const id = await desk.open(trader, keeper, { isLong, amount, stopLoss });
        const idle = await desk.execute(keeper, [id], [desk.anyTick("BTC", await desk.now())]);
        expect(idle.results[0]).to.deep.include({ outcome: "Skipped", reason: "TickNotReached" });
        const { margin } = await tradingRecords.position(id);
        const before = await holdingOf(desk, "USDT", trader);
        await desk.setPrice("BTC", price);
        const pending = await desk.requestClose(trader, id);
        const { results } = await desk.settle(keeper, pending);
        expect(results[0].isFailed).to.equal(false);
        const paid = (await holdingOf(desk, "USDT", trader)) - before;
        const isWin = isLong === price > start;
        expect(results[0].outcome).to.equal(isWin ? "Closed" : "Liquidated");
        expect(paid).to.be.at.most(isWin ? margin * 4n : 0n);
        await expectBalanced(desk);
      }
    }
    // A take profit on the losing side or beyond the cap is refused.
    await desk.setPrice("BTC", start);
    for (const takeProfit of [start - 1n, start * 2n]) {
      const pending = await desk.requestOpen(trader, { takeProfit });
      const { results } = await desk.settle(keeper, pending);
      expect(results[0]).to.deep.include({ outcome: "Refused", reason: "TakeProfitOutOfRange" });
    }
  });

  it("X17: no order fills at a price that was known when it was placed", async () => {
    const { desk, trader, keeper } = await loadDesk();
    const nav = await navOf(desk);
    const pending = await desk.requestOpen(trader);
    await desk.warpTo(pending.target + 1);
    await desk.refresh();
    const tries = [
      { proof: desk.firstTick("BTC", pending.target - 1), reason: "TickTooEarly" },
      { proof: desk.anyTick("BTC", pending.target - 2), reason: "TickTooEarly" },
      { proof: desk.anyTick("BTC", pending.target), reason: "TickNotFirst" },
      { proof: desk.firstTick("BTC", pending.target + 1), reason: "TickNotFirst" },
    ];
    for (const { proof, reason } of tries) {
      const { results } = await desk.execute(keeper, [pending.id], [proof]);
      expect(results[0]).to.deep.include({ outcome: "Skipped", reason });
    }
    const items = [{ tradeId: pending.id, tickIndex: 0, closeTickIndex: NO_TICK }];
    const { system } = desk;
    await confirmed(system.liquidator.connect(keeper).liquidate(system.trading, [], items));
    expect(await desk.statusOf(pending.id)).to.equal("MarketOrder");
    await expectIntact(desk, nav);
  });
});
