import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { BROKER_SHARE, brokerFixture } from "../fixtures/brokers";

describe("brokers", () => {
  it("are given their share of open and close fees, pulled by anyone to their receiver", async () => {
    const { desk, trader, keeper, feeDistributor, usdt, vault, other, treasury } = await loadFixture(brokerFixture);
    const id = await desk.open(trader, keeper, { mode: "standard", broker: 1 });
    const opened = (await vault.ledger(usdt)).fees;
    expect(await feeDistributor.brokerCollectable(1, usdt)).to.equal((opened * BROKER_SHARE) / 1_000_000n);
    await desk.close(trader, keeper, id);
    const fees = (await vault.ledger(usdt)).fees;
    const share = await feeDistributor.brokerCollectable(1, usdt);
    expect(share).to.be.closeTo(fees / 2n, 1n);
    await feeDistributor.connect(keeper).collectBroker(1, usdt);
    await feeDistributor.connect(keeper).collect(usdt);
    expect(await vault.claimableOf(usdt, other)).to.equal(share);
    expect(await vault.claimableOf(usdt, treasury)).to.equal(fees - share);
    expect((await vault.ledger(usdt)).fees).to.equal(0n);
    expect(await desk.isBalanced()).to.equal(true);
  });

  it("earn nothing on trades of their own, and unknown ones nothing at all", async () => {
    const { desk, other, trader, keeper, feeDistributor, usdt } = await loadFixture(brokerFixture);
    await desk.open(other, keeper, { mode: "standard", broker: 1 });
    await desk.open(trader, keeper, { mode: "standard", broker: 7 });
    expect(await feeDistributor.brokersTotal(usdt)).to.equal(0n);
  });

  it("are changed by their owners alone, and record only for products", async () => {
    const { brokerRegistry, feeDistributor, trader, stranger, usdt } = await loadFixture(brokerFixture);
    await expect(brokerRegistry.connect(trader).setReceiver(1, trader))
      .to.be.revertedWithCustomError(brokerRegistry, "BrokerRegistry_NotOwner")
      .withArgs(1, trader.address);
    await brokerRegistry.connect(stranger).setReceiver(1, trader);
    await brokerRegistry.connect(stranger).transferBroker(1, trader);
    expect(await brokerRegistry.broker(1)).to.deep.equal([trader.address, trader.address, BROKER_SHARE]);
    await expect(feeDistributor.connect(trader).recordFee(1, usdt, stranger, 1n))
      .to.be.revertedWithCustomError(feeDistributor, "FeeDistributor_NotAProduct")
      .withArgs(trader.address);
  });
});
