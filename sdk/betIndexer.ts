/**
 * The state of every bet from Prediction's events alone: what a history server, a wallet or a test keeps without reading
 * storage. Every record has the fields of the contract's own, so that the two can be compared; beside them it keeps what
 * is staked on each direction and how every bet ended.
 */
import { Interface } from "ethers";
import type { Result } from "ethers";
import { predictionAbi } from "./abis";
import type { IndexedLog } from "./indexer";

/** An open bet, as `IPrediction.bet` returns it, with its id and flags taken apart. */
export interface IndexedBet {
  readonly owner: string;
  readonly marketId: bigint;
  readonly tokenId: bigint;
  readonly isStruck: boolean;
  readonly isUp: boolean;
  readonly asNative: boolean;
  /** Block time of the request; once struck, publish time of the strike. */
  readonly time: bigint;
  readonly periodSeconds: bigint;
  readonly stake: bigint;
  readonly executionFee: bigint;
  readonly strike: bigint;
  readonly payoutPips: bigint;
  /** Not of the record: the token itself. */
  readonly token: string;
}

/** The contract's `Bet`. */
export interface StoredBet extends Omit<IndexedBet, "isStruck" | "isUp" | "asNative" | "token"> {
  readonly state: bigint;
}

/** Flags of a bet's state byte. */
const STATE = { status: 3n, struck: 2n, up: 4n, native: 8n } as const;

/** Why a bet gave its stake back, in the order of the contract's `ReturnReason`. */
export const RETURN_REASONS = ["strikeExpired", "refused", "neverSettled"] as const;

/** How a bet ended: what its owner got, and what keepers were paid, at strike and end together. */
export interface BetEnding {
  readonly how: "won" | "lost" | (typeof RETURN_REASONS)[number];
  readonly owner: string;
  readonly paid: bigint;
  readonly fees: bigint;
}

const PREDICTION = new Interface(predictionAbi);

type Handler = (args: Record<string, unknown>, at: bigint) => void;

/** Applies Prediction's logs in their order. */
export class BetIndexer {
  readonly bets = new Map<bigint, IndexedBet>();
  readonly endings = new Map<bigint, BetEnding>();
  private readonly fees = new Map<bigint, bigint>();
  private readonly tokenIds = new Map<string, bigint>();
  private readonly openStakes = new Map<string, bigint>();

  /** A copy that goes its own way. */
  clone(): BetIndexer {
    const copy = new BetIndexer();
    const maps = ["bets", "endings", "fees", "tokenIds", "openStakes"] as const;
    for (const name of maps) for (const [key, value] of this[name]) copy[name].set(key as never, value as never);
    return copy;
  }

  /** A stake token as the contract numbers it: for an indexer that begins later than its listing. */
  listToken(token: string, tokenId: bigint): void {
    this.tokenIds.set(token, tokenId);
  }

  /** Every stake token that is known, by address. */
  get tokens(): ReadonlyMap<string, bigint> {
    return this.tokenIds;
  }

  /** Forgets the bets that ended: for whoever needs those alone that stand. */
  forgetEnded(): void {
    this.endings.clear();
    for (const id of this.fees.keys()) if (!this.bets.has(id)) this.fees.delete(id);
  }

  /** A bet as this class had it: for one whose state was stored. */
  restore(id: bigint, bet: IndexedBet): void {
    this.bets.set(id, bet);
    this.addStake(bet, bet.stake);
  }

  /** A bet as the contract has it: for an indexer that begins later. What was paid for its strike is not known then. */
  putBet(id: bigint, stored: StoredBet): void {
    const { state, ...record } = stored;
    const token = [...this.tokenIds].find(([, tokenId]) => tokenId === record.tokenId)?.[0];
    if (token === undefined) throw new Error(`token ${record.tokenId} was never listed`);
    const flags = { isStruck: (state & STATE.status) === STATE.struck, isUp: (state & STATE.up) !== 0n };
    const bet = { ...record, ...flags, asNative: (state & STATE.native) !== 0n, token };
    this.restore(id, bet);
  }

  apply(log: IndexedLog): void {
    const event = PREDICTION.parseLog(log);
    if (event === null) return;
    const handler = this.handlers[event.name];
    if (handler === undefined) throw new Error(`no handler for ${event.name}`);
    handler(event.args.toObject() as Record<string, unknown>, log.blockTimestamp);
  }

  /** What is staked on one direction, as `IPrediction.openStake` returns it. */
  openStake(marketId: bigint, token: string, periodSeconds: bigint, isUp: boolean): bigint {
    return this.openStakes.get(keyOf({ marketId, token, periodSeconds, isUp })) ?? 0n;
  }

  private readonly handlers: Readonly<Record<string, Handler | undefined>> = {
    StakeTokenConfigured: ({ token, config }) => {
      this.tokenIds.set(token as string, big((config as Result).tokenId));
    },
    MarketConfigured: () => undefined,
    PeriodConfigured: () => undefined,
    BetPlaced: (placed, at) => this.place(placed, at),
    BetStruck: (struck) => this.strike(struck),
    BetSettled: ({ id, isWon, payout, executionFee }) =>
      this.end(big(id), isWon === true ? "won" : "lost", big(payout), big(executionFee)),
    BetReturned: ({ id, reason, refund, executionFee }) =>
      this.end(big(id), RETURN_REASONS[Number(big(reason))], big(refund), big(executionFee)),
  };

  private place(placed: Record<string, unknown>, at: bigint): void {
    const id = big(placed.id);
    if (this.bets.has(id) || this.endings.has(id)) throw new Error(`${id} was placed before`);
    const token = placed.token as string;
    const tokenId = this.tokenIds.get(token);
    if (tokenId === undefined) throw new Error(`${token} was never listed`);
    const bet: IndexedBet = {
      owner: placed.owner as string,
      marketId: big(placed.marketId),
      tokenId,
      isStruck: false,
      isUp: placed.isUp === true,
      asNative: placed.asNative === true,
      time: at,
      periodSeconds: big(placed.periodSeconds),
      stake: big(placed.stake),
      executionFee: 0n,
      strike: 0n,
      payoutPips: big(placed.payoutPips),
      token,
    };
    this.bets.set(id, bet);
    this.fees.set(id, 0n);
    this.addStake(bet, bet.stake);
  }

  private strike(struck: Record<string, unknown>): void {
    const id = big(struck.id);
    const bet = this.known(id);
    if (bet.isStruck) throw new Error(`${id} was struck before`);
    const stake = big(struck.stake);
    this.addStake(bet, stake - bet.stake);
    this.addFee(id, big(struck.executionFee));
    this.bets.set(id, {
      ...bet,
      isStruck: true,
      time: big(struck.strikeTime),
      stake,
      executionFee: big(struck.settlementFee),
      strike: big(struck.strike),
    });
  }

  private end(id: bigint, how: BetEnding["how"], paid: bigint, fee: bigint): void {
    const bet = this.known(id);
    this.addStake(bet, -bet.stake);
    this.bets.delete(id);
    this.endings.set(id, { how, owner: bet.owner, paid, fees: this.addFee(id, fee) });
  }

  private known(id: bigint): IndexedBet {
    const bet = this.bets.get(id);
    if (bet === undefined) throw new Error(`no record of ${id}`);
    return bet;
  }

  private addFee(id: bigint, fee: bigint): bigint {
    const sum = (this.fees.get(id) ?? 0n) + fee;
    this.fees.set(id, sum);
    return sum;
  }

  private addStake(bet: IndexedBet, change: bigint): void {
    const key = keyOf(bet);
    this.openStakes.set(key, (this.openStakes.get(key) ?? 0n) + change);
  }
}

function keyOf(direction: Pick<IndexedBet, "marketId" | "token" | "periodSeconds" | "isUp">): string {
  const { marketId, token, periodSeconds, isUp } = direction;
  return `${marketId} ${token} ${periodSeconds} ${isUp ? "up" : "down"}`;
}

function big(value: unknown): bigint {
  if (typeof value !== "bigint") throw new Error(`${String(value)} is not an integer`);
  return value;
}
