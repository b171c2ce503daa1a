import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { artifacts, ethers, network } from "hardhat";
import { ASSET_KEYS, profileFor } from "../../deploy/profiles";
import type { ChainProfile } from "../../deploy/profiles";
import { DEFAULT_PRICES, installReplica, localPyth } from "../../kit/replica";
import { bareChainFixture } from "../fixtures/system";
import { LocalPublisher } from "../../kit/pyth/publisher";

/** Stores the default prices in Pyth, published now. */
export async function storePythPrices(profile: ChainProfile, publisher: LocalPublisher): Promise<void> {
  const { timestamp } = (await ethers.provider.getBlock("latest")) ?? { timestamp: 0 };
  const prices = ASSET_KEYS.map((asset) => ({
    feedId: profile.pyth.priceIds[asset],
    price: DEFAULT_PRICES[asset] / 100n,
    conf: 1_000n,
    expo: -8,
    publishTime: BigInt(timestamp),
    prevPublishTime: BigInt(timestamp - 1),
  }));
  const pyth = await ethers.getContractAt("IPyth", profile.pyth.address);
  const data = [publisher.update(prices)];
  await (await pyth.updatePriceFeeds(data, { value: await pyth.getUpdateFee(data) })).wait();
}

/** The chain without the system: fresh feeds, a wrapped coin with coins in it, and prices stored in Pyth. */
export async function chainFixture() {
  await loadFixture(bareChainFixture);
  const profile = profileFor(network.config.chainId ?? 0);
  const [deployer, other] = await ethers.getSigners();
  const publisher = new LocalPublisher(profile.pyth.network);
  const pyth = localPyth(deployer.address, publisher);
  const replica = await installReplica({ profile, provider: ethers.provider, signer: deployer, artifacts, pyth });
  await replica.refreshPushPrices();
  await storePythPrices(profile, publisher);
  return { profile, replica, publisher, deployer, other };
}

/** The same for a test: its next block comes a second after the fixture's, however long ago that was on the clock. */
export async function freshChain() {
  const context = await loadFixture(chainFixture);
  await time.setNextBlockTimestamp((await time.latest()) + 1);
  return context;
}
