/** Looks at what a keeper depends on and can't change: prices, push sources, Pyth's fee and signers, its own coin. */
import { Codec, decodeUpdate, query } from "@asterism/sdk";
import type { Connection, PriceUpdate } from "@asterism/sdk";
import { priceAggregatorAbi } from "@asterism/sdk/abis";
import { Interface, formatEther } from "ethers";
import type { Wallet } from "ethers";
import type { Logger } from "pino";
import type { KeeperConfig } from "../config";
import type { World } from "../state/World";
import type { TickNotice } from "../ticks/TickBook";
import type { Alarms } from "./alarms";
import type { Metrics } from "./metrics";

const AGGREGATOR = new Codec(priceAggregatorAbi);
const FEED = new Interface([
  "function latestRoundData() view returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)",
]);
const PYTH = new Interface(["function wormhole() view returns (address)"]);
const WORMHOLE = new Interface(["function getCurrentGuardianSetIndex() view returns (uint32)"]);

interface Parts {
  readonly config: KeeperConfig;
  readonly wallet: Wallet | null;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly alarms: Alarms;
}

interface Source {
  readonly assetId: number;
  readonly index: number;
  readonly reader: string;
  readonly maxAgeSeconds: number;
}

/** Sources and settings change seldom. */
const LOOK_MS = 10_000;
const SETTINGS_MS = 300_000;

export class WorldWatch {
  private lookedAt = -Infinity;
  private sourcesAt = -Infinity;
  private sources: Source[] = [];
  /** That the chain's Pyth believes; undefined where it does not say. */
  private trustedSet: number | undefined;
  private seenSet: number | undefined;
  private fee: bigint | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly world: World,
    private readonly parts: Parts,
  ) {}

  /** @param now Second of the chain. */
  async look(now: number, silentForMs: number): Promise<void> {
    const { alarms, config, log } = this.parts;
    const isSilent = silentForMs > 2 * config.silenceMs;
    alarms.set(
      "prices",
      isSilent,
      Number.isFinite(silentForMs) ? `for ${Math.round(silentForMs / 1_000)} s` : "none yet",
    );
    if (performance.now() - this.lookedAt < LOOK_MS) return;
    this.lookedAt = performance.now();
    try {
      await this.lookAtSources(now);
      await this.lookAtBalance();
    } catch (error) {
      log.debug({ error: error instanceof Error ? error.message : String(error) }, "what surrounds the keeper");
    }
  }

  /** The signers of an update, and a changed set of them. */
  sawUpdate({ data }: PriceUpdate): void {
    const { metrics, alarms, log } = this.parts;
    let set: number;
    try {
      set = decodeUpdate(data[0]).guardianSetIndex;
    } catch (error) {
      log.warn({ error: String(error) }, "an update that can't be read");
      return;
    }
    metrics.guardianSet.set(set);
    if (this.seenSet !== undefined && this.seenSet !== set) log.warn({ from: this.seenSet, to: set }, "other signers");
    this.seenSet = set;
    const isUnknown = this.trustedSet !== undefined && set > this.trustedSet;
    alarms.set("signers", isUnknown, `set ${set}, the chain's is ${this.trustedSet ?? 0}`);
  }

  /** Something about the ticks that come. */
  sawNotice(notice: TickNotice): void {
    const { metrics, log } = this.parts;
    const asset = String(notice.assetId);
    if (notice.kind === "gap") metrics.tickGaps.inc({ asset });
    else if (notice.kind === "sameSecond") metrics.sameSecond.inc({ asset });
    else metrics.disorder.inc({ asset });
    log.debug(notice, "ticks");
  }

  /** A proof was refused by the chain. */
  refused(error: string): void {
    const isOfSigners = /Vaa|Guardian|Signature|DataSource/.test(error);
    if (isOfSigners) this.parts.alarms.raise("signers", error);
  }

  private async lookAtSources(now: number): Promise<void> {
    const { metrics, alarms } = this.parts;
    if (performance.now() - this.sourcesAt > SETTINGS_MS) await this.readSources();
    const { reader, contracts, provider } = this.connection;
    const old: string[] = [];
    for (const { assetId, index, reader: feed, maxAgeSeconds } of this.sources) {
      const answer = await provider
        .call({ to: feed, data: FEED.encodeFunctionData("latestRoundData") })
        .catch(() => "0x");
      if (answer === "0x") continue;
      const age = now - Number(FEED.decodeFunctionResult("latestRoundData", answer)[3] as bigint);
      metrics.sourceAge.set({ asset: String(assetId), source: String(index) }, age);
      if (age > maxAgeSeconds) old.push(`asset ${assetId}, source ${index}: ${age} s`);
    }
    alarms.set("sources", old.length > 0, old.join("; "));
    for (const assetId of new Set(this.sources.map((source) => source.assetId))) {
      const { fresh } = await reader.one(query(AGGREGATOR, contracts.priceAggregator, "pushPrice", [assetId]));
      metrics.freshSources.set({ asset: String(assetId) }, Number(fresh));
    }
  }

  private async readSources(): Promise<void> {
    const { reader, contracts, provider } = this.connection;
    const to = contracts.priceAggregator;
    const sources: Source[] = [];
    for (const { assetId } of this.world.feeds) {
      const count = Number(await reader.one(query(AGGREGATOR, to, "sourceCount", [assetId])));
      for (let index = 0; index < count; index++) {
        const { config, state } = await reader.one(query(AGGREGATOR, to, "source", [assetId, index]));
        if (!state.isEnabled) continue;
        sources.push({ assetId, index, reader: state.reader, maxAgeSeconds: Number(config.maxAgeSeconds) });
      }
    }
    this.sources = sources;
    this.sourcesAt = performance.now();
    try {
      const pyth = await reader.one(query(AGGREGATOR, to, "pyth", []));
      const wormhole = await provider.call({ to: pyth, data: PYTH.encodeFunctionData("wormhole") });
      const [address] = PYTH.decodeFunctionResult("wormhole", wormhole) as unknown as [string];
      const answer = await provider.call({
        to: address,
        data: WORMHOLE.encodeFunctionData("getCurrentGuardianSetIndex"),
      });
      this.trustedSet = Number(WORMHOLE.decodeFunctionResult("getCurrentGuardianSetIndex", answer)[0] as bigint);
    } catch {
      this.trustedSet = undefined;
    }
  }

  /** What proofs cost has changed. */
  sawFee(wei: bigint): void {
    const { metrics, log } = this.parts;
    metrics.updateFee.set(Number(wei));
    if (this.fee !== undefined && this.fee !== wei)
      log.warn({ from: String(this.fee), to: String(wei) }, "another update fee");
    this.fee = wei;
  }

  private async lookAtBalance(): Promise<void> {
    const { wallet, metrics, alarms } = this.parts;
    if (wallet === null) return;
    const balance = await this.connection.provider.getBalance(wallet.address);
    metrics.balance.set(Number(formatEther(balance)));
    alarms.set("funds", balance === 0n, `${wallet.address} has no native coin: send it some`);
  }
}
