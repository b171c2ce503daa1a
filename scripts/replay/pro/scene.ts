import type { HardhatRuntimeEnvironment } from "hardhat/types";
import type { AssetKey } from "../../../deploy/profiles";
import { WRAPPED_ASSETS } from "../../../deploy/profiles";
import { ProDesk } from "../../../kit/pro/ProDesk";
import type { ProCall } from "../../../kit/pro/ProDesk";
import type { MarketTick } from "../../../kit/pro/ticks";
import { DEFAULT_PRICES } from "../../../kit/replica";
import type { Reason } from "../../../sdk/model/pro";
import type { PricePath } from "../../demo/path";
import { Stage } from "../../demo/stage";
import type { Deployment } from "../../demo/stage";
import { Blocks } from "../blocks";
import type { RawReceipt } from "../blocks";
import { Feeds } from "../feeds";
import { PathScene } from "../PathScene";
import type { Window } from "./windows";

/** What a call came to: what the chain did, or why it refused; model and chain alike. */
export type Answer<T> = { readonly done: T } | { readonly refused: Reason };

interface Queued {
  readonly hash: string;
  readonly settle: (receipt: RawReceipt, at: bigint) => void;
}

/** Pro on a chain whose feeds report by themselves, block by block of many calls, through the prices of a window. */
export class ProScene extends PathScene {
  private queued: Queued[] = [];

  private constructor(
    readonly pro: ProDesk,
    readonly window: Window,
    blocks: Blocks,
    feeds: Feeds,
  ) {
    super(blocks, feeds);
  }

  /** A desk of Pro at the prices at which the window begins, transactions mined one by one. */
  static async desk(hre: HardhatRuntimeEnvironment, deployment: Deployment, window: Window): Promise<ProDesk> {
    const [path] = window.paths.values();
    const { desk } = await Stage.open(hre, deployment, path);
    for (const [asset, own] of window.paths) await desk.setPrice(asset, own.at(0).priceX10);
    return ProDesk.open(desk);
  }

  /** Call {@link close} afterwards, whatever happens. */
  static async start(hre: HardhatRuntimeEnvironment, pro: ProDesk, window: Window): Promise<ProScene> {
    const [reporter] = await hre.ethers.getSigners();
    const feeds = await Feeds.connect(pro.desk.replica, reporter.address);
    const blocks = await Blocks.start(hre.ethers.provider);
    const scene = new ProScene(pro, window, blocks, feeds);
    await scene.begin((await pro.desk.now()) + 1);
    return scene;
  }

  /** The markets that the window has prices of. */
  get markets(): number[] {
    return [...this.window.paths.keys()].map((asset) => this.pro.marketOf(asset));
  }

  /** A price at a time on the chain; what does not move stands where it always stands. */
  priceAt(asset: AssetKey, time: number): bigint {
    return this.pathOf(asset)?.at(this.secondOf(time)).priceX10 ?? DEFAULT_PRICES[asset];
  }

  /** A market's tick of a time on the chain, with what the feeds say now. */
  tickAt(market: number, time: number): MarketTick {
    const asset = this.pro.assetOf(market);
    const path = this.pathOf(asset);
    if (path === undefined) throw new Error(`no prices of ${asset}`);
    const { confidenceX10, priceX10 } = path.at(this.secondOf(time));
    const anchors = this.feeds.answersOf(asset);
    return { asset, price: priceX10, confidence: confidenceX10, publishTime: time, anchors };
  }

  /** Puts a call into the coming block; what came of it is told once that is mined. */
  async queue<T>(call: ProCall<T>, then: (answer: Answer<T>) => void): Promise<void> {
    const { data, from, gas, to, value } = call;
    const hash = await this.blocks.queue({ from, to, data, gas, value, mayRevert: true });
    const settle = (receipt: RawReceipt, at: bigint) => {
      const isDone = receipt.status === "0x1";
      then(isDone ? { done: call.settle(receipt, at) } : { refused: call.settleReverted(at) });
    };
    this.queued.push({ hash, settle });
  }

  /** Mines what is queued for this moment, if anything; the model follows in the order of the block. */
  async mine(): Promise<void> {
    if (this.blocks.isEmpty) return;
    const receipts = await this.blocks.mine(this.now);
    const mined = this.queued.map(({ hash, settle }) => {
      const receipt = receipts.get(hash);
      if (receipt === undefined) throw new Error("a call was not mined");
      return { receipt, settle };
    });
    this.queued = [];
    mined.sort((a, b) => Number(a.receipt.transactionIndex) - Number(b.receipt.transactionIndex));
    for (const { receipt, settle } of mined) settle(receipt, BigInt(this.now));
  }

  protected readonly priceOf = (asset: AssetKey): bigint => this.priceAt(asset, this.now);

  private pathOf(asset: AssetKey): PricePath | undefined {
    return this.window.paths.get(WRAPPED_ASSETS[asset] ?? asset);
  }
}
