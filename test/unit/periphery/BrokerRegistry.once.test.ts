import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { ethers } from "hardhat";

const MOST = 500_000n;

/** A registry that its governor changes at once, with one broker. */
async function deploy() {
  const [governor, owner, receiver, stranger] = await ethers.getSigners();
  const accessManager = await ethers.deployContract("AccessManager", [governor]);
  const registry = await ethers.deployContract("BrokerRegistry", [accessManager]);
  await registry.addBroker(owner, receiver, 100_000n);
  return { accessManager, registry, governor, owner, receiver, stranger };
}

describe("BrokerRegistry", () => {
  it("numbers brokers from 1 on, and knows none by any other number", async () => {
    const { registry, owner, receiver, stranger } = await loadFixture(deploy);
    expect(await registry.brokerCount()).to.equal(1);
    expect(await registry.addBroker.staticCall(stranger, stranger, MOST)).to.equal(2);
    await expect(registry.addBroker(stranger, receiver, MOST))
      .to.emit(registry, "BrokerAdded")
      .withArgs(2, stranger.address, receiver.address, MOST);
    expect(await registry.brokerCount()).to.equal(2);
    expect(await registry.broker(1)).to.deep.equal([owner.address, receiver.address, 100_000n]);
    expect(await registry.broker(2)).to.deep.equal([stranger.address, receiver.address, MOST]);
    for (const unknown of [0, 3]) expect(await registry.broker(unknown)).to.deep.equal([ZeroAddress, ZeroAddress, 0n]);
  });

  it("changes the share of a broker that is there, up to half", async () => {
    const { registry, owner, receiver } = await loadFixture(deploy);
    for (const share of [0n, 1n, MOST]) {
      await expect(registry.setShare(1, share)).to.emit(registry, "BrokerShareSet").withArgs(1, share);
      expect(await registry.broker(1)).to.deep.equal([owner.address, receiver.address, share]);
    }
    for (const unknown of [0, 2]) {
      await expect(registry.setShare(unknown, 1n))
        .to.be.revertedWithCustomError(registry, "BrokerRegistry_NotFound")
        .withArgs(unknown);
    }
    const tooMuch = [MOST + 1n, MOST] as const;
    for (const call of [
      () => registry.setShare(1, tooMuch[0]),
      () => registry.addBroker(owner, receiver, tooMuch[0]),
    ]) {
      await expect(call())
        .to.be.revertedWithCustomError(registry, "BrokerRegistry_ShareOutOfRange")
        .withArgs(...tooMuch);
    }
    expect((await registry.broker(1)).sharePips).to.equal(MOST);
  });

  it("lets a broker's owner alone change receiver and owner, and to nobody never", async () => {
    const { registry, governor, owner, receiver, stranger } = await loadFixture(deploy);
    for (const other of [governor, receiver, stranger]) {
      for (const call of [
        () => registry.connect(other).setReceiver(1, other),
        () => registry.connect(other).transferBroker(1, other),
      ]) {
        await expect(call())
          .to.be.revertedWithCustomError(registry, "BrokerRegistry_NotOwner")
          .withArgs(1, other.address);
      }
    }
    const owned = registry.connect(owner);
    for (const call of [
      () => registry.addBroker(ZeroAddress, receiver, 1n),
      () => registry.addBroker(owner, ZeroAddress, 1n),
      () => owned.setReceiver(1, ZeroAddress),
      () => owned.transferBroker(1, ZeroAddress),
    ]) {
      await expect(call()).to.be.revertedWithCustomError(registry, "BrokerRegistry_ZeroAddress").withArgs();
    }
    await expect(owned.setReceiver(1, stranger)).to.emit(registry, "BrokerReceiverSet").withArgs(1, stranger.address);
    await expect(owned.transferBroker(1, stranger))
      .to.emit(registry, "BrokerTransferred")
      .withArgs(1, owner.address, stranger.address);
    expect(await registry.broker(1)).to.deep.equal([stranger.address, stranger.address, 100_000n]);
    await expect(owned.setReceiver(1, owner))
      .to.be.revertedWithCustomError(registry, "BrokerRegistry_NotOwner")
      .withArgs(1, owner.address);
  });

  it("is added to and re-priced by nobody without the role, and built on a contract", async () => {
    const { registry, owner } = await loadFixture(deploy);
    const owned = registry.connect(owner);
    for (const call of [() => owned.addBroker(owner, owner, 1n), () => owned.setShare(1, 1n)]) {
      await expect(call()).to.be.revertedWithCustomError(registry, "AccessManagedUnauthorized").withArgs(owner.address);
    }
    await expect(ethers.deployContract("BrokerRegistry", [owner]))
      .to.be.revertedWithCustomError(registry, "Code_NotAContract")
      .withArgs(owner.address);
  });
});
