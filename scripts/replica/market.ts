import type { Signer } from "ethers";
import { Interface } from "ethers";
import { ethers } from "hardhat";
import type { AssetKey } from "../../deploy/profiles";
import type { Replica } from "../../kit/replica";
import { toAnswer } from "../../kit/replica";
import { pushSourcesOf, usedAssets } from "../../deploy/sources";
import type { LocalPublisher } from "../../kit/pyth/publisher";
import type { PythPrice } from "../../sdk/pyth/wire";
import type { CallProxy } from "../../typechain-types";

const FEED_ABI = new Interface(["function pushAnswer(int192 answer)"]);
/** Most gas of a report of all feeds, and for each of them: nothing is estimated every second. */
const [BASE_GAS, REPORT_GAS] = [200_000n, 300_000n];
const PYTH_EXPONENT = -8;
const PYTH_SCALE = 100n;
/** A hundredth of a percent. */
const CONFIDENCE_PART = 10_000n;
/** Changes of a price that are remembered: older ticks do nothing any more. */
const REMEMBERED = 600;

interface Feed {
  asset: AssetKey;
  aggregator: string;
  decimals: number;
}

/** The prices of a replica: what its feeds report and what its publisher signs. */
export class Market {
  private readonly prices = new Map<AssetKey, bigint>();
  /** By asset: prices that were in force, from which second on, the latest last. */
  private readonly past = new Map<AssetKey, { since: number; price: bigint }[]>();
  private timer: NodeJS.Timeout | undefined;

  private constructor(
    readonly replica: Replica,
    private readonly reporter: CallProxy,
    private readonly feeds: readonly Feed[],
  ) {}

  /** Takes up the prices that the feeds have. */
  static async open(replica: Replica, signer: Signer): Promise<Market> {
    const { profile } = replica;
    const feeds: Feed[] = [];
    const market = new Market(replica, await ethers.deployContract("CallProxy", signer), feeds);
    for (const asset of usedAssets(profile)) {
      for (const { name, decimals } of pushSourcesOf(profile, asset)) {
        if (name === "registry") continue;
        const aggregator = await replica.aggregator(asset, name);
        feeds.push({ asset, aggregator: await aggregator.getAddress(), decimals });
        if (name === "chainlink") market.prices.set(asset, (await aggregator.latestAnswer()) * PYTH_SCALE);
      }
    }
    return market;
  }

  get assets(): AssetKey[] {
    return [...this.prices.keys()];
  }

  /** USD, 10 decimals. */
  priceOf(asset: AssetKey): bigint {
    return this.prices.get(asset) ?? 0n;
  }

  assetOf(pythId: string): AssetKey | undefined {
    const { priceIds } = this.replica.profile.pyth;
    return this.assets.find((asset) => priceIds[asset] === pythId.toLowerCase());
  }

  /** Sets prices, USD with 10 decimals; all feeds report, in one block. */
  async setPrices(prices: Partial<Record<AssetKey, bigint>>): Promise<void> {
    const { timestamp } = (await ethers.provider.getBlock("latest")) ?? { timestamp: 0 };
    for (const [asset, price] of Object.entries(prices) as [AssetKey, bigint][]) {
      const past = this.past.get(asset) ?? [{ since: 0, price: this.priceOf(asset) }];
      // The present second has its price already.
      past.push({ since: timestamp + 1, price });
      this.past.set(asset, past.slice(-REMEMBERED));
      this.prices.set(asset, price);
    }
    await this.report();
  }

  /** All feeds report, in one block. */
  async report(): Promise<void> {
    const datas = this.feeds.map(({ asset, decimals }) =>
      FEED_ABI.encodeFunctionData("pushAnswer", [toAnswer(this.priceOf(asset), decimals)]),
    );
    const targets = this.feeds.map(({ aggregator }) => aggregator);
    const gasLimit = BASE_GAS + REPORT_GAS * BigInt(targets.length);
    await (await this.reporter.executeBatch(targets, datas, { gasLimit })).wait();
  }

  /** Has the feeds report twice in the shortest heartbeat there is. */
  keepFresh(): void {
    const { profile } = this.replica;
    const heartbeats = usedAssets(profile).flatMap((asset) =>
      pushSourcesOf(profile, asset).map(({ heartbeatSeconds }) => heartbeatSeconds),
    );
    const everyMs = Math.min(...heartbeats) * 500;
    this.timer = setInterval(() => {
      this.report().catch((error: unknown) => console.error(error));
    }, everyMs);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** A tick of an asset as Pyth publishes it. */
  pythPrice(asset: AssetKey, publishTime: number): PythPrice {
    const past = this.past.get(asset) ?? [];
    let at = past.length - 1;
    while (at > 0 && past[at].since > publishTime) at--;
    const then = past[at] as { price: bigint } | undefined;
    const price = (then?.price ?? this.priceOf(asset)) / PYTH_SCALE;
    return {
      feedId: this.replica.profile.pyth.priceIds[asset],
      price,
      conf: price / CONFIDENCE_PART,
      expo: PYTH_EXPONENT,
      publishTime: BigInt(publishTime),
      prevPublishTime: BigInt(publishTime - 1),
    };
  }

  /** Has Pyth store the prices, as sponsors do on the real chains. */
  async storePythPrices(publisher: LocalPublisher): Promise<void> {
    const { timestamp } = (await ethers.provider.getBlock("latest")) ?? { timestamp: 0 };
    const data = [publisher.update(this.assets.map((asset) => this.pythPrice(asset, timestamp)))];
    const pyth = await ethers.getContractAt("IPyth", this.replica.profile.pyth.address);
    const value = await pyth.getUpdateFee(data);
    await (await pyth.updatePriceFeeds(data, { value })).wait();
  }
}
