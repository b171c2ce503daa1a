import type { AssetKey, ChainProfile } from "../../deploy/profiles";
import { ASSET_KEYS } from "../../deploy/profiles";
import { toAnswer } from "../../kit/replica";
import type { Replica } from "../../kit/replica";
import * as model from "../../sdk/model";
import type { Blocks } from "./blocks";

/**
 * A feed reports when the price has moved by this much since its last report, or its heartbeat is over. The profiles give
 * the heartbeats; deviations are what the operators state: 0.1% (0.05% for the majors on Arbitrum) and 1%.
 */
const DEVIATION_PIPS = {
  chainlink: (profile: ChainProfile, asset: AssetKey) =>
    profile.key === "arbitrum" && (asset === "BTC" || asset === "ETH") ? 500n : 1_000n,
  atlas: () => 10_000n,
};

/** From the price that sets a report off to the block that has it: an assumption. */
export const REPORT_SECONDS = 3;

const PUSH_GAS = 200_000;

interface Feed {
  asset: AssetKey;
  aggregator: string;
  decimals: number;
  deviationPips: bigint;
  heartbeatSeconds: number;
  answer: bigint;
  updatedAt: number;
  /** Under way to the chain. */
  report: { price: bigint; dueAt: number } | null;
}

/** The push feeds of all assets, reporting the way they do: by deviation and heartbeat, and some seconds late. */
export class Feeds {
  private constructor(
    private readonly reporter: string,
    private readonly push: (answer: bigint) => string,
    private readonly feeds: readonly Feed[],
  ) {}

  /** The feeds that the price aggregator reads: Chainlink and Atlas. */
  static async connect(replica: Replica, reporter: string): Promise<Feeds> {
    const { profile } = replica;
    const feeds: Feed[] = [];
    let push: ((answer: bigint) => string) | undefined;
    const add = async (asset: AssetKey, source: "chainlink" | "atlas", heartbeatSeconds: number) => {
      const aggregator = await replica.aggregator(asset, source);
      // All stand-ins take a report the same way.
      push ??= (answer) => aggregator.interface.encodeFunctionData("pushAnswer", [answer]);
      feeds.push({
        asset,
        aggregator: await aggregator.getAddress(),
        decimals: Number(await aggregator.decimals()),
        deviationPips: DEVIATION_PIPS[source](profile, asset),
        heartbeatSeconds,
        answer: 0n,
        updatedAt: 0,
        report: null,
      });
    };
    for (const asset of ASSET_KEYS) {
      const [chainlink, atlas] = [profile.chainlink[asset], profile.binance?.atlas[asset]];
      if (chainlink) await add(asset, "chainlink", chainlink.heartbeatSeconds);
      if (atlas) await add(asset, "atlas", atlas.heartbeatSeconds);
    }
    if (push === undefined) throw new Error(`${profile.name} has no push feeds`);
    return new Feeds(reporter, push, feeds);
  }

  /** All of them report now. */
  async begin(blocks: Blocks, time: number, priceOf: (asset: AssetKey) => bigint): Promise<void> {
    for (const feed of this.feeds) await this.report(blocks, feed, priceOf(feed.asset), time);
  }

  /** One moment later: reports that are due go into the block of `time`, before anything else in it. */
  async step(blocks: Blocks, time: number, priceOf: (asset: AssetKey) => bigint): Promise<void> {
    for (const feed of this.feeds) {
      const { report } = feed;
      if (report !== null && time >= report.dueAt) await this.report(blocks, feed, report.price, time);
      if (feed.report !== null) continue;
      const price = priceOf(feed.asset);
      const isOver = time - feed.updatedAt >= feed.heartbeatSeconds - REPORT_SECONDS;
      if (isOver || !model.isDeviationOk(price, feed.answer, feed.deviationPips)) {
        feed.report = { price, dueAt: time + REPORT_SECONDS };
      }
    }
  }

  /** What the feeds of an asset say. */
  answersOf(asset: AssetKey): bigint[] {
    return this.feeds.flatMap((feed) => (feed.asset === asset ? [feed.answer] : []));
  }

  /** T: what a margin token of that asset is worth. */
  priceOf(asset: AssetKey): bigint {
    return model.median(this.answersOf(asset));
  }

  private async report(blocks: Blocks, feed: Feed, price: bigint, time: number): Promise<void> {
    const data = this.push(toAnswer(price, feed.decimals));
    await blocks.queue({ from: this.reporter, to: feed.aggregator, data, gas: PUSH_GAS, isFirst: true });
    feed.answer = price;
    feed.updatedAt = time;
    feed.report = null;
  }
}
