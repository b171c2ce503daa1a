import { expect } from "chai";
import { ethers } from "hardhat";
import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { amountOut, burnFeePips, mintFeePips, sharesOut, targetUsd } from "../../../sdk/model";
import { px, tokens } from "../../../sdk/units";
import { IERC20__factory } from "../../../typechain-types";
import {
  BASE_PIPS,
  COOLING_SECONDS,
  NEVER,
  SHARE_FLOOR_USD,
  TAX_PIPS,
  back,
  burn,
  lineAt,
  mint,
  valueX34,
} from "./alpFixture";

const FEES = { basePips: BASE_PIPS, taxPips: TAX_PIPS };
/** From USD with 18 decimals to 34, in which the model's division is as fine as the contract's. */
const FINE = 10n ** 16n;
const DECIMALS = [18, 6, 8, 18, 2, 12, 0, 24];
const FIRST_MARKET = 50n;
const MARKET_PRICE = "3000";

interface Asset {
  token: string;
  assetId: bigint;
  decimals: number;
  price: bigint;
  weightPips: bigint;
}

/** A vault of so many assets and so many markets with open interest, each asset at its target. */
async function deployAtScale(assetCount: number, marketCount: number) {
  const [governor, alice, bob] = await ethers.getSigners();
  const accessManager = await ethers.deployContract("AccessManager", [governor]);
  const wrapped = await ethers.deployContract("StandInWrappedNative");
  const vault = await ethers.deployContract("Vault", [accessManager, wrapped]);
  const aggregator = await ethers.deployContract("ScriptedPriceAggregator");
  const breaker = await ethers.deployContract("ScriptedBreaker");
  const manager = await ethers.deployContract("AlpManager", [
    accessManager,
    vault,
    aggregator,
    breaker,
    COOLING_SECONDS,
    FEES,
    SHARE_FLOOR_USD,
  ]);
  const alp = await ethers.getContractAt("Alp", await manager.alp());
  const lens = await ethers.deployContract("AlpLens", [manager]);
  await vault.initialise(manager, wrapped);
  const product = await ethers.deployContract("ScriptedProduct", [vault]);
  await vault.addProduct(product);

  const assets: Asset[] = [];
  for (let i = 0; i < assetCount; i++) {
    const standIn = await ethers.deployContract("StandInToken");
    await standIn.initialize(`Token ${i}`, `T${i}`, DECIMALS[i]);
    const share = 1_000_000n / BigInt(assetCount);
    const weightPips = i === 0 ? 1_000_000n - share * BigInt(assetCount - 1) : share;
    const asset = { token: await standIn.getAddress(), assetId: BigInt(i + 1), decimals: DECIMALS[i] };
    assets.push({ ...asset, price: px("1") * BigInt(1 + i * i), weightPips });
    await vault.listToken(standIn, 800_000n);
    await aggregator.setRange(i + 1, assets[i].price, assets[i].price, assets[i].price, true);
    await manager.addAsset(standIn, i + 1);
    for (const user of [alice, bob]) {
      await standIn.mint(user, tokens("1000000000", DECIMALS[i]));
      await IERC20__factory.connect(asset.token, user).approve(manager, ethers.MaxUint256);
    }
  }
  await manager.setWeights(assets.map(({ weightPips }) => weightPips));
  for (const { token, decimals } of assets) await mint(manager.connect(alice), token, tokens("100000", decimals));
  const backed = { vault, product, alice, tokens: assets.map(({ token }) => token) };
  await IERC20__factory.connect(backed.tokens[0], alice).approve(product, ethers.MaxUint256);
  if (marketCount > 0) await back(backed, tokens("50000", DECIMALS[0]), tokens("50000", DECIMALS[0]));
  for (let market = 0n; market < marketCount; market++) {
    await aggregator.setRange(FIRST_MARKET + market, px("2990"), px("3000"), px("3010"), true);
    await product.setLine(FIRST_MARKET + market, lineAt(MARKET_PRICE));
  }
  await time.increase(COOLING_SECONDS);
  return { vault, manager, lens, alp, alice, bob, aggregator, assets };
}

type Context = Awaited<ReturnType<typeof deployAtScale>>;

async function heldX34({ vault, assets }: Context): Promise<bigint[]> {
  return Promise.all(
    assets.map(async ({ token, price, decimals }) => valueX34((await vault.ledger(token)).liquidity, price, decimals)),
  );
}

const sum = (values: bigint[]) => values.reduce((a, b) => a + b, 0n);

for (const assetCount of [1, 3, 8]) {
  for (const marketCount of [0, 1, 30]) {
    describe(`AlpManager with ${assetCount} assets and ${marketCount} markets`, () => {
      const fixture = async () => deployAtScale(assetCount, marketCount);
      // Ten of the base asset against the LPs, 10 USD from the middle at either end.
      const spreadX34 = BigInt(marketCount) * 100n * 10n ** 34n;

      it("mints in every asset as the model does, and as the preview says", async () => {
        const context = await loadFixture(fixture);
        const { manager, lens, alp, bob, assets } = context;
        for (const asset of assets) {
          const amount = tokens("17", asset.decimals);
          const held = await heldX34(context);
          const supply = await alp.totalSupply();
          const before = held[Number(asset.assetId) - 1];
          const fee = mintFeePips({
            targetUsd: targetUsd(sum(held), asset.weightPips),
            beforeUsd: before,
            afterUsd: before + valueX34(amount, asset.price, asset.decimals),
            ...FEES,
          });
          const { shares } = sharesOut(amount, asset, fee, sum(held) + spreadX34, supply * FINE);
          const preview = await lens.previewMint(manager, asset.token, amount);
          const had = await alp.balanceOf(bob);
          await manager.connect(bob).mint(asset.token, amount, preview.amountOut, NEVER, [], []);
          expect([preview.amountOut, preview.feePips]).to.deep.equal([shares, fee]);
          expect((await alp.balanceOf(bob)) - had).to.equal(shares);
        }
      });

      it("burns into every asset as the model does, and as the preview says", async () => {
        const context = await loadFixture(fixture);
        const { manager, lens, alp, alice, assets } = context;
        for (const asset of assets) {
          const held = await heldX34(context);
          const supply = await alp.totalSupply();
          const nav = sum(held) - spreadX34;
          const before = held[Number(asset.assetId) - 1];
          const alpAmount = (await alp.balanceOf(alice)) / 1_000n;
          const weighted = { targetUsd: targetUsd(sum(held), asset.weightPips), beforeUsd: before, ...FEES };
          const gross = amountOut(alpAmount, asset, 0n, nav, supply * FINE);
          const afterUsd = before - valueX34(gross, asset.price, asset.decimals);
          const fee = burnFeePips({ ...weighted, afterUsd });
          const amount = amountOut(alpAmount, asset, fee, nav, supply * FINE);
          const preview = await lens.previewBurn(manager, asset.token, alpAmount);
          expect([preview.amountOut, preview.feePips]).to.deep.equal([amount, fee]);
          if (amount === 0n) continue;
          const token = IERC20__factory.connect(asset.token, alice);
          const had = await token.balanceOf(alice);
          await burn(manager.connect(alice), asset.token, alpAmount);
          expect((await token.balanceOf(alice)) - had).to.equal(amount);
        }
      });
    });
  }
}

describe("AlpManager while live", () => {
  const fixture = async () => deployAtScale(3, 1);

  it("charges by new weights from the change on, as the model does", async () => {
    const context = await loadFixture(fixture);
    const { manager, lens, assets } = context;
    const weights = [700_000n, 200_000n, 100_000n];
    const held = await heldX34(context);
    const feesAt = (weightsNow: bigint[]) =>
      assets.map((asset, i) => {
        const deposit = valueX34(tokens("10", asset.decimals), asset.price, asset.decimals);
        const target = targetUsd(sum(held), weightsNow[i]);
        return mintFeePips({ targetUsd: target, beforeUsd: held[i], afterUsd: held[i] + deposit, ...FEES });
      });
    const quoted = async () =>
      Promise.all(
        assets.map(
          async ({ token, decimals }) => (await lens.previewMint(manager, token, tokens("10", decimals))).feePips,
        ),
      );
    const before = await quoted();
    expect(before).to.deep.equal(feesAt(assets.map(({ weightPips }) => weightPips)));
    await manager.setWeights(weights);
    expect(await quoted()).to.deep.equal(feesAt(weights));
    expect(await quoted()).to.not.deep.equal(before);
  });

  it("lets nobody in at par, nor out at par, while a stablecoin trades at 0.875", async () => {
    const context = await loadFixture(fixture);
    const { manager, lens, alp, bob, alice, aggregator, assets } = context;
    const [stable, other] = assets;
    await aggregator.setRange(stable.assetId, px("0.87"), px("0.875"), px("0.88"), true);
    const { lowUsd, highUsd, supply } = await lens.nav(manager);
    const amount = tokens("1000", stable.decimals);
    await mint(manager.connect(bob), stable.token, amount);
    // Worth no more than at the low price, at an ALP price no lower than the high one.
    const most = (tokens("870", 18) * supply) / highUsd;
    expect((await alp.balanceOf(bob)) <= most).to.equal(true);
    expect((await alp.balanceOf(bob)) >= (most * 99n) / 100n).to.equal(true);
    const share = (await alp.balanceOf(alice)) / 100n;
    const token = IERC20__factory.connect(other.token, alice);
    const had = await token.balanceOf(alice);
    await burn(manager.connect(alice), other.token, share);
    const out = valueX34((await token.balanceOf(alice)) - had, other.price, other.decimals) / FINE;
    expect(out <= (share * (lowUsd + tokens("880", 18))) / supply).to.equal(true);
  });
});
