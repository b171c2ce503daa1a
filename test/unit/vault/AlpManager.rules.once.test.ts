import { expect } from "chai";
import fc from "fast-check";
import { ethers } from "hardhat";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { isShareAllowed, mintFeePips, productWorthX34, sharesOutWithDue, targetUsd } from "../../../sdk/model";
import { px, tokens, usd } from "../../../sdk/units";
import { itMeasuresGas } from "../../dsl/instrumented";
import {
  ASSETS,
  BASE_PIPS,
  COOLING_SECONDS,
  ETH_ASSET,
  NEVER,
  TAX_PIPS,
  back,
  burn,
  deployAlp,
  deployFundedAlp,
  lineAt,
  mint,
  valueX34,
} from "./alpFixture";

const FEES = { basePips: BASE_PIPS, taxPips: TAX_PIPS };
const [USDT, USDC, WBTC] = [0, 1, 2];
/** From USD with 18 decimals to 34. */
const FINE = 10n ** 16n;
const MAX_INT = 2n ** 255n - 1n;
const RUNS = 40;

/** Below it the manager refuses to blame a product that fails. */
const MIN_GAS_LEFT = 3_060_000n;

/** How a product answers. */
const BEHAVIOUR = { honest: 0n, told: 1n, reverts: 2n, burnsGas: 3n, bombs: 4n, mumbles: 5n } as const;

type Context = Awaited<ReturnType<typeof deployFundedAlp>>;

/** As `deployFundedAlp`, with a product that holds positions of 5,000 USDT reserved and 4,000 USDT of margins. */
async function deployBacked() {
  const context = await deployFundedAlp();
  await back(context, usd("5000"), usd("4000"));
  await context.product.setLine(ETH_ASSET, lineAt("3000"));
  await context.aggregator.setRange(ETH_ASSET, px("3000"), px("3000"), px("3000"), true);
  return context;
}

/** Value of all liquidity at the fixture's prices, USD with 34 decimals. */
async function liquidityX34({ vault, tokens: list }: Context): Promise<bigint[]> {
  return Promise.all(
    ASSETS.map(async ({ price, decimals }, i) => valueX34((await vault.ledger(list[i])).liquidity, price, decimals)),
  );
}

const sum = (values: bigint[]) => values.reduce((a, b) => a + b, 0n);

describe("AlpManager: the rules of valuation", () => {
  describe("liquidations that may be due", () => {
    it("C1: are paid for by a mint, or its fee, whichever is more, as the model says", async () => {
      const context = await loadFixture(deployBacked);
      const { alp, bob, manager, lens, product, tokens: list } = context;
      const held = await liquidityX34(context);
      const supply = await alp.totalSupply();
      const amount = usd("1000");
      const feePips = mintFeePips({
        targetUsd: targetUsd(sum(held), ASSETS[USDT].weightPips),
        beforeUsd: held[USDT],
        afterUsd: held[USDT] + valueX34(amount, px("1"), 18),
        ...FEES,
      });
      const outs: bigint[] = [];
      for (const dueUsd of [0n, usd("1000"), usd("2510"), usd("3000"), usd("9000")]) {
        await product.tell(usd("-100"), usd("100"), dueUsd);
        const holding = { collateral: usd("4000"), reserved: usd("5000"), decimals: 18, low: px("1"), high: px("1") };
        const worth = productWorthX34([holding], { lowUsd: usd("-100"), highUsd: usd("100"), dueUsd });
        const nav = { highUsd: sum(held) + worth.high, dueUsd: worth.due };
        const expected = sharesOutWithDue(amount, ASSETS[USDT], feePips, nav, supply * FINE);
        const preview = await lens.previewMint(manager, list[USDT], amount);
        expect([preview.amountOut, preview.feePips, preview.amountAfterFee, preview.amountAfterDue]).to.deep.equal([
          expected.shares,
          feePips,
          expected.afterFee,
          expected.afterDue,
        ]);
        const out = await manager.connect(bob).mint.staticCall(list[USDT], amount, 0n, NEVER, [], []);
        expect(out).to.equal(expected.shares);
        expect((await lens.nav(bob)).dueUsd).to.equal(worth.due / FINE);
        outs.push(out);
      }
      // Nothing and little due is covered by the fee; what the margins can't hold counts no more.
      expect(outs[0]).to.equal(outs[1]);
      expect(outs[2]).to.be.below(outs[1]);
      expect(outs[3]).to.be.below(outs[2]);
      expect((await lens.nav(bob)).dueUsd).to.equal(usd("3900"));
    });

    it("C1: change nothing for a burn, nor for the low and high NAV", async () => {
      const { alice, manager, lens, product, tokens: list } = await loadFixture(deployBacked);
      const before = await lens.nav(alice);
      const paid = await lens.previewBurn(manager, list[USDT], usd("1000"));
      await product.setDue(usd("3000"));
      const after = await lens.nav(alice);
      expect([after.lowUsd, after.midUsd, after.highUsd]).to.deep.equal([before.lowUsd, before.midUsd, before.highUsd]);
      expect(await lens.previewBurn(manager, list[USDT], usd("1000"))).to.deep.equal(paid);
    });
  });

  describe("waiting for liquidations", () => {
    it("C2 A18: nothing is minted nor burned in the grace after a halt", async () => {
      const { alice, bob, breaker, manager, tokens: list } = await loadFixture(deployFundedAlp);
      await breaker.setGrace(true, 1_234n);
      for (const call of [
        () => mint(manager.connect(bob), list[USDT], usd("5")),
        () => burn(manager.connect(alice), list[USDT], usd("5")),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(manager, "AlpManager_LiquidationsWait").withArgs(1_234n);
      }
      await breaker.setGrace(false, 1_234n);
      await mint(manager.connect(bob), list[USDT], usd("5"));
      await burn(manager.connect(alice), list[USDT], usd("5"));
    });

    it("C2 A18: nor while the sequencer is not ready", async () => {
      const { aggregator, alice, bob, manager, tokens: list } = await loadFixture(deployFundedAlp);
      await aggregator.setSequencerReady(false);
      for (const call of [
        () => mint(manager.connect(bob), list[USDT], usd("5")),
        () => burn(manager.connect(alice), list[USDT], usd("5")),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(manager, "AlpManager_SequencerNotReady");
      }
      await aggregator.setSequencerReady(true);
      await mint(manager.connect(bob), list[USDT], usd("5"));
      await burn(manager.connect(alice), list[USDT], usd("5"));
    });
  });

  describe("largest shares", () => {
    it("C3: a mint may fill an asset to its share and not beyond, in a vault above the floor", async () => {
      const context = await loadFixture(deployFundedAlp);
      const { bob, manager, lens, tokens: list } = context;
      await manager.setShareFloor(1_000_000n);
      const held = await liquidityX34(context);
      // 400,000 of 1,000,000 USD: to 55% it takes a third of a million.
      const most = (usd("1000000") * 150_000n) / 450_000n;
      for (const [amount, isAllowed] of [
        [most - usd("1"), true],
        [most + usd("1"), false],
      ] as const) {
        const depositX34 = valueX34(amount, px("1"), 18);
        const after = [held[USDT] + depositX34, sum(held) + depositX34];
        expect(isShareAllowed(after[0], after[1], 550_000n, 1_000_000n)).to.equal(isAllowed);
        const call = () => manager.connect(bob).mint.staticCall(list[USDT], amount, 0n, NEVER, [], []);
        if (isAllowed) {
          expect(await call()).to.equal((await lens.previewMint(manager, list[USDT], amount)).amountOut);
          continue;
        }
        const sharePips = (after[0] * 1_000_000n + after[1] - 1n) / after[1];
        for (const refused of [call, () => lens.previewMint(manager, list[USDT], amount)]) {
          await expect(refused())
            .to.be.revertedWithCustomError(manager, "AlpManager_ShareTooLarge")
            .withArgs(list[USDT], sharePips, 550_000n);
        }
      }
    });

    it("C3: the floor counts the mint; on it the share is free", async () => {
      const context = await loadFixture(deployAlp);
      const { alice, manager, tokens: list } = context;
      await manager.setShareFloor(1_000n);
      await mint(manager.connect(alice), list[USDT], usd("1000"));
      await expect(mint(manager.connect(alice), list[USDT], 1n))
        .to.be.revertedWithCustomError(manager, "AlpManager_ShareTooLarge")
        .withArgs(list[USDT], 1_000_000n, 550_000n);
      // Another asset may come: it is below its own share then.
      await mint(manager.connect(alice), list[USDC], tokens("500", 6));
    });

    it("are set within their bounds, become the default with new weights, and bind no burn", async () => {
      const context = await loadFixture(deployFundedAlp);
      const { alice, manager, tokens: list } = context;
      const weights = ASSETS.map(({ weightPips }) => weightPips);
      await expect(manager.setMaxShares(weights)).to.emit(manager, "MaxSharesSet").withArgs(weights);
      expect((await manager.assets()).map((asset) => asset.maxSharePips)).to.deep.equal(weights);
      await manager.setShareFloor(0n);
      const held = await liquidityX34(context);
      const depositX34 = valueX34(usd("5"), px("1"), 18);
      const total = sum(held) + depositX34;
      const sharePips = ((held[USDT] + depositX34) * 1_000_000n + total - 1n) / total;
      await expect(mint(manager.connect(alice), list[USDT], usd("5")))
        .to.be.revertedWithCustomError(manager, "AlpManager_ShareTooLarge")
        .withArgs(list[USDT], sharePips, weights[USDT]);
      await burn(manager.connect(alice), list[USDC], usd("5"));
      for (const [index, share, max] of [
        [0, 399_999n, 700_000n],
        [0, 700_001n, 700_000n],
        [3, 99_999n, 400_000n],
      ] as const) {
        await expect(manager.setMaxShares(weights.map((weight, i) => (i === index ? share : weight))))
          .to.be.revertedWithCustomError(manager, "AlpManager_MaxShareOutOfRange")
          .withArgs(share, weights[index], max);
      }
      await expect(manager.setMaxShares(weights.slice(1)))
        .to.be.revertedWithCustomError(manager, "AlpManager_WeightCountWrong")
        .withArgs(3n, 4n);
      await expect(manager.setWeights([1_000_000n, 0n, 0n, 0n]))
        .to.emit(manager, "MaxSharesSet")
        .withArgs([1_000_000n, 150_000n, 150_000n, 150_000n]);
      await expect(manager.setMaxShares([1_000_001n, 0n, 0n, 0n]))
        .to.be.revertedWithCustomError(manager, "AlpManager_MaxShareOutOfRange")
        .withArgs(1_000_001n, 1_000_000n, 1_000_000n);
    });

    it("has a floor within its bounds", async () => {
      const { accessManager, aggregator, breaker, manager, vault } = await loadFixture(deployAlp);
      await expect(manager.setShareFloor(7n)).to.emit(manager, "ShareFloorSet").withArgs(7n);
      expect(await manager.shareFloorUsd()).to.equal(7n);
      const factory = await ethers.getContractFactory("AlpManager");
      const args = [accessManager, vault, aggregator, breaker, COOLING_SECONDS, FEES] as const;
      for (const call of [() => manager.setShareFloor(100_000_001n), () => factory.deploy(...args, 100_000_001n)]) {
        await expect(call())
          .to.be.revertedWithCustomError(manager, "AlpManager_ShareFloorOutOfRange")
          .withArgs(100_000_001n, 100_000_000n);
      }
    });
  });

  describe("products", () => {
    it("C5: count at most what their ledgers can pay, whatever they say, as the model does", async () => {
      const context = await loadFixture(deployBacked);
      const { aggregator, alice, lens, product, tokens: list, vault } = context;
      // A second token, with more margins than reserve.
      await vault.setCeiling(product, list[WBTC], 2n ** 100n, 0n);
      await (await ethers.getContractAt("TokenBase", list[WBTC])).connect(alice).approve(product, ethers.MaxUint256);
      await product.connect(alice).deposit(list[WBTC], tokens("0.5", 8));
      const executor = { account: ethers.ZeroAddress, amount: 0n };
      await product.open({ token: list[WBTC], reserve: tokens("0.1", 8), toLiquidity: 0n, toFees: 0n, executor });
      await aggregator.setRange(3n, px("59000"), px("60000"), px("61000"), true);
      const held = await liquidityX34(context);
      const { liquidity } = await vault.ledger(list[WBTC]);
      const flat = {
        low: sum(held) - liquidity * px("1000") * 10n ** 16n,
        high: sum(held) + liquidity * px("1000") * 10n ** 16n,
      };
      const holdings = [
        { collateral: usd("4000"), reserved: usd("5000"), decimals: 18, low: px("1"), high: px("1") },
        {
          collateral: tokens("0.5", 8),
          reserved: tokens("0.1", 8),
          decimals: 8,
          low: px("59000"),
          high: px("61000"),
        },
      ];
      const amount = fc.oneof(
        fc.bigInt(usd("-60000"), usd("60000")),
        fc.constantFrom(0n, MAX_INT, -MAX_INT - 1n, usd("-11100"), usd("34500"), usd("9900")),
      );
      const due = fc.oneof(fc.bigInt(0n, usd("60000")), fc.constantFrom(0n, 2n ** 256n - 1n, 2n ** 255n));
      await fc.assert(
        fc.asyncProperty(amount, amount, due, async (lowUsd, highUsd, dueUsd) => {
          await product.tell(lowUsd, highUsd, dueUsd);
          const worth = productWorthX34(holdings, { lowUsd, highUsd, dueUsd });
          const nav = await lens.nav(alice);
          expect(nav.lowUsd).to.equal((flat.low + worth.low) / FINE);
          expect(nav.highUsd).to.equal((flat.high + worth.high + FINE - 1n) / FINE);
          expect(nav.dueUsd).to.equal((worth.due + FINE - 1n) / FINE);
        }),
        { numRuns: RUNS, seed: 20_261_126 },
      );
    });

    for (const isFirstAsked of [true, false]) {
      for (const name of ["reverts", "burnsGas", "bombs", "mumbles"] as const) {
        it(`C5 A21: one that ${name} when ${isFirstAsked ? "first" : "then"} asked refuses a mint, and counts its reserve in a burn`, async () => {
          const context = await loadFixture(deployBacked);
          const { alice, alp, bob, manager, product, tokens: list } = context;
          await product.setBehaviour(BEHAVIOUR[name], isFirstAsked);
          const gasLimit = 12_000_000n;
          await expect(manager.connect(bob).mint(list[USDT], usd("5"), 0n, NEVER, [], [], { gasLimit }))
            .to.be.revertedWithCustomError(manager, "AlpManager_ProductNotValued")
            .withArgs(await product.getAddress());
          const supply = await alp.totalSupply();
          const held = await liquidityX34(context);
          const receipt = await (
            await manager.connect(alice).burn(list[USDT], usd("1000"), 0n, NEVER, alice, false, [], [], { gasLimit })
          ).wait();
          const event = receipt?.logs
            .map((log) => manager.interface.parseLog(log))
            .find((parsed) => parsed?.name === "AlpBurned");
          expect(event?.args.navLowUsd).to.equal((sum(held) - valueX34(usd("5000"), px("1"), 18)) / FINE);
          expect(event?.args.supplyBefore).to.equal(supply);
          // Two views of three million, and what a burn costs.
          expect(receipt?.gasUsed).to.be.below(6_700_000n);
        });
      }
    }

    itMeasuresGas("C5 A21: nobody can make a product fail by little gas", async () => {
      const { alice, manager, product, tokens: list } = await loadFixture(deployBacked);
      const sent = (gasLimit: bigint) =>
        manager.connect(alice).burn.staticCall(list[USDT], usd("1000"), 0n, NEVER, alice, false, [], [], { gasLimit });
      const whole = await sent(12_000_000n);
      const errors = new Set<string>();
      for (let gasLimit = 60_000n; gasLimit < 400_000n; gasLimit += 4_000n) {
        const out = await sent(gasLimit).catch((error: unknown) => {
          const { data } = error as { data?: unknown };
          // Without data: all gas is gone.
          const hasData = typeof data === "string" && data !== "0x";
          errors.add(hasData ? (manager.interface.parseError(data)?.name ?? "") : "");
          return whole;
        });
        expect(out, `${gasLimit}`).to.equal(whole);
      }
      expect([...errors]).to.include("AlpManager_TooLittleGas");
      // One that burns its gas needs the whole of it.
      await product.setBehaviour(BEHAVIOUR.burnsGas, false);
      await expect(sent(3_000_000n))
        .to.be.revertedWithCustomError(manager, "AlpManager_TooLittleGas")
        .withArgs((available: bigint) => available < MIN_GAS_LEFT, MIN_GAS_LEFT);
      expect(await sent(6_700_000n)).to.be.below(whole);
    });

    it("I: one with nothing reserved is not asked, whatever it holds", async () => {
      const context = await loadFixture(deployFundedAlp);
      const { alice, bob, manager, lens, product, tokens: list } = context;
      await product.connect(alice).deposit(list[USDT], usd("1000"));
      await product.setBehaviour(BEHAVIOUR.reverts, true);
      const before = await lens.nav(alice);
      expect(before.lowUsd).to.be.within(before.highUsd - 1n, before.highUsd);
      await mint(manager.connect(bob), list[USDT], usd("5"));
    });

    it("are valued by their ledgers when they were added so, once, and only if the vault knows them", async () => {
      const { alice, manager, lens, product } = await loadFixture(deployBacked);
      await product.setBehaviour(BEHAVIOUR.reverts, true);
      await expect(lens.nav(alice))
        .to.be.revertedWithCustomError(manager, "AlpManager_ProductNotValued")
        .withArgs(product);
      expect(await manager.isLedgerProduct(product)).to.equal(false);
      await expect(manager.addLedgerProduct(product)).to.emit(manager, "LedgerProductAdded").withArgs(product);
      expect(await manager.isLedgerProduct(product)).to.equal(true);
      const nav = await lens.nav(alice);
      expect(nav.highUsd - nav.lowUsd).to.be.within(usd("9000"), usd("9000") + 1n);
      await expect(manager.addLedgerProduct(product))
        .to.be.revertedWithCustomError(manager, "AlpManager_LedgerProductAlreadyAdded")
        .withArgs(product);
      await expect(manager.addLedgerProduct(alice))
        .to.be.revertedWithCustomError(manager, "AlpManager_ProductNotFound")
        .withArgs(alice.address);
      // Assets added later leave it where it is.
      await manager.setWeights(ASSETS.map(({ weightPips }) => weightPips));
      expect(await manager.isLedgerProduct(product)).to.equal(true);
    });

    it("bounds the number of those valued by their ledgers, and keeps them behind new assets", async () => {
      const { aggregator, manager, vault } = await loadFixture(deployAlp);
      const added: string[] = [];
      for (let i = 1n; i <= 17n; ++i) {
        const product = await (await ethers.deployContract("ScriptedProduct", [vault])).getAddress();
        await vault.addProduct(product);
        if (i <= 16n) {
          await manager.addLedgerProduct(product);
          added.push(product);
          continue;
        }
        await expect(manager.addLedgerProduct(product))
          .to.be.revertedWithCustomError(manager, "AlpManager_TooManyLedgerProducts")
          .withArgs(16n);
      }
      const token = await ethers.deployContract("StandInToken");
      await vault.listToken(token, 800_000n);
      await aggregator.setRange(30n, px("1"), px("1"), px("1"), true);
      await manager.addAsset(token, 30n);
      expect((await manager.assets()).at(-1)).to.deep.equal([await token.getAddress(), 30n, 0n, 150_000n]);
      for (const product of added) expect(await manager.isLedgerProduct(product)).to.equal(true);
      expect(await manager.isLedgerProduct(token)).to.equal(false);
    });
  });

  describe("governance", () => {
    it("is restricted", async () => {
      const { alice, manager, product } = await loadFixture(deployAlp);
      const from = manager.connect(alice);
      for (const call of [
        () => from.setMaxShares([]),
        () => from.setShareFloor(0n),
        () => from.addLedgerProduct(product),
      ]) {
        await expect(call())
          .to.be.revertedWithCustomError(manager, "AccessManagedUnauthorized")
          .withArgs(alice.address);
      }
    });
  });
});
