import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { DEFAULT_PRICES } from "../../kit/replica";
import { betRequest } from "../../kit/desk/bets";
import { deskFixture } from "../fixtures/desk";

async function routerFixture() {
  const fixture = await loadFixture(deskFixture);
  const { desk, profile } = fixture;
  await desk.setPrice("BTC", DEFAULT_PRICES.BTC);
  return { ...fixture, native: profile.wrappedNativeSymbol, unit: 10n ** 18n };
}

describe("Router", () => {
  it("opens with the native coin, returns what is too much, and holds nothing", async () => {
    const { desk, router, trading, tradingRecords, trader, keeper, native, unit } = await loadFixture(routerFixture);
    const request = await desk.openRequest(trader, {
      ...{ token: native, amount: unit, mode: "standard", leverage: 10, asNative: true },
    } as const);
    const sent = router.connect(trader).requestOpenNative(trading, request, { value: 3n * unit });
    await expect(sent).to.changeEtherBalance(trader, -unit);
    const id = (await trading.nextTradeId()) - 1n;
    const { requestedAt } = await tradingRecords.order(id);
    const target = Number(requestedAt) + desk.delayOf("standard");
    const { results } = await desk.settle(keeper, { id, asset: "BTC", target, receipt: (await (await sent).wait())! });
    expect(results[0].outcome).to.equal("Opened");
    const before = await ethers.provider.getBalance(await desk.system.vault.getAddress());
    const closing = await desk.requestClose(trader, id);
    await desk.warpTo(closing.target + 1);
    await desk.refresh();
    const paid = await ethers.provider.getBalance(trader);
    await desk.execute(keeper, [id], [desk.firstTick("BTC", closing.target)]);
    expect(await ethers.provider.getBalance(trader)).to.be.greaterThan(paid);
    expect(before).to.equal(0n);
    expect(await ethers.provider.getBalance(router)).to.equal(0n);
    expect(await desk.isBalanced()).to.equal(true);
  });

  it("rests limits with tokens and with the native coin, for the caller alone", async () => {
    const { desk, router, trading, tradingRecords, trader, stranger, native, unit, replica } =
      await loadFixture(routerFixture);
    const acceptablePrice = (DEFAULT_PRICES.BTC * 99n) / 100n;
    const options = { mode: "standard", acceptablePrice } as const;
    const wrapped = await desk.openRequest(trader, { ...options, token: native, amount: unit, asNative: true });
    const plain = await desk.openRequest(trader, options);
    await replica
      .token("USDT")
      .connect(trader)
      .approve(await router.getAddress(), plain.amount);
    const first = await trading.nextTradeId();
    await router.connect(trader).requestLimitNative(trading, wrapped, { value: unit });
    await router.connect(trader).requestLimit(trading, plain);
    for (const [id, amount] of [
      [first, unit],
      [first + 1n, plain.amount],
    ]) {
      expect(await desk.statusOf(id)).to.equal("LimitOrder");
      const order = await tradingRecords.order(id);
      expect([order.owner, order.amount, order.price]).to.deep.equal([trader.address, amount, acceptablePrice]);
    }
    for (const place of [
      () => router.connect(stranger).requestLimit(trading, plain),
      () => router.connect(stranger).requestLimitNative(trading, wrapped, { value: unit }),
    ]) {
      await expect(place())
        .to.be.revertedWithCustomError(router, "Router_NotForCaller")
        .withArgs(trader.address, stranger.address);
    }
    // What a cancellation gives back of a native order is native.
    await trading.connect(trader).cancelLimit(first);
    await desk.warp(10);
    await expect(trading.cancelExpired(first)).to.changeEtherBalance(trader, unit);
    expect(await desk.isBalanced()).to.equal(true);
  });

  it("S04: counts the native coin of a multicall once", async () => {
    const { desk, router, trading, trader, native, unit } = await loadFixture(routerFixture);
    const request = await desk.openRequest(trader, { token: native, amount: unit, mode: "standard" });
    const call = router.interface.encodeFunctionData("requestOpenNative", [await trading.getAddress(), request]);
    const connected = router.connect(trader);
    await expect(connected.multicall([call, call], { value: unit }))
      .to.be.revertedWithCustomError(router, "Router_NativeTooLow")
      .withArgs(0n, unit);
    await expect(connected.multicall([call, call], { value: 2n * unit })).to.changeEtherBalance(trader, -2n * unit);
  });

  it("places orders and bets with the caller's tokens, for the caller alone, with products alone", async () => {
    const { desk, router, trading, prediction, trader, stranger } = await loadFixture(routerFixture);
    const usdt = desk.replica.token("USDT");
    await usdt.connect(trader).approve(await router.getAddress(), 10n ** 30n);
    const request = await desk.openRequest(trader);
    const bet = await betRequest(desk, trader);
    const open = router.interface.encodeFunctionData("requestOpen", [await trading.getAddress(), request]);
    const place = router.interface.encodeFunctionData("requestBet", [await prediction.getAddress(), bet]);
    await router.connect(trader).multicall([open, place]);
    expect(await usdt.balanceOf(router)).to.equal(0n);
    expect(await usdt.allowance(router, trading)).to.equal(0n);
    await expect(router.connect(stranger).requestOpen(trading, request))
      .to.be.revertedWithCustomError(router, "Router_NotForCaller")
      .withArgs(trader.address, stranger.address);
    await expect(router.connect(trader).requestOpen(usdt, request))
      .to.be.revertedWithCustomError(router, "Router_NotAProduct")
      .withArgs(await usdt.getAddress());
    expect(await desk.isBalanced()).to.equal(true);
  });

  it("S03: a permit that somebody else brought first does not block the order; a bad one is reported", async () => {
    const { desk, router, trading, trader, stranger, profile } = await loadFixture(routerFixture);
    const token = profile.tokens.find(({ kind }) => kind === "permit");
    if (token === undefined) {
      const none = { token: await desk.replica.token("USDT").getAddress(), amount: 1n, deadline: 1n, v: 27 };
      const permit = { ...none, r: ethers.ZeroHash, s: ethers.ZeroHash };
      await expect(router.connect(trader).permit(permit)).to.emit(router, "PermitSkipped");
      return;
    }
    const erc20 = await ethers.getContractAt("ERC20Permit", token.address);
    const [amount, deadline] = [10n ** 30n, 10n ** 12n];
    const { chainId } = await ethers.provider.getNetwork();
    const domain = { name: await erc20.name(), version: "1", chainId, verifyingContract: token.address };
    const fields = ["owner:address", "spender:address", "value:uint256", "nonce:uint256", "deadline:uint256"];
    const types = { Permit: fields.map((field) => ({ name: field.split(":")[0], type: field.split(":")[1] })) };
    const [owner, spender] = [trader.address, await router.getAddress()];
    const message = { owner, spender, value: amount, nonce: await erc20.nonces(trader), deadline };
    const { v, r, s } = ethers.Signature.from(await trader.signTypedData(domain, types, message));
    await erc20.connect(stranger).permit(owner, spender, amount, deadline, v, r, s);
    const permit = router.interface.encodeFunctionData("permit", [{ token: token.address, amount, deadline, v, r, s }]);
    const request = await desk.openRequest(trader, { token: token.symbol });
    const open = router.interface.encodeFunctionData("requestOpen", [await trading.getAddress(), request]);
    await expect(router.connect(trader).multicall([permit, open])).to.emit(router, "PermitSkipped");
    expect(await trading.statusOf((await trading.nextTradeId()) - 1n)).to.equal(1n);
  });
});
