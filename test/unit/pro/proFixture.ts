import { time } from "@nomicfoundation/hardhat-network-helpers";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import { ethers } from "hardhat";
import { deployLinked } from "../../dsl/linked";
import { resultOf, refresh } from "../../dsl/proActions";

export const USD = 10n ** 18n;
/** Price of one dollar, 10 decimals. */
export const PRICE = 10n ** 10n;

/** BTC as it ships. */
export const BTC = {
  tickSize: PRICE,
  lotSize: 100_000n,
  assetId: 1n,
  status: 1n,
  minAnchors: 2n,
  maxDeviationPips: 3_000n,
  bandPips: 20_000n,
  highLeverage: 20n,
  defaultLeverage: 20n,
  takerFeePips: 400n,
  makerFeePips: 50n,
  liquidationFeePips: 500n,
  fundingCapPips: 5_000n,
};

/** ETH as it ships. */
export const ETH = { ...BTC, tickSize: PRICE / 10n, lotSize: 1_000_000n, assetId: 2n };

/** Without interest: nothing is owed where there is no premium. */
export const LIMITS = {
  maxOpenInterestUsd: 20_000_000n,
  leastRestingUsd: 250n,
  interestPips: 0n,
  tierCount: 0n,
  reduceOnlySince: 0n,
  tightenedAt: 0n,
};

export const TIERS = [
  [50_000n, 200n, 2_500n],
  [250_000n, 100n, 5_000n],
  [1_000_000n, 50n, 10_000n],
  [5_000_000n, 20n, 25_000n],
  [10_000_000n, 10n, 50_000n],
  [20_000_000n, 5n, 100_000n],
].map(([capUsd, maxLeverage, ratePips]) => ({ capUsd, maxLeverage, ratePips, cumX6: 0n }));

/**
 * Pro on the real Vault, with BTC at 100,000 as market 0 and ETH at 4,000 as market 1, prices as a test sets them, and three
 * traders with a million dollars in their wallets.
 */
export async function deployPro(
  decimals = 18,
  tokenContract = "StandInToken",
  limits = LIMITS,
  breakerContract: "Breaker" | "ScriptedBreaker" = "ScriptedBreaker",
) {
  const [governor, alice, bob, carol, keeper, treasury, stranger] = await ethers.getSigners();
  const accessManager = await ethers.deployContract("AccessManager", [governor]);
  const wrapped = await ethers.deployContract("StandInWrappedNative");
  await wrapped.initialize("Wrapped BNB", "WBNB", 18);
  const vault = await ethers.deployContract("Vault", [accessManager, wrapped]);
  const brokers = await ethers.deployContract("BrokerRegistry", [accessManager]);
  const distributor = await ethers.deployContract("FeeDistributor", [accessManager, vault, brokers, treasury]);
  await vault.initialise(wrapped, distributor);
  const tokenAt = await (await ethers.deployContract(tokenContract)).getAddress();
  const token = await ethers.getContractAt("StandInToken", tokenAt);
  await token.initialize("Tether USD", "USDT", decimals);
  await vault.listToken(token, 800_000n);

  const oracle = await ethers.deployContract("ProOracle");
  const breakerArgs = breakerContract === "Breaker" ? [accessManager] : [];
  const breakerAt = await (await ethers.deployContract(breakerContract as string, breakerArgs)).getAddress();
  const breaker = await ethers.getContractAt("ScriptedBreaker", breakerAt);
  const configurator = await ethers.deployContract("ProConfigurator", [accessManager]);
  const deployed = await deployLinked("Pro", [vault, oracle, breaker, configurator, token]);
  const pro = await ethers.getContractAt("Pro", await deployed.getAddress());
  await vault.addProduct(pro);
  await configurator.listMarket(pro, BTC, limits, TIERS, 100_000n * PRICE);
  await configurator.listMarket(pro, ETH, limits, TIERS, 4_000n * PRICE);
  const reader = await ethers.deployContract("ProReader");

  const unit = 10n ** BigInt(decimals);
  for (const trader of [alice, bob, carol]) {
    await token.mint(trader, 1_000_000n * unit);
    await token.connect(trader).approve(pro, ethers.MaxUint256);
  }
  const actors = { governor, alice, bob, carol, keeper, treasury, stranger };
  return {
    ...{ ...actors, accessManager, vault, brokers, distributor, token, oracle, breaker, configurator, pro, reader },
    unit,
  };
}

export type ProContext = Awaited<ReturnType<typeof deployPro>>;

/** As `deployPro`, prices brought, and 100,000 dollars in account 0 of each trader. */
export async function deployFunded(
  tokenContract = "StandInToken",
  decimals = 18,
  breakerContract: "Breaker" | "ScriptedBreaker" = "ScriptedBreaker",
) {
  const context = await deployPro(decimals, tokenContract, LIMITS, breakerContract);
  const { pro, alice, bob, carol, unit } = context;
  for (const trader of [alice, bob, carol]) await pro.connect(trader).deposit(trader, 0, 100_000n * unit);
  await setPrices(context, 100_000n, 4_000n);
  return context;
}

/** Account 0 of the n-th owner: 1 for the first who deposited. */
export const accountOf = (owner: bigint, sub = 0n): bigint => (owner << 8n) | sub;
export const ALICE = accountOf(1n);
export const BOB = accountOf(2n);
export const CAROL = accountOf(3n);

const proofOf = (assetIds: bigint[]) => ({ assetIds, minPublishTime: 0n, isUnique: false, updateData: ["0x01"] });

/** Has both markets refreshed at prices in whole dollars, published in the block that brings them. */
export async function setPrices(context: ProContext, btc: bigint, eth: bigint) {
  const { oracle, pro, alice } = context;
  const now = BigInt(await time.latest()) + 3n;
  await oracle.setPrice(1, btc * PRICE, now);
  await oracle.setPrice(2, eth * PRICE, now);
  await time.setNextBlockTimestamp(now);
  await pro.connect(alice).act(ALICE, [proofOf([1n, 2n])], [refresh(0n, 0n), refresh(1n, 1n)]);
}

/** Sends actions of a trader for his account 0, and returns what each came to. */
export async function act(context: ProContext, trader: HardhatEthersSigner, actions: bigint[], sub = 0n) {
  const pro = context.pro.connect(trader);
  const account = await pro.accountOf(trader, sub);
  const results = await pro.act.staticCall(account, [], actions);
  const transaction = await pro.act(account, [], actions);
  return { results: results.map(resultOf), transaction };
}

/** The same, at prices in whole dollars that are brought with it. */
export async function actAt(
  context: ProContext,
  trader: HardhatEthersSigner,
  prices: [btc: bigint, eth: bigint],
  actions: bigint[],
) {
  await setPrices(context, ...prices);
  return act(context, trader, actions);
}
