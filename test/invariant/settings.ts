import { bookArguments, wholeUsd } from "../../deploy/arguments/books";
import type { BookProfile } from "../../deploy/profiles";
import * as model from "../../sdk/model";
import { X18 } from "../../sdk/units";
import { confirmed } from "../../kit/desk/Desk";
import type { Dice } from "./dice";
import { doneOrRefused } from "./faults";
import { nextSecond } from "./orders";
import type { TwinBook } from "./records";
import { found } from "./records";
import type { World } from "./world";

const HOUR = 3_600;

/** The settings of a book that the chain is deployed with. */
function shipped(world: World, book: TwinBook): BookProfile {
  const books = world.context.profile.markets.flatMap(({ assetKey, books: own }) =>
    own.map((one) => ({ assetKey, one })),
  );
  return found(books.find(({ assetKey, one }) => assetKey === book.asset && one.mode === book.profile.mode)).one;
}

/** A number between half and three halves of another. */
const around = (dice: Dice, value: bigint): bigint => (value * BigInt(dice.between(50, 150))) / 100n;

/** Takes over a book's new settings as the contract does: carry and loss so far count at the settings so far. */
function configure(world: World, book: TwinBook, change: Partial<BookProfile>, now: number): void {
  world.twin.accrue(book, now);
  book.profile = { ...book.profile, ...change };
  const loss = { lossUsd: book.lossNano, at: BigInt(book.accruedAt) };
  book.lossNano = model.holdLoss(loss, book.profile.lossBudgetUsd / model.NANO_USD).lossUsd;
}

const anyBook = (world: World, dice: Dice): TwinBook => dice.one([...world.twin.books.values()]);

type Change = (world: World, dice: Dice, book: TwinBook) => Promise<void>;

/** What the risk manager sets, each within its bounds. */
const RISK_MANAGER: Readonly<Record<string, Change>> = {
  async fees(world, dice, book) {
    const { quickRiskManager, trading, tradingConfigurator } = world.context;
    const [openFee, alpShare] = [dice.between(0, 1_000), dice.between(300_000, 800_000)];
    const openFeePips = book.profile.mode === "degen" ? 0 : openFee;
    const now = await nextSecond(world);
    const configurator = tradingConfigurator.connect(quickRiskManager);
    await confirmed(configurator.setFees(trading, book.bookId, openFeePips, alpShare));
    configure(world, book, { openFeePips, alpFeeSharePips: alpShare }, now);
  },
  async slippage(world, dice, book) {
    const { quickRiskManager, trading, tradingConfigurator } = world.context;
    const least = Math.min(...book.profile.tiers.map(({ maxExitSlippagePips }) => maxExitSlippagePips));
    const slippagePips = dice.between(Math.floor(least / 4), least);
    const now = await nextSecond(world);
    const configurator = tradingConfigurator.connect(quickRiskManager);
    await confirmed(configurator.setSlippage(trading, book.bookId, 0, slippagePips, 0));
    configure(world, book, { slippagePips }, now);
  },
  async rates(world, dice, book) {
    const { quickRiskManager, trading, tradingConfigurator } = world.context;
    const [borrow, factor, least, most] = [
      [0, 10],
      [0, 40],
      [0, 5],
      [40, 100],
    ].map(([a, b]) => dice.between(a, b));
    const now = await nextSecond(world);
    const configurator = tradingConfigurator.connect(quickRiskManager);
    await confirmed(configurator.setRates(trading, book.bookId, borrow, factor, least, most));
    const change = {
      borrowRatePipsPerHour: borrow,
      fundingFactorPipsPerHour: factor,
      minFundingPipsPerHour: least,
      maxFundingPipsPerHour: most,
    };
    configure(world, book, change, now);
  },
  caps: setCaps,
  async minimums(world, dice, book) {
    const { quickRiskManager, trading, tradingConfigurator } = world.context;
    const [notional, margin] = [dice.between(100, 300), dice.between(3, 8)];
    await nextSecond(world);
    const configurator = tradingConfigurator.connect(quickRiskManager);
    await confirmed(configurator.setMinimums(trading, book.bookId, notional, margin));
    const change = { minNotionalUsd: BigInt(notional) * X18, minMarginUsd: BigInt(margin) * X18 };
    book.profile = { ...book.profile, ...change };
  },
  async openChecks(world, dice, book) {
    const { profile, quickRiskManager, trading, tradingConfigurator } = world.context;
    const { maxOpenConfidencePips, maxOpenDeviationPips } = shipped(world, book);
    const confidence = Number(around(dice, BigInt(maxOpenConfidencePips)));
    const deviation = Number(around(dice, BigInt(maxOpenDeviationPips)));
    const minAnchors = dice.between(1, profile.oracle.minAnchors);
    await nextSecond(world);
    const configurator = tradingConfigurator.connect(quickRiskManager);
    await confirmed(configurator.setOpenChecks(trading, book.bookId, confidence, deviation, minAnchors));
    book.profile = { ...book.profile, maxOpenConfidencePips: confidence, maxOpenDeviationPips: deviation };
    book.minAnchors = minAnchors;
  },
  async tiers(world, dice, book) {
    const { quickRiskManager, trading, tradingConfigurator } = world.context;
    const llr = dice.one([500_000, 550_000, 600_000]);
    const cap = dice.between(80, 100);
    const tiers = shipped(world, book).tiers.map((tier) => ({
      ...tier,
      liquidationLossRatePips: llr,
      profitCapPips: Math.floor((tier.profitCapPips * cap) / 100),
    }));
    const { tiers: args } = bookArguments(book.asset, { ...book.profile, tiers }, book.minAnchors);
    await nextSecond(world);
    await confirmed(tradingConfigurator.connect(quickRiskManager).setTiers(trading, book.bookId, args));
    const isEmpty = book.long.sizeSum === 0n && book.short.sizeSum === 0n;
    book.leastLossRatePercent = model.leastLossRatePercent(book.leastLossRatePercent, isEmpty, [BigInt(llr)]);
    book.profile = { ...book.profile, tiers };
  },
  async alpFees(world, dice) {
    const { alpManager, quickRiskManager } = world.context;
    const fees = { basePips: BigInt(dice.between(2_000, 3_000)), taxPips: BigInt(dice.between(0, 1_000)) };
    await nextSecond(world);
    await confirmed(alpManager.connect(quickRiskManager).setFees(fees.basePips, fees.taxPips));
    world.twin.alpFees = fees;
  },
  async utilization(world, dice) {
    const { quickRiskManager, replica, vault } = world.context;
    const symbol = dice.one(world.symbols);
    const pips = dice.between(500_000, 900_000);
    await nextSecond(world);
    await confirmed(vault.connect(quickRiskManager).setMaxUtilization(replica.token(symbol), pips));
    world.twin.maxUtilizationPips.set(symbol, BigInt(pips));
  },
};

async function setCaps(world: World, dice: Dice, book: TwinBook): Promise<void> {
  const { quickRiskManager, trading, tradingConfigurator } = world.context;
  const { maxOpenInterestUsd, lossBudgetUsd } = shipped(world, book);
  const cap = wholeUsd((around(dice, maxOpenInterestUsd) / X18) * X18);
  const budget = wholeUsd((around(dice, lossBudgetUsd) / X18) * X18);
  const cuts = await tradingConfigurator.cutsOf(await tradingConfigurator.capsSetting(trading, book.bookId));
  const now = await nextSecond(world);
  const configurator = tradingConfigurator.connect(quickRiskManager);
  await confirmed(configurator.setCaps(trading, book.bookId, cap, budget, cuts));
  changeCaps(world, book, cap * X18, budget * X18, now);
}

function changeCaps(world: World, book: TwinBook, cap: bigint, budget: bigint, now: number): void {
  configure(world, book, { maxOpenInterestUsd: cap, lossBudgetUsd: budget }, now);
  // What is open stays, whatever the cap is now.
  book.overCap = { long: book.long.notionalSum, short: book.short.notionalSum };
}

/** What the guardian takes away, and who gives it back. */
const GUARDIAN: Readonly<Record<string, { cut: Change; restore: Change }>> = {
  caps: {
    async cut(world, dice, book) {
      const { guardian, trading, tradingConfigurator } = world.context;
      const [cap, budget] = [book.profile.maxOpenInterestUsd / X18, book.profile.lossBudgetUsd / X18];
      const [lowerCap, lowerBudget] = [cap / BigInt(dice.between(2, 20)), budget / BigInt(dice.between(1, 3))];
      const now = await nextSecond(world);
      await confirmed(tradingConfigurator.connect(guardian).cutCaps(trading, book.bookId, lowerCap, lowerBudget));
      changeCaps(world, book, lowerCap * X18, lowerBudget * X18, now);
    },
    restore: setCaps,
  },
  book: {
    async cut(world, _, book) {
      const { guardian, trading, tradingConfigurator } = world.context;
      const now = await nextSecond(world);
      await confirmed(tradingConfigurator.connect(guardian).disableBook(trading, book.bookId));
      configure(world, book, {}, now);
      book.isActive = false;
    },
    async restore(world, _, book) {
      const { quickRiskManager, trading, tradingConfigurator } = world.context;
      const cuts = await tradingConfigurator.cutsOf(await tradingConfigurator.statusSetting(trading, book.bookId));
      const now = await nextSecond(world);
      const configurator = tradingConfigurator.connect(quickRiskManager);
      await confirmed(configurator.setStatus(trading, book.bookId, 1, cuts));
      configure(world, book, {}, now);
      book.isActive = true;
    },
  },
  token: {
    async cut(world, dice) {
      const { guardian, replica, trading, tradingConfigurator } = world.context;
      const symbol = dice.one(world.symbols);
      await nextSecond(world);
      await confirmed(tradingConfigurator.connect(guardian).disableMarginToken(trading, replica.token(symbol)));
      world.twin.disabledTokens.add(symbol);
    },
    async restore(world) {
      const { quickGovernor, replica, trading, tradingConfigurator } = world.context;
      for (const symbol of [...world.twin.disabledTokens]) {
        const token = replica.token(symbol);
        const cuts = await tradingConfigurator.cutsOf(await tradingConfigurator.marginTokenSetting(trading, token));
        const assetId = world.assetId(world.twin.token(symbol).assetKey);
        await nextSecond(world);
        const configurator = tradingConfigurator.connect(quickGovernor);
        await confirmed(configurator.setMarginToken(trading, token, assetId, true, cuts));
        world.twin.disabledTokens.delete(symbol);
        world.count("governor's setting");
      }
    },
  },
  ceiling: {
    async cut(world, dice) {
      const { guardian, replica, trading, vault } = world.context;
      const symbol = dice.one(world.symbols);
      const ceiling = found(world.twin.ceilings.get(symbol)) / BigInt(dice.between(2, 1_000));
      await nextSecond(world);
      await confirmed(vault.connect(guardian).cutCeiling(trading, replica.token(symbol), ceiling));
      world.twin.ceilings.set(symbol, ceiling);
    },
    async restore(world) {
      const { profile, quickGovernor, replica, trading, vault } = world.context;
      for (const symbol of world.symbols) {
        const ceiling = profile.vault.tradingCeilings[symbol];
        if (world.twin.ceilings.get(symbol) === ceiling) continue;
        const token = replica.token(symbol);
        const cuts = await vault.cutsOf(await vault.ceilingSetting(trading, token));
        await nextSecond(world);
        await confirmed(vault.connect(quickGovernor).setCeiling(trading, token, ceiling, cuts));
        world.twin.ceilings.set(symbol, ceiling);
        world.count("governor's setting");
      }
    },
  },
};

/** The risk manager changes something of a book or of the vault. */
export async function changeSetting(world: World, dice: Dice): Promise<void> {
  const name = dice.one(Object.keys(RISK_MANAGER));
  await RISK_MANAGER[name](world, dice, anyBook(world, dice));
  world.count("risk manager's setting");
}

/** The guardian cuts something; what gives it back. */
export async function cutSomething(world: World, dice: Dice): Promise<() => Promise<void>> {
  const { cut, restore } = GUARDIAN[dice.one(Object.keys(GUARDIAN))];
  const book = anyBook(world, dice);
  await cut(world, dice, book);
  world.count("guardian's cut");
  return () => restore(world, dice, book);
}

/** A news window, which is refused within an hour of the last one's end. */
export async function startNewsWindow(world: World, dice: Dice): Promise<void> {
  const { guardian, trading, tradingConfigurator } = world.context;
  const book = anyBook(world, dice);
  const seconds = dice.between(20, 120);
  const now = await nextSecond(world);
  const earliest = book.reduceOnlyUntil + HOUR;
  const args = [book.bookId, now, earliest];
  const isSoon = book.reduceOnlyUntil !== 0 && now < earliest;
  const fault = { contract: tradingConfigurator, error: "TradingConfigurator_NewsWindowTooSoon", args };
  const sent = tradingConfigurator.connect(guardian).startNewsWindow(trading, book.bookId, seconds);
  if (!(await doneOrRefused(sent, isSoon ? fault : undefined))) return;
  book.reduceOnlyUntil = now + seconds;
  world.count("news window");
}
