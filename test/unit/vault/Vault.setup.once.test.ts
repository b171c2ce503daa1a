import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { contractSigner } from "../../dsl/contractSigner";
import { CEILING, LIQUIDITY, deployVault, expectSolvent, openingOf, reserve } from "./vaultFixture";

describe("Vault: configuration", () => {
  async function deployBare() {
    const [governor, account] = await ethers.getSigners();
    const [manager, distributor] = [await contractSigner(), await contractSigner()];
    const accessManager = await ethers.deployContract("AccessManager", [governor]);
    const token = await ethers.deployContract("StandInToken");
    await token.initialize("Token", "TKN", 6);
    const vault = await ethers.deployContract("Vault", [accessManager, token]);
    return { governor, account, manager, distributor, accessManager, token, vault };
  }

  describe("constructor", () => {
    it("names the wrapped native coin, and nothing else yet", async () => {
      const { accessManager, token, vault } = await loadFixture(deployBare);
      expect(await vault.wrappedNative()).to.equal(await token.getAddress());
      expect(await vault.authority()).to.equal(await accessManager.getAddress());
      expect(await vault.liquidityManager()).to.equal(ethers.ZeroAddress);
      expect(await vault.feeDistributor()).to.equal(ethers.ZeroAddress);
      expect(await vault.tokens()).to.deep.equal([]);
      expect(await vault.products()).to.deep.equal([]);
      expect(await vault.MAX_UTILIZATION_PIPS()).to.equal(950_000n);
    });

    it("refuses to be without a wrapped native coin or an access manager", async () => {
      const { account, accessManager, token, vault } = await loadFixture(deployBare);
      const factory = await ethers.getContractFactory("Vault");
      for (const [manager, wrapped, refused] of [
        [accessManager, ethers.ZeroAddress, ethers.ZeroAddress],
        [accessManager, account, account.address],
        [account, token, account.address],
      ] as const) {
        await expect(factory.deploy(manager, wrapped))
          .to.be.revertedWithCustomError(vault, "Code_NotAContract")
          .withArgs(refused);
      }
    });
  });

  describe("holdings", () => {
    it("tells liquidity, reserve and decimals of each token in one word, as the ledger has them", async () => {
      const { product, token, vault, stranger } = await loadFixture(deployVault);
      await reserve(product, token, CEILING);
      const { liquidity, reserved, maxUtilizationPips, decimals } = await vault.ledger(token);
      expect([liquidity, reserved]).to.deep.equal([LIQUIDITY, CEILING]);
      const word = liquidity | (reserved << 112n) | (maxUtilizationPips << 224n) | (decimals << 248n);
      expect((await vault.holdings([token, stranger, token])).words).to.deep.equal([word, 0n, word]);
      expect(await vault.holdings([])).to.deep.equal([[], [], []]);
    });

    it("C5: tells what each product holds of each token that it reserves anything of, in one word", async () => {
      const { product, token, vault } = await loadFixture(deployVault);
      const products = await vault.products();
      const place = products.indexOf(await product.getAddress());
      const held = async () => (await vault.holdings([token, token])).productWords;
      expect(await held()).to.deep.equal([]);
      await reserve(product, token, CEILING);
      const { collateral, reserved } = await vault.productLedger(product, token);
      expect([reserved, place]).to.deep.equal([CEILING, 0]);
      const word = collateral | (reserved << 120n) | (1n << 240n);
      expect(await held()).to.deep.equal([word, word]);
    });

    it("leaves out the products after the last that reserves anything, and what idle ones brought", async () => {
      const { product, second, token, vault } = await loadFixture(deployVault);
      const listed = async () => (await vault.holdings([token])).productList;
      expect(await listed()).to.deep.equal([]);
      await reserve(second, token, 1n);
      expect(await listed()).to.deep.equal([await product.getAddress(), await second.getAddress()]);
      const { productWords } = await vault.holdings([token]);
      expect((await vault.productLedger(product, token)).collateral).to.be.greaterThan(0n);
      expect(productWords[0]).to.equal(0n);
    });
  });

  describe("receive", () => {
    it("takes native coin from nobody but the wrapped native coin", async () => {
      const { stranger, vault } = await loadFixture(deployVault);
      await expect(stranger.sendTransaction({ to: vault, value: 1n }))
        .to.be.revertedWithCustomError(vault, "Vault_NativeNotExpected")
        .withArgs(stranger.address);
      await expect(stranger.sendTransaction({ to: vault, data: "0xdeadbeef" })).to.be.revertedWithoutReason();
    });
  });

  describe("access", () => {
    it("gives no governance function to a stranger", async () => {
      const { product, stranger, token, vault } = await loadFixture(deployVault);
      const as = vault.connect(stranger);
      const calls = [
        () => as.initialise(stranger, stranger),
        () => as.listToken(token, 1n),
        () => as.setMaxUtilization(token, 1n),
        () => as.addProduct(stranger),
        () => as.setCeiling(product, token, 1n, 0n),
        () => as.cutCeiling(product, token, 1n),
      ];
      for (const call of calls) {
        await expect(call())
          .to.be.revertedWithCustomError(vault, "AccessManagedUnauthorized")
          .withArgs(stranger.address);
      }
    });
  });

  describe("initialise", () => {
    it("names the liquidity manager and the fee distributor, once", async () => {
      const { distributor, manager, vault } = await loadFixture(deployBare);
      await expect(vault.initialise(manager, distributor))
        .to.emit(vault, "LiquidityManagerSet")
        .withArgs(manager.address, distributor.address);
      expect(await vault.liquidityManager()).to.equal(manager.address);
      expect(await vault.feeDistributor()).to.equal(distributor.address);
      await expect(vault.initialise(distributor, manager)).to.be.revertedWithCustomError(
        vault,
        "Vault_AlreadyInitialised",
      );
    });

    it("refuses what is no contract", async () => {
      const { account, distributor, manager, vault } = await loadFixture(deployBare);
      for (const missing of [ethers.ZeroAddress, account.address]) {
        for (const call of [() => vault.initialise(missing, distributor), () => vault.initialise(manager, missing)]) {
          await expect(call()).to.be.revertedWithCustomError(vault, "Code_NotAContract").withArgs(missing);
        }
      }
    });
  });

  describe("listToken", () => {
    it("reads the decimals and keeps the order", async () => {
      const { token, vault } = await loadFixture(deployBare);
      const other = await ethers.deployContract("StandInToken");
      await other.initialize("Other", "OTH", 8);
      const listing = vault.listToken(token, 800_000n);
      await expect(listing)
        .to.emit(vault, "TokenListed")
        .withArgs(await token.getAddress(), 6n, 800_000n);
      await vault.listToken(other, 950_000n);
      expect(await vault.tokens()).to.deep.equal([await token.getAddress(), await other.getAddress()]);
      const { decimals, liquidity, maxUtilizationPips } = await vault.ledger(other);
      expect([decimals, liquidity, maxUtilizationPips]).to.deep.equal([8n, 0n, 950_000n]);
    });

    it("lists a token once", async () => {
      const { token, vault } = await loadFixture(deployVault);
      await expect(vault.listToken(token, 1n))
        .to.be.revertedWithCustomError(vault, "Vault_TokenAlreadyListed")
        .withArgs(await token.getAddress());
    });

    it("bounds the utilization, and refuses what is no token", async () => {
      const { account, token, vault } = await loadFixture(deployBare);
      for (const pips of [0n, 950_001n]) {
        await expect(vault.listToken(token, pips))
          .to.be.revertedWithCustomError(vault, "Vault_UtilizationOutOfRange")
          .withArgs(pips, 950_000n);
      }
      await expect(vault.listToken(account, 1n))
        .to.be.revertedWithCustomError(vault, "Code_NotAContract")
        .withArgs(account.address);
      // A contract that is no token.
      await expect(vault.listToken(vault, 1n)).to.be.revertedWithoutReason();
    });
  });

  describe("setMaxUtilization", () => {
    it("holds from the next opening on", async () => {
      const { product, token, vault } = await loadFixture(deployVault);
      await reserve(product, token, 500_000n);
      await expect(vault.setMaxUtilization(token, 500_000n))
        .to.emit(vault, "MaxUtilizationSet")
        .withArgs(await token.getAddress(), 500_000n);
      expect(await product.open.staticCall(openingOf(token, { reserve: 1n }))).to.equal(false);
      expect(await product.open.staticCall(openingOf(token, { reserve: 0n }))).to.equal(true);
      expect((await vault.ledger(token)).reserved).to.equal(500_000n);
    });

    it("is bounded, and needs a listed token", async () => {
      const { stranger, token, vault } = await loadFixture(deployVault);
      for (const pips of [0n, 950_001n]) {
        await expect(vault.setMaxUtilization(token, pips))
          .to.be.revertedWithCustomError(vault, "Vault_UtilizationOutOfRange")
          .withArgs(pips, 950_000n);
      }
      await expect(vault.setMaxUtilization(stranger, 1n))
        .to.be.revertedWithCustomError(vault, "Vault_TokenNotListed")
        .withArgs(stranger.address);
    });
  });

  describe("addProduct", () => {
    it("adds it once, without a ceiling", async () => {
      const { product, second, token, vault } = await loadFixture(deployVault);
      const added = await contractSigner();
      await expect(vault.addProduct(added)).to.emit(vault, "ProductAdded").withArgs(added.address);
      expect(await vault.isProduct(added)).to.equal(true);
      const [first, next, last] = await vault.products();
      expect([first, next]).to.deep.equal([await product.getAddress(), await second.getAddress()]);
      expect(last).to.equal(added.address);
      expect(await vault.productLedger(added, token)).to.deep.equal([0n, 0n, false, 0n]);
      await expect(vault.addProduct(added))
        .to.be.revertedWithCustomError(vault, "Vault_ProductAlreadyAdded")
        .withArgs(added.address);
    });

    it("refuses what is no contract", async () => {
      const { stranger, vault } = await loadFixture(deployVault);
      for (const missing of [ethers.ZeroAddress, stranger.address]) {
        await expect(vault.addProduct(missing))
          .to.be.revertedWithCustomError(vault, "Code_NotAContract")
          .withArgs(missing);
      }
    });
  });

  describe("setCeiling", () => {
    it("goes up and down", async () => {
      const { product, token, vault } = await loadFixture(deployVault);
      for (const ceiling of [2n ** 128n - 1n, 0n, 5n]) {
        await expect(vault.setCeiling(product, token, ceiling, 0n))
          .to.emit(vault, "CeilingSet")
          .withArgs(await product.getAddress(), await token.getAddress(), ceiling);
        expect((await vault.productLedger(product, token)).ceiling).to.equal(ceiling);
      }
    });

    it("names the guardian's cuts to it, and fails after another", async () => {
      const { product, second, token, vault } = await loadFixture(deployVault);
      const setting = await vault.ceilingSetting(product, token);
      expect(await vault.cutsOf(setting)).to.equal(0n);
      await expect(vault.cutCeiling(product, token, 1n))
        .to.emit(vault, "SettingCut")
        .withArgs(setting, 1n);
      expect(await vault.cutsOf(setting)).to.equal(1n);
      for (const named of [0n, 2n, ethers.MaxUint256]) {
        await expect(vault.setCeiling(product, token, CEILING, named))
          .to.be.revertedWithCustomError(vault, "GuardianCuts_CutMeanwhile")
          .withArgs(setting, named, 1n);
      }
      await vault.setCeiling(product, token, CEILING, 1n);
      // A cut is of one product in one token, and one that changes nothing is none.
      await vault.setCeiling(second, token, CEILING, 0n);
      await expect(vault.cutCeiling(product, token, CEILING))
        .to.be.revertedWithCustomError(vault, "Vault_CeilingNotLower")
        .withArgs(CEILING, CEILING);
      expect(await vault.cutsOf(setting)).to.equal(1n);
    });

    it("needs a product and a listed token", async () => {
      const { product, stranger, token, vault } = await loadFixture(deployVault);
      await expect(vault.setCeiling(stranger, token, 1n, 0n))
        .to.be.revertedWithCustomError(vault, "Vault_ProductNotFound")
        .withArgs(stranger.address);
      await expect(vault.setCeiling(product, stranger, 1n, 0n))
        .to.be.revertedWithCustomError(vault, "Vault_TokenNotListed")
        .withArgs(stranger.address);
    });
  });

  describe("cutCeiling", () => {
    it("only lowers, for one product and one token", async () => {
      const { product, second, token, vault } = await loadFixture(deployVault);
      await expect(vault.cutCeiling(product, token, CEILING - 1n))
        .to.emit(vault, "CeilingSet")
        .withArgs(await product.getAddress(), await token.getAddress(), CEILING - 1n);
      for (const ceiling of [CEILING - 1n, CEILING]) {
        await expect(vault.cutCeiling(product, token, ceiling))
          .to.be.revertedWithCustomError(vault, "Vault_CeilingNotLower")
          .withArgs(ceiling, CEILING - 1n);
      }
      expect((await vault.productLedger(second, token)).ceiling).to.equal(CEILING);
      await expect(vault.cutCeiling(vault, token, 0n))
        .to.be.revertedWithCustomError(vault, "Vault_CeilingNotLower")
        .withArgs(0n, 0n);
    });

    it("leaves what is reserved as it is: the product runs off", async () => {
      const { product, token, vault } = await loadFixture(deployVault);
      await reserve(product, token, 1_000n);
      await vault.cutCeiling(product, token, 0n);
      expect((await vault.productLedger(product, token)).reserved).to.equal(1_000n);
      expect(await product.open.staticCall(openingOf(token, { reserve: 1n }))).to.equal(false);
    });
  });

  describe("views", () => {
    it("answer zeros for what they do not know", async () => {
      const { stranger, vault } = await loadFixture(deployVault);
      expect(await vault.ledger(stranger)).to.deep.equal([0n, 0n, 0n, 0n, 0n, 0n]);
      expect(await vault.productLedger(stranger, stranger)).to.deep.equal([0n, 0n, false, 0n]);
      expect(await vault.collateral(stranger)).to.equal(0n);
      expect(await vault.claimableOf(stranger, stranger)).to.equal(0n);
      expect(await vault.isProduct(stranger)).to.equal(false);
    });
  });

  describe("donations", () => {
    it("change nothing that the books say, nor what can be paid", async () => {
      const { manager, payer, product, token, vault } = await loadFixture(deployVault);
      const before = await vault.ledger(token);
      await token.connect(payer).transfer(vault, 5_000_000n);
      expect(await vault.ledger(token)).to.deep.equal(before);
      await expectSolvent(vault, token, 5_000_000n);
      // The utilization limit is that of the liquidity booked, and liquidity removed that of the liquidity booked.
      await vault.setCeiling(product, token, 2n * LIQUIDITY, 0n);
      expect(await product.open.staticCall(openingOf(token, { reserve: 800_001n }))).to.equal(false);
      await expect(manager.removeLiquidity(token, payer, LIQUIDITY + 1n, false))
        .to.be.revertedWithCustomError(vault, "Vault_LiquidityReserved")
        .withArgs(LIQUIDITY + 1n, LIQUIDITY);
      await manager.removeLiquidity(token, payer, LIQUIDITY, false);
      await expectSolvent(vault, token, 5_000_000n);
    });

    it("in the native coin, forced in, are neither booked nor paid out", async () => {
      const { vault, token } = await loadFixture(deployVault);
      await ethers.provider.send("hardhat_setBalance", [await vault.getAddress(), "0x64"]);
      await expectSolvent(vault, token);
      expect(await ethers.provider.getBalance(vault)).to.equal(100n);
    });
  });
});
