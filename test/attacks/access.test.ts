import { time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { Signature, ZeroAddress, verifyTypedData } from "ethers";
import { ethers } from "hardhat";
import { ROLES } from "../../deploy/roles";
import { confirmed } from "../../kit/desk/Desk";
import { px } from "../../sdk/units";
import {
  contractsOf,
  entriesOf,
  expectBalanced,
  expectIntact,
  holdingOf,
  loadDesk,
  navOf,
  openedDesk,
  stateOf,
} from "./support";

/** `BookStatus.ReduceOnly`. */
const REDUCE_ONLY = 2n;
const DAY = 24 * 60 * 60;
const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

describe("attacks: access, signatures and operations", () => {
  it("S01: a permit of ALP holds once, in time, here, for its signer, and in one form of its signature", async () => {
    const { desk, alp, lp, stranger, profile } = await loadDesk();
    const deadline = (await desk.now()) + 3_600;
    const types = {
      Permit: ["owner", "spender", "value", "nonce", "deadline"].map((name) => ({
        name,
        type: name === "owner" || name === "spender" ? "address" : "uint256",
      })),
    };
    const domain = {
      name: await alp.name(),
      ...{ version: "1", chainId: profile.chainId, verifyingContract: alp.target as string },
    };
    const message = { owner: lp.address, spender: stranger.address, value: 10n ** 18n, nonce: 0n, deadline };
    const permit = (sign: Signature, change: Partial<typeof message> = {}) => {
      const { owner, spender, value, deadline: until } = { ...message, ...change };
      return alp.connect(stranger).permit(owner, spender, value, until, sign.v, sign.r, sign.s);
    };
    const signed = async (changes: object, signer = lp, content = message) =>
      Signature.from(await signer.signTypedData({ ...domain, ...changes }, types, content));
    const good = await signed({});
    for (const [signature, change] of [
      [await signed({ chainId: profile.chainId + 1 }), {}],
      [await signed({ verifyingContract: ZeroAddress }), {}],
      [await signed({}, stranger), {}],
      [await signed({}, lp, { ...message, nonce: 1n }), {}],
      [good, { value: message.value + 1n }],
      [good, { spender: lp.address }],
    ] as const) {
      const { owner, spender, value } = { ...message, ...change };
      const signer = verifyTypedData(domain, types, { ...message, owner, spender, value }, signature);
      await expect(permit(signature, change))
        .to.be.revertedWithCustomError(alp, "ERC2612InvalidSigner")
        .withArgs(signer, lp.address);
    }
    await expect(permit(await signed({}, lp, { ...message, deadline: 1 }), { deadline: 1 }))
      .to.be.revertedWithCustomError(alp, "ERC2612ExpiredSignature")
      .withArgs(1);
    // The other signature of the same message, with the high half of the curve.
    const highS = ethers.toBeHex(SECP256K1_ORDER - BigInt(good.s), 32);
    const flipped = good.v === 27 ? 28 : 27;
    await expect(alp.permit(lp, stranger, message.value, deadline, flipped, good.r, highS))
      .to.be.revertedWithCustomError(alp, "ECDSAInvalidSignatureS")
      .withArgs(highS);
    await confirmed(permit(good));
    expect(await alp.allowance(lp, stranger)).to.equal(message.value);
    await expect(permit(good))
      .to.be.revertedWithCustomError(alp, "ERC2612InvalidSigner")
      .withArgs(verifyTypedData(domain, types, { ...message, nonce: 1n }, good), lp.address);
  });

  for (const feeWei of [0n, 7n]) {
    it(`S04: coin sent along is counted once: proofs pay for themselves, the rest comes back (fee ${feeWei})`, async () => {
      const { desk, replica, keeper, trading, executor, liquidator, priceAggregator } = await loadDesk();
      await replica.setUpdateFee(feeWei);
      const proof = desk.anyTick("BTC", await desk.now());
      const proofs = [proof, proof, proof];
      const fee = 3n * feeWei;
      expect(await desk.updateFee(proofs)).to.equal(fee);
      for (const send of [
        () => executor.connect(keeper).execute(trading, proofs, [], { value: 10n ** 18n }),
        () => liquidator.connect(keeper).liquidate(trading, proofs, [], { value: 10n ** 18n }),
        () => priceAggregator.connect(keeper).prove(proofs, { value: 10n ** 18n }),
      ]) {
        const accounts = [keeper, desk.profile.pyth.address, executor, liquidator, priceAggregator];
        await expect(send).to.changeEtherBalances(accounts, [-fee, fee, 0n, 0n, 0n]);
      }
    });
  }

  it("S04: coin that is not sent along pays for no proof", async () => {
    const { desk, replica, stranger, trading, executor, priceAggregator } = await loadDesk();
    await replica.setUpdateFee(1n);
    const proof = desk.anyTick("BTC", await desk.now());
    const proofs = [proof, proof, proof];
    await expect(executor.connect(stranger).execute(trading, proofs, [], { value: 2n }))
      .to.be.revertedWithCustomError(priceAggregator, "PriceAggregator_UpdateFeeNotPaid")
      .withArgs(2n, 3n);
    // What somebody forces into a batch pays for no proof.
    await desk.provider.send("hardhat_setBalance", [executor.target, "0x64"]);
    await expect(executor.connect(stranger).execute(trading, proofs, [], { value: 0n }))
      .to.be.revertedWithCustomError(priceAggregator, "PriceAggregator_UpdateFeeNotPaid")
      .withArgs(0n, 1n);
  });

  it("S05: what is named once cannot be named again, by nobody", async () => {
    const { system, accessManager, governor, deployer, vault } = await loadDesk();
    const data = vault.interface.encodeFunctionData("initialise", [deployer.address, deployer.address]);
    await confirmed(accessManager.connect(governor).schedule(vault, data, 0));
    await time.increase(ROLES.GOVERNOR.delaySeconds);
    await expect(accessManager.connect(governor).execute(vault, data)).to.be.revertedWithCustomError(
      vault,
      "Vault_AlreadyInitialised",
    );
    for (const contract of contractsOf(system)) {
      for (const { name } of entriesOf(contract)) expect(name).not.to.match(/upgrade|implementation|^initialize/i);
    }
  });

  it("S06: the guardian can raise and cut, and neither lower, nor unpause, nor touch money parameters", async () => {
    const { desk, breaker, guardian, vault, trading, tradingConfigurator, alpManager } = await loadDesk();
    const token = await desk.replica.token("USDT").getAddress();
    await confirmed(breaker.connect(guardian).raise(2));
    await expect(breaker.connect(guardian).raise(1))
      .to.be.revertedWithCustomError(breaker, "Breaker_NotHigher")
      .withArgs(1, 2);
    for (const attempt of [
      () => breaker.connect(guardian).lower(0, 0),
      () => tradingConfigurator.connect(guardian).setSlippage(trading, 1, 0, 5_000, 0),
      () => tradingConfigurator.connect(guardian).setFees(trading, 0, 1, 1),
      () => tradingConfigurator.connect(guardian).setRates(trading, 0, 1, 1, 1, 1),
      () => tradingConfigurator.connect(guardian).setStatus(trading, 1, 1, 0n),
      () => alpManager.connect(guardian).setFees(0, 0),
      () => vault.connect(guardian).setMaxUtilization(token, 1),
    ]) {
      await expect(attempt())
        .to.be.revertedWithCustomError(breaker, "AccessManagedUnauthorized")
        .withArgs(guardian.address);
    }
    const { ceiling } = await vault.productLedger(trading, token);
    await expect(vault.connect(guardian).cutCeiling(trading, token, ceiling + 1n))
      .to.be.revertedWithCustomError(vault, "Vault_CeilingNotLower")
      .withArgs(ceiling + 1n, ceiling);
    // A disabled book stays closable, and only the risk manager, after a day, enables it again.
    await confirmed(tradingConfigurator.connect(guardian).disableBook(trading, desk.bookId("BTC", "degen")));
    await expect(tradingConfigurator.connect(guardian).disableBook(trading, desk.bookId("BTC", "degen")))
      .to.be.revertedWithCustomError(tradingConfigurator, "TradingConfigurator_BookNotActive")
      .withArgs(desk.bookId("BTC", "degen"), REDUCE_ONLY);
    // A halt can't be renewed: it ends by itself, and not before a day after its end comes another.
    await confirmed(breaker.connect(guardian).raise(3));
    const haltedAt = await time.latest();
    await time.increase(24 * 60 * 60);
    expect(await breaker.level()).to.equal(2n);
    await expect(breaker.connect(guardian).raise(3))
      .to.be.revertedWithCustomError(breaker, "Breaker_HaltCoolingDown")
      .withArgs(haltedAt + 2 * DAY);
  });

  it("S07: up to level 2 owners close, are liquidated, claim and are refunded; at level 3 claims and refunds remain", async () => {
    const { desk, trader, other, keeper, breaker, guardian, vault, trading, stranger, id } = await openedDesk();
    const token = await desk.replica.token("USDT").getAddress();
    const doomed = await desk.open(trader, keeper);
    const nav = await navOf(desk);
    for (const level of [1, 2]) {
      await desk.setPrice("BTC", px("60000"));
      const closing = level === 1 ? id : 0n;
      const order = level === 1 ? await desk.requestOpen(other) : undefined;
      await confirmed(breaker.connect(guardian).raise(level));
      await expect(trading.connect(trader).requestOpen(await desk.openRequest(trader)))
        .to.be.revertedWithCustomError(trading, "Trading_BreakerRaised")
        .withArgs(level);
      if (closing !== 0n) await desk.close(trader, keeper, closing);
      if (order !== undefined) {
        await desk.refresh();
        const { results } = await desk.execute(keeper, [order.id], [desk.firstTick("BTC", order.target)]);
        expect(results[0].reason).to.be.oneOf(["BreakerRaised", "Expired"]);
        await desk.warp(60);
        await confirmed(trading.connect(stranger).cancelExpired(order.id));
        expect(await holdingOf(desk, "USDT", other)).to.equal(desk.tokenUnits("USDT", 100_000n));
      }
    }
    await desk.setPrice("BTC", px("59964"));
    expect((await desk.liquidate(keeper, [doomed], "BTC")).results[0].outcome).to.equal("Liquidated");
    await desk.setPrice("BTC", px("60000"));
    await confirmed(breaker.connect(guardian).raise(3));
    const owed = await vault.claimableOf(token, keeper);
    expect(owed).to.be.greaterThan(0n);
    await confirmed(vault.connect(keeper).claim(token, keeper, false));
    expect(await vault.claimableOf(token, keeper)).to.equal(0n);
    await desk.refresh();
    await expectIntact(desk, nav);
  });

  it("S07: an order that a halt met is refunded during the halt", async () => {
    const { desk, trader, breaker, guardian, trading, stranger, id } = await openedDesk();
    const order = await desk.requestOpen(trader);
    await confirmed(breaker.connect(guardian).raise(3));
    await desk.warp(60);
    await desk.refresh();
    const before = await stateOf(desk, [id]);
    await expect(trading.connect(trader).requestClose(id, 0, (await desk.now()) + 3_600))
      .to.be.revertedWithCustomError(trading, "Trading_BreakerRaised")
      .withArgs(3);
    expect(await stateOf(desk, [id])).to.equal(before);
    await confirmed(trading.connect(stranger).cancelExpired(order.id));
    expect(await desk.statusOf(order.id)).to.equal("None");
    await expectBalanced(desk);
  });
});
