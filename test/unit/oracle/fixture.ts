import { mine, time } from "@nomicfoundation/hardhat-network-helpers";
import { AbiCoder, ZeroAddress, id } from "ethers";
import { ethers } from "hardhat";

import { LocalPublisher } from "../../../kit/pyth/publisher";
import type { PythPrice } from "../../../sdk/pyth/wire";
import type { OracleProbe, PriceAggregator, RawFeed } from "../../../typechain-types";
import type {
  PriceProofStruct,
  PriceRangeStructOutput,
  TickStructOutput,
} from "../../../typechain-types/contracts/oracle/PriceAggregator";
import type { OracleProbe as Probe } from "../../../typechain-types/contracts/test/oracle/OracleProbe";

/** Fee per Pyth message, in wei. */
export const FEE = 7n;
export const GOVERNOR_ROLE = 1n;
export const GUARDIAN_ROLE = 3n;
export const GRACE_SECONDS = 3_600n;
export const MAX_AGE_SECONDS = 600n;
/** Below it the adapters refuse to blame a source that fails. */
export const MIN_GAS_LEFT = 160_000n;
/** 2^64 − 1. */
export const MAX_PRICE = 2n ** 64n - 1n;

export const BTC = 1n;
export const ETH = 2n;
/** Without a Pyth feed. */
export const USDT = 3n;
/** Never listed. */
export const UNLISTED = 99n;
export const BTC_ID = id("BTC/USD");
export const ETH_ID = id("ETH/USD");

/** `ReferenceRule` of the contracts. */
export const RULE = { mint: 0n, burn: 1n, burnPreview: 2n } as const;

/** Bit i stands for asset i. */
export function maskOf(assets: readonly bigint[]): bigint {
  return assets.reduce((mask, asset) => mask | (1n << asset), 0n);
}

export const KIND = { chainlink: 0n, binance: 1n } as const;
export const BEHAVIOUR = { answer: 0n, revert: 1n, burnGas: 2n, returnBomb: 3n } as const;

const GOVERNOR_FUNCTIONS = [
  "configureAsset",
  "addSource",
  "configureSource",
  "setSourceEnabled",
  "setPyth",
  "setSequencer",
] as const;

export type Context = Awaited<ReturnType<typeof deployOracle>>;

/** What a probe is asked to call. */
export type ProbeCall = Probe.CallStruct;

/** An aggregator with three assets and no push source, a Pyth that believes `publisher`, and a contract to call from. */
export async function deployOracle() {
  const [admin, governor, guardian, stranger] = await ethers.getSigners();
  const now = BigInt(await time.latest()) + 1_000n;
  const manager = await ethers.deployContract("AccessManager", [admin]);
  const publisher = new LocalPublisher({ updateFeeWei: FEE });
  const pyth = await ethers.deployContract("LocalPyth");
  await pyth.initialize(admin, publisher.setup);
  const aggregator = await ethers.deployContract("PriceAggregator", [manager, pyth, ZeroAddress, 0n]);
  const selectors = GOVERNOR_FUNCTIONS.map((name) => aggregator.interface.getFunction(name).selector);
  await manager.setTargetFunctionRole(aggregator, selectors, GOVERNOR_ROLE);
  const guardianFunctions = (["disableSource", "restoreSource"] as const).map(
    (name) => aggregator.interface.getFunction(name).selector,
  );
  await manager.setTargetFunctionRole(aggregator, guardianFunctions, GUARDIAN_ROLE);
  await manager.grantRole(GOVERNOR_ROLE, governor, 0n);
  await manager.grantRole(GUARDIAN_ROLE, guardian, 0n);

  const asGovernor = aggregator.connect(governor);
  await asGovernor.configureAsset(BTC, assetConfig(BTC_ID));
  await asGovernor.configureAsset(ETH, assetConfig(ETH_ID));
  await asGovernor.configureAsset(USDT, assetConfig(ethers.ZeroHash));
  const probe = await ethers.deployContract("OracleProbe");
  await at(now);
  return { now, admin, governor, guardian, stranger, manager, publisher, pyth, aggregator, asGovernor, probe };
}

/** As `deployOracle`, with a sequencer feed that has been up for the grace period. */
export async function deployWithSequencer() {
  const base = await deployOracle();
  const sequencer = await ethers.deployContract("StandInSequencerFeed");
  await sequencer.setStatus(true, base.now - GRACE_SECONDS);
  await sequencer.disableAccessCheck();
  const args = [base.manager, base.pyth, sequencer, GRACE_SECONDS] as const;
  const aggregator = await ethers.deployContract("PriceAggregator", [...args]);
  return { ...base, aggregator, sequencer };
}

/** As `deployOracle`, with three feeds of BTC that answer 60000, 60010 and 60020, and one of USDT that answers 1. */
export async function deployWithFeeds() {
  const base = await deployOracle();
  const feeds: RawFeed[] = [];
  for (let index = 0n; index < 3n; index++) feeds.push(await addRawFeed(base, BTC, 8n, (60_000n + 10n * index) * E8));
  const usdtFeed = await addRawFeed(base, USDT, 8n, E8);
  const now = base.now + 100n;
  await at(now);
  return { ...base, now, feeds, usdtFeed };
}

export const E8 = 10n ** 8n;

export function assetConfig(pythId: string) {
  return { pythId, quorum: 1n, maxSpreadPips: 10_000n };
}

export function chainlinkSource(feed: string) {
  return { kind: KIND.chainlink, feed, maxAgeSeconds: MAX_AGE_SECONDS, base: "", quote: "" };
}

export async function addRawFeed(
  { asGovernor }: Pick<Context, "asGovernor">,
  asset: bigint,
  decimals: bigint,
  answer: bigint,
): Promise<RawFeed> {
  const feed = await ethers.deployContract("RawFeed", [decimals]);
  await asGovernor.addSource(asset, chainlinkSource(await feed.getAddress()));
  await answerWith(feed, { answer });
  return feed;
}

/** A round as a feed returns it; every field but the answer has a healthy default. */
export interface RawRound {
  roundId?: bigint;
  answer: bigint;
  startedAt?: bigint;
  updatedAt?: bigint;
  answeredInRound?: bigint;
}

const WORDS = ["uint256", "int256", "uint256", "uint256", "uint256"];

export function encodeRound(round: RawRound, now: bigint): string {
  const { roundId = 5n, answer, startedAt = now, updatedAt = now, answeredInRound = roundId } = round;
  return AbiCoder.defaultAbiCoder().encode(WORDS, [roundId, answer, startedAt, updatedAt, answeredInRound]);
}

export async function answerWith(feed: RawFeed, round: RawRound): Promise<void> {
  await feed.setAnswer(encodeRound(round, BigInt(await time.latest())));
}

/** Mines a block at that second: views and static calls then run at it. */
export async function at(timestamp: bigint): Promise<void> {
  await time.setNextBlockTimestamp(timestamp);
  await mine();
}

/** A Pyth price of BTC of 60000 ± 30 USD, published at `publishTime`, a second after the one before it. */
export function tickAt(publishTime: bigint, overrides: Partial<PythPrice> = {}): PythPrice {
  const price = { feedId: BTC_ID, price: 60_000n * E8, conf: 30n * E8, expo: -8 };
  return { ...price, publishTime, prevPublishTime: publishTime - 1n, ...overrides };
}

/** That the data holds the first price of BTC at or after `minPublishTime`. */
export function proofOf(
  updateData: string[],
  minPublishTime: bigint,
  overrides: Partial<PriceProofStruct> = {},
): PriceProofStruct {
  return { assetIds: [BTC], minPublishTime, isUnique: true, updateData, ...overrides };
}

/** Calls of the aggregator for a probe, and the decoding of what they return. */
export class Caller {
  constructor(
    readonly aggregator: PriceAggregator,
    readonly probe: OracleProbe,
  ) {}

  async prove(proofs: PriceProofStruct[], value: bigint): Promise<ProbeCall> {
    return this.call(this.aggregator.interface.encodeFunctionData("prove", [proofs]), value);
  }

  async proveReference(assetIds: bigint[], updateData: string[], value: bigint): Promise<ProbeCall> {
    return this.call(this.aggregator.interface.encodeFunctionData("proveReference", [assetIds, updateData]), value);
  }

  async quote(index: bigint, tokenAsset: bigint, prover: string | OracleProbe = this.probe): Promise<ProbeCall> {
    const address = typeof prover === "string" ? prover : await prover.getAddress();
    return this.call(this.aggregator.interface.encodeFunctionData("quote", [address, index, tokenAsset]));
  }

  async exitQuote(index: bigint, tokenAsset: bigint): Promise<ProbeCall> {
    const args = [await this.probe.getAddress(), index, tokenAsset] as const;
    return this.call(this.aggregator.interface.encodeFunctionData("exitQuote", [...args]));
  }

  async tick(index: bigint, prover: string | OracleProbe = this.probe): Promise<ProbeCall> {
    const address = typeof prover === "string" ? prover : await prover.getAddress();
    return this.call(this.aggregator.interface.encodeFunctionData("tick", [address, index]));
  }

  async range(asset: bigint, prover: string | OracleProbe = this.probe, rule: bigint = RULE.mint): Promise<ProbeCall> {
    const address = typeof prover === "string" ? prover : await prover.getAddress();
    return this.call(this.aggregator.interface.encodeFunctionData("referencePrice", [address, asset, rule]));
  }

  async take(assets: readonly bigint[], rule: bigint = RULE.mint): Promise<ProbeCall> {
    return this.call(this.aggregator.interface.encodeFunctionData("takeReferencePrices", [maskOf(assets), rule]));
  }

  /** Makes the calls in one transaction that leaves no trace, paying what they need together. */
  async run(...calls: ProbeCall[]): Promise<string[]> {
    const value = calls.reduce((sum, call) => sum + BigInt(call.value), 0n);
    return this.probe.run.staticCall(calls, { value });
  }

  tickOf(result: string): TickStructOutput {
    return this.aggregator.interface.decodeFunctionResult("tick", result)[0] as TickStructOutput;
  }

  /** Unpacks the three words as `QuoteLib` does; those of `exitQuote` have the same shape. */
  quoteOf(result: string) {
    const [tick, anchors, token] = this.aggregator.interface.decodeFunctionResult(
      "quote",
      result,
    ) as unknown as bigint[];
    const cut = (word: bigint, from: bigint, bits: bigint) => (word >> from) & ((1n << bits) - 1n);
    return {
      tick: [
        cut(tick, 0n, 64n),
        cut(tick, 64n, 64n),
        cut(tick, 128n, 40n),
        cut(tick, 168n, 40n),
        cut(tick, 208n, 16n),
        cut(tick, 224n, 32n) === 1n,
      ],
      anchors: [0n, 64n, 128n].map((from) => cut(anchors, from, 64n)).concat(cut(anchors, 192n, 8n)),
      tokenPrice: cut(token, 0n, 64n),
      isSequencerReady: cut(token, 64n, 192n) === 1n,
    };
  }

  rangeOf(result: string): PriceRangeStructOutput {
    return this.aggregator.interface.decodeFunctionResult("referencePrice", result)[0] as PriceRangeStructOutput;
  }

  private async call(data: string, value = 0n): Promise<ProbeCall> {
    return { target: await this.aggregator.getAddress(), value, data };
  }
}
