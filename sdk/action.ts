import type { ContractTransactionReceipt, JsonRpcApiProvider, Signer, TransactionReceipt } from "ethers";
import { Codec } from "./abi";
import { erc20Abi } from "./abis";
import { tokenOf } from "./chains";
import type { Connection } from "./connection";
import { NoSignerError } from "./connection";
import { FundsError, RefusedError, explained } from "./failures";
import type { Coin } from "./failures";
import { query } from "./reading";

const ERC20 = new Codec(erc20Abi);
/** Of what is estimated: funding, carry and marks that the next second brings forward are none of it. What is not used is not paid. */
const GAS_PERCENT = 130n;
const NATIVE_DECIMALS = 18;
/** Of the system's contracts: `Contract_Reason`. Those of tokens and of libraries are written without the line. */
const OWN_ERROR = /^[A-Z]\w*_/;

/** A transaction that nobody has signed yet. */
export interface UnsignedTransaction {
  readonly chainId: bigint;
  readonly to: string;
  readonly data: string;
  /** Wei. */
  readonly value: bigint;
}

/** What a contract has to be allowed to take before a transaction goes through. */
export interface Allowance {
  readonly token: string;
  readonly spender: string;
  /** Token units. */
  readonly amount: bigint;
}

/** The transaction reverted when it was mined, and a call at its block does not say why. */
export class FailedTransactionError extends Error {
  constructor(readonly receipt: TransactionReceipt) {
    super(`transaction ${receipt.hash} reverted`);
    this.name = "FailedTransactionError";
  }
}

interface ActionParts<T> {
  readonly to: string;
  readonly data: string;
  readonly value?: bigint;
  readonly allowances?: readonly Allowance[];
  /** What the receipt says has come of it. */
  readonly outcome: (receipt: ContractTransactionReceipt) => T | Promise<T>;
}

/** A transaction to look at, to try, to have signed elsewhere, or to send. */
export class Action<T> {
  readonly transaction: UnsignedTransaction;
  /** What has to be allowed first; none where a permit or the native coin comes with it. */
  readonly allowances: readonly Allowance[];

  constructor(
    private readonly connection: Connection,
    private readonly parts: ActionParts<T>,
  ) {
    const { to, data, value = 0n, allowances = [] } = parts;
    this.transaction = { chainId: BigInt(connection.chain.chainId), to, data, value };
    this.allowances = allowances.filter(({ amount }) => amount > 0n);
  }

  /** Runs it without sending. Throws `RefusedError` where it would revert. */
  async simulate(from?: string): Promise<string> {
    const { to, data, value } = this.transaction;
    const sender = from ?? (await this.signer().getAddress());
    try {
      return await this.connection.provider.call({ from: sender, to, data, value });
    } catch (error) {
      throw explained(error);
    }
  }

  /** The allowances that are too small, as transactions that give exactly what is needed. */
  async missingAllowances(owner?: string): Promise<Action<ContractTransactionReceipt>[]> {
    const account = owner ?? (await this.signer().getAddress());
    const { reader } = this.connection;
    const given = await reader.all(
      this.allowances.map(({ token, spender }) => query(ERC20, token, "allowance", [account, spender])),
    );
    return this.allowances
      .filter(({ amount }, index) => given[index] < amount)
      .map((allowance) => approval(this.connection, allowance));
  }

  /**
   * The allowances that are missing, where giving them is of use. Throws `FundsError` where the signer has less than would be
   * taken, and `RefusedError` where the system refuses it whatever it is allowed to take.
   */
  async allowancesToGive(): Promise<Action<ContractTransactionReceipt>[]> {
    await this.requireFunds();
    const missing = await this.missingAllowances();
    if (missing.length > 0) await this.refuseOutright();
    return missing;
  }

  /**
   * Sends it and waits until it is mined. With `approve`, gives the allowances that are missing first. Throws `RefusedError`
   * where the chain refuses it, and with `approve` `FundsError`, before anything is sent if that can be told by then.
   */
  async send({ approve = false }: { approve?: boolean } = {}): Promise<T> {
    const signer = this.signer();
    if (approve) for (const missing of await this.allowancesToGive()) await missing.send();
    // Not every signer estimates first, and a node that estimates may hide the reason.
    await this.simulate();
    return this.outcomeOf(await this.mined(signer));
  }

  /** What came of it where somebody else has sent it. */
  async outcomeOf(receipt: TransactionReceipt): Promise<T> {
    return this.parts.outcome(receipt as ContractTransactionReceipt);
  }

  private async requireFunds(): Promise<void> {
    const account = await this.signer().getAddress();
    const { chain, provider, reader } = this.connection;
    const { value } = this.transaction;
    if (value > 0n) {
      const coin = { symbol: chain.nativeSymbol, decimals: NATIVE_DECIMALS };
      requireBalance(account, coin, await provider.getBalance(account), value);
    }
    const balances = await reader.all(this.allowances.map(({ token }) => query(ERC20, token, "balanceOf", [account])));
    for (const [index, { token, amount }] of this.allowances.entries())
      requireBalance(account, tokenOf(chain, token), balances[index], amount);
  }

  /** Throws what the system itself refuses. A token refuses for want of the allowance: that says nothing yet. */
  private async refuseOutright(): Promise<void> {
    try {
      await this.simulate();
    } catch (error) {
      if (error instanceof RefusedError && OWN_ERROR.test(error.error.name)) throw error;
    }
  }

  private async mined(signer: Signer): Promise<TransactionReceipt> {
    let receipt: TransactionReceipt | null;
    try {
      // With the chain's id a signer that stands on another one refuses: simulated against no code it would have passed.
      const { chainId, to, data, value } = this.transaction;
      const nonce = await this.nonceOf(await signer.getAddress());
      const estimate = await signer.estimateGas({ to, data, value });
      const gasLimit = (estimate * GAS_PERCENT) / 100n;
      receipt = await (await signer.sendTransaction({ chainId, to, data, value, nonce, gasLimit })).wait();
    } catch (error) {
      const failed = (error as { receipt?: TransactionReceipt | null }).receipt;
      if (failed) throw await this.reasonOf(failed);
      throw explained(error);
    }
    if (receipt === null) throw new Error("the transaction was not mined");
    return receipt;
  }

  /** Asked of the node itself where that can be: ethers keeps an answer for a moment, and blocks may come faster. */
  private async nonceOf(account: string): Promise<number> {
    const { provider } = this.connection;
    if (!("send" in provider)) return provider.getTransactionCount(account, "pending");
    const node = provider as unknown as JsonRpcApiProvider;
    return Number(await node.send("eth_getTransactionCount", [account, "pending"]));
  }

  /** Why it reverted, asked of the block before: a node keeps no reasons. */
  private async reasonOf(receipt: TransactionReceipt): Promise<unknown> {
    const { to, data, value } = this.transaction;
    try {
      await this.connection.provider.call({ from: receipt.from, to, data, value, blockTag: receipt.blockNumber - 1 });
    } catch (error) {
      return explained(error);
    }
    return new FailedTransactionError(receipt);
  }

  private signer(): Signer {
    const { signer } = this.connection;
    if (signer === null) throw new NoSignerError();
    return signer;
  }
}

function requireBalance(account: string, coin: Coin, balance: bigint, needed: bigint): void {
  if (balance < needed) throw new FundsError(account, coin, balance, needed);
}

/** Allows a contract to take tokens. */
export function approval(
  connection: Connection,
  { token, spender, amount }: Allowance,
): Action<ContractTransactionReceipt> {
  const data = ERC20.encode("approve", [spender, amount]);
  return new Action(connection, { to: token, data, outcome: (receipt) => receipt });
}
