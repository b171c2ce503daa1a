import { ZeroAddress } from "ethers";
import type { ContractTransactionReceipt } from "ethers";
import { Action } from "../action";
import { Codec } from "../abi";
import { brokerRegistryAbi, feeDistributorAbi, proAbi } from "../abis";
import { proMarketOf, tokenOf } from "../chains";
import type { Connection } from "../connection";
import { unsweptIn, unsweptSlots } from "../pro/fees";
import { query } from "../reading";
import type { Query } from "../reading";
import { PIPS } from "../units";
import type { Pips, TokenAmount } from "../units";

const REGISTRY = new Codec(brokerRegistryAbi);
const DISTRIBUTOR = new Codec(feeDistributorAbi);
const PRO = new Codec(proAbi);
const QUOTE_DECIMALS = 18;

/** Who brings traders, and is given a share of their fees. */
export interface Broker {
  /** As orders name it. */
  readonly id: number;
  /** May change the receiver and hand the broker over. */
  readonly owner: string;
  /** Is given the fees. */
  readonly receiver: string;
  /** Of what the liquidity leaves of a fee. */
  readonly sharePips: Pips;
}

/** What the treasury is, and may collect. */
export interface Treasury {
  readonly account: string;
  /** By symbol; tokens with nothing are left out. */
  readonly collectable: Record<string, TokenAmount>;
}

/** Fees of a market of the order book that are swept, or wait for it; units of its token. */
export interface SweptFees {
  readonly total: TokenAmount;
  readonly treasury: TokenAmount;
  /** By id; those with nothing are left out. */
  readonly brokers: Readonly<Record<number, TokenAmount>>;
}

/** Brokers, and the fees that they and the treasury collect: as claims on the Vault, which `vault.claim` takes out. */
export class BrokerClient {
  constructor(private readonly connection: Connection) {}

  /** How many there are: their ids are 1 to this. */
  async count(): Promise<number> {
    return Number(await this.connection.reader.one(query(REGISTRY, this.registry, "brokerCount", [])));
  }

  /** Undefined where no broker has the id. */
  async broker(id: number): Promise<Broker | undefined> {
    const found = await this.connection.reader.one(this.recordOf(id));
    return found.owner === ZeroAddress ? undefined : brokerFrom(id, found);
  }

  /** All of them, in the order of their ids. */
  async all(): Promise<Broker[]> {
    const ids = await this.ids();
    const found = await this.connection.reader.all(ids.map((id) => this.recordOf(id)));
    return found.map((record, index) => brokerFrom(ids[index], record));
  }

  /** What a broker may collect of each token, by symbol; tokens with nothing are left out. */
  async collectable(id: number): Promise<Record<string, TokenAmount>> {
    const amounts = await this.connection.reader.all(
      this.ofTokens((token) => query(DISTRIBUTOR, this.distributor, "brokerCollectable", [id, token])),
    );
    return this.bySymbol(amounts);
  }

  /** What the treasury is, and may collect, of one block. */
  async treasury(): Promise<Treasury> {
    const [account, ...amounts] = await this.connection.reader.all([
      query(DISTRIBUTOR, this.distributor, "treasury", []),
      ...this.ofTokens((token) => query(DISTRIBUTOR, this.distributor, "collectable", [token])),
    ]);
    return { account, collectable: this.bySymbol(amounts) };
  }

  /** Makes a broker's fees of a token its receiver's to claim: how much. Anybody's to call. */
  collectBroker(id: number, symbol: string): Action<TokenAmount> {
    const token = tokenOf(this.connection.chain, symbol).address;
    return this.collecting(DISTRIBUTOR.encode("collectBroker", [id, token]));
  }

  /** Makes the fees of a token that are no broker's the treasury's to claim: how much. Anybody's to call. */
  collect(symbol: string): Action<TokenAmount> {
    const token = tokenOf(this.connection.chain, symbol).address;
    return this.collecting(DISTRIBUTOR.encode("collect", [token]));
  }

  /** What a market of the order book has taken in fees that nobody has swept: what `sweepPro` would bring to whom. */
  async sweepablePro(market: string, ids?: readonly number[]): Promise<SweptFees> {
    const { chain, contracts, reader } = this.connection;
    const all = ids ?? (await this.ids());
    const slots = unsweptSlots(BigInt(proMarketOf(chain, market).id), all.map(BigInt));
    const [words, records] = await Promise.all([
      reader.one(query(PRO, contracts.pro, "extsload", [slots])),
      reader.all(all.map((id) => this.recordOf(id))),
    ]);
    const quotePerUnit = 10n ** BigInt(QUOTE_DECIMALS - tokenOf(chain, chain.pro.token).decimals);
    const { bases, total } = unsweptIn(words, quotePerUnit);
    const shares = records.map(({ sharePips }, index) => [all[index], (bases[index] * sharePips) / PIPS] as const);
    return swept(total, shares);
  }

  /**
   * Brings the fees of a market of the order book to where they are collected: what came to whom. What brokers have part in comes
   * with those that are named, all by default. Anybody's to call.
   */
  async sweepPro(market: string, ids?: readonly number[]): Promise<Action<SweptFees>> {
    const { chain, contracts } = this.connection;
    const data = PRO.encode("sweepFees", [proMarketOf(chain, market).id, ids ?? (await this.ids())]);
    const outcome = (receipt: ContractTransactionReceipt) => sweptIn(contracts, receipt);
    return new Action(this.connection, { to: contracts.pro, data, outcome });
  }

  /** Names who is given a broker's fees that are collected from now on. Its owner's to call. */
  setReceiver(id: number, receiver: string): Action<ContractTransactionReceipt> {
    return this.change(REGISTRY.encode("setReceiver", [id, receiver]));
  }

  /** Hands a broker over to another owner; the receiver stays. Its owner's to call. */
  transferBroker(id: number, to: string): Action<ContractTransactionReceipt> {
    return this.change(REGISTRY.encode("transferBroker", [id, to]));
  }

  private async ids(): Promise<number[]> {
    return Array.from({ length: await this.count() }, (_, index) => index + 1);
  }

  private get registry(): string {
    return this.connection.contracts.brokerRegistry;
  }

  private get distributor(): string {
    return this.connection.contracts.feeDistributor;
  }

  private recordOf(id: number) {
    return query(REGISTRY, this.registry, "broker", [id]);
  }

  private ofTokens(ofToken: (address: string) => Query<bigint>): Query<bigint>[] {
    return Object.values(this.connection.chain.tokens).map(({ address }) => ofToken(address));
  }

  private bySymbol(amounts: readonly bigint[]): Record<string, TokenAmount> {
    const symbols = Object.keys(this.connection.chain.tokens);
    const found = symbols.map((symbol, index) => [symbol, amounts[index] as TokenAmount] as const);
    return Object.fromEntries(found.filter(([, amount]) => amount > 0n));
  }

  private collecting(data: string): Action<TokenAmount> {
    const to = this.distributor;
    const outcome = ({ logs, hash }: ContractTransactionReceipt) => {
      for (const log of logs) {
        const event = log.address === to ? DISTRIBUTOR.event(log) : undefined;
        if (event?.name === "BrokerFeesCollected" || event?.name === "FeesCollected")
          return event.args.amount as TokenAmount;
      }
      throw new Error(`transaction ${hash} collects no fees`);
    };
    return new Action(this.connection, { to, data, outcome });
  }

  private change(data: string): Action<ContractTransactionReceipt> {
    return new Action(this.connection, { to: this.registry, data, outcome: (receipt) => receipt });
  }
}

function sweptIn(
  { feeDistributor, pro }: Connection["contracts"],
  { hash, logs }: ContractTransactionReceipt,
): SweptFees {
  const shares: [id: number, share: bigint][] = [];
  let total: bigint | undefined;
  for (const log of logs) {
    const event = log.address === pro ? PRO.event(log) : undefined;
    if (event?.name === "FeesSwept") total = event.args.amount;
    const told = log.address === feeDistributor ? DISTRIBUTOR.event(log) : undefined;
    if (told?.name === "BrokerFeeRecorded") shares.push([Number(told.args.brokerId), told.args.amount]);
  }
  if (total === undefined) throw new Error(`transaction ${hash} sweeps no fees`);
  return swept(total, shares);
}

function swept(total: bigint, shares: readonly (readonly [id: number, share: bigint])[]): SweptFees {
  const treasury = shares.reduce((left, [, share]) => left - share, total);
  const brokers = Object.fromEntries(shares.filter(([, share]) => share > 0n)) as Record<number, TokenAmount>;
  return { total: total as TokenAmount, treasury: treasury as TokenAmount, brokers };
}

function brokerFrom(
  id: number,
  { owner, receiver, sharePips }: { owner: string; receiver: string; sharePips: bigint },
): Broker {
  return { id, owner, receiver, sharePips: sharePips as Pips };
}
