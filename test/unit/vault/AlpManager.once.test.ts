import { expect } from "chai";
import { ethers } from "hardhat";
import { loadFixture, setBalance, time } from "@nomicfoundation/hardhat-network-helpers";
import { amountOut, burnFeePips, DEAD_SHARES, mintFeePips, sharesOut, targetUsd } from "../../../sdk/model";
import { px, tokens, usd } from "../../../sdk/units";
import {
  addOnlyAsset,
  ASSETS,
  BASE_PIPS,
  back,
  burn,
  COOLING_SECONDS,
  DEAD_ADDRESS,
  deployAlp,
  deployFundedAlp,
  ETH_ASSET,
  lineAt,
  mint,
  NEVER,
  SHARE_FLOOR_USD,
  TAX_PIPS,
} from "./alpFixture";

type Context = Awaited<ReturnType<typeof deployFundedAlp>>;

const FEES = { basePips: BASE_PIPS, taxPips: TAX_PIPS };
const [USDT, USDC, WBTC, WBNB] = [0, 1, 2, 3];
/** From USD with 18 decimals to 34, in which the model's division is as fine as the contract's. */
const FINE = 10n ** 16n;

/** Value of the liquidity at the fixture's prices, USD with 34 decimals. */
async function liquidityX34({ vault, tokens: list }: Context): Promise<bigint[]> {
  return Promise.all(
    ASSETS.map(async ({ price, decimals }, i) => {
      const { liquidity } = await vault.ledger(list[i]);
      return liquidity * price * 10n ** BigInt(24 - decimals);
    }),
  );
}

const sum = (values: bigint[]) => values.reduce((a, b) => a + b, 0n);

describe("AlpManager", () => {
  describe("constructor", () => {
    it("creates ALP and refuses missing addresses and fees out of bounds", async () => {
      const { accessManager, aggregator, alice, alp, breaker, manager, vault } = await loadFixture(deployAlp);
      expect(await alp.manager()).to.equal(await manager.getAddress());
      expect(await manager.fees()).to.deep.equal([BASE_PIPS, TAX_PIPS]);
      const factory = await ethers.getContractFactory("AlpManager");
      for (const missing of [ethers.ZeroAddress, alice.address]) {
        for (const [a, b, c, d] of [
          [missing, vault, aggregator, breaker],
          [accessManager, missing, aggregator, breaker],
          [accessManager, vault, missing, breaker],
          [accessManager, vault, aggregator, missing],
        ]) {
          await expect(factory.deploy(a, b, c, d, COOLING_SECONDS, FEES, SHARE_FLOOR_USD))
            .to.be.revertedWithCustomError(manager, "Code_NotAContract")
            .withArgs(missing);
        }
      }
      const tooMuch = { basePips: 10_001n, taxPips: 0n };
      await expect(factory.deploy(accessManager, vault, aggregator, breaker, COOLING_SECONDS, tooMuch, SHARE_FLOOR_USD))
        .to.be.revertedWithCustomError(manager, "AlpManager_FeeOutOfRange")
        .withArgs(10_001n, 10_000n);
    });
  });

  describe("mint", () => {
    it("mints the first ALP at 1 USD, less the base fee and the dead shares", async () => {
      const { alice, alp, manager, tokens: list } = await loadFixture(deployAlp);
      const { shares } = sharesOut(usd("1000"), { decimals: 18, price: px("1") }, BASE_PIPS, 0n, 0n);
      await expect(mint(manager.connect(alice), list[USDT], usd("1000")))
        .to.emit(manager, "AlpMinted")
        .withArgs(alice.address, list[USDT], usd("1000"), shares, BASE_PIPS, 0n, 0n);
      expect(shares).to.equal(usd("996.5"));
      expect(await alp.balanceOf(alice)).to.equal(shares);
      expect(await alp.balanceOf(DEAD_ADDRESS)).to.equal(DEAD_SHARES);
    });

    it("refuses a first mint that is worth no more than the dead shares", async () => {
      const { alice, manager, tokens: list } = await loadFixture(deployAlp);
      await expect(mint(manager.connect(alice), list[USDT], usd("1")))
        .to.be.revertedWithCustomError(manager, "AlpManager_FirstMintTooSmall")
        .withArgs(usd("0.9975"), DEAD_SHARES);
    });

    it("mints as the model does, into every asset", async () => {
      for (const [i, asset] of ASSETS.entries()) {
        const context = await loadFixture(deployFundedAlp);
        const { alp, bob, manager, tokens: list } = context;
        const amount = tokens("1.5", asset.decimals);
        const before = await liquidityX34(context);
        const supply = await alp.totalSupply();
        const afterUsd = before[i] + amount * asset.price * 10n ** BigInt(24 - asset.decimals);
        const target = targetUsd(sum(before), asset.weightPips);
        const feePips = mintFeePips({ targetUsd: target, beforeUsd: before[i], afterUsd, ...FEES });
        // Supply and NAV both 1e16 finer: the same quotient, without rounding the NAV first.
        const { shares } = sharesOut(amount, asset, feePips, sum(before), supply * FINE);
        await mint(manager.connect(bob), list[i], amount);
        expect(await alp.balanceOf(bob)).to.equal(shares);
      }
    });

    it("takes the low price of what it brings and the high NAV", async () => {
      const context = await loadFixture(deployFundedAlp);
      const { aggregator, alp, bob, manager, tokens: list } = context;
      const { vault } = context;
      await aggregator.setRange(3n, px("59000"), px("60000"), px("61000"), true);
      const { liquidity } = await vault.ledger(list[WBTC]);
      const before = await liquidityX34(context);
      const navHigh = sum(before) + liquidity * px("1000") * 10n ** 16n;
      const amount = tokens("1", 8);
      const input = {
        targetUsd: targetUsd(sum(before), 200_000n),
        beforeUsd: before[WBTC],
        afterUsd: before[WBTC] + amount * px("60000") * 10n ** 16n,
        ...FEES,
      };
      const token = { decimals: 8, price: px("59000") };
      const { shares } = sharesOut(amount, token, mintFeePips(input), navHigh, (await alp.totalSupply()) * FINE);
      await mint(manager.connect(bob), list[WBTC], amount);
      expect(await alp.balanceOf(bob)).to.equal(shares);
    });

    it("counts what arrives of a token that charges for transfers", async () => {
      const { aggregator, alice, manager, vault, weights } = await loadFixture(deployWithFeeToken);
      const { token } = weights;
      await aggregator.setRange(20n, px("1"), px("1"), px("1"), true);
      await mint(manager.connect(alice), await token.getAddress(), usd("1000"));
      expect((await vault.ledger(token)).liquidity).to.equal(usd("990"));
      const { shares } = sharesOut(usd("990"), { decimals: 18, price: px("1") }, BASE_PIPS, 0n, 0n);
      const alp = await ethers.getContractAt("Alp", await manager.alp());
      expect(await alp.balanceOf(alice)).to.equal(shares);
    });

    it("is over at its deadline, that second included", async () => {
      const { bob, manager, tokens: list } = await loadFixture(deployFundedAlp);
      const deadline = BigInt(await time.latest()) + 100n;
      await time.setNextBlockTimestamp(deadline);
      await manager.connect(bob).mint(list[USDT], usd("5"), 0n, deadline, [], []);
      await expect(manager.connect(bob).mint(list[USDT], usd("5"), 0n, deadline, [], []))
        .to.be.revertedWithCustomError(manager, "AlpManager_DeadlinePassed")
        .withArgs(deadline, deadline + 1n);
    });

    it("gives no less than the minimum", async () => {
      const { bob, manager, tokens: list } = await loadFixture(deployFundedAlp);
      const out = await manager.connect(bob).mint.staticCall(list[USDT], usd("5"), 0n, NEVER, [], []);
      await expect(manager.connect(bob).mint(list[USDT], usd("5"), out + 1n, NEVER, [], []))
        .to.be.revertedWithCustomError(manager, "AlpManager_TooLittleOut")
        .withArgs(out, out + 1n);
      await manager.connect(bob).mint(list[USDT], usd("5"), out, NEVER, [], []);
    });

    it("is halted at breaker level 1 and above", async () => {
      const { bob, breaker, manager, tokens: list } = await loadFixture(deployFundedAlp);
      for (const level of [1n, 2n, 3n]) {
        await breaker.raise(level);
        await expect(mint(manager.connect(bob), list[USDT], usd("5")))
          .to.be.revertedWithCustomError(manager, "AlpManager_MintHalted")
          .withArgs(level);
      }
    });

    it("refuses while any price is not valid, of a token or of a market", async () => {
      const context = await loadFixture(deployFundedAlp);
      const { aggregator, bob, manager, product, tokens: list } = context;
      await aggregator.setRange(4n, px("600"), px("600"), px("600"), false);
      await expect(mint(manager.connect(bob), list[USDT], usd("5")))
        .to.be.revertedWithCustomError(manager, "AlpManager_PriceNotValid")
        .withArgs(4n);
      await aggregator.setRange(4n, px("600"), px("600"), px("600"), true);
      await back(context, usd("5000"), usd("4000"));
      await product.setLine(ETH_ASSET, lineAt("3000"));
      await expect(mint(manager.connect(bob), list[USDT], usd("5")))
        .to.be.revertedWithCustomError(manager, "AlpManager_PriceNotValid")
        .withArgs(ETH_ASSET);
    });

    it("does not ask for the price of an asset that is not there", async () => {
      const { aggregator, alice, manager, tokens: list } = await loadFixture(deployAlp);
      for (const asset of ASSETS.slice(1)) await aggregator.setRange(asset.assetId, 0n, 0n, 0n, false);
      await mint(manager.connect(alice), list[USDT], usd("1000"));
      await mint(manager.connect(alice), list[USDT], usd("1000"));
    });

    it("refuses a token that is no asset, or a retired one", async () => {
      const { bob, manager, tokens: list } = await loadFixture(deployFundedAlp);
      await expect(mint(manager.connect(bob), bob.address, 1n))
        .to.be.revertedWithCustomError(manager, "AlpManager_AssetNotListed")
        .withArgs(bob.address);
      await manager.setWeights([500_000n, 300_000n, 0n, 200_000n]);
      await expect(mint(manager.connect(bob), list[WBTC], 10_000n))
        .to.be.revertedWithCustomError(manager, "AlpManager_AssetRetired")
        .withArgs(list[WBTC]);
    });

    it("refuses while the vault is worth nothing", async () => {
      const { aggregator, bob, manager, tokens: list } = await loadFixture(deployFundedAlp);
      for (const { assetId } of ASSETS) await aggregator.setRange(assetId, 0n, 0n, 0n, true);
      await expect(mint(manager.connect(bob), list[USDT], usd("5")))
        .to.be.revertedWithCustomError(manager, "AlpManager_NavNotPositive")
        .withArgs(0n);
    });

    it("refuses a deposit that is worth no ALP", async () => {
      const { alice, aggregator, manager, tokens: list } = await loadFixture(deployAlp);
      await mint(manager.connect(alice), list[USDT], usd("1000"));
      await aggregator.setRange(1n, 1n, 1n, 1n, true);
      await aggregator.setRange(2n, px("1"), px("1"), px("1"), true);
      await mint(manager.connect(alice), list[USDC], tokens("1000000", 6));
      await expect(mint(manager.connect(alice), list[USDT], 1n))
        .to.be.revertedWithCustomError(manager, "AlpManager_AmountTooSmall")
        .withArgs(1n);
    });
  });

  describe("burn", () => {
    it("burns as the model does, out of every asset", async () => {
      for (const [i, asset] of ASSETS.entries()) {
        const context = await loadFixture(deployFundedAlp);
        const { alice, alp, manager, tokens: list } = context;
        const before = await liquidityX34(context);
        const supply = await alp.totalSupply();
        const alpAmount = usd("1234.5");
        const nav = sum(before);
        const gross = amountOut(alpAmount, asset, 0n, nav, supply * FINE);
        const input = {
          targetUsd: targetUsd(nav, asset.weightPips),
          beforeUsd: before[i],
          afterUsd: before[i] - gross * asset.price * 10n ** BigInt(24 - asset.decimals),
          ...FEES,
        };
        const feePips = burnFeePips(input);
        const expected = amountOut(alpAmount, asset, feePips, nav, supply * FINE);
        const liquidityBefore = (await context.vault.ledger(list[i])).liquidity;
        await expect(burn(manager.connect(alice), list[i], alpAmount))
          .to.emit(manager, "AlpBurned")
          .withArgs(alice.address, list[i], alice.address, alpAmount, expected, feePips, nav / FINE, supply);
        expect((await context.vault.ledger(list[i])).liquidity).to.equal(liquidityBefore - expected);
        expect(await alp.totalSupply()).to.equal(supply - alpAmount);
      }
    });

    it("takes the low NAV and the high price of what it pays", async () => {
      const context = await loadFixture(deployFundedAlp);
      const { aggregator, alice, alp, manager, product, tokens: list, vault } = context;
      await aggregator.setRange(3n, px("59000"), px("60000"), px("61000"), true);
      await aggregator.setRange(ETH_ASSET, px("2990"), px("3000"), px("3020"), true);
      await back(context, usd("5000"), usd("4000"));
      await product.setLine(ETH_ASSET, lineAt("3000"));
      const before = await liquidityX34(context);
      const { liquidity } = await vault.ledger(list[WBTC]);
      const navLow = sum(before) - liquidity * px("1000") * 10n ** 16n - usd("200") * FINE;
      const supply = (await alp.totalSupply()) * FINE;
      const token = { decimals: 8, price: px("61000") };
      const gross = amountOut(usd("1000"), token, 0n, navLow, supply);
      const input = {
        targetUsd: targetUsd(sum(before), 200_000n),
        beforeUsd: before[WBTC],
        afterUsd: before[WBTC] - gross * px("60000") * 10n ** 16n,
        ...FEES,
      };
      const expected = amountOut(usd("1000"), token, burnFeePips(input), navLow, supply);
      expect(
        await manager.connect(alice).burn.staticCall(list[WBTC], usd("1000"), 0n, NEVER, alice, false, [], []),
      ).to.equal(expected);
    });

    it("counts an asset without a price 0, and a book without one at its worst", async () => {
      const context = await loadFixture(deployFundedAlp);
      const { aggregator, alice, alp, manager, product, tokens: list } = context;
      await back(context, usd("5000"), usd("4000"));
      await aggregator.setRange(ETH_ASSET, px("3000"), px("3000"), px("3000"), false);
      await product.setLine(ETH_ASSET, lineAt("3000"));
      await aggregator.setRange(4n, px("600"), px("600"), px("600"), false);
      const navLow = usd("900000") - usd("5000");
      const receipt = await (await burn(manager.connect(alice), list[USDT], usd("1000"))).wait();
      const event = receipt?.logs
        .map((log) => manager.interface.parseLog(log))
        .find((parsed) => parsed?.name === "AlpBurned");
      const [reported, supply] = [event?.args.navLowUsd as bigint, event?.args.supplyBefore as bigint];
      expect(reported - navLow).to.be.within(-usd("1"), usd("1"));
      expect(supply - usd("1000")).to.equal(await alp.totalSupply());
    });

    it("needs a valid price of the token it pays", async () => {
      const { aggregator, alice, manager, tokens: list } = await loadFixture(deployFundedAlp);
      await aggregator.setRange(3n, px("60000"), px("60000"), px("60000"), false);
      await expect(burn(manager.connect(alice), list[WBTC], usd("1")))
        .to.be.revertedWithCustomError(manager, "AlpManager_PriceNotValid")
        .withArgs(3n);
    });

    it("burns nothing for nothing", async () => {
      const { aggregator, alice, manager, tokens: list } = await loadFixture(deployFundedAlp);
      await expect(burn(manager.connect(alice), list[USDC], 1n))
        .to.be.revertedWithCustomError(manager, "AlpManager_AmountTooSmall")
        .withArgs(1n);
      for (const { assetId, price } of ASSETS) await aggregator.setRange(assetId, 0n, price, price, true);
      await expect(burn(manager.connect(alice), list[USDT], usd("1")))
        .to.be.revertedWithCustomError(manager, "AlpManager_NavNotPositive")
        .withArgs(0n);
    });

    it("pays no more than what is not reserved", async () => {
      const { alice, manager, lens, product, tokens: list, vault } = await loadFixture(deployFundedAlp);
      const token = list[USDT];
      await vault.setCeiling(product, token, usd("320000"), 0n);
      const executor = { account: ethers.ZeroAddress, amount: 0n };
      await product.open({ token, reserve: usd("320000"), toLiquidity: 0n, toFees: 0n, executor });
      const out = await lens.previewBurn(manager, token, usd("90000"));
      await expect(burn(manager.connect(alice), token, usd("90000")))
        .to.be.revertedWithCustomError(manager, "AlpManager_LiquidityReserved")
        .withArgs(out.amountOut, usd("80000"));
      await burn(manager.connect(alice), token, usd("79000"));
    });

    it("refuses ALP that is still cooling", async () => {
      const { alp, bob, manager, tokens: list } = await loadFixture(deployFundedAlp);
      await mint(manager.connect(bob), list[USDT], usd("100"));
      const balance = await alp.balanceOf(bob);
      await expect(burn(manager.connect(bob), list[USDT], balance))
        .to.be.revertedWithCustomError(alp, "Alp_StillCooling")
        .withArgs(bob.address, balance, 0n);
    });

    it("keeps to its deadline, minimum and receiver", async () => {
      const { alice, manager, tokens: list } = await loadFixture(deployFundedAlp);
      const from = manager.connect(alice);
      const now = BigInt(await time.latest());
      await time.setNextBlockTimestamp(now + 10n);
      await expect(from.burn(list[USDT], 1n, 0n, now, alice, false, [], []))
        .to.be.revertedWithCustomError(manager, "AlpManager_DeadlinePassed")
        .withArgs(now, now + 10n);
      await expect(
        from.burn(list[USDT], 1n, 0n, NEVER, ethers.ZeroAddress, false, [], []),
      ).to.be.revertedWithCustomError(manager, "AlpManager_ZeroAddress");
      const out = await from.burn.staticCall(list[USDT], usd("7"), 0n, NEVER, alice, false, [], []);
      await expect(from.burn(list[USDT], usd("7"), out + 1n, NEVER, alice, false, [], []))
        .to.be.revertedWithCustomError(manager, "AlpManager_TooLittleOut")
        .withArgs(out, out + 1n);
    });

    it("is halted when the breaker says so", async () => {
      const { alice, breaker, manager, tokens: list } = await loadFixture(deployFundedAlp);
      await breaker.raise(1);
      await burn(manager.connect(alice), list[USDT], usd("1"));
      await breaker.raise(2);
      await expect(burn(manager.connect(alice), list[USDT], usd("1")))
        .to.be.revertedWithCustomError(manager, "AlpManager_BurnHalted")
        .withArgs(2n);
    });

    it("pays the native coin on request, to another receiver", async () => {
      const { alice, bob, manager, tokens: list, vault, wrapped } = await loadFixture(deployFundedAlp);
      await setBalance(await wrapped.getAddress(), usd("1000"));
      const from = manager.connect(alice);
      const out = await from.burn.staticCall(list[WBNB], usd("600"), 0n, NEVER, bob, true, [], []);
      await expect(from.burn(list[WBNB], usd("600"), 0n, NEVER, bob, true, [], [])).to.changeEtherBalance(bob, out);
      await expect(from.burn(list[USDT], usd("600"), 0n, NEVER, bob, true, [], []))
        .to.be.revertedWithCustomError(vault, "Vault_NotWrappedNative")
        .withArgs(list[USDT]);
    });

    it("lets a retired asset leave, cheaply, to the last", async () => {
      const { alice, manager, lens, tokens: list, vault } = await loadFixture(deployFundedAlp);
      await manager.setWeights([500_000n, 300_000n, 0n, 200_000n]);
      const { feePips } = await lens.previewBurn(manager, list[WBTC], usd("1000"));
      expect(feePips).to.equal(2_000n);
      let { liquidity } = await vault.ledger(list[WBTC]);
      const whole = await lens.previewBurn(manager, list[WBTC], usd("199000"));
      expect(whole.amountOut).to.be.lessThan(liquidity);
      await burn(manager.connect(alice), list[WBTC], usd("199000"));
      const rest = liquidity - whole.amountOut;
      // A little less than in proportion: the fee that stayed has made ALP dearer.
      const alpForRest = (usd("198500") * rest) / whole.amountOut;
      await burn(manager.connect(alice), list[WBTC], alpForRest);
      ({ liquidity } = await vault.ledger(list[WBTC]));
      expect(liquidity).to.be.lessThan(tokens("0.01", 8));
    });
  });
});

/** As `deployAlp`, with one more asset: a token that keeps 1% of every transfer, the only one with a weight. */
async function deployWithFeeToken() {
  const context = await deployAlp();
  const token = await ethers.deployContract("FeeOnTransferToken");
  await token.initialize("FEE", "FEE", 18);
  await token.setFeePips(10_000n);
  await addOnlyAsset(context, await token.getAddress());
  await token.mint(context.alice, usd("1000"));
  await token.connect(context.alice).approve(context.manager, ethers.MaxUint256);
  return { ...context, weights: { token } };
}
