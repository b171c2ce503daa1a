import { solidityPackedKeccak256, toBeHex } from "ethers";

/** Where Pro keeps its records: numbers of the members of `ProState` and `Market`. */
const PLACE = { accounts: 4n, distress: 6n, markets: 7n };
const WORD = { config: 0n, index: 5n, mark: 6n, touch: 7n, indices: 8n, fund: 9n, hour: 11n, day: 12n };
const MAP = {
  bits: 14n,
  levels: 15n,
  orders: 16n,
  sums: 17n,
  positions: 18n,
  isolatedCash: 19n,
  steps: 20n,
  broker: 21n,
};
const ASKS = 1n << 24n;
const MIDDLE = 1n << 25n;
const TOP = 1n << 26n;
const SLOTS = 32n;

export interface Account {
  readonly cash: bigint;
  readonly markets: bigint;
  readonly orders: bigint;
  readonly positions: bigint;
}

export interface Market {
  readonly price: bigint;
  readonly publishTime: bigint;
  readonly mark: bigint;
  readonly basisEmaX18: bigint;
  readonly bestBid: bigint;
  readonly bestAsk: bigint;
  readonly longIndex: bigint;
  readonly shortIndex: bigint;
  readonly openInterest: bigint;
  readonly fund: bigint;
  readonly fees: bigint;
  /** What the fund paid in a period, and held when it began. */
  readonly hour: { readonly held: bigint; readonly paid: bigint };
  readonly day: { readonly held: bigint; readonly paid: bigint };
}

export interface Party {
  readonly lots: bigint;
  readonly cost: bigint;
  readonly snapshot: bigint;
  readonly isolatedCash: bigint;
  readonly bidLots: bigint;
  readonly askLots: bigint;
  readonly bidTickLots: bigint;
  readonly askTickLots: bigint;
  readonly slots: bigint;
  readonly leverage: bigint;
  readonly isIsolated: boolean;
  readonly lastStep: bigint;
}

export interface Order {
  readonly id: bigint;
  readonly ref: bigint;
  readonly account: bigint;
  readonly market: number;
  readonly lots: bigint;
  readonly next: bigint;
  readonly prev: bigint;
  readonly tick: bigint;
  readonly expiry: bigint;
  readonly isBid: boolean;
  readonly isReduceOnly: boolean;
}

export interface Level {
  readonly market: number;
  readonly isBid: boolean;
  readonly tick: bigint;
  readonly lots: bigint;
  readonly head: bigint;
  readonly tail: bigint;
  readonly count: bigint;
  readonly firm: bigint;
  /** Whether each of the three layers of bits knows it. */
  readonly isMarked: boolean;
}

/** What Pro is asked for: words of its storage. */
export interface Words {
  extsload(slots: string[]): Promise<readonly string[]>;
}

/** Everything that Pro has stored of some accounts. */
export interface State {
  /** Unix seconds of the block that it is of. */
  readonly time: bigint;
  readonly accounts: ReadonlyMap<bigint, Account>;
  readonly markets: readonly Market[];
  /** By account, then market. */
  readonly parties: ReadonlyMap<bigint, readonly Party[]>;
  readonly orders: readonly Order[];
  readonly levels: readonly Level[];
  /** Of the scopes asked for. */
  readonly distress: ReadonlyMap<bigint, { since: bigint; adlSince: bigint; paid: bigint }>;
}

const cut = (word: bigint, shift: bigint, bits: bigint) => (word >> shift) & ((1n << bits) - 1n);
const signed = (word: bigint, shift: bigint, bits: bigint) => BigInt.asIntN(Number(bits), word >> shift);

/** Reads the words of Pro by `extsload`, and what is in them by the tables of `docs/pro.md`. */
export class ProStore {
  private readonly slots = new Map<string, bigint>();

  constructor(
    private readonly pro: Words,
    private readonly marketCount: number,
  ) {}

  /** @param time Of the latest block. */
  async read(accounts: readonly bigint[], time: bigint): Promise<State> {
    const markets = [...Array(this.marketCount).keys()];
    const words = await this.load([
      ...accounts.map((account) => this.slot(account, PLACE.accounts)),
      ...markets.flatMap((market) => Object.values(WORD).map((place) => this.base(market) + place)),
      ...accounts.flatMap((account) => markets.flatMap((market) => this.partySlots(market, account))),
      ...accounts.flatMap((account) =>
        [0n, ...markets.map((market) => BigInt(market) + 1n)].map((scope) =>
          this.slot((account << 8n) | scope, PLACE.distress),
        ),
      ),
    ]);
    const take = (count: number) => words.splice(0, count);
    const state = {
      time,
      accounts: new Map(accounts.map((account) => [account, accountOf(take(1)[0])])),
      markets: markets.map(() => marketOf(take(Object.keys(WORD).length))),
      parties: new Map(accounts.map((account) => [account, markets.map(() => partyOf(take(4)))])),
      distress: new Map(
        accounts.flatMap((account) =>
          [0n, ...markets.map((market) => BigInt(market) + 1n)].map(
            (scope) => [(account << 8n) | scope, distressOf(take(1)[0])] as const,
          ),
        ),
      ),
    };
    const orders = await this.readOrders(state.parties);
    return { ...state, orders, levels: await this.readLevels(orders) };
  }

  /** What of each market's fees a broker has part in; of broker 0 all of them together. */
  async brokerFees(broker: bigint): Promise<bigint[]> {
    const markets = [...Array(this.marketCount).keys()];
    return this.load(markets.map((market) => this.slot(broker, this.base(market) + MAP.broker)));
  }

  private async readOrders(parties: State["parties"]): Promise<Order[]> {
    const refs = [...parties].flatMap(([account, list]) =>
      list.flatMap(({ slots }, market) =>
        [...Array(Number(SLOTS)).keys()]
          .filter((slot) => ((slots >> BigInt(slot)) & 1n) === 1n)
          .map((slot) => ({ account, market, ref: (account << 8n) | BigInt(slot) })),
      ),
    );
    const words = await this.load(refs.map(({ market, ref }) => this.slot(ref, this.base(market) + MAP.orders)));
    return refs.map(({ account, market, ref }, place) => {
      const word = words[place];
      return {
        id: ref | (cut(word, 208n, 48n) << 48n) | (BigInt(market) << 96n),
        ...{ ref, account, market },
        lots: cut(word, 0n, 48n),
        next: cut(word, 48n, 48n),
        prev: cut(word, 96n, 48n),
        tick: cut(word, 144n, 24n),
        expiry: cut(word, 168n, 32n),
        isBid: cut(word, 200n, 1n) === 1n,
        isReduceOnly: cut(word, 201n, 1n) === 1n,
      };
    });
  }

  private async readLevels(orders: readonly Order[]): Promise<Level[]> {
    const names = [...new Set(orders.map(({ isBid, market, tick }) => `${market} ${isBid ? 1 : 0} ${tick}`))];
    const keys = names.map((name) => {
      const [market, isBid, tick] = name.split(" ");
      return { market: Number(market), isBid: isBid === "1", tick: BigInt(tick) };
    });
    const words = await this.load(
      keys.flatMap(({ isBid, market, tick }) => {
        const [base, side] = [this.base(market), isBid ? 0n : ASKS];
        const layers = [side | (tick >> 8n), MIDDLE | side | (tick >> 16n), TOP | side];
        return [this.slot(side | tick, base + MAP.levels), ...layers.map((layer) => this.slot(layer, base + MAP.bits))];
      }),
    );
    return keys.map((key, place) => {
      const [word, low, middle, top] = words.slice(4 * place, 4 * place + 4);
      const bits = [
        cut(low, key.tick & 255n, 1n),
        cut(middle, (key.tick >> 8n) & 255n, 1n),
        cut(top, key.tick >> 16n, 1n),
      ];
      return {
        ...key,
        lots: cut(word, 0n, 80n),
        head: cut(word, 80n, 48n),
        tail: cut(word, 128n, 48n),
        count: cut(word, 176n, 24n),
        firm: cut(word, 200n, 56n),
        isMarked: bits.every((bit) => bit === 1n),
      };
    });
  }

  private partySlots(market: number, account: bigint): bigint[] {
    return [MAP.sums, MAP.positions, MAP.isolatedCash, MAP.steps].map((map) =>
      this.slot(account, this.base(market) + map),
    );
  }

  private base(market: number): bigint {
    return this.slot(BigInt(market), PLACE.markets);
  }

  /** Where a mapping at `place` keeps the value of a key. */
  private slot(key: bigint, place: bigint): bigint {
    const name = `${key} ${place}`;
    const known = this.slots.get(name);
    if (known !== undefined) return known;
    const slot = BigInt(solidityPackedKeccak256(["uint256", "uint256"], [key, place]));
    this.slots.set(name, slot);
    return slot;
  }

  private async load(slots: readonly bigint[]): Promise<bigint[]> {
    if (slots.length === 0) return [];
    return (await this.pro.extsload(slots.map((slot) => toBeHex(slot, 32)))).map(BigInt);
  }
}

function accountOf(word: bigint): Account {
  return {
    cash: signed(word, 0n, 112n),
    markets: cut(word, 112n, 64n),
    orders: cut(word, 176n, 8n),
    positions: cut(word, 184n, 5n),
  };
}

function marketOf([, index, mark, touch, indices, fund, hour, day]: readonly bigint[]): Market {
  const outflow = (word: bigint) => ({ held: cut(word, 32n, 112n), paid: cut(word, 144n, 112n) });
  return {
    price: cut(index, 0n, 64n),
    publishTime: cut(index, 64n, 40n),
    mark: cut(mark, 0n, 64n),
    basisEmaX18: signed(touch, 128n, 56n),
    bestBid: cut(mark, 184n, 24n),
    bestAsk: cut(mark, 208n, 24n),
    longIndex: signed(indices, 0n, 80n),
    shortIndex: signed(indices, 80n, 80n),
    openInterest: cut(indices, 160n, 64n),
    fund: cut(fund, 0n, 112n),
    fees: cut(fund, 112n, 96n),
    hour: outflow(hour),
    day: outflow(day),
  };
}

function partyOf([sums, position, isolatedCash, lastStep]: readonly bigint[]): Party {
  return {
    lots: signed(position, 0n, 64n),
    cost: signed(position, 64n, 112n),
    snapshot: signed(position, 176n, 80n),
    isolatedCash: BigInt.asIntN(256, isolatedCash),
    bidLots: cut(sums, 0n, 44n),
    askLots: cut(sums, 44n, 44n),
    bidTickLots: cut(sums, 88n, 56n),
    askTickLots: cut(sums, 144n, 56n),
    slots: cut(sums, 200n, 32n),
    leverage: cut(sums, 232n, 8n),
    isIsolated: cut(sums, 240n, 8n) !== 0n,
    lastStep,
  };
}

function distressOf(word: bigint) {
  return { since: cut(word, 0n, 40n), adlSince: cut(word, 80n, 40n), paid: cut(word, 120n, 112n) };
}
