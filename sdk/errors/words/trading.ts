import type { Words } from "./types";

/** Trading and its linked libraries. */
export const TRADING: Words = {
  Trading_ZeroAddress:
    "An owner, executor, liquidator or contract is the zero address: name the account that the trade, fee or reward is for.",
  Trading_BreakerRaised:
    "The circuit breaker is at `level`. Openings need level 0, closes and changes level 2 or below: try again when it is lowered.",
  Trading_BookNotActive:
    "The book opens nothing (it is not listed, reduce-only or closed): choose another market or mode. What is open in it can be closed.",
  Trading_LeverageOutOfRange: "The book does not offer this leverage: choose a whole number from `min` to `max`.",
  Trading_TokenNotAccepted: "The token takes no new margin: pay in one of the margin tokens that are enabled.",
  Trading_NotWrappedNative:
    "Only margin in the wrapped native coin is paid back in the native coin: leave `asNative` off, or bring the wrapped native coin.",
  Trading_DeadlineTooEarly:
    "The deadline leaves keepers too little time: set it to `earliest` or later (target plus 15 s).",
  Trading_AmountTooLarge: "The amount does not fit its place in the books: bring at most `max` token units.",
  Trading_NotOwner: "The caller does not own the trade: its owner has to call.",
  Trading_NotOpen:
    "No position is open under this id: it is still an order, was closed or liquidated, or never was. Look at `statusOf`.",
  Trading_NotAnOrder: "No order waits under this id: it was filled, refused or cancelled already, or never was.",
  Trading_NotALimit: "No limit order rests under this id: market orders can not be withdrawn, they fill or expire.",
  Trading_LimitPriceMissing: "A limit order needs its price: set `acceptablePrice`.",
  Trading_TakeProfitOutOfRange:
    "The take profit is on the losing side of `entry`, or beyond `cap`, where the profit cap is reached: set it between the two, or 0 for the cap itself.",
  Trading_CancelIsPending:
    "The cancellation was asked for already: anyone may finish it with `cancelExpired` from `cancellableFrom` on.",
  Trading_NotExpired: "The order can still be filled: call `cancelExpired` again from `cancellableFrom` on.",
  Trading_StandardOnly: "The position is a Degen one, which takes no margin and closes as a whole: use `requestClose`.",
  Trading_PartOutOfRange:
    "The part is nothing, or not less than the position: close `min` to `max` of it, or the whole with `requestClose`.",
  Trading_DustLeft:
    "The part to close or the rest would be smaller than the least position: leave both at `minUsd` or more, or close the whole.",
  Trading_CloseIsPending:
    "Another close of the position waits for its tick: wait until it is filled or refused, or until `expiry` has passed.",
  Trading_TermsExhausted: "The book has used up the numbers of its sets of terms: list the market under a new book.",
  Trading_TooManyTokens: "There are `max` margin tokens already: enable one of them instead of listing another.",
  Trading_MidCall: "Trading is in the middle of a call and can not be valued: ask outside it.",
  Product_OnlyConfigurator:
    "The caller is not the product's configurator: change settings there, with the role it asks for.",
  Product_OnlyVault:
    "The caller is not the Vault, which alone asks a product for a payment: call the function that needs the payment.",
  Product_DelayOutOfRange: "The delay from request to target is outside its bounds: build with `min` to `max` seconds.",
  Product_WindowOutOfRange: "The window for executing is outside its bounds: build with `min` to `max` seconds.",
  Product_ExecutionFeeOutOfRange: "The execution fee is too high: build with at most `max`, USD with 18 decimals.",
};

const bounds = (what: string): string => `${what} is outside its bounds: set it to \`min\` to \`max\`.`;

/** TradingConfigurator. */
export const TRADING_SETTINGS: Words = {
  TradingConfigurator_BookIdOutOfRange: bounds("The book id (2 × market + mode)"),
  TradingConfigurator_AssetIdOutOfRange: bounds("The asset id"),
  TradingConfigurator_BookAlreadyListed: "The book is listed already: change its settings one by one.",
  TradingConfigurator_BookNotListed: "The book was never listed: list it first.",
  TradingConfigurator_AssetOfMarketDiffers:
    "The market's other book has the asset `assetIdOfMarket`: list this one with the same.",
  TradingConfigurator_AssetOfTokenIsFixed:
    "The token is priced by `assetIdNow` for good: keep that asset, and change its sources instead.",
  TradingConfigurator_OpenFeeOutOfRange: bounds("The open fee, in pips of the notional,"),
  TradingConfigurator_CloseFeeOutOfRange: bounds("The least close fee, in pips of the close notional,"),
  TradingConfigurator_ProfitShareOutOfRange: bounds("The close fee, in pips of the profit,"),
  TradingConfigurator_AlpShareOutOfRange: bounds("The LPs' share of the fees, in pips,"),
  TradingConfigurator_SlippageModelNotOffered: "The book's mode does not offer this slippage model: set `offered`.",
  TradingConfigurator_SlippageOutOfRange: bounds("The fixed slippage, in pips,"),
  TradingConfigurator_DepthOutOfRange: bounds("The depth that moves the market by 1%, in whole USD,"),
  TradingConfigurator_BorrowRateOutOfRange: bounds("The borrow rate, in pips an hour,"),
  TradingConfigurator_FundingRateOutOfRange: bounds("The funding rate at full skew, in pips an hour,"),
  TradingConfigurator_MinFundingRateOutOfRange: bounds("The least funding rate, in pips an hour,"),
  TradingConfigurator_MaxFundingRateOutOfRange: bounds("The largest funding rate, in pips an hour,"),
  TradingConfigurator_OpenInterestOutOfRange: bounds("The cap on a side's open interest, in whole USD,"),
  TradingConfigurator_LossBudgetOutOfRange: bounds("The hourly loss budget, in whole USD,"),
  TradingConfigurator_MinNotionalOutOfRange: bounds("The least notional, in whole USD,"),
  TradingConfigurator_MinMarginOutOfRange: bounds("The least margin, in whole USD,"),
  TradingConfigurator_ConfidenceOutOfRange: bounds("The widest confidence of an opening's tick, in pips,"),
  TradingConfigurator_DeviationOutOfRange: bounds("The largest deviation of an opening's tick, in pips,"),
  TradingConfigurator_MinAnchorsOutOfRange: bounds("The least number of fresh anchors"),
  TradingConfigurator_TierCountOutOfRange: bounds("The number of tiers"),
  TradingConfigurator_LeverageOutOfRange: bounds("The largest leverage of a tier"),
  TradingConfigurator_MaxNotionalOutOfRange: bounds("The largest notional of a tier, in whole USD,"),
  TradingConfigurator_LossRateOutOfRange: bounds("The liquidation loss rate of a tier, in pips of the margin,"),
  TradingConfigurator_ProfitCapOutOfRange: bounds("The profit cap of a tier, in pips of the initial margin,"),
  TradingConfigurator_ExitSlippageOutOfRange: bounds("The largest slippage of a close, in pips,"),
  TradingConfigurator_CostsOutOfRange:
    "Slippage and close fee would take `costPips` of the margin at the tier's largest leverage: lower them, or the leverage, until they take at most `max`.",
  TradingConfigurator_StatusNotOffered: "A listed book can be active, reduce-only or closed: set one of these.",
  TradingConfigurator_OpenInterestLeft:
    "Positions are open in the book: make it reduce-only, and close it once both sides are empty.",
  TradingConfigurator_OpenInterestNotCut:
    "The guardian only lowers the cap on open interest: name at most what is set, `max`.",
  TradingConfigurator_LossBudgetNotCut: "The guardian only lowers the loss budget: name at most what is set, `max`.",
  TradingConfigurator_NothingCut: "Neither the cap on open interest nor the loss budget would fall: lower one of them.",
  TradingConfigurator_NewsWindowOutOfRange: bounds("The length of a news window, in seconds,"),
  TradingConfigurator_NewsWindowTooSoon:
    "The last news window ended less than an hour ago, or is still on: open another from `earliest` on.",
  TradingConfigurator_BookNotActive: "The book is reduce-only or closed already: nothing is left to disable.",
  TradingConfigurator_MarginTokenNotEnabled: "The token is not enabled: nothing is left to disable.",
};
