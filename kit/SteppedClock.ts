/** The embedded chain's provider, as far as its clock is concerned. */
export interface SteppedProvider {
  request(args: { readonly method: string; readonly params?: readonly unknown[] | object }): Promise<unknown>;
  send(method: string, params?: unknown[]): Promise<unknown>;
}

type Call = (method: string, params: readonly unknown[]) => Promise<unknown>;

const SCHEDULE = "evm_setNextBlockTimestamp";

/** Calls that mine a block, or run as if in the next one. */
const MINING = new Set([
  "eth_sendTransaction",
  "eth_sendRawTransaction",
  "evm_mine",
  "hardhat_mine",
  "eth_estimateGas",
]);

/** Of these, what mines one block, unless the chain is told to wait. */
const MINING_ONE = new Set(["eth_sendTransaction", "eth_sendRawTransaction", "evm_mine"]);

/** Calls that have blocks mined by and by. */
const PACE = new Set(["evm_setAutomine", "evm_setIntervalMining"]);

/** Calls that change what the next block's time will be. */
const CLOCK = new Set([SCHEDULE, "evm_increaseTime", "evm_snapshot", "evm_revert", "hardhat_reset", ...PACE]);

const clocks = new WeakMap<SteppedProvider, SteppedClock>();

/**
 * Has blocks follow each other by one second, unless somebody sets the time of the next one, and never by the clock on the
 * wall: otherwise a block's time depends on how long the machine took since the block before, and a tick that must be at
 * most three seconds old is too old on a machine that is busy.
 *
 * The provider is changed in place, so that every library that holds it sees the same clock.
 */
export class SteppedClock {
  /** Unix seconds that somebody set for the next block; past once that block is mined. */
  private scheduled: number | undefined;
  /** What was scheduled when a snapshot was taken, by its id. */
  private readonly snapshots = new Map<unknown, number | undefined>();
  /** Of the latest block, where that is known without asking. */
  private latest: number | undefined;
  /** Whether each transaction is mined at once, and nothing else is. */
  private isMiningAtOnce = true;
  /** One call after the other: between the time's setting and the block nothing may come. */
  private last: Promise<unknown> = Promise.resolve();

  private constructor(private readonly call: Call) {}

  /** The clock of a provider, which steps from the first time on that this is asked. */
  static of(provider: SteppedProvider): SteppedClock {
    const known = clocks.get(provider);
    if (known !== undefined) return known;
    const request = provider.request.bind(provider);
    const clock = new SteppedClock((method, params) => request({ method, params }));
    provider.request = ({ method, params = [] }) => clock.answer(method, params as readonly unknown[]);
    provider.send = (method, params = []) => clock.answer(method, params);
    clocks.set(provider, clock);
    return clock;
  }

  /** Unix seconds of the latest block. */
  async now(): Promise<number> {
    const block = (await this.call("eth_getBlockByNumber", ["latest", false])) as { timestamp: string };
    return Number(block.timestamp);
  }

  /** The next block is mined in this second. */
  async schedule(timestamp: number): Promise<void> {
    await this.answer(SCHEDULE, [timestamp]);
  }

  private answer(method: string, params: readonly unknown[]): Promise<unknown> {
    const isMining = MINING.has(method) || params.includes("pending");
    if (!isMining && !CLOCK.has(method)) return this.call(method, params);
    const mine = () => this.mine(method, params);
    const change = () => this.change(method, params);
    const answer = this.last.then(isMining ? mine : change);
    this.last = answer.catch(() => undefined);
    return answer;
  }

  private async mine(method: string, params: readonly unknown[]): Promise<unknown> {
    if (method === "evm_mine" && params.length > 0) {
      this.latest = undefined;
      return this.call(method, params);
    }
    const latest = this.latest ?? (await this.now());
    let next = this.scheduled;
    if (next === undefined || next <= latest) {
      next = latest + 1;
      await this.call(SCHEDULE, [next]);
    }
    // Until it is sure what has become of the call.
    this.latest = undefined;
    const result = await this.call(method, params);
    if (this.isMiningAtOnce && !MINING.has(method)) this.latest = latest;
    if (this.isMiningAtOnce && MINING_ONE.has(method)) this.latest = next;
    return result;
  }

  private async change(method: string, params: readonly unknown[]): Promise<unknown> {
    if (method === "evm_increaseTime") {
      const seconds = Number(params[0]);
      await this.change(SCHEDULE, [(await this.now()) + Math.max(seconds, 1)]);
      return String(seconds);
    }
    const result = await this.call(method, params);
    if (method !== SCHEDULE && method !== "evm_snapshot") this.latest = undefined;
    if (method === SCHEDULE) this.scheduled = Number(params[0]);
    else if (PACE.has(method)) this.isMiningAtOnce = method === "evm_setAutomine" && params[0] === true;
    else if (method === "evm_snapshot") this.snapshots.set(result, this.scheduled);
    else if (method === "evm_revert") this.scheduled = this.snapshots.get(params[0]);
    else this.scheduled = undefined;
    return result;
  }
}
