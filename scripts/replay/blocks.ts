import type { Interface, LogDescription } from "ethers";
import type { RpcProvider } from "../../kit/replica/code";

/** A receipt as the node gives it. */
export interface RawReceipt {
  status: string;
  gasUsed: string;
  transactionHash: string;
  transactionIndex: string;
  logs: { address: string; topics: string[]; data: string }[];
}

export interface Call {
  from: string;
  to: string;
  data: string;
  gas: number;
  value?: bigint;
  /** Mined before what else is in the block. */
  isFirst?: boolean;
  /** The chain may refuse it; its receipt says so. */
  mayRevert?: boolean;
}

/** Wei: more than a full block ever drives the base fee to here. */
const MAX_FEE = `0x${(10n ** 12n).toString(16)}`;
const FIRST_TIP = "0x3b9aca00";
const TIP = "0x1";

/**
 * Blocks of many transactions, each mined at a time that is asked for. Transactions go to the node as they are: nothing
 * is estimated and nothing waited for until the block is mined.
 */
export class Blocks {
  private queued: string[] = [];
  private readonly fragile = new Set<string>();

  private constructor(private readonly provider: RpcProvider) {}

  /** From here on nothing is mined unless asked for. */
  static async start(provider: RpcProvider): Promise<Blocks> {
    await provider.send("evm_setAutomine", [false]);
    return new Blocks(provider);
  }

  /** Every transaction is mined at once again. */
  async stop(): Promise<void> {
    await this.provider.send("evm_setAutomine", [true]);
  }

  get isEmpty(): boolean {
    return this.queued.length === 0;
  }

  async queue({ from, to, data, gas, value = 0n, isFirst = false, mayRevert = false }: Call): Promise<string> {
    const transaction = {
      from,
      to,
      data,
      gas: `0x${gas.toString(16)}`,
      value: `0x${value.toString(16)}`,
      maxFeePerGas: MAX_FEE,
      maxPriorityFeePerGas: isFirst ? FIRST_TIP : TIP,
    };
    const hash = (await this.provider.send("eth_sendTransaction", [transaction])) as string;
    this.queued.push(hash);
    if (mayRevert) this.fragile.add(hash);
    return hash;
  }

  /** Mines what is queued; throws unless all of it succeeds that has to. The receipts come by transaction. */
  async mine(timestamp: number): Promise<Map<string, RawReceipt>> {
    await this.provider.send("evm_setNextBlockTimestamp", [timestamp]);
    await this.provider.send("evm_mine", []);
    const receipts = new Map<string, RawReceipt>();
    for (const hash of this.queued) {
      const receipt = (await this.provider.send("eth_getTransactionReceipt", [hash])) as RawReceipt | null;
      if (receipt === null) throw new Error(`${hash} did not fit into the block`);
      if (receipt.status !== "0x1" && !this.fragile.has(hash)) throw new Error(`${hash} was reverted`);
      receipts.set(hash, receipt);
    }
    this.queued = [];
    this.fragile.clear();
    return receipts;
  }
}

/** The events of one contract in a receipt. */
export function eventsOf(receipt: RawReceipt, address: string, abi: Interface): LogDescription[] {
  return receipt.logs.flatMap((log) => {
    if (log.address.toLowerCase() !== address.toLowerCase()) return [];
    const event = abi.parseLog(log);
    return event === null ? [] : [event];
  });
}
