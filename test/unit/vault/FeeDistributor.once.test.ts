import { expect } from "chai";
import { ethers } from "hardhat";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { usd } from "../../../sdk/units";
import { contractSigner } from "../../dsl/contractSigner";

describe("FeeDistributor", () => {
  /** A vault with 100 tokens of a product's collateral, 30 of which have become fees. */
  async function deploy() {
    const [governor, trader, treasury, stranger] = await ethers.getSigners();
    const accessManager = await ethers.deployContract("AccessManager", [governor]);
    const token = await ethers.deployContract("StandInToken");
    await token.initialize("USDT", "USDT", 18);
    const vault = await ethers.deployContract("Vault", [accessManager, token]);
    const brokers = await ethers.deployContract("BrokerRegistry", [accessManager]);
    const distributor = await ethers.deployContract("FeeDistributor", [accessManager, vault, brokers, treasury]);
    await vault.initialise(brokers, distributor);
    await vault.listToken(token, 800_000n);
    const product = await ethers.deployContract("ScriptedProduct", [vault]);
    await vault.addProduct(product);
    await token.mint(trader, usd("100"));
    await token.connect(trader).approve(product, usd("100"));
    await product.connect(trader).deposit(token, usd("100"));
    const executor = { account: ethers.ZeroAddress, amount: 0n };
    await product.open({ token, reserve: 0n, toLiquidity: 0n, toFees: usd("30"), executor });
    return { governor, trader, treasury, stranger, accessManager, token, vault, brokers, distributor, product };
  }

  describe("constructor", () => {
    it("names the treasury and refuses missing addresses", async () => {
      const { accessManager, brokers, distributor, vault, treasury } = await loadFixture(deploy);
      expect(await distributor.treasury()).to.equal(treasury.address);
      const factory = await ethers.getContractFactory("FeeDistributor");
      for (const missing of [ethers.ZeroAddress, treasury.address]) {
        for (const deployment of [
          () => factory.deploy(missing, vault, brokers, treasury),
          () => factory.deploy(accessManager, missing, brokers, treasury),
          () => factory.deploy(accessManager, vault, missing, treasury),
        ]) {
          await expect(deployment()).to.be.revertedWithCustomError(distributor, "Code_NotAContract").withArgs(missing);
        }
      }
      await expect(factory.deploy(accessManager, vault, brokers, ethers.ZeroAddress)).to.be.revertedWithCustomError(
        distributor,
        "FeeDistributor_ZeroAddress",
      );
    });
  });

  describe("recordFee", () => {
    it("gives a broker no share of what he pays himself, as owner or as receiver", async () => {
      const { brokers, distributor, product, token, treasury, trader, stranger } = await loadFixture(deploy);
      await brokers.addBroker(stranger, treasury, 200_000n);
      const asProduct = distributor.connect(await ethers.getImpersonatedSigner(await product.getAddress()));
      await ethers.provider.send("hardhat_setBalance", [await product.getAddress(), "0xde0b6b3a7640000"]);
      for (const own of [stranger, treasury]) await asProduct.recordFee(1, token, own, usd("10"));
      expect(await distributor.brokersTotal(token)).to.equal(0n);
      await expect(asProduct.recordFee(1, token, trader, usd("10")))
        .to.emit(distributor, "BrokerFeeRecorded")
        .withArgs(1, token, trader, usd("2"));
    });
  });

  describe("collect", () => {
    it("makes all fees claimable by the treasury, whoever calls", async () => {
      const { distributor, stranger, token, treasury, vault } = await loadFixture(deploy);
      expect(await distributor.collectable(token)).to.equal(usd("30"));
      await expect(distributor.connect(stranger).collect(token))
        .to.emit(distributor, "FeesCollected")
        .withArgs(token, treasury.address, usd("30"));
      expect(await vault.claimableOf(token, treasury)).to.equal(usd("30"));
      expect((await vault.ledger(token)).fees).to.equal(0n);
      await vault.connect(treasury).claim(token, treasury, false);
      expect(await token.balanceOf(treasury)).to.equal(usd("30"));
    });

    it("says so when there is nothing", async () => {
      const { distributor, token } = await loadFixture(deploy);
      await distributor.collect(token);
      await expect(distributor.collect(token))
        .to.be.revertedWithCustomError(distributor, "FeeDistributor_NothingToCollect")
        .withArgs(token);
    });
  });

  describe("recordFee and collectBroker", () => {
    /** With a product that says what it likes, and a broker of a tenth. */
    async function deployBroker() {
      const context = await deploy();
      const { brokers, vault } = context;
      const product = await contractSigner();
      await vault.addProduct(product);
      const [, , , , owner, receiver] = await ethers.getSigners();
      await brokers.addBroker(owner, receiver, 100_000n);
      return { ...context, product, owner, receiver };
    }

    it("records a broker's share of a fee, and makes it claimable by his receiver, whoever calls", async () => {
      const { distributor, product, receiver, stranger, token, trader, vault } = await loadFixture(deployBroker);
      await expect(distributor.connect(product).recordFee(1, token, trader, usd("20")))
        .to.emit(distributor, "BrokerFeeRecorded")
        .withArgs(1, token, trader.address, usd("2"));
      expect([await distributor.brokerCollectable(1, token), await distributor.collectable(token)]).to.deep.equal([
        usd("2"),
        usd("28"),
      ]);
      await expect(distributor.connect(stranger).collectBroker(1, token))
        .to.emit(distributor, "BrokerFeesCollected")
        .withArgs(1, token, receiver.address, usd("2"));
      expect(await vault.claimableOf(token, receiver)).to.equal(usd("2"));
      expect([await distributor.brokersTotal(token), await distributor.collectable(token)]).to.deep.equal([
        0n,
        usd("28"),
      ]);
      await expect(distributor.collectBroker(1, token))
        .to.be.revertedWithCustomError(distributor, "FeeDistributor_NothingToCollect")
        .withArgs(token);
    });

    it("records no more than the fees that are there, and nothing of a broker's own trades", async () => {
      const { distributor, owner, product, receiver, token, trader } = await loadFixture(deployBroker);
      const own = distributor.connect(product);
      for (const self of [owner, receiver]) {
        await expect(own.recordFee(1, token, self, usd("20"))).to.not.emit(distributor, "BrokerFeeRecorded");
      }
      await expect(own.recordFee(1, token, trader, usd("1000")))
        .to.emit(distributor, "BrokerFeeRecorded")
        .withArgs(1, token, trader.address, usd("30"));
      await expect(own.recordFee(1, token, trader, usd("20"))).to.not.emit(distributor, "BrokerFeeRecorded");
    });
  });

  describe("setTreasury", () => {
    it("sends what is collected later to the new treasury", async () => {
      const { distributor, stranger, token, vault } = await loadFixture(deploy);
      await expect(distributor.setTreasury(stranger)).to.emit(distributor, "TreasurySet").withArgs(stranger.address);
      await distributor.collect(token);
      expect(await vault.claimableOf(token, stranger)).to.equal(usd("30"));
    });

    it("is restricted and needs an address", async () => {
      const { distributor, stranger } = await loadFixture(deploy);
      await expect(distributor.connect(stranger).setTreasury(stranger))
        .to.be.revertedWithCustomError(distributor, "AccessManagedUnauthorized")
        .withArgs(stranger.address);
      await expect(distributor.setTreasury(ethers.ZeroAddress)).to.be.revertedWithCustomError(
        distributor,
        "FeeDistributor_ZeroAddress",
      );
    });
  });
});
