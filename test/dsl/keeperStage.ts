/** A keeper on the embedded chain, one round at a time, with the prices that a test publishes. */
import { FeeData } from "ethers";
import type { Wallet } from "ethers";
import { ethers } from "hardhat";
import { pino } from "pino";
import type { AssetKey } from "../../deploy/profiles";
import { Keeper, Metrics, Alarms, readConfig } from "../../keeper/index";
import type { KeeperParts } from "../../keeper/Keeper";
import type { KeeperConfigInput } from "../../keeper/index";
import { connectTo } from "../../kit/connect";
import type { Desk } from "../../kit/desk/Desk";
import type { PriceSource, PriceUpdate } from "../../sdk/pyth/source";
import { PriceMissingError, readUpdate } from "../../sdk/pyth/source";
import type { PythPrice } from "../../sdk/pyth/wire";
import { walletOf } from "./keeperWallet";

/** Every second's price of each asset: the desk's, unless another was published for it. */
export class StagePrices implements PriceSource {
  private readonly published = new Map<string, bigint>();
  /** Nothing is answered. */
  isDown = false;

  constructor(private readonly desk: Desk) {}

  publish(asset: AssetKey, time: number, price: bigint): PriceUpdate {
    this.published.set(`${asset} ${time}`, price);
    return this.update([this.desk.profile.pyth.priceIds[asset]], time);
  }

  /** Whatever prices, signed. */
  signed(prices: readonly PythPrice[]): PriceUpdate {
    return readUpdate([this.desk.publisher.update(prices)], []);
  }

  async latest(feedIds: readonly string[]): Promise<PriceUpdate> {
    return this.update(feedIds, await this.desk.now());
  }

  async at(time: number, feedIds: readonly string[]): Promise<PriceUpdate> {
    if (this.isDown) throw new PriceMissingError("nothing at all");
    if (time > (await this.desk.now())) throw new PriceMissingError(`nothing at ${time} yet`);
    return this.update(feedIds, time);
  }

  stream(): AsyncIterable<PriceUpdate> {
    throw new Error("a test publishes what it wants");
  }

  private update(feedIds: readonly string[], time: number): PriceUpdate {
    const { desk } = this;
    const ids = Object.entries(desk.profile.pyth.priceIds);
    const prices = feedIds.map((feedId) => {
      const asset = ids.find(([, id]) => id === feedId.toLowerCase())?.[0] as AssetKey;
      return desk.pythPrice(asset, time, { price: this.published.get(`${asset} ${time}`) });
    });
    return readUpdate([desk.publisher.update(prices)], feedIds);
  }
}

export interface Stage {
  readonly keeper: Keeper;
  readonly prices: StagePrices;
  readonly metrics: Metrics;
  readonly alarms: Alarms;
  readonly wallet: Wallet;
  /** What was logged, line by line. */
  readonly lines: Record<string, unknown>[];
  /** A second passes, all feeds report and every market has a tick. */
  second(prices?: Readonly<Partial<Record<AssetKey, bigint>>>): Promise<number>;
  /** So many rounds. */
  rounds(count: number): Promise<void>;
}

export interface StageOptions extends Partial<KeeperConfigInput> {
  readonly account?: number;
  readonly prices?: StagePrices;
  /** What the chain is asked over; the embedded chain itself by default. */
  readonly provider?: KeeperParts["provider"];
  /** The nodes one by one, where a test has them compared. */
  readonly nodes?: KeeperParts["nodes"];
}

/** The embedded chain where nobody bids for a place: gas costs next to nothing, but for the base fee. */
export function withoutTips(): KeeperParts["provider"] {
  const getFeeData = () => Promise.resolve(new FeeData(null, 1n, 0n));
  return new Proxy(ethers.provider, {
    get: (target, name) => (name === "getFeeData" ? getFeeData : (Reflect.get(target, name) as unknown)),
  });
}

export async function stageOf(
  desk: Desk,
  { account = 9, prices: given, provider = ethers.provider, nodes, ...settings }: StageOptions = {},
): Promise<Stage> {
  const wallet = walletOf(account, provider);
  const { connection } = await connectTo(desk, wallet);
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => void lines.push(JSON.parse(line) as never) });
  const metrics = new Metrics();
  const alarms = new Alarms(log, metrics);
  const prices = given ?? new StagePrices(desk);
  const config = readConfig({
    ...{ chain: desk.profile.key, rpc: ["http://127.0.0.1:1"], hermes: ["http://127.0.0.1:1"] },
    ...{ privateKey: wallet.privateKey, maxDriftSeconds: 3_600, ...settings },
  });
  const signer = config.dryRun ? null : wallet;
  const parts = { connection, provider, prices, wallet: signer, config, log, metrics, alarms };
  const keeper = await Keeper.begin({ ...parts, nodes });
  const second = async (moved: Readonly<Partial<Record<AssetKey, bigint>>> = {}) => {
    const now = await desk.now();
    const markets = [...new Set(desk.profile.markets.map(({ assetKey }) => assetKey))];
    for (const asset of markets) keeper.feed.accept(prices.publish(asset, now, moved[asset] ?? desk.priceOf(asset)));
    await desk.refresh();
    return now;
  };
  const rounds = async (count: number) => {
    for (let round = 0; round < count; round++) await keeper.step();
  };
  return { keeper, prices, metrics, alarms, wallet, lines, second, rounds };
}
