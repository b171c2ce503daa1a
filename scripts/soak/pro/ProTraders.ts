import type { HDNodeWallet } from "ethers";
import { createRandom } from "../../../kit/prices";
import { DELEGATE_RIGHTS } from "../../../sdk/clients/pro";
import {
  FOREVER,
  ORDER_TYPE,
  ask,
  bid,
  place,
  setLeverage,
  setMode,
  soft,
  transfer,
  withdraw,
} from "../../../sdk/pro/words";
import type { People } from "../accounts";
import { Maker } from "./Maker";
import type { Seat, Venue } from "./Venue";

const MAKERS = 2;
const MAKER_USD = 300_000n;
const FUND_USD = 200_000n;
const FIRST_USD = 30n;
const LEVERAGES = [10n, 20n, 20n, 50n, 100n] as const;
/** Of the accounts one of so many opens once, with what anybody may, and holds on to it. */
const HOLDING = 3;
const HOLDERS_LEVERAGE = 20n;
const [LEAST_USD, MOST_USD] = [1_000, 15_000];
/** What is paid in for a position, in hundredths of its initial margin. */
const MARGIN_PERCENT = 115n;
/** Of the accounts, in one of so many the market is isolated. */
const ISOLATED = 4;
/** Lots of an order that only reduces: more than anybody holds. */
const ALL = 2n ** 40n;
/** `TriggerKind` of the contracts. */
const KIND = { stop: 0n, takeProfit: 1n, trailing: 2n } as const;
const STOP_BOUND_PIPS = 20_000n;
const CALLBACK_PIPS = 3_000n;
const EXPIRY_SECONDS = 25;
const USD = 10n ** 18n;
const HUNDREDTH = 10_000n;

interface Trader extends Seat {
  readonly isIsolated: boolean;
  readonly isHolding: boolean;
  /** Which way he last opened. */
  isLong: boolean;
  hasOpened: boolean;
  mayStop: boolean;
}

/** Makers who quote, and people with positions on thin margins, cross and isolated, with stops before them. */
export class ProTraders {
  readonly counts = { quotes: 0, opens: 0, closes: 0, triggers: 0, rests: 0, withdrawals: 0, refused: 0 };
  private readonly random: () => number;
  private readonly traders: Trader[] = [];
  private readonly makers: Maker[] = [];

  constructor(
    private readonly venue: Venue,
    private readonly payers: People["payers"],
    private readonly owners: readonly HDNodeWallet[],
    seed: number,
  ) {
    this.random = createRandom(seed);
  }

  /** Makers first: they are among the owners. */
  async prepare(): Promise<void> {
    const { owners, payers, venue } = this;
    await venue.prepare([payers.makers, payers.book], FUND_USD);
    for (const owner of owners.slice(0, MAKERS)) {
      await venue.deposit(payers.makers, owner, MAKER_USD);
      this.makers.push(new Maker(venue, await venue.seatOf(owner)));
    }
    for (const [index, owner] of owners.slice(MAKERS).entries()) {
      await venue.deposit(payers.book, owner, FIRST_USD);
      const seat = await venue.seatOf(owner);
      this.traders.push({
        ...seat,
        isIsolated: index % ISOLATED === 0,
        isHolding: index % HOLDING === 0,
        isLong: true,
        hasOpened: false,
        mayStop: false,
      });
    }
  }

  /** Scopes of everybody, makers included. */
  get scopes(): bigint[] {
    const cross = [...this.makers.map(({ seat }) => seat), ...this.traders].map(({ account }) => account << 8n);
    const isolated = this.traders.filter(({ isIsolated }) => isIsolated);
    return [...cross, ...isolated.map(({ account }) => (account << 8n) | (BigInt(this.venue.market.id) + 1n))];
  }

  /** Makers follow the price. */
  async quote(second: number, price: bigint): Promise<void> {
    // Without a new one they go on with the last.
    await this.attempt(() => this.venue.takeTick());
    await Promise.all(this.makers.map((maker) => this.attempt(() => maker.step(second, price))));
    this.counts.quotes = this.makers.reduce((sum, { quotes }) => sum + quotes, 0);
  }

  /** One of the others does something; whatever he does first is to open. */
  async act(price: bigint, now: number): Promise<void> {
    const active = this.traders.filter(({ hasOpened, isHolding }) => !hasOpened || !isHolding);
    const trader = active[Math.floor(this.random() * active.length)];
    const dice = this.random();
    await this.attempt(async () => {
      if (!trader.hasOpened || dice < 0.5) await this.open(trader, price);
      else if (dice < 0.6) await this.close(trader);
      else if (dice < 0.85) await this.trigger(trader, price);
      else if (dice < 0.95) await this.rest(trader, price, now);
      else await this.withdraw(trader);
    });
  }

  private async attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch {
      // The market may have moved, a margin be used up.
      this.counts.refused += 1;
    }
  }

  private async open(trader: Trader, price: bigint): Promise<void> {
    const { venue } = this;
    const market = BigInt(venue.market.id);
    const drawn = LEVERAGES[Math.floor(this.random() * LEVERAGES.length)];
    const leverage = trader.isHolding ? HOLDERS_LEVERAGE : drawn;
    const usd = BigInt(Math.round(LEAST_USD * (MOST_USD / LEAST_USD) ** this.random()));
    const margin = (usd * MARGIN_PERCENT) / leverage / 100n + 2n;
    trader.isLong = this.random() < 0.7;
    await venue.deposit(this.payers.book, trader.owner, margin);
    const take = trader.isLong ? bid : ask;
    const type = ORDER_TYPE.immediateOrCancel;
    const isolating = [setMode(market, true), transfer(0n, market + 1n, margin * USD)];
    await venue.act(trader, [
      ...(trader.isIsolated ? isolating : []),
      setLeverage(market, leverage),
      take(0n, venue.lotsOf(usd, price), { market, type }),
    ]);
    trader.hasOpened = true;
    this.counts.opens += 1;
  }

  private async close(trader: Trader): Promise<void> {
    const market = BigInt(this.venue.market.id);
    const [type, isReduceOnly] = [ORDER_TYPE.immediateOrCancel, true];
    await this.venue.act(trader, [place({ market, isBid: !trader.isLong, isReduceOnly, type, tick: 0n, lots: ALL })]);
    this.counts.closes += 1;
  }

  private async trigger(trader: Trader, price: bigint): Promise<void> {
    const { venue } = this;
    if (!trader.mayStop) {
      await venue.delegate(trader, venue.contracts.proTriggers, DELEGATE_RIGHTS.reduce, FOREVER);
      trader.mayStop = true;
    }
    const dice = this.random();
    const kind = dice < 0.6 ? KIND.stop : dice < 0.8 ? KIND.takeProfit : KIND.trailing;
    const away = (price * BigInt(10 + Math.floor(this.random() * 40))) / HUNDREDTH;
    const isBelow = trader.isLong === (kind === KIND.stop);
    const tick = kind === KIND.trailing ? 0n : venue.ticksOf(isBelow ? price - away : price + away);
    await venue.placeTriggers(trader, [
      {
        ...{ market: venue.market.id, kind: Number(kind), isBuy: !trader.isLong, isReduceOnly: true, lots: 0n, tick },
        ...{ limit: 0n, boundPips: STOP_BOUND_PIPS, expiry: 0 },
        callbackPips: kind === KIND.trailing ? CALLBACK_PIPS : 0n,
      },
    ]);
    this.counts.triggers += 1;
  }

  /** An order that nobody will meet, and that expires soon. */
  private async rest(trader: Trader, price: bigint, now: number): Promise<void> {
    const { venue } = this;
    const more = { market: BigInt(venue.market.id), expiry: BigInt(now + EXPIRY_SECONDS) };
    const tick = venue.ticksOf((price * 985n) / 1_000n);
    await venue.deposit(this.payers.book, trader.owner, 50n);
    await venue.act(trader, [bid(tick, venue.lotsOf(400n, price), more)]);
    this.counts.rests += 1;
  }

  private async withdraw(trader: Trader): Promise<void> {
    const [word, amount] = withdraw(trader.owner.address, this.venue.unitsOf(1n));
    await this.venue.act(trader, [], [soft(word), amount]);
    this.counts.withdrawals += 1;
  }
}
