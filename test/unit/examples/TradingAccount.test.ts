import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { artifacts, ethers } from "hardhat";
import { timestampOf } from "../../../kit/desk/Desk";
import { installReplica } from "../../../kit/replica";
import { deskFixture } from "../../fixtures/desk";

async function accountFixture() {
  const fixture = await loadFixture(deskFixture);
  const { desk, replica, trader, trading } = fixture;
  const account = await ethers.deployContract("TradingAccount", [await trading.getAddress()], trader);
  const amount = desk.tokenUnits("USDT", 1_000n);
  await replica.mintToken("USDT", await account.getAddress(), amount);
  return { ...fixture, account, amount };
}

describe("TradingAccount", () => {
  it("opens, closes and is paid on its own behalf", async () => {
    const { account, amount, desk, replica, trader, keeper, trading, tradingRecords } =
      await loadFixture(accountFixture);
    const request = { ...(await desk.openRequest(trader, { mode: "standard", leverage: 10 })), amount };
    const id = await trading.nextTradeId();
    const opened = await (await account.open(request)).wait();
    if (opened === null) throw new Error("not mined");
    const target = (await timestampOf(desk.provider, opened)) + desk.delayOf("standard");
    await desk.settle(keeper, { id, asset: "BTC", target, receipt: opened });
    expect((await tradingRecords.position(id)).owner).to.equal(await account.getAddress());

    await account.close(id, 0n, (await desk.now()) + 600);
    const { target: closeTarget } = await tradingRecords.closeOf(id);
    const token = replica.token("USDT");
    await desk.warpTo(Number(closeTarget) + 1);
    await desk.refresh();
    const { results } = await desk.execute(keeper, [id], [desk.firstTick("BTC", Number(closeTarget))]);
    expect(results[0].outcome).to.equal("Closed");
    const paid = await token.balanceOf(account);
    expect(paid > (amount * 98n) / 100n && paid < amount).to.equal(true);
    const before = await token.balanceOf(trader);
    await account.withdraw(token, paid);
    expect((await token.balanceOf(trader)) - before).to.equal(paid);
  });

  it("claims what a token would not pay out", async () => {
    const { account, amount, desk, replica, trader, keeper, deployer, profile, trading, tradingRecords, vault } =
      await loadFixture(accountFixture);
    const token = replica.token("USDT");
    await expect(account.claim(token))
      .to.be.revertedWithCustomError(vault, "Vault_NothingToClaim")
      .withArgs(await token.getAddress(), await account.getAddress());
    const id = await trading.nextTradeId();
    const opened = await (
      await account.open({ ...(await desk.openRequest(trader, { mode: "standard", leverage: 10 })), amount })
    ).wait();
    if (opened === null) throw new Error("not mined");
    const target = (await timestampOf(desk.provider, opened)) + desk.delayOf("standard");
    await desk.settle(keeper, { id, asset: "BTC", target, receipt: opened });
    await account.close(id, 0n, (await desk.now()) + 600);
    const { target: closeTarget } = await tradingRecords.closeOf(id);
    const install = (tokenContracts: Record<string, string>) =>
      installReplica({ profile, provider: ethers.provider, signer: deployer, artifacts, tokenContracts });
    await install({ USDT: "ReturnsFalseToken" });
    await (await ethers.getContractAt("ReturnsFalseToken", await token.getAddress())).setHostile(true);
    await desk.warpTo(Number(closeTarget) + 1);
    await desk.refresh();
    await desk.execute(keeper, [id], [desk.firstTick("BTC", Number(closeTarget))]);
    const due = await vault.claimableOf(token, account);
    expect(due > 0n).to.equal(true);
    await install({});
    await expect(account.claim(token)).to.changeTokenBalance(token, account, due);
  });

  it("acts for its own account alone", async () => {
    const { account, amount, desk, trader, stranger, replica } = await loadFixture(accountFixture);
    const request = await desk.openRequest(trader);
    const token = await replica.token("USDT").getAddress();
    const foreign = account.connect(stranger);
    for (const call of [
      () => foreign.open(request),
      () => foreign.close(1n, 0n, 0),
      () => foreign.claim(token),
      () => foreign.withdraw(token, amount),
    ]) {
      await expect(call())
        .to.be.revertedWithCustomError(account, "TradingAccount_NotAllowed")
        .withArgs(stranger.address);
    }
  });
});
