import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { Interface, ZeroAddress } from "ethers";
import type { Result } from "ethers";
import hre, { network } from "hardhat";
import { bookIdOf } from "../../deploy/arguments/books";
import { assetIdOf } from "../../deploy/arguments/oracle";
import { buildSystemModule } from "../../deploy/modules/system";
import { profileFor } from "../../deploy/profiles";
import type { BookProfile, ChainProfile } from "../../deploy/profiles";
import { DEFAULT_PRICES } from "../../kit/replica";
import { ROLES, ROLE_TABLE, functionsByRole, roleIdOf } from "../../deploy/roles";
import { systemFixture } from "../fixtures/system";

const ONE_USD = 10n ** 18n;

function booksOf(profile: ChainProfile) {
  return profile.markets.flatMap((market, marketId) =>
    market.books.map((book) => ({ market, book, bookId: bookIdOf(marketId, book.mode) })),
  );
}

/** The generated types leave out that structs are results with named fields. */
function toObject(struct: object): Record<string, unknown> {
  return (struct as Result).toObject() as Record<string, unknown>;
}

function tierNumbers(book: BookProfile) {
  return book.tiers.map((tier) => [
    tier.maxLeverage,
    Number(tier.maxNotionalUsd / ONE_USD),
    tier.liquidationLossRatePips,
    tier.profitCapPips,
    book.closeFeePips,
    book.closeFeeProfitSharePips,
    tier.maxExitSlippagePips,
  ]);
}

describe("deploySystem", () => {
  it("lists the chain's tokens in the vault, in order", async () => {
    const { system, profile } = await loadFixture(systemFixture);
    expect(await system.vault.wrappedNative()).to.equal(profile.wrappedNative);
    expect([...(await system.vault.tokens())]).to.deep.equal(profile.tokens.map(({ address }) => address));
    for (const { address, decimals } of profile.tokens) {
      const ledger = await system.vault.ledger(address);
      expect(ledger.decimals).to.equal(BigInt(decimals));
      expect(ledger.maxUtilizationPips).to.equal(BigInt(profile.vault.maxUtilizationPips));
    }
  });

  it("configures every asset and its sources, which answer", async () => {
    const { system, profile } = await loadFixture(systemFixture);
    expect(await system.priceAggregator.pyth()).to.equal(profile.pyth.address);
    for (const { assetKey } of profile.tokens) {
      const assetId = assetIdOf(assetKey);
      const config = await system.priceAggregator.asset(assetId);
      expect(config.pythId).to.equal(profile.pyth.priceIds[assetKey]);
      expect(config.quorum).to.equal(BigInt(profile.oracle.referenceQuorums[assetKey] ?? 0));
      const push = await system.priceAggregator.pushPrice(assetId);
      expect(push.mid).to.equal(DEFAULT_PRICES[assetKey]);
      expect(push.fresh).to.equal(await system.priceAggregator.sourceCount(assetId));
    }
  });

  it("builds trading with the chain's delays, window and fee", async () => {
    const { system, profile } = await loadFixture(systemFixture);
    const { trading } = system;
    expect(await trading.vault()).to.equal(await system.vault.getAddress());
    expect(await trading.aggregator()).to.equal(await system.priceAggregator.getAddress());
    expect(await trading.breaker()).to.equal(await system.breaker.getAddress());
    expect(await trading.configurator()).to.equal(await system.tradingConfigurator.getAddress());
    expect(await trading.executionWindow()).to.equal(BigInt(profile.execution.executionWindowSeconds));
    expect(await trading.executionFeeUsd()).to.equal(profile.execution.executionFeeUsd);
    for (const { book } of booksOf(profile)) {
      const delay = await trading.executionDelay(book.mode === "degen" ? 1 : 0);
      expect(delay).to.equal(BigInt(book.executionDelaySeconds));
    }
  });

  it("lists every book with the numbers of the profile, active, and no other", async () => {
    const { system, profile } = await loadFixture(systemFixture);
    const books = booksOf(profile);
    expect(books).to.have.lengthOf(3);
    for (const { market, book, bookId } of books) {
      const [config, openConfig] = await system.tradingRecords.bookConfig(bookId);
      expect(toObject(config), `${market.name} ${book.mode}`).to.deep.equal({
        assetId: BigInt(assetIdOf(market.assetKey)),
        status: 1n,
        maxLeverage: BigInt(book.maxLeverage),
        tierCount: BigInt(book.tiers.length),
        slippageModel: 0n,
        slippagePips: BigInt(book.slippagePips),
        alpSharePips: BigInt(book.alpFeeSharePips),
        borrowPipsPerHour: BigInt(book.borrowRatePipsPerHour),
        fundingPipsPerHour: BigInt(book.fundingFactorPipsPerHour),
        minFundingPipsPerHour: BigInt(book.minFundingPipsPerHour),
        maxFundingPipsPerHour: BigInt(book.maxFundingPipsPerHour),
        lossBudgetUsd: book.lossBudgetUsd / ONE_USD,
        onePercentDepthUsd: 0n,
        leastLossRatePercent: 60n,
      });
      expect(toObject(openConfig), `${market.name} ${book.mode}`).to.deep.equal({
        openFeePips: BigInt(book.openFeePips),
        maxOpenInterestUsd: book.maxOpenInterestUsd / ONE_USD,
        minNotionalUsd: book.minNotionalUsd / ONE_USD,
        minMarginUsd: book.minMarginUsd / ONE_USD,
        maxConfidencePips: BigInt(book.maxOpenConfidencePips),
        maxDeviationPips: BigInt(book.maxOpenDeviationPips),
        minAnchors: BigInt(profile.oracle.minAnchors),
        reduceOnlyUntil: 0n,
      });
      const tiers = await system.tradingRecords.tiers(bookId);
      const numbers = tiers.map(({ maxLeverage, maxNotionalUsd, terms }) =>
        [maxLeverage, maxNotionalUsd, ...terms].map(Number),
      );
      expect(numbers).to.deep.equal(tierNumbers(book));
      for (const { termsId, terms } of tiers) {
        expect([...(await system.tradingRecords.terms(bookId, termsId))]).to.deep.equal([...terms]);
      }
    }
    const listed = new Set(books.map(({ bookId }) => bookId));
    for (let bookId = 0; bookId < 256; bookId++) {
      if (listed.has(bookId)) continue;
      const [config] = await system.tradingRecords.bookConfig(bookId);
      expect(config.status, `book ${bookId}`).to.equal(0n);
    }
  });

  it("lets trading take the chain's margin tokens, up to its ceilings", async () => {
    const { system, profile } = await loadFixture(systemFixture);
    const { trading, tradingRecords, vault, prediction, pro } = system;
    const products = await Promise.all([trading, prediction, pro].map((product) => product.getAddress()));
    // Those that reserve first: a valuation of liquidity never comes to Pro.
    expect(await vault.products()).to.deep.equal(products);
    const margins = profile.tokens.filter(({ margin }) => margin);
    for (const [index, { symbol, address, assetKey, decimals }] of margins.entries()) {
      const token = await tradingRecords.marginToken(address);
      expect(toObject(token), symbol).to.deep.equal({
        token: address,
        assetId: BigInt(assetIdOf(assetKey)),
        tokenId: BigInt(index + 1),
        decimals: BigInt(decimals),
        isEnabled: true,
      });
      expect([...(await tradingRecords.marginTokenById(index + 1))]).to.deep.equal([...token]);
      const line = await vault.productLedger(await trading.getAddress(), address);
      expect(line.ceiling, symbol).to.equal(profile.vault.tradingCeilings[symbol]);
    }
    for (const { address } of profile.tokens.filter(({ margin }) => !margin)) {
      expect((await tradingRecords.marginToken(address)).tokenId).to.equal(0n);
    }
    expect((await tradingRecords.marginTokenById(margins.length + 1)).token).to.equal(ZeroAddress);
  });

  it("configures ALP, its fees and the receiver of the others", async () => {
    const { system, profile, options } = await loadFixture(systemFixture);
    const { alp, alpManager, feeDistributor } = system;
    const assets = await alpManager.assets();
    expect(assets.map((asset) => toObject(asset))).to.deep.equal(
      profile.tokens.map(({ address, assetKey, targetWeightPips, maxSharePips }) => ({
        token: address,
        assetId: BigInt(assetIdOf(assetKey)),
        weightPips: BigInt(targetWeightPips),
        maxSharePips: BigInt(maxSharePips),
      })),
    );
    const fees = await alpManager.fees();
    expect([...fees]).to.deep.equal([BigInt(profile.vault.mintFeePips), BigInt(profile.vault.mintFeeTaxPips)]);
    expect(await alpManager.shareFloorUsd()).to.equal(BigInt(profile.vault.shareFloorUsd));
    expect(await alpManager.isLedgerProduct(system.prediction)).to.equal(true);
    expect(await alpManager.isLedgerProduct(system.trading)).to.equal(false);
    expect(await alpManager.alp()).to.equal(await alp.getAddress());
    expect(await alp.manager()).to.equal(await alpManager.getAddress());
    expect(await alp.coolingSeconds()).to.equal(BigInt(profile.vault.cooldownSeconds));
    expect(await alpManager.breaker()).to.equal(await system.breaker.getAddress());
    expect(await feeDistributor.treasury()).to.equal(options.treasury);
  });

  it("has told the vault of the liquidity manager and the fee distributor, for good", async () => {
    const { system } = await loadFixture(systemFixture);
    const { vault, alpManager, feeDistributor } = system;
    const [event] = await vault.queryFilter(vault.filters.LiquidityManagerSet());
    expect([...event.args]).to.deep.equal([await alpManager.getAddress(), await feeDistributor.getAddress()]);
  });

  it("gives keepers and readers the same prices as trading", async () => {
    const { system } = await loadFixture(systemFixture);
    const aggregator = await system.priceAggregator.getAddress();
    const { executor, liquidator, tradingLens, marketLens, keeperLens, alpLens } = system;
    for (const contract of [executor, liquidator, tradingLens, marketLens, keeperLens, alpLens]) {
      expect(await contract.aggregator()).to.equal(aggregator);
    }
    expect(await marketLens.breaker()).to.equal(await system.breaker.getAddress());
    expect(await alpLens.vault()).to.equal(await system.vault.getAddress());
    expect(await alpLens.manager()).to.equal(await system.alpManager.getAddress());
  });

  it("leaves nothing for the deployer, and one authority for every contract that has one", async () => {
    const { system, signers } = await loadFixture(systemFixture);
    const { accessManager, tradingConfigurator, vault } = system;
    const authority = await accessManager.getAddress();
    const { results } = buildSystemModule(profileFor(network.config.chainId ?? 0));
    for (const key of Object.keys(results) as (keyof typeof system)[]) {
      const { contractName } = results[key];
      const { abi } = await hre.artifacts.readArtifact(contractName);
      const contractInterface = new Interface(abi);
      const contract = system[key];
      if (!contractInterface.hasFunction("authority")) continue;
      const managed = await hre.ethers.getContractAt("AccessManaged", await contract.getAddress());
      expect(await managed.authority(), contractName).to.equal(authority);
      for (const [role, names] of functionsByRole(ROLE_TABLE[contractName])) {
        for (const name of names) {
          const { selector } = contractInterface.getFunction(name) ?? { selector: "0x" };
          const wired = await accessManager.getTargetFunctionRole(await contract.getAddress(), selector);
          expect(wired, `${contractName}.${name}`).to.equal(roleIdOf(role));
          const [isImmediate] = await accessManager.canCall(
            signers.deployer.address,
            await contract.getAddress(),
            selector,
          );
          expect(isImmediate, `${contractName}.${name}`).to.equal(false);
        }
      }
    }
    for (const { id } of Object.values(ROLES)) {
      const [isMember] = await accessManager.hasRole(id, signers.deployer.address);
      expect(isMember).to.equal(false);
    }
    const trading = await system.trading.getAddress();
    await expect(tradingConfigurator.connect(signers.deployer).disableBook(trading, 0))
      .to.be.revertedWithCustomError(tradingConfigurator, "AccessManagedUnauthorized")
      .withArgs(signers.deployer.address);
    await expect(vault.connect(signers.deployer).addProduct(signers.deployer.address))
      .to.be.revertedWithCustomError(vault, "AccessManagedUnauthorized")
      .withArgs(signers.deployer.address);
    await expect(system.trading.connect(signers.deployer).setTiers(0, []))
      .to.be.revertedWithCustomError(system.trading, "Product_OnlyConfigurator")
      .withArgs(signers.deployer.address);
  });
});
