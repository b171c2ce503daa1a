import type { Provider } from "ethers";
import type { Market, Order, Party, ProStore, State } from "../../../kit/pro/ProStore";
import { RebuiltPro } from "./rebuilt";

/** A broker has part in what those took who named him. */
export const BROKER = 1n;

const text = (value: object) =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? String(part) : part));

function differences(what: string, told: object, stored: object): string[] {
  return text(told) === text(stored) ? [] : [`${what}: told ${text(told)}, stored ${text(stored)}`];
}

const byId = (a: { id: bigint }, b: { id: bigint }) => (a.id < b.id ? -1 : 1);

/** I30: what the events say is what is stored, but for what is told by none: the indices of funding as they are now. */
export class Rebuilding {
  private readonly rebuilt: RebuiltPro;
  private readTo = -1;
  /** Where the index of a position's side stood when it was opened, by account, market and opening. */
  private readonly entries = new Map<string, bigint>();

  constructor(
    private readonly provider: Provider,
    private readonly addresses: { readonly pro: string; readonly distributor: string },
    quotePerUnit: bigint,
  ) {
    this.rebuilt = new RebuiltPro(addresses.pro, addresses.distributor, quotePerUnit);
  }

  /** Follows the events up to now; everything in which what is stored differs. */
  async differences(state: State, store: ProStore): Promise<string[]> {
    const toBlock = await this.provider.getBlockNumber();
    if (toBlock > this.readTo) {
      const range = { fromBlock: this.readTo + 1, toBlock };
      this.rebuilt.read(await this.provider.getLogs({ address: Object.values(this.addresses), ...range }));
    }
    this.readTo = toBlock;
    const accounts = [...state.accounts].flatMap(([id, { cash }]) =>
      differences(`cash of ${id}`, { cash: this.rebuilt.cash.get(id) ?? 0n }, { cash }),
    );
    const parties = [...state.parties].flatMap(([account, list]) =>
      list.flatMap((party, market) => this.ofParty(market, account, party)),
    );
    const markets = state.markets.flatMap((market, number) => this.ofMarket(number, market));
    return [...accounts, ...parties, ...markets, ...this.ofOrders(state.orders), ...(await this.ofBrokers(store))];
  }

  private ofParty(market: number, account: bigint, stored: Party): string[] {
    const { isIsolated, isolatedCash, leverage, openings, paidPerLot, position } = this.rebuilt.party(market, account);
    const { cost, lots, snapshot } = stored;
    const what = `account ${account} in market ${market}`;
    const own = { lots, cost, leverage: stored.leverage, isIsolated: stored.isIsolated };
    const told = { lots: position.lots, cost: position.cost, leverage, isIsolated };
    const cash = differences(`cash of ${what}`, { isolatedCash }, { isolatedCash: stored.isolatedCash });
    if (lots === 0n) return [...differences(what, told, own), ...cash];
    // What a lot has paid since it was opened is how far its snapshot has come.
    const opening = `${what}, opening ${openings}`;
    const entry = this.entries.get(opening) ?? snapshot - paidPerLot;
    this.entries.set(opening, entry);
    const funding = differences(`funding of ${what}`, { paid: paidPerLot }, { paid: snapshot - entry });
    return [...differences(what, told, own), ...cash, ...funding];
  }

  private ofMarket(number: number, market: Market): string[] {
    const { fees, fund, mark, price, publishTime } = this.rebuilt.market(number);
    const told = {
      ...{ price, publishTime, mark, fund, fees },
      openInterest: this.rebuilt.openInterest(number),
      bestBid: this.rebuilt.best(number, true),
      bestAsk: this.rebuilt.best(number, false),
    };
    const stored = Object.fromEntries(Object.keys(told).map((name) => [name, market[name as keyof typeof told]]));
    return differences(`market ${number}`, told, stored);
  }

  private ofOrders(orders: readonly Order[]): string[] {
    const stored = orders.map(({ account, expiry, id, isBid, isReduceOnly, lots, market, tick }) => ({
      ...{ id, account, market, tick, lots, expiry, isBid, isReduceOnly },
    }));
    const told = [...this.rebuilt.orders.values()].map(
      ({ account, expiry, id, isBid, isReduceOnly, lots, market, tick }) => ({
        ...{ id, account, market, tick, lots, expiry, isBid, isReduceOnly },
      }),
    );
    return differences("orders", told.sort(byId), stored.sort(byId));
  }

  private async ofBrokers(store: ProStore): Promise<string[]> {
    const stored = await store.brokerFees(BROKER);
    const told = stored.map((_, number) => this.rebuilt.market(number).brokerFees.get(BROKER) ?? 0n);
    return differences("brokers' part", told, stored);
  }
}
