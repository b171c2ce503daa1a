import { expect } from "chai";
import { CLOSE_KIND } from "../../sdk/indexer";
import type { CloseRecord, OrderRecord, PositionRecord } from "../../sdk/indexer";
import * as model from "../../sdk/model";
import type { SideSums } from "../../sdk/model";
import type { Close, Extra, Order, Position } from "./structs";
import { contributionOf } from "./records";
import type { TwinBook } from "./records";
import type { World } from "./world";

/** Bits of a trade's state byte. */
const LONG = 4n;
const NATIVE = 8n;
const STATUS = 3n;
const OPEN = 3n;
const MARKET_ORDER = 1n;
const LIMIT_ORDER = 2n;

/** Everything that must hold after every step. */
export async function checkAll(world: World): Promise<void> {
  await world.follow();
  for (const symbol of world.symbols) await checkToken(world, symbol);
  for (const book of world.twin.books.values()) await checkBook(world, book);
  await checkValue(world);
  await checkRecords(world);
}

/** I1, I15: the ledger is the balance less donations; every capped payout can be paid in kind. */
async function checkToken(world: World, symbol: string): Promise<void> {
  const { replica, trading, vault } = world.context;
  const token = replica.token(symbol);
  const ledger = await vault.ledger(token);
  const line = await vault.productLedger(trading, token);
  const twin = world.twin.ledger(symbol);
  const { liquidity, reserved, fees, claimable } = ledger;
  const found = { liquidity, reserved, collateral: line.collateral, fees, claimable };
  expect(found, `ledger of ${symbol}`).to.deep.equal(twin);
  const balance = await token.balanceOf(vault);
  const donated = world.donated.get(symbol) ?? 0n;
  expect(liquidity + line.collateral + fees + claimable, `I1 ${symbol}`).to.equal(balance - donated);

  const positions = [...world.twin.positions.values()].filter((position) => position.symbol === symbol);
  const orders = [...world.twin.orders.values()].filter((order) => order.symbol === symbol);
  const sum = (amounts: bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);
  const caps = sum(positions.map(({ initialMargin, profitCapPips }) => model.gainCap(initialMargin, profitCapPips)));
  expect(reserved, `reserve of ${symbol}`).to.equal(caps);
  expect(line.reserved).to.equal(reserved);
  expect(reserved).to.be.at.most(liquidity);
  expect(line.collateral, `collateral of ${symbol}`).to.equal(
    sum(positions.map(({ margin }) => margin)) + sum(orders.map(({ amount }) => amount)),
  );
  const claims = [...world.twin.claims].filter(([key]) => key.startsWith(`${symbol} `));
  expect(claimable).to.equal(sum(claims.map(([, amount]) => amount)));
}

/** I3, I4, I9: sums, open interest and carry of a book. */
async function checkBook(world: World, book: TwinBook): Promise<void> {
  const { tradingRecords } = world.context;
  const positions = [...world.twin.positions.values()].filter(({ bookId }) => bookId === book.bookId);
  for (const isLong of [true, false]) {
    const side = await tradingRecords.bookSide(book.bookId, isLong);
    const parts = positions.filter((position) => position.isLong === isLong).map(contributionOf);
    const expected = parts.reduce<SideSums>(model.addToSide, model.EMPTY_SIDE);
    const { size, notional, carryAtEntry, marginNano, capNano } = side;
    const sums = { sizeSum: size, notionalSum: notional, carryEntrySum: carryAtEntry };
    expect({ ...sums, marginNanoSum: marginNano, capNanoSum: capNano }, `I3 book ${book.bookId}`).to.deep.equal(
      expected,
    );
    expect(expected).to.deep.equal(isLong ? book.long : book.short);
    expect(notional, "I4").to.be.at.most(book.profile.maxOpenInterestUsd);
  }
  const state = await tradingRecords.bookState(book.bookId);
  const indices = world.twin.indicesAt(book, Number(state.accruedAt));
  expect({ longX18: state.longIndex, shortX18: state.shortIndex }, "indices").to.deep.equal(indices);
  const { long, short } = book;
  const flow = model.carryFlow(book.indices, indices, long.notionalSum, short.notionalSum);
  expect(flow.vaultX36 >= 0n, "I9: the vault never pays funding").to.equal(true);
  const budgetNano = book.profile.lossBudgetUsd / model.NANO_USD;
  const loss = { lossUsd: book.lossNano, at: BigInt(book.accruedAt) };
  const { lossUsd } = model.decayLoss(loss, budgetNano, state.accruedAt);
  expect(state.lossNano, "rolling loss").to.equal(lossUsd);
}

/** I3: what the LPs are told that all positions are worth to them is what the twin's sums say, at the prices of now. */
async function checkValue(world: World): Promise<void> {
  const { desk, trading } = world.context;
  const now = await desk.now();
  const books = [...world.twin.books.values()];
  const priced = [...new Set(books.map(({ asset }) => asset))].sort((a, b) => world.assetId(a) - world.assetId(b));
  const mask = priced.reduce((set, asset) => set | (1n << BigInt(world.assetId(asset))), 0n);
  const words = priced.map((asset) => {
    const price = world.priceOf(asset);
    return price | (price << 64n) | (price << 128n) | (1n << 192n);
  });
  const [low, high, due] = await trading.lpPnl(mask, words);
  let expected = 0n;
  let expectedDue = 0n;
  for (const book of books) {
    const { longX18, shortX18 } = world.twin.indicesAt(book, now);
    const percent = book.profile.tiers.map(({ liquidationLossRatePips }) => BigInt(liquidationLossRatePips) / 10_000n);
    const least = percent.reduce(model.min);
    for (const isLong of [true, false]) {
      const [side, index] = isLong ? [book.long, longX18] : [book.short, shortX18];
      const price = world.priceOf(book.asset);
      expected += model.lpPnl(isLong, side, price, index);
      expectedDue += model.dueUsd(isLong, side, price, index, least, book.profile.mode === "degen");
    }
  }
  expect([low, high, due], "LP PnL").to.deep.equal([expected, expected, expectedDue]);
}

/** I18, I30: what the events say of every trade ever placed is what is stored, and each trade is in one state. */
async function checkRecords(world: World): Promise<void> {
  const { trading, tradingRecords } = world.context;
  const { orders, positions, closes, endings } = world.indexer;
  expect([...orders.keys()].sort(), "orders").to.deep.equal([...world.twin.orders.keys()].sort());
  expect([...positions.keys()].sort(), "positions").to.deep.equal([...world.twin.positions.keys()].sort());
  expect(BigInt(orders.size + positions.size + endings.size) + 1n).to.equal(await trading.nextTradeId());
  for (const [id, record] of orders) {
    expect(orderOf(await tradingRecords.order(id)), `order ${id}`).to.deep.equal(record);
  }
  for (const [id, record] of positions) {
    expect(
      positionOf(await tradingRecords.position(id), await tradingRecords.extraOf(id)),
      `position ${id}`,
    ).to.deep.equal(record);
    const close = closes.get(id);
    const stored = closeOf(await tradingRecords.closeOf(id));
    if (close === undefined) expect(stored.kind).to.equal(CLOSE_KIND.none);
    else expect(stored, `close ${id}`).to.deep.equal(close);
  }
  // Of those that ended nothing is left; the latest few are looked at.
  for (const id of [...endings.keys()].slice(-3)) expect(await trading.statusOf(id)).to.equal(0n);
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
