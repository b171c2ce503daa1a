/**
 * Sends transactions of one account: numbers them, bids more for those that are stuck, ends those that have become useless, and sends
 * again what a reorganisation undid.
 */
import type { Provider, TransactionReceipt, Wallet } from "ethers";
import { isError, keccak256 } from "ethers";
import { NodeError, post } from "../chain/Rpc";
import type { GasPrice } from "./fees";
import { marketPrice, raised } from "./fees";

/** A transaction to send. */
export interface Request {
  readonly to: string;
  readonly data: string;
  readonly value: bigint;
  readonly gasLimit: bigint;
  readonly price: GasPrice;
  /** The most wei for one gas at which it still pays. */
  readonly worth: bigint;
  /** What it does, by name: no two transactions on the way do the same. */
  readonly keys: readonly string[];
  /** Last second of the chain in which it is of use. */
  readonly until: number;
}

/** What became of a transaction. */
export interface Settled {
  readonly request: Request;
  readonly hash: string;
  /** Undefined: another transaction took its number, or it was given up. */
  readonly receipt: TransactionReceipt | undefined;
}

interface Sent {
  readonly nonce: number;
  request: Request;
  /** Of every attempt: any of them may be mined. */
  readonly raws: string[];
  price: GasPrice;
  sentAt: number;
  /** No node has it but the private one. */
  isPrivate: boolean;
  /** Of those that do nothing, and are sent to end it. */
  readonly ends: Set<string>;
  /** Where it was mined; a reorganisation may undo that. */
  minedIn: number | undefined;
}

export interface SenderOptions {
  /** Transactions on the way at once. */
  readonly maxInFlight: number;
  /** One that is not mined after so long is bid up, or ended. */
  readonly stuckMs: number;
  readonly maxFeePerGas: bigint;
  /** The most that is bid for a place; 0 where that buys nothing. */
  readonly maxTip: bigint;
  /** Where transactions are sent before the public: to be mined without being seen. */
  readonly privateUrl?: string;
  /** After so long without being mined a private transaction is sent to everybody. */
  readonly privatePatienceMs: number;
  readonly timeoutMs: number;
  readonly onNotice?: (notice: SenderNotice) => void;
}

export type SenderNotice =
  | { readonly kind: "sent"; readonly nonce: number; readonly hash: string; readonly isPrivate: boolean }
  | { readonly kind: "raised"; readonly nonce: number; readonly hash: string }
  | { readonly kind: "cancelled"; readonly nonce: number; readonly hash: string }
  | { readonly kind: "tooDear"; readonly nonce: number }
  | { readonly kind: "again"; readonly nonce: number; readonly keys: readonly string[] }
  | { readonly kind: "refused"; readonly nonce: number; readonly error: unknown };

/** The account has not got what a transaction costs. */
export class NoFundsError extends Error {
  constructor(account: string, cause: unknown) {
    super(`${account} can't pay for gas: send it native coin`, { cause });
    this.name = "NoFundsError";
  }
}

/** Blocks after which a mined transaction is forgotten. */
const FINAL_BLOCKS = 64;
const TRANSFER_GAS = 21_000n;

export class Sender {
  private readonly sent = new Map<number, Sent>();
  private next: number | undefined;
  /** A number that a former process left, and since when it has been in the way. */
  private blocked: { readonly nonce: number; readonly since: number } | undefined;

  constructor(
    private readonly provider: Provider & { send(method: string, params: unknown[]): Promise<unknown> },
    readonly wallet: Wallet,
    private readonly chainId: bigint,
    private readonly options: SenderOptions,
  ) {}

  get inFlight(): number {
    return [...this.sent.values()].filter(({ minedIn }) => minedIn === undefined).length;
  }

  /** Whether there is anything to look after. */
  get hasSent(): boolean {
    return this.sent.size > 0;
  }

  isFull(): boolean {
    return this.inFlight >= this.options.maxInFlight;
  }

  /** Whether half of its places are taken: what nobody pays for takes no more of them. */
  isHalfFull(): boolean {
    return 2 * this.inFlight >= this.options.maxInFlight;
  }

  /** Signs and sends. Returns the hash; throws {@link NoFundsError}, or what the node refused it with. */
  async submit(request: Request): Promise<string> {
    const { privateUrl } = this.options;
    const sent = sentOf(await this.number(), request, privateUrl !== undefined);
    const { nonce } = sent;
    const raw = await this.sign(sent, request, request.price);
    // Whatever the node says, it may have taken it.
    this.sent.set(nonce, sent);
    this.next = nonce + 1;
    try {
      await this.broadcast(raw, privateUrl);
    } catch (error) {
      if (isUnfunded(error)) {
        this.forget(nonce);
        // Those after it would wait for its number.
        this.next = undefined;
        throw new NoFundsError(this.wallet.address, error);
      }
      // Asked twice, a node says so of a transaction that it has mined by the first.
      if (isTooLow(error) && (await this.isMined(raw))) return keccak256(raw);
      if (isTooLow(error)) {
        this.forget(nonce);
        this.next = undefined;
      }
      this.note({ kind: "refused", nonce, error });
      // A node that did not answer may have taken it: it is looked after like one that was sent.
      if (!(error instanceof NodeError)) throw error;
    }
    const hash = keccak256(raw);
    this.note({ kind: "sent", nonce, hash, isPrivate: privateUrl !== undefined });
    return hash;
  }

  /**
   * Looks after what was sent. Returns what was mined, and what has come to nothing.
   * @param now Second of the chain.
   */
  async tend(now: number): Promise<Settled[]> {
    const [block, mined] = await Promise.all([this.provider.getBlockNumber(), this.count("latest")]);
    const settled: Settled[] = [];
    for (const sent of [...this.sent.values()].sort((a, b) => a.nonce - b.nonce)) {
      if (sent.minedIn !== undefined) {
        await this.watchMined(sent, mined, block);
      } else if (sent.nonce < mined) {
        settled.push(await this.settle(sent, block));
      } else if (performance.now() - sent.sentAt >= this.patienceOf(sent)) {
        const isUseless = now > sent.request.until;
        if (sent.isPrivate && !isUseless) await this.publish(sent).catch(this.refusalOf(sent));
        else await this.push(sent, isUseless);
      }
    }
    await this.unblock(mined);
    return settled;
  }

  /** Everything that is on the way is mined, or given up after so long. */
  async drain(now: () => Promise<number>, patienceMs: number, pollMs: number): Promise<Settled[]> {
    const settled: Settled[] = [];
    const end = performance.now() + patienceMs;
    while (this.inFlight > 0 && performance.now() < end) {
      settled.push(...(await this.tend(await now())));
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
    return settled;
  }

  private patienceOf({ isPrivate }: Sent): number {
    return isPrivate ? this.options.privatePatienceMs : this.options.stuckMs;
  }

  private async settle(sent: Sent, block: number): Promise<Settled> {
    for (const raw of sent.raws) {
      const hash = keccak256(raw);
      const receipt = await this.provider.getTransactionReceipt(hash);
      if (receipt === null) continue;
      sent.minedIn = receipt.blockNumber;
      return { request: sent.request, hash, receipt: sent.ends.has(raw) ? undefined : receipt };
    }
    // Another program with the same key, or a node that lags behind with receipts.
    sent.minedIn = block;
    return { request: sent.request, hash: keccak256(sent.raws[0]), receipt: undefined };
  }

  private async watchMined(sent: Sent, mined: number, block: number): Promise<void> {
    if (sent.nonce < mined) {
      if (block - (sent.minedIn ?? block) > FINAL_BLOCKS) this.forget(sent.nonce);
      return;
    }
    // A reorganisation undid it: nodes may have lost it, and numbers after it wait for it.
    sent.minedIn = undefined;
    this.note({ kind: "again", nonce: sent.nonce, keys: sent.request.keys });
    await this.publish(sent).catch(() => undefined);
  }

  /** Sends the latest of it to everybody, as it is. */
  private async publish(sent: Sent): Promise<void> {
    sent.sentAt = performance.now();
    sent.isPrivate = false;
    await this.broadcast(sent.raws[sent.raws.length - 1], undefined);
  }

  /** One that is stuck: bid up while it is of use and pays, else ended by one that costs little and does nothing. */
  private async push(sent: Sent, isUseless: boolean): Promise<void> {
    const { maxFeePerGas, maxTip } = this.options;
    const price = raised(sent.price, await marketPrice(this.provider, maxTip), maxFeePerGas);
    const isTooDear = price !== undefined && price.expected > sent.request.worth;
    const isEnded = isUseless || (isTooDear && this.isInTheWay(sent));
    if (price === undefined || (isTooDear && !isEnded)) {
      this.note({ kind: "tooDear", nonce: sent.nonce });
      sent.sentAt = performance.now();
      return;
    }
    const what = isEnded ? this.nothing(price) : sent.request;
    const raw = await this.sign(sent, what, price);
    if (isEnded) sent.ends.add(raw);
    await this.publish(sent).catch(this.refusalOf(sent));
    this.note({ kind: isEnded ? "cancelled" : "raised", nonce: sent.nonce, hash: keccak256(raw) });
  }

  /** Whether others wait for it. */
  private isInTheWay({ nonce }: Sent): boolean {
    return [...this.sent.values()].some((other) => other.nonce > nonce && other.minedIn === undefined);
  }

  /** A number that nothing of this process has, below those that wait: a former process's, stuck or lost. */
  private async unblock(mined: number): Promise<void> {
    const isInTheWay = this.inFlight > 0 && !this.sent.has(mined);
    if (!isInTheWay) {
      this.blocked = undefined;
      return;
    }
    if (this.blocked?.nonce !== mined) this.blocked = { nonce: mined, since: performance.now() };
    if (performance.now() - this.blocked.since < this.options.stuckMs) return;
    const market = await marketPrice(this.provider, this.options.maxTip);
    const start = { maxFeePerGas: 2n * market.base + market.tip, maxPriorityFeePerGas: market.tip };
    const price = raised(start, market, this.options.maxFeePerGas);
    if (price === undefined) return;
    const request = this.nothing(price);
    const sent = sentOf(mined, request, false);
    const raw = await this.sign(sent, request, price);
    sent.ends.add(raw);
    this.sent.set(mined, sent);
    await this.publish(sent).catch(this.refusalOf(sent));
    this.note({ kind: "cancelled", nonce: mined, hash: keccak256(raw) });
  }

  private nothing(price: GasPrice): Request {
    const { address: to } = this.wallet;
    // It frees a number, which is worth whatever it costs.
    const worth = this.options.maxFeePerGas;
    return { to, data: "0x", value: 0n, gasLimit: TRANSFER_GAS, price, worth, keys: [], until: Infinity };
  }

  private async number(): Promise<number> {
    if (this.next === undefined || this.inFlight === 0) {
      const pending = await this.count("pending");
      this.next = Math.max(
        pending,
        ...[...this.sent.values()].filter((s) => s.minedIn === undefined).map((s) => s.nonce + 1),
      );
    }
    return this.next;
  }

  /** Asked of the node itself: ethers keeps an answer for a moment. */
  private async count(tag: "latest" | "pending"): Promise<number> {
    return Number(await this.provider.send("eth_getTransactionCount", [this.wallet.address, tag]));
  }

  private async sign(sent: Sent, { to, data, value, gasLimit }: Request, price: GasPrice): Promise<string> {
    const raw = await this.wallet.signTransaction({
      ...{ type: 2, chainId: this.chainId, nonce: sent.nonce, to, data, value, gasLimit },
      maxFeePerGas: price.maxFeePerGas,
      maxPriorityFeePerGas: price.maxPriorityFeePerGas,
    });
    sent.raws.push(raw);
    sent.price = price;
    return raw;
  }

  private async broadcast(raw: string, privateUrl: string | undefined): Promise<void> {
    try {
      if (privateUrl === undefined) {
        await this.provider.send("eth_sendRawTransaction", [raw]);
        return;
      }
      const body = { jsonrpc: "2.0", id: 1, method: "eth_sendRawTransaction", params: [raw] };
      const [answer] = await post(privateUrl, body, this.options.timeoutMs);
      if ("error" in answer) throw new Error(answer.error.message);
    } catch (error) {
      if (!isKnown(error)) throw error;
    }
  }

  private async isMined(raw: string): Promise<boolean> {
    const receipt = await this.provider.getTransactionReceipt(keccak256(raw)).catch(() => null);
    return receipt !== null;
  }

  private forget(nonce: number): void {
    this.sent.delete(nonce);
  }

  private refusalOf({ nonce }: Sent): (error: unknown) => void {
    return (error) => this.note({ kind: "refused", nonce, error });
  }

  private note(notice: SenderNotice): void {
    this.options.onNotice?.(notice);
  }
}

function sentOf(nonce: number, request: Request, isPrivate: boolean): Sent {
  return {
    ...{ nonce, request, raws: [], price: request.price, sentAt: performance.now(), isPrivate },
    ...{ ends: new Set<string>(), minedIn: undefined },
  };
}

function textOf(error: unknown): string {
  const { message, error: inner, info } = (error ?? {}) as { message?: string; error?: unknown; info?: unknown };
  return [message, inner === undefined ? "" : textOf(inner), info === undefined ? "" : textOf(info)].join(" ");
}

function isKnown(error: unknown): boolean {
  return /already known|known transaction|already imported|ALREADY_EXISTS/i.test(textOf(error));
}

function isTooLow(error: unknown): boolean {
  return (
    isError(error, "NONCE_EXPIRED") ||
    /nonce (is )?too low|invalid nonce|nonce has already been used/i.test(textOf(error))
  );
}

function isUnfunded(error: unknown): boolean {
  return isError(error, "INSUFFICIENT_FUNDS") || /insufficient funds|doesn't have enough funds/i.test(textOf(error));
}
