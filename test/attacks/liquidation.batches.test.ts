import { takeSnapshot, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { NO_TICK, confirmed } from "../../kit/desk/Desk";
import { px } from "../../sdk/units";
import { BlacklistToken__factory } from "../../typechain-types";
import { itMeasuresGas } from "../dsl/instrumented";
import { callAs, deployWallet, eventsOf, expectBalanced, loadDesk, openedDesk, replaceToken } from "./support";

/** What a position of 100 tokens at 1001x is liquidated at: 6.1 basis points below 60,000 with the slippage. */
const CROSSED = px("59964");

describe("attacks: batches and griefing", () => {
  it("L01: a blacklisted owner blocks neither his close, his liquidation nor the others", async () => {
    const { desk, trader, other, keeper, vault, stranger } = await loadDesk();
    const address = await replaceToken(desk, "USDT", "BlacklistToken");
    const token = BlacklistToken__factory.connect(address, keeper);
    const closing = await desk.open(trader, keeper);
    const bystander = await desk.open(other, keeper);
    const liquidated = await desk.open(trader, keeper);
    await token.setBlacklisted(trader, true);
    const pending = await desk.requestClose(trader, closing);
    const following = await desk.requestClose(other, bystander);
    await desk.warpTo(following.target + 1);
    await desk.refresh();
    const proofs = [pending, following].map(({ target }) => desk.firstTick("BTC", target));
    const { results } = await desk.execute(keeper, [closing, bystander], proofs, [0, 1]);
    expect(results.map(({ outcome }) => outcome)).to.deep.equal(["Closed", "Closed"]);
    const owed = await vault.claimableOf(address, trader);
    expect(owed).to.be.greaterThan(0n);
    await desk.setPrice("BTC", CROSSED);
    expect((await desk.liquidate(keeper, [liquidated], "BTC")).results[0].outcome).to.equal("Liquidated");
    // An order that expires is refunded to a claim as well, and the claim goes wherever its owner wants.
    await token.setBlacklisted(trader, false);
    const expired = await desk.requestOpen(trader);
    await token.setBlacklisted(trader, true);
    await desk.warp(60);
    await desk.system.trading.connect(stranger).cancelExpired(expired.id);
    expect(await desk.statusOf(expired.id)).to.equal("None");
    const total = owed + desk.tokenUnits("USDT", 100n);
    expect(await vault.claimableOf(address, trader)).to.equal(total);
    await expect(vault.connect(trader).claim(address, trader, false))
      .to.be.revertedWithCustomError(vault, "Vault_PaymentFailed")
      .withArgs(address, trader, total);
    await vault.connect(trader).claim(address, stranger, false);
    expect(await token.balanceOf(stranger)).to.equal(total);
    await expectBalanced(desk);
  });

  it("L02: native receivers that revert, burn all gas or answer a megabyte do not hold up a batch", async () => {
    const { desk, keeper, trading, vault, replica, profile } = await loadDesk();
    const symbol = profile.wrappedNativeSymbol;
    const assetKey = profile.tokens.find((token) => token.symbol === symbol)?.assetKey ?? "ETH";
    const amount = (desk.tokenUnits(symbol, 60n) * px("1")) / desk.priceOf(assetKey);
    const names = ["RevertingReceiver", "GasBurningReceiver", "ReturnBombReceiver", "CallProxy"];
    const owners = await Promise.all(names.map((name) => deployWallet(name)));
    const ids: bigint[] = [];
    for (const owner of owners) {
      await replica.mintToken(symbol, await owner.getAddress(), amount);
      await callAs(owner, replica.token(symbol), "approve", [trading.target, amount]);
      const options = { owner: owner.target as string, token: symbol, amount, asNative: true, leverage: 700 };
      ids.push(await trading.nextTradeId());
      await callAs(owner, trading, "requestOpen", [await desk.openRequest(keeper, options)]);
      const target = (await desk.now()) + desk.delayOf("degen");
      await desk.warpTo(target + 1);
      await desk.refresh();
      const { results } = await desk.execute(keeper, [ids[ids.length - 1]], [desk.firstTick("BTC", target)]);
      expect(results[0].outcome).to.equal("Opened");
    }
    for (const owner of owners.slice(0, 2)) {
      await confirmed((await ethers.getContractAt("RevertingReceiver", owner)).setHostile(true));
    }
    await confirmed((await ethers.getContractAt("ReturnBombReceiver", owners[2])).setSizeBytes(1_000_000));
    const targets: number[] = [];
    for (const [i, owner] of owners.entries()) {
      await callAs(owner, trading, "requestClose", [ids[i], 0, (await desk.now()) + 3_600]);
      targets.push((await desk.now()) + desk.delayOf("degen"));
    }
    await desk.warpTo(targets[3] + 1);
    await desk.refresh();
    const proofs = targets.map((target) => desk.firstTick("BTC", target));
    const { results, receipt } = await desk.execute(keeper, ids, proofs, [0, 1, 2, 3]);
    expect(results.map(({ outcome, isFailed }) => `${outcome} ${isFailed}`)).to.deep.equal(
      Array(4).fill("Closed false"),
    );
    expect(receipt.gasUsed).to.be.below(3_000_000n);
    for (const owner of owners.slice(0, 3)) {
      expect(await vault.claimableOf(profile.wrappedNative, owner)).to.be.greaterThan(0n);
      expect(await ethers.provider.getBalance(owner)).to.equal(0n);
    }
    expect(await ethers.provider.getBalance(owners[3])).to.be.greaterThan(0n);
    await expectBalanced(desk);
  });

  it("L03: with any gas from little to plenty an item is done or the call reverts, never failed for want of gas", async () => {
    const { desk, trader, other, keeper, executor, trading } = await loadDesk();
    const first = await desk.requestOpen(trader);
    const second = await desk.requestOpen(other);
    await desk.warpTo(second.target + 1);
    await desk.refresh();
    const proofs = [first, second].map(({ target }) => desk.firstTick("BTC", target));
    const items = [
      { tradeId: first.id, tickIndex: 0 },
      { tradeId: second.id, tickIndex: 1 },
    ];
    const start = await takeSnapshot();
    const at = second.target + 20;
    const outcomes = new Set<string>();
    for (let gasLimit = 300_000n; gasLimit <= 2_100_000n; gasLimit += 50_000n) {
      await start.restore();
      await time.setNextBlockTimestamp(at);
      const sent = executor.connect(keeper).execute(trading, proofs, items, { value: 2n, gasLimit });
      const receipt = await sent.then((response) => response.wait()).catch(() => null);
      if (receipt === null) {
        outcomes.add("reverted");
        expect(await desk.statusOf(first.id)).to.equal("MarketOrder");
        continue;
      }
      outcomes.add("done");
      expect(eventsOf(executor, "ItemFailed", receipt)).to.have.lengthOf(0);
      expect(await desk.statusOf(first.id)).to.equal("Open");
      expect(await desk.statusOf(second.id)).to.equal("Open");
    }
    expect([...outcomes].sort()).to.deep.equal(["done", "reverted"]);
  });

  itMeasuresGas("L03: nor is a payment turned into a claim by supplying little gas, called directly", async () => {
    const { desk, trader, keeper, trading, vault, id } = await openedDesk();
    const pending = await desk.requestClose(trader, id);
    await desk.warpTo(pending.target + 1);
    await desk.refresh();
    // A contract proves and executes by itself, past the batches.
    const wallet = await ethers.deployContract("BatchWallet");
    const { priceAggregator } = desk.system;
    const prove = priceAggregator.interface.encodeFunctionData("prove", [[desk.firstTick("BTC", pending.target)]]);
    const execute = trading.interface.encodeFunctionData("execute", [id, 0, keeper.address]);
    const calls = [
      { target: priceAggregator, value: 1n, data: prove },
      { target: trading, value: 0n, data: execute },
    ];
    const start = await takeSnapshot();
    let paid = 0;
    for (let gasLimit = 200_000n; gasLimit <= 1_000_000n; gasLimit += 25_000n) {
      await start.restore();
      await time.setNextBlockTimestamp(pending.target + 20);
      const sent = wallet.executeAll(calls, { value: 1n, gasLimit });
      const receipt = await sent.then((response) => response.wait()).catch(() => null);
      if (receipt === null) continue;
      ++paid;
      expect(eventsOf(vault, "PaymentRefused", receipt)).to.have.lengthOf(0);
      expect(await desk.statusOf(id)).to.equal("None");
    }
    expect(paid).to.be.greaterThan(0);
  });

  for (const batch of ["executor", "liquidator"] as const) {
    it(`L04 L05: the ${batch} survives items that panic, burn all gas or answer with bombs and lies`, async () => {
      const { system, keeper } = await loadDesk();
      const failing = await ethers.deployContract("FailingTrading");
      const ids = [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n, 0n];
      const items = ids.map((tradeId) => ({ tradeId, tickIndex: 0, closeTickIndex: NO_TICK }));
      const { executor, liquidator } = system;
      const send = batch === "executor" ? executor.connect(keeper).execute : liquidator.connect(keeper).liquidate;
      const target = failing.target as string;
      const results = await send.staticCall(target, [], items, { gasLimit: 30_000_000n });
      // The return bomb says "Closed" in its first words, of which no more are copied.
      const expected = ids.map((id) => id !== 0n && id !== 7n);
      expect(results.map(({ isFailed }) => isFailed)).to.deep.equal(expected);
      const receipt = await confirmed(send(target, [], items, { gasLimit: 30_000_000n }));
      expect(await failing.attempts(0)).to.equal(2n);
      const failures = eventsOf(system[batch], "ItemFailed", receipt);
      expect(failures).to.have.lengthOf(9);
      for (const [, , reason] of failures) expect((reason as string).length).to.be.at.most(2 + 2 * 256);
      expect(receipt.gasUsed).to.be.below(4_000_000n);
    });
  }
});
