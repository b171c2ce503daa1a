import type { ContractTransactionResponse, Signer } from "ethers";
import { ethers } from "hardhat";
import { time } from "@nomicfoundation/hardhat-network-helpers";
import { px, size, tokens, usd } from "../../../sdk/units";
import { IERC20__factory } from "../../../typechain-types";
import type { AlpManager } from "../../../typechain-types";
import { contractSigner } from "../../dsl/contractSigner";

export const COOLING_SECONDS = 48n * 3_600n;
export const BASE_PIPS = 2_500n;
export const TAX_PIPS = 500n;
/** So large that no test of anything else meets the limits of shares. */
export const SHARE_FLOOR_USD = 100_000_000n;
export const NEVER = 2n ** 40n - 1n;
export const DEAD_ADDRESS = "0x000000000000000000000000000000000000dEaD";

/** The assets of the fixture, in the order of the manager; the last one is the wrapped native coin. */
export const ASSETS = [
  { symbol: "USDT", assetId: 1n, decimals: 18, price: px("1"), weightPips: 400_000n },
  { symbol: "USDC", assetId: 2n, decimals: 6, price: px("0.9998"), weightPips: 300_000n },
  { symbol: "WBTC", assetId: 3n, decimals: 8, price: px("60000"), weightPips: 200_000n },
  { symbol: "WBNB", assetId: 4n, decimals: 18, price: px("600"), weightPips: 100_000n },
] as const;

/** A market's asset that no token has. */
export const ETH_ASSET = 9n;

/** The real Vault with an AlpManager, on scripted prices, products and breaker. */
export async function deployAlp() {
  const [governor, alice, bob, carol, treasury] = await ethers.getSigners();
  const distributor = await contractSigner();
  const accessManager = await ethers.deployContract("AccessManager", [governor]);
  const wrapped = await ethers.deployContract("StandInWrappedNative");
  await wrapped.initialize("Wrapped BNB", "WBNB", 18);
  const vault = await ethers.deployContract("Vault", [accessManager, wrapped]);
  const aggregator = await ethers.deployContract("ScriptedPriceAggregator");
  const breaker = await ethers.deployContract("ScriptedBreaker");
  const fees = { basePips: BASE_PIPS, taxPips: TAX_PIPS };
  const manager = await ethers.deployContract("AlpManager", [
    accessManager,
    vault,
    aggregator,
    breaker,
    COOLING_SECONDS,
    fees,
    SHARE_FLOOR_USD,
  ]);
  const alp = await ethers.getContractAt("Alp", await manager.alp());
  const lens = await ethers.deployContract("AlpLens", [manager]);
  await vault.initialise(manager, distributor);
  const product = await ethers.deployContract("ScriptedProduct", [vault]);
  await vault.addProduct(product);

  const list: string[] = [];
  for (const asset of ASSETS) {
    let token = await wrapped.getAddress();
    if (asset.symbol !== "WBNB") {
      const standIn = await ethers.deployContract("StandInToken");
      await standIn.initialize(asset.symbol, asset.symbol, asset.decimals);
      token = await standIn.getAddress();
    }
    list.push(token);
    await vault.listToken(token, 800_000n);
    await aggregator.setRange(asset.assetId, asset.price, asset.price, asset.price, true);
    await manager.addAsset(token, asset.assetId);
    for (const user of [alice, bob, carol]) await fund(token, user, asset.decimals, await manager.getAddress());
    await IERC20__factory.connect(token, alice).approve(product, ethers.MaxUint256);
  }
  await manager.setWeights(ASSETS.map((asset) => asset.weightPips));
  const actors = { governor, alice, bob, carol, treasury, distributor };
  return { ...actors, accessManager, wrapped, vault, aggregator, breaker, manager, alp, lens, product, tokens: list };
}

async function fund(token: string, user: Signer, decimals: number, spender: string): Promise<void> {
  const mintable = await ethers.getContractAt("TokenBase", token);
  await mintable.mint(user, tokens("1000000000", decimals));
  await IERC20__factory.connect(token, user).approve(spender, ethers.MaxUint256);
}

/** As `deployAlp`, with liquidity at exactly the target weights (1,000,000 USD by alice), all of it cooled. */
export async function deployFundedAlp() {
  const context = await deployAlp();
  const { manager, alice, alp, tokens: list } = context;
  const amounts = ["400000", "300060.012002", "3.33333333", "166.666666666666666667"];
  for (const [i, amount] of amounts.entries()) {
    await mint(manager.connect(alice), list[i], tokens(amount, ASSETS[i].decimals));
  }
  await time.increase(COOLING_SECONDS);
  return { ...context, aliceAlp: await alp.balanceOf(alice) };
}

/** A mint without bounds and ticks. */
export function mint(manager: AlpManager, token: string, amount: bigint): Promise<ContractTransactionResponse> {
  return manager.mint(token, amount, 0n, NEVER, [], []);
}

/** A burn to the caller without bounds and ticks. */
export async function burn(manager: AlpManager, token: string, amount: bigint): Promise<ContractTransactionResponse> {
  const receiver = await (manager.runner as Signer).getAddress();
  return manager.burn(token, amount, 0n, NEVER, receiver, false, [], []);
}

/**
 * Gives the product positions behind its lines, in the first token: only what has something reserved is asked, and it counts
 * at most what its ledger holds.
 */
export async function back(
  context: Pick<Awaited<ReturnType<typeof deployAlp>>, "vault" | "product" | "alice"> & { tokens: string[] },
  reserve: bigint,
  collateral: bigint,
): Promise<void> {
  const { vault, product, alice, tokens: list } = context;
  const [token] = list;
  await vault.setCeiling(product, token, 2n ** 100n, 0n);
  await product.connect(alice).deposit(token, collateral);
  const executor = { account: ethers.ZeroAddress, amount: 0n };
  await product.open({ token, reserve, toLiquidity: 0n, toFees: 0n, executor });
}

/** Value of a token amount, USD with 34 decimals, exact: the manager's own grid. */
export function valueX34(amount: bigint, price: bigint, decimals: number): bigint {
  return amount * price * 10n ** BigInt(24 - decimals);
}

/** A line that loses the LPs `size` USD for every USD that the asset gains. */
export function lineAt(entry: string) {
  return { sizeX8: size("10"), entryX10: px(entry), minUsd: usd("-5000"), maxUsd: usd("4000") };
}

/** Adds a token at 1 USD and makes it the only one with a weight. */
export async function addOnlyAsset(context: Awaited<ReturnType<typeof deployAlp>>, token: string): Promise<void> {
  const { aggregator, manager, vault } = context;
  await vault.listToken(token, 800_000n);
  await aggregator.setRange(20n, px("1"), px("1"), px("1"), true);
  await manager.addAsset(token, 20n);
  await manager.setWeights([0n, 0n, 0n, 0n, 1_000_000n]);
}
