import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { CLOSE_KIND } from "../../sdk/indexer";
import type { CloseRecord, OrderRecord, PositionRecord } from "../../sdk/indexer";
import type { IndexedBet } from "../../sdk/betIndexer";
import * as model from "../../sdk/model";
import type { SideSums } from "../../sdk/model";
import type { AlpLens, Prediction, TradingRecords, Vault } from "../../typechain-types";
import type { Reads } from "./reads";
import { contributionOf } from "./records";
import type { TwinBook } from "./records";
import type { Close, Extra, Order, Position } from "./structs";
import { toUsdDown, toUsdUp, tradesWorth, worthOf } from "./valuation";
import type { World } from "./world";

/** Bits of a trade's state byte. */
const LONG = 4n;
const NATIVE = 8n;
const STATUS = 3n;
const OPEN = 3n;
const MARKET_ORDER = 1n;
const LIMIT_ORDER = 2n;

type Check = () => void;
type BetRecord = Awaited<ReturnType<Prediction["bet"]>>;
type Nav = Awaited<ReturnType<AlpLens["nav"]>>;

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);

/** An expectation that is written out only where it fails: there are thousands of them after every step. */
function same(found: bigint, expected: bigint, what: string): void {
  if (found !== expected) expect(found, what).to.equal(expected);
}

/**
 * Everything that must hold after every step, all of it read at one state. Where it is not looked at as a whole: what the events
 * tell, and of what is stored only what the twins say that has changed; the rest waits for the next whole look.
 */
export async function checkAll(world: World, isWhole = true): Promise<void> {
  await world.follow();
  world.beginCheck(isWhole);
  const now = await world.context.desk.now();
  const reads = world.reads();
  const symbols = world.symbols.filter((symbol) =>
    world.isLooked(`token ${symbol}`, Object.values(world.twin.ledger(symbol))),
  );
  const books = [...world.twin.books.values()].filter(({ bookId, long, short, lossNano }) =>
    world.isLooked(`book ${bookId}`, [
      ...Object.values<bigint>({ ...long }),
      ...Object.values<bigint>({ ...short }),
      lossNano,
    ]),
  );
  const checks: Check[] = [
    ...symbols.map((symbol) => tokenCheck(world, reads, symbol)),
    ...books.map((book) => bookCheck(world, reads, book, now)),
    ...(isWhole ? [valueCheck(world, reads, now), navCheck(world, reads, now), breakerCheck(world, reads, now)] : []),
    recordsCheck(world, reads),
    betsCheck(world, reads),
    accountsCheck(world, reads),
  ];
  await reads.run();
  for (const check of checks) check();
}

/** I1, I15: the ledger is the balance less donations; every capped payout and every win can be paid in kind. */
function tokenCheck(world: World, reads: Reads, symbol: string): Check {
  const { feeDistributor, prediction, replica, trading, vault } = world.context;
  const token = replica.token(symbol);
  const address = token.target;
  const ledgerOf = reads.ask<Awaited<ReturnType<Vault["ledger"]>>>(vault, "ledger", [address]);
  type Line = Awaited<ReturnType<Vault["productLedger"]>>;
  const tradesOf = reads.ask<Line>(vault, "productLedger", [trading.target, address]);
  const betsOf = reads.ask<Line>(vault, "productLedger", [prediction.target, address]);
  const balanceOf = reads.ask<bigint>(token, "balanceOf", [vault.target]);
  const brokersTotal = reads.ask<bigint>(feeDistributor, "brokersTotal", [address]);
  return () => {
    const { liquidity, reserved, fees, claimable } = ledgerOf();
    const [trades, staked] = [tradesOf(), betsOf()];
    const found = {
      ...{ liquidity, reserved, collateral: trades.collateral, stakes: staked.collateral, wins: staked.reserved },
      ...{ fees, claimable },
    };
    expect(found, `I1 ledger of ${symbol}`).to.deep.equal(world.twin.ledger(symbol));
    const donated = world.donated.get(symbol) ?? 0n;
    const owed = liquidity + trades.collateral + staked.collateral + fees + claimable;
    same(owed, balanceOf() - donated, `I1 ${symbol}: Σ of the ledger = balance − donations`);

    const positions = [...world.twin.positions.values()].filter((position) => position.symbol === symbol);
    const orders = [...world.twin.orders.values()].filter((order) => order.symbol === symbol);
    const bets = [...world.bets.bets.values()].filter((bet) => bet.symbol === symbol);
    const caps = sum(positions.map(({ initialMargin, profitCapPips }) => model.gainCap(initialMargin, profitCapPips)));
    const wins = sum(bets.map(({ stake, payoutPips }) => model.betProfit(stake, payoutPips)));
    same(trades.reserved, caps, `I15 ${symbol}: reserve = Σ largest gains`);
    same(staked.reserved, wins, `I27 ${symbol}: reserve of bets = Σ wins`);
    same(reserved, caps + wins, `I15 ${symbol}: reserved = Σ lines`);
    expect(reserved, `I15 ${symbol}: reserved ≤ liquidity`).to.be.at.most(liquidity);
    const margins = sum([...positions.map(({ margin }) => margin), ...orders.map(({ amount }) => amount)]);
    same(trades.collateral, margins, `I1 ${symbol}: collateral = Σ margins and orders`);
    const stakes = sum(bets.map(({ stake, fee }) => stake + fee));
    same(staked.collateral, stakes, `I1 ${symbol}: collateral of bets = Σ stakes and kept fees`);
    const claims = [...world.twin.claims].filter(([key]) => key.startsWith(`${symbol} `));
    same(claimable, sum(claims.map(([, amount]) => amount)), `I1 ${symbol}: claimable = Σ claims`);
    same(brokersTotal(), world.twin.brokersTotal(symbol), `I8 ${symbol}: brokers' part`);
    expect(brokersTotal(), `I8 ${symbol}: brokers' part ≤ fees`).to.be.at.most(fees);
  };
}

/** I3, I4, I9, I26: sums, open interest, carry and loss of a book. */
function bookCheck(world: World, reads: Reads, book: TwinBook, now: number): Check {
  const { tradingRecords } = world.context;
  type Side = Awaited<ReturnType<TradingRecords["bookSide"]>>;
  type State = Awaited<ReturnType<TradingRecords["bookState"]>>;
  const sides = [true, false].map((isLong) => reads.ask<Side>(tradingRecords, "bookSide", [book.bookId, isLong]));
  const stateOf = reads.ask<State>(tradingRecords, "bookState", [book.bookId]);
  return () => {
    const positions = [...world.twin.positions.values()].filter(({ bookId }) => bookId === book.bookId);
    for (const [place, isLong] of [true, false].entries()) {
      const parts = positions.filter((position) => position.isLong === isLong).map(contributionOf);
      const expected = parts.reduce<SideSums>(model.addToSide, model.EMPTY_SIDE);
      const { size, notional, carryAtEntry, marginNano, capNano } = sides[place]();
      const sums = { sizeSum: size, notionalSum: notional, carryEntrySum: carryAtEntry };
      expect({ ...sums, marginNanoSum: marginNano, capNanoSum: capNano }, `I3 book ${book.bookId}`).to.deep.equal(
        expected,
      );
      expect(expected, `I3 book ${book.bookId}, kept`).to.deep.equal(isLong ? book.long : book.short);
      const cap = model.max(book.profile.maxOpenInterestUsd, book.overCap[isLong ? "long" : "short"]);
      expect(notional, `I4 book ${book.bookId}: open interest ≤ cap`).to.be.at.most(cap);
    }
    const { longIndex, shortIndex, accruedAt, lossNano } = stateOf();
    const clock = world.outside.breaker.clockAt(now);
    expect(accruedAt, `I9 book ${book.bookId}: on the breaker's clock`).to.equal(BigInt(clock));
    const indices = { longX18: longIndex, shortX18: shortIndex };
    expect(indices, `I9 book ${book.bookId}: indices`).to.deep.equal(world.twin.indicesAt(book, now));
    const budget = book.profile.lossBudgetUsd / model.NANO_USD;
    const loss = { lossUsd: book.lossNano, at: BigInt(book.accruedAt) };
    const { lossUsd } = model.decayLoss(loss, budget, BigInt(clock));
    expect(lossNano, `I26 book ${book.bookId}: rolling loss`).to.equal(lossUsd);
    expect(lossNano >= -budget, `I26 book ${book.bookId}: ≥ −budget`).to.equal(true);
  };
}

/** I3, I9: what the LPs are told that all positions are worth to them is what the twin's sums say, at the prices of now. */
function valueCheck(world: World, reads: Reads, now: number): Check {
  const { trading } = world.context;
  const books = [...world.twin.books.values()];
  const priced = [...new Set(books.map(({ asset }) => asset))].sort((a, b) => world.assetId(a) - world.assetId(b));
  const mask = priced.reduce((set, asset) => set | (1n << BigInt(world.assetId(asset))), 0n);
  const words = priced.map((asset) => {
    const price = world.priceOf(asset);
    return price | (price << 64n) | (price << 128n) | (1n << 192n);
  });
  const told = reads.ask<bigint[]>(trading, "lpPnl", [mask, words]);
  return () => {
    const point = (asset: (typeof priced)[number]) => {
      const price = world.priceOf(asset);
      return { low: price, median: price, high: price };
    };
    const { lowUsd, highUsd, dueUsd } = tradesWorth(world.twin, point, now);
    expect([...told()], "I3: LP PnL").to.deep.equal([lowUsd, highUsd, dueUsd]);
    for (const book of books) {
      const { long, short } = book;
      const indices = world.twin.indicesAt(book, now);
      const flow = model.carryFlow(book.indices, indices, long.notionalSum, short.notionalSum);
      expect(flow.vaultX36 >= 0n, "I9: the vault never pays funding").to.equal(true);
    }
  };
}

/** I16: what the vault is worth, low ≤ middle ≤ high. */
function navCheck(world: World, reads: Reads, now: number): Check {
  const { alpLens } = world.context;
  const told = reads.ask<Nav>(alpLens, "nav", [ZeroAddress]);
  return () => {
    const priceOf = (asset: Parameters<World["priceOf"]>[0]) => {
      const fresh = world.outside.fresh(asset, now);
      return fresh.length === 0 ? undefined : model.referencePrice(fresh);
    };
    const { low, mid, high, due } = worthOf(world.twin, priceOf, now);
    const { lowUsd, midUsd, highUsd, dueUsd } = told();
    expect([lowUsd, midUsd, highUsd, dueUsd], "I16: NAV").to.deep.equal([
      toUsdDown(low),
      toUsdDown(mid),
      toUsdUp(high),
      toUsdUp(due),
    ]);
    expect(low <= mid && mid <= high, "I16: low ≤ middle ≤ high").to.equal(true);
  };
}

/**
 * I18, I30: what the events say of every trade ever placed is what is stored, and each trade is in one state. Of the stored
 * records those are read of which the events say something new, and all of them now and then.
 */
function recordsCheck(world: World, reads: Reads): Check {
  const { trading, tradingRecords } = world.context;
  const { orders, positions, closes, endings } = world.indexer;
  const nextId = reads.ask<bigint>(trading, "nextTradeId");
  const isLooked = (id: bigint, ...records: unknown[]): boolean => world.hasChanged(`trade ${id}`, records);
  const storedOrders = [...orders]
    .filter(([id, record]) => isLooked(id, record))
    .map(([id, record]) => {
      const stored = reads.ask<Order>(tradingRecords, "order", [id]);
      return () => expect(orderOf(stored()), `I30 order ${id}`).to.deep.equal(record);
    });
  const looked = [...positions].filter(([id, record]) => isLooked(id, record, closes.get(id)));
  const storedPositions = looked.map(([id, record]) => {
    const stored = reads.ask<Position>(tradingRecords, "position", [id]);
    const extra = reads.ask<Extra>(tradingRecords, "extraOf", [id]);
    const storedClose = reads.ask<Close>(tradingRecords, "closeOf", [id]);
    return () => {
      expect(positionOf(stored(), extra()), `I30 position ${id}`).to.deep.equal(record);
      const none = { word: 0n, target: 0n, expiry: 0n, former: 0n, kind: CLOSE_KIND.none };
      expect(closeOf(storedClose()), `I30 close ${id}`).to.deep.equal(closes.get(id) ?? none);
    };
  });
  // Of those that ended nothing is left; the latest few are looked at.
  const ended = [...endings.keys()].slice(-3).map((id) => {
    const status = reads.ask<bigint>(trading, "statusOf", [id]);
    return () => expect(status(), `I18 trade ${id}`).to.equal(0n);
  });
  return () => {
    expect([...orders.keys()].sort(), "I18: orders").to.deep.equal([...world.twin.orders.keys()].sort());
    expect([...positions.keys()].sort(), "I18: positions").to.deep.equal([...world.twin.positions.keys()].sort());
    expect(BigInt(orders.size + positions.size + endings.size) + 1n, "I18: ids").to.equal(nextId());
    for (const check of [...storedOrders, ...storedPositions, ...ended]) check();
  };
}

/** I27, I30: what the events say of every bet is what is stored and what the twin has; what is staked is within its cap. */
function betsCheck(world: World, reads: Reads): Check {
  const { prediction, replica } = world.context;
  const { bets, endings } = world.betIndexer;
  const nextId = reads.ask<bigint>(prediction, "nextBetId");
  const stored = [...bets]
    .filter(([id, record]) => world.hasChanged(`bet ${id}`, [record]))
    .map(([id, record]) => {
      const bet = reads.ask<BetRecord>(prediction, "bet", [id]);
      return () => expect([...bet()], `I30 bet ${id}`).to.deep.equal(betWords(record));
    });
  const isMoved = ({ id, stake }: { id: bigint; stake: bigint }) => world.isLooked(`stake beside ${id}`, [stake]);
  const open = [...world.bets.bets.values()].filter(isMoved).map((bet) => {
    const args = [bet.market, replica.token(bet.symbol).target, bet.period, bet.isUp];
    const staked = reads.ask<bigint>(prediction, "openStake", args);
    return () => expect(staked(), `I27 what is staked beside bet ${bet.id}`).to.equal(world.bets.openStake(bet));
  });
  return () => {
    const twins = [...world.bets.bets.values()].map(({ id, stake, fee, strike }) => [id, stake, fee, strike]);
    const told = [...bets].map(([id, { stake, executionFee, strike }]) => [id, stake, executionFee, strike]);
    expect(told, "I30: bets").to.have.deep.members(twins);
    expect(BigInt(endings.size + bets.size) + 1n, "I18: ids of bets").to.equal(nextId());
    for (const check of [...stored, ...open]) check();
  };
}

/** I23: the level in force, and the clock that stands still at level 3. */
function breakerCheck(world: World, reads: Reads, now: number): Check {
  const { breaker } = world.context;
  const views = ["level", "canOpen", "canClose", "canLiquidate", "canBurn", "clock", "raisedAt"].map((name) =>
    reads.ask<unknown>(breaker, name),
  );
  return () => {
    const twin = world.outside.breaker;
    expect(
      views.map((view) => view()),
      "I23: the breaker",
    ).to.deep.equal([
      BigInt(twin.levelAt(now)),
      twin.canOpen,
      twin.canClose(now),
      twin.canLiquidate(now),
      twin.canBurn(now),
      BigInt(twin.clockAt(now)),
      BigInt(twin.raisedAt),
    ]);
  };
}

/** Whatever anybody holds and may claim, to the unit. */
function accountsCheck(world: World, reads: Reads): Check {
  const { feeDistributor, reader, replica, vault } = world.context;
  const looked = (kind: string, amounts: ReadonlyMap<string, bigint>) =>
    [...amounts].filter(([key, amount]) => world.isLooked(`${kind} ${key}`, [amount]));
  const held = looked("wallet", world.twin.wallets).map(([key, amount]) => {
    const [symbol, account] = key.split(" ");
    const balance =
      symbol === "native"
        ? reads.ask<bigint>(reader, "balanceOf", [account])
        : reads.ask<bigint>(replica.token(symbol), "balanceOf", [account]);
    return () => same(balance(), amount, `wallet: ${key}`);
  });
  const claims = looked("claim", world.twin.claims).map(([key, amount]) => {
    const [symbol, account] = key.split(" ");
    const claim = reads.ask<bigint>(vault, "claimableOf", [replica.token(symbol).target, account]);
    return () => same(claim(), amount, `claim: ${key}`);
  });
  const brokers = looked("broker", world.twin.brokerFees).map(([key, amount]) => {
    const [symbol, broker] = key.split(" ");
    const args = [broker, replica.token(symbol).target];
    const collectable = reads.ask<bigint>(feeDistributor, "brokerCollectable", args);
    return () => same(collectable(), amount, `broker: ${key}`);
  });
  return () => {
    for (const check of [...held, ...claims, ...brokers]) check();
  };
}

function orderOf(order: Order): OrderRecord {
  const { owner, bookId, tokenId, state, leverage, broker, takeProfit, stopLoss } = order;
  const { requestedAt, expiry, amount, price, cancelledAt } = order;
  const isLimit = (state & STATUS) === LIMIT_ORDER;
  expect(state & STATUS).to.equal(isLimit ? LIMIT_ORDER : MARKET_ORDER);
  const flags = { isLong: (state & LONG) !== 0n, asNative: (state & NATIVE) !== 0n };
  const head = { owner, bookId, tokenId, ...flags, leverage, broker, takeProfit, stopLoss };
  return { ...head, requestedAt, expiry, amount, price, isLimit, cancelledAt };
}

function positionOf(position: Position, { broker, addedMargin }: Extra): PositionRecord {
  const { owner, bookId, tokenId, state, leverage, takeProfit, stopLoss, openedAt, margin, size, entry } = position;
  expect(state & STATUS).to.equal(OPEN);
  const { stopLossSetAt, takeProfitSetAt, carryIndex, termsId } = position;
  const flags = { isLong: (state & LONG) !== 0n, asNative: (state & NATIVE) !== 0n };
  const head = { owner, bookId, tokenId, ...flags, leverage, broker, takeProfit, stopLoss };
  return { ...head, openedAt, stopLossSetAt, takeProfitSetAt, margin, size, entry, carryIndex, termsId, addedMargin };
}

function closeOf({ boundOrArmer, target, expiry, former, kind }: Close): CloseRecord {
  return { word: boundOrArmer, target, expiry, former, kind };
}

function betWords(bet: IndexedBet): unknown[] {
  const state = (bet.isStruck ? 2n : 1n) | (bet.isUp ? 4n : 0n) | (bet.asNative ? 8n : 0n);
  const { owner, marketId, tokenId, time, periodSeconds, stake, executionFee, strike, payoutPips } = bet;
  return [owner, marketId, tokenId, state, time, periodSeconds, stake, executionFee, strike, payoutPips];
}
