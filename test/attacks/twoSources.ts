import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { ethers } from "hardhat";
import { assetIdOf } from "../../deploy/arguments/oracle";
import type { AssetKey } from "../../deploy/profiles";
import { confirmed } from "../../kit/desk/Desk";
import { fundPlayer } from "../../kit/desk/bets";
import { quickRolesDeskFixture } from "../fixtures/trading";
import { sourcesOf } from "../unit/trading/setup";

/** Has a source report: at the latest block unless said otherwise. */
type Report = (price: bigint, updatedAt?: number) => Promise<unknown>;

/** The desk with a second source for every margin token that has one only, as governance would add it. */
export async function twoSourcesFixture() {
  const context = await loadFixture(quickRolesDeskFixture);
  const { desk, profile, replica, priceAggregator, quickGovernor, trader } = context;
  const second = new Map<AssetKey, Report>();
  for (const { assetKey, symbol, margin } of profile.tokens) {
    if (!margin) continue;
    const [, ...others] = sourcesOf(context, assetKey);
    if (others.length > 0) {
      second.set(assetKey, (price, updatedAt) => replica.setPushPrice(assetKey, price, updatedAt, others));
    } else {
      const feed = await ethers.deployContract("RawFeed", [8n]);
      const answer: Report = async (price, updatedAt) => {
        const at = updatedAt ?? (await desk.now());
        const types = ["uint80", "int256", "uint256", "uint256", "uint80"];
        const round = ethers.AbiCoder.defaultAbiCoder().encode(types, [1, price / 100n, at, at, 1]);
        return confirmed(feed.setAnswer(round));
      };
      await answer(desk.priceOf(assetKey));
      const config = { kind: 0, feed, maxAgeSeconds: 3_600, base: "", quote: "" };
      await confirmed(priceAggregator.connect(quickGovernor).addSource(assetIdOf(assetKey), config));
      second.set(assetKey, answer);
    }
    await fundPlayer(desk, trader, symbol, desk.tokenUnits(symbol, 100_000n));
  }
  await desk.refresh();
  return { ...context, second };
}
