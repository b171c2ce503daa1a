import type { Provider } from "ethers";
import type { PlainValue } from "../../sdk/plain";
import type { Query, Reader } from "../../sdk/reading";
import { bookIdOf } from "../arguments/books";
import { assetIdOf } from "../arguments/oracle";
import { ASSET_KEYS } from "../profiles";
import type { AssetKey, ChainProfile } from "../profiles";
import type { DeploymentRecord } from "../record";
import type { Finding } from "./finding";
import type { History } from "./history";
import { answerAll, ask, readAll } from "./question";
import type { Question } from "./question";

/** Unexpected contracts are read too: a record that lacks one has its settings compared with nothing. */
export const NO_CONTRACT = "0x0000000000000000000000000000000000000000";

/** What every section of an audit reads with: one block of one system. */
export class AuditContext {
  readonly blockTag: string;

  constructor(
    readonly provider: Provider,
    private readonly reader: Reader,
    readonly record: DeploymentRecord,
    readonly profile: ChainProfile,
    readonly history: History,
    readonly block: { number: number; timestamp: number },
  ) {
    this.blockTag = `0x${block.number.toString(16)}`;
  }

  /** Address of a contract by its key in the record. */
  at(key: string): string {
    return this.record.contracts[key].address;
  }

  /** A question to a contract of the record: `Vault.ledger(USDT)`. */
  question(
    key: string,
    name: string,
    expected: Question["expected"],
    { args = [], of = "", pick }: { args?: readonly unknown[]; of?: string; pick?: Question["pick"] } = {},
  ): Question {
    const { contract, address } = this.record.contracts[key];
    const shown = of === "" ? name : `${name}(${of})`;
    return { what: `${contract}.${shown}`, query: ask(contract, address, name, args), expected, pick };
  }

  findings(questions: readonly Question[]): Promise<Finding[]> {
    return answerAll(this.reader, questions, this.blockTag);
  }

  read(queries: readonly Query<PlainValue>[]): Promise<PlainValue[]> {
    return readAll(this.reader, queries, this.blockTag);
  }

  symbolOf(address: string): string {
    return this.profile.tokens.find((token) => token.address === address)?.symbol ?? address;
  }

  /** The record's key of an address, or the address. */
  nameOf(address: string): string {
    const found = Object.values(this.record.contracts).find((contract) => contract.address === address);
    return found?.contract ?? this.symbolOf(address);
  }
}

/** The name of an asset number. */
export function assetName(assetId: number | bigint): string {
  return ASSET_KEYS.find((key: AssetKey) => assetIdOf(key) === Number(assetId)) ?? String(assetId);
}

/** The name of a book number. */
export function bookName(profile: ChainProfile, bookId: number): string {
  for (const [marketId, { name, books }] of profile.markets.entries()) {
    const found = books.find(({ mode }) => bookIdOf(marketId, mode) === bookId);
    if (found !== undefined) return `${name} ${found.mode}`;
  }
  return String(bookId);
}
