import type { Outcome, Reason } from "../enums";

/** What an attempt of a keeper did, in plain words. */
export const OUTCOMES: Readonly<Record<(typeof Outcome)[number], string>> = {
  Skipped: "Nothing was done, and nobody was paid: the order, close, bet or position stays as it was.",
  Refused:
    "It is over: the order or bet was refunded less the execution fee, or the close request was dropped and the position is as it was.",
  Opened: "The order was filled and the position is open, or the bet got its strike.",
  Closed: "The position was closed and paid out, or the bet was settled.",
  Liquidated: "The position was liquidated; the liquidator was credited the reward.",
  Armed:
    "A stop, or a take profit that the price has passed by far, placed a market close: execute that at its own tick.",
  Reduced: "A part of the position was closed and paid out; the rest is open.",
};

/** Why an attempt was skipped or refused, and what would be right. */
export const REASONS: Readonly<Record<(typeof Reason)[number], string>> = {
  None: "Nothing stood against it.",
  NothingPending:
    "Nothing waits under this id: it was done already, or there is neither an order, a close nor a trigger.",
  Expired:
    "The time to execute it is over: an order can be refunded with `cancelExpired` or `returnStake`, a close asked for anew.",
  NoTick: "The call proved no tick of this number: give the number of the tick, counted over all proofs of the call.",
  TickOfOtherAsset: "The tick is of another asset: name one of the asset of the market.",
  TickNotFirst:
    "The tick is not proven to be the first at or after the target: prove exactly that one, with `isUnique`.",
  TickTooEarly: "The tick was published before it may count: bring one published at or after the target.",
  TickTooOld:
    "The tick is too old: bring one within the age that is allowed here (3 s for limits and triggers, 30 s for liquidations).",
  TickNotNewer: "The tick is not newer than the one that opened the position: bring a later one.",
  TickNotReached: "The tick does not reach the limit, the take profit or the stop: wait for one that does.",
  CancelBinds: "The tick is later than the cancellation of the limit, which binds: finish it with `cancelExpired`.",
  CloseIsPending:
    "A close of the position is pending and this tick is that close's, or comes after it: execute the close first.",
  NotLiquidatable: "The tick does not cross the liquidation price: wait for one that does.",
  BreakerRaised: "The circuit breaker is at a level that halts this: try again when it is lowered.",
  SequencerNotReady: "The chain's sequencer is down, or its grace after an outage is not over: try again later.",
  AnchorsNotFresh: "Too few push sources of the market are fresh: try again when they have answered.",
  PriceDeviates: "The tick lies further from the push sources than is allowed: try again when they agree.",
  TokenPriceMissing: "No push source of the margin token is fresh: try again when one has answered.",
  TokenPriceDisputed:
    "The sources of the margin token's price disagree: try again when they agree, or, as the owner, execute the close yourself at the worse price.",
  LiquidationGrace: "Liquidations wait for the grace after a halt or an outage: try again when it is over.",
  PriceBoundByClamp:
    "The tick meets the price bound, but only before it is held within 1% of the push sources: try again when they have followed.",
  ConfidenceTooWide:
    "The tick's confidence is wider than the market allows (15 bp and less): a limit rests on, another order or bet is placed anew a second later.",
  BookNotActive: "The market opens nothing any more: choose another.",
  PriceBound: "The fill price is worse than the one accepted: ask again with a wider `acceptablePrice`.",
  NotionalTooSmall: "The position would be smaller than the least notional: bring more margin or leverage.",
  NotionalTooLarge: "The position would be larger than its leverage allows: bring less margin or leverage.",
  MarginTooSmall: "The fees leave less than the least margin, or nothing at stake: bring more.",
  LeverageNotOffered: "The book does not offer the leverage: choose another, above 500 in Degen.",
  TakeProfitOutOfRange:
    "The take profit is not between the entry and the profit cap: ask again with one that is, or 0 for the cap.",
  LiquidatableAtOpening: "The position would be liquidatable at its own tick: take less leverage, or try again.",
  OpenInterestFull:
    "The side of the market is full, or the order larger than it takes at once: bring less, or try again later.",
  ReserveFull: "The vault can not reserve the possible win in this token: bring less, or another token.",
  LossBudgetSpent: "The vault has lost what this market may cost it in an hour: try again later.",
  TokenNotEnabled: "The token takes no new margin or stakes any more: bring another.",
  GapTooWide:
    "The market has gone too far through the limit for it to fill there: the limit rests on until the price comes back.",
};
