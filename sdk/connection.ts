import type { Provider, Signer } from "ethers";
import type { ChainFacts } from "./chains";
import type { Deployment } from "./chains/deployment";
import type { Reader } from "./reading";

/** What every client needs: a chain, the contracts on it, and who signs, if anybody. */
export interface Connection {
  readonly provider: Provider;
  readonly signer: Signer | null;
  readonly chain: ChainFacts;
  readonly contracts: Deployment["contracts"];
  /** The block in which their events begin. */
  readonly startBlock: number;
  readonly reader: Reader;
}

/** Something needs an account, and the client was connected without one. */
export class NoSignerError extends Error {
  constructor() {
    super("connected without a signer: name the account, or connect one");
    this.name = "NoSignerError";
  }
}

/** The account given, or the signer's. */
export async function accountOf({ signer }: Connection, account?: string): Promise<string> {
  if (account !== undefined) return account;
  if (signer === null) throw new NoSignerError();
  return signer.getAddress();
}

/** Unix seconds of the latest block: deadlines and targets are measured by it, never by the clock on the wall. */
export async function latestTime({ provider }: Connection): Promise<number> {
  const block = await provider.getBlock("latest");
  if (block === null) throw new Error("the node knows no latest block");
  return block.timestamp;
}
