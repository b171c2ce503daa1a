/** A market, traders and a book on the harness of liquidations: cash and positions are as a test says. */
import { time } from "@nomicfoundation/hardhat-network-helpers";
import { readFileSync } from "node:fs";
import { artifacts, ethers } from "hardhat";
import type { ContractTransactionResponse, LogDescription } from "ethers";
import type { Tier } from "../../../sdk/model/pro";
import { BTC_MARKET } from "../../../sdk/model/pro";
import { X18, px, usd } from "../../../sdk/units";
import type { LiquidationHarness, ScriptedBreaker, ScriptedQuotes } from "../../../typechain-types";

/** Lots of a whole bitcoin. */
export const BITCOIN = 1_000n;
export const BTC = 0;
/** Kinds of `ActionWord` and `OrderType` that tests use. */
const PLACE = 4n;
const MILLION = usd("1000000");

export interface World {
  readonly pro: LiquidationHarness;
  readonly breaker: ScriptedBreaker;
  readonly quotes: ScriptedQuotes;
  readonly keeper: string;
}

/** Deploys a contract with the libraries that it is linked to, and with theirs. */
export async function deployLinked(name: string, args: unknown[] = []): Promise<string> {
  const deployed = new Map<string, string>();
  return deployInto(deployed, name, args);
}

async function deployInto(deployed: Map<string, string>, name: string, args: unknown[]): Promise<string> {
  const known = deployed.get(name);
  if (known !== undefined) return known;
  const { linkReferences } = await artifacts.readArtifact(name);
  const libraries: Record<string, string> = {};
  for (const library of Object.values(linkReferences).flatMap((file) => Object.keys(file))) {
    libraries[library] = await deployInto(deployed, library, []);
  }
  const contract = await ethers.deployContract(name, args, { libraries });
  const address = await contract.getAddress();
  deployed.set(name, address);
  return address;
}

/** Names of an enum of the contracts, in their order. */
function enumNames(name: string): string[] {
  const source = readFileSync("contracts/pro/ProOutcome.sol", "utf8");
  const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(source)?.[1] ?? "";
  const names = body.replace(/\/\/.*$/gm, "").split(",");
  return names.map((text) => text.trim()).filter((text) => text !== "");
}

const OUTCOMES = enumNames("ProOutcome");
const REASONS = enumNames("ProReason");

export function tiersOf(tiers: readonly Tier[]) {
  let cumX6 = 0n;
  return tiers.map(({ cap, maxLeverage, ratePips }, index) => {
    if (index > 0) cumX6 += (tiers[index - 1].cap / X18) * (ratePips - tiers[index - 1].ratePips);
    return { capUsd: cap / X18, maxLeverage, ratePips, cumX6 };
  });
}

/** Another market like that of bitcoin. Without interest no funding flows while the book is level. */
export async function listMarket(pro: LiquidationHarness, change: { interestPips?: bigint; bandPips?: bigint } = {}) {
  const { grid, tiers, ...rest } = BTC_MARKET;
  const config = {
    ...grid,
    assetId: 1,
    status: 0,
    minAnchors: 2,
    maxDeviationPips: rest.maxDeviationPips,
    bandPips: change.bandPips ?? rest.bandPips,
    highLeverage: rest.restingLeverage,
    defaultLeverage: rest.defaultLeverage,
    takerFeePips: rest.takerFeePips,
    makerFeePips: rest.makerFeePips,
    liquidationFeePips: rest.liquidationFeePips,
    fundingCapPips: rest.capPips,
  };
  const limits = {
    maxOpenInterestUsd: 20_000_000,
    leastRestingUsd: 250,
    interestPips: change.interestPips ?? 0n,
    tierCount: 0,
    reduceOnlySince: 0,
    tightenedAt: 0,
  };
  await pro.list(config, limits, tiersOf(tiers));
}

export async function deployWorld(): Promise<World> {
  const breaker = await ethers.deployContract("ScriptedBreaker");
  const quotes = await ethers.deployContract("ScriptedQuotes");
  const address = await deployLinked("LiquidationHarness", [quotes.target, breaker.target]);
  const pro = await ethers.getContractAt("LiquidationHarness", address);
  await listMarket(pro);
  return { pro, breaker, quotes, keeper: ethers.Wallet.createRandom().address };
}

/** An account of a new owner, or of one that is there. */
export async function account(
  { pro }: World,
  cash: string,
  owner = ethers.Wallet.createRandom().address,
  sub = 0,
): Promise<bigint> {
  const id = await pro.openAccount.staticCall(owner, sub);
  await pro.openAccount(owner, sub);
  await pro.setCash(id, usd(cash));
  return id;
}

/** The index, and so the mark, as of now. */
export async function setIndex({ pro }: World, price: string, market = BTC): Promise<void> {
  const now = BigInt(await time.latest()) + 1n;
  await time.setNextBlockTimestamp(now);
  await pro.setIndex(market, px(price), now, true);
}

/** Has the next transaction come at a time, with an index of the second before; one that comes right after another finds its. */
export async function setIndexAt({ pro }: World, price: string, at: bigint, market = BTC): Promise<void> {
  if (BigInt(await time.latest()) < at - 1n) {
    await time.setNextBlockTimestamp(at - 1n);
    await pro.setIndex(market, px(price), at - 1n, true);
  }
  await time.setNextBlockTimestamp(at);
}

/** Lots that were opened at a price. */
export async function hold({ pro }: World, id: bigint, lots: bigint, entry: string, market = BTC): Promise<void> {
  await pro.addPosition(id, market, lots, px(entry) * BTC_MARKET.grid.lotSize * lots);
}

export interface Quote {
  readonly lots: bigint;
  readonly tick: bigint;
  readonly isBid: boolean;
  readonly isReduceOnly?: boolean;
  readonly expiry?: bigint;
  readonly market?: number;
}

/** The word of an order that rests. */
export function placing({ expiry = 0n, isBid, isReduceOnly = false, lots, market = BTC, tick }: Quote): bigint {
  const flags = (isBid ? 1n : 0n) | (isReduceOnly ? 2n : 0n);
  const head = PLACE | (BigInt(market) << 16n) | (flags << 24n);
  return head | (1n << 48n) | (tick << 56n) | (lots << 80n) | (expiry << 128n);
}

/** Rests an order; its id. */
export async function quote({ pro }: World, id: bigint, order: Quote): Promise<bigint> {
  const [orderId] = await pro.place.staticCall(id, placing(order));
  await pro.place(id, placing(order));
  if (orderId === 0n) throw new Error("The order does not rest");
  return orderId;
}

/** What an attempt came to, and what it told. */
export interface Attempt {
  readonly outcome: string;
  readonly reason: string;
  readonly at: bigint;
  readonly gasUsed: bigint;
  readonly logs: LogDescription[];
}

export async function attempt({ pro }: World, sent: Promise<ContractTransactionResponse>): Promise<Attempt> {
  const receipt = await (await sent).wait();
  if (receipt === null) throw new Error("Not mined");
  const logs = receipt.logs.map((log) => pro.interface.parseLog(log)).filter((log) => log !== null);
  const told = logs.find(({ name }) => name === "Attempted");
  if (told === undefined) throw new Error("Nothing attempted");
  const block = await receipt.getBlock();
  return {
    outcome: OUTCOMES[Number(told.args.outcome)],
    reason: REASONS[Number(told.args.reason)],
    at: BigInt(block.timestamp),
    gasUsed: receipt.gasUsed,
    logs,
  };
}

/** Outcome and reason alone. */
export async function answer(world: World, sent: Promise<ContractTransactionResponse>): Promise<[string, string]> {
  const { outcome, reason } = await attempt(world, sent);
  return [outcome, reason];
}

/** Arguments of the first event of a name. */
export function told({ logs }: Attempt, name: string): unknown[] | undefined {
  return logs.find((log) => log.name === name)?.args.toArray();
}

export const cross = (id: bigint) => id << 8n;
export const isolated = (id: bigint, market = BTC) => (id << 8n) | BigInt(market + 1);

/** Σ cash of accounts, fund and fees, less Σ cost: what the vault would hold for them. */
export async function collateralOf({ pro }: World, accounts: readonly bigint[], markets = [BTC]): Promise<bigint> {
  let sum = 0n;
  for (const market of markets) {
    const [fund, fees] = await pro.funds(market);
    sum += fund + fees;
  }
  for (const id of accounts) {
    sum += await pro.cashOf(cross(id));
    for (const market of markets) {
      const [, cost] = await pro.position(id, market);
      sum += (await pro.cashOf(isolated(id, market))) - cost;
    }
  }
  return sum;
}

/** A maker with enough for everything. */
export async function maker(world: World): Promise<bigint> {
  return account(world, (MILLION / X18).toString());
}
