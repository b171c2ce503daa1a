import type { HDNodeWallet, JsonRpcProvider } from "ethers";

export interface Outgoing {
  readonly to: string;
  readonly data: string;
  readonly value?: bigint;
  /** Most gas that it may take: nothing is estimated. */
  readonly gasLimit: number;
}

/** Wei for a unit of gas, far above what the replica's blocks ask for. */
const FEES = { maxFeePerGas: 50n * 10n ** 9n, maxPriorityFeePerGas: 10n ** 9n };

/** Sends in one question each, and waits for nothing: numbers are counted here, gas is bounded by the caller. */
export class Outbox {
  /** By address: the number of what it sends next. */
  private readonly nonces = new Map<string, Promise<number>>();
  private readonly chainId: bigint;

  constructor(
    private readonly provider: JsonRpcProvider,
    chainId: number,
  ) {
    this.chainId = BigInt(chainId);
  }

  /** Its hash, once the node has it; what it comes to the coming block says. */
  async send(account: HDNodeWallet, { data, gasLimit, to, value = 0n }: Outgoing): Promise<string> {
    const nonce = await this.take(account.address);
    const { chainId } = this;
    const signed = await account.signTransaction({ type: 2, chainId, nonce, to, data, value, gasLimit, ...FEES });
    try {
      return (await this.provider.send("eth_sendRawTransaction", [signed])) as string;
    } catch (error) {
      // Whether the number was used is for the chain to say.
      this.nonces.delete(account.address);
      throw error;
    }
  }

  /** A number of an account's, and of no other transaction of it. */
  private take(address: string): Promise<number> {
    const asked = () => this.provider.send("eth_getTransactionCount", [address, "pending"]) as Promise<string>;
    const nonce = this.nonces.get(address) ?? asked().then(Number);
    const next = nonce.then((number) => number + 1);
    this.nonces.set(address, next);
    // Where the node does not answer, whoever waits for the number is told.
    next.catch(() => this.nonces.delete(address));
    return nonce;
  }
}
