import type { Words } from "./types";

const bounds = (what: string): string => `${what} is outside its bounds: set it to \`min\` to \`max\`.`;

/** Prediction. */
export const PREDICTION: Words = {
  Prediction_ZeroAddress:
    "An owner, executor or contract is the zero address: name the account that the bet or the fee is for.",
  Prediction_BreakerRaised: "The circuit breaker is at `level`, and bets need level 0: try again when it is lowered.",
  Prediction_DeadlinePassed: "The request came after its deadline: send it again with a later one.",
  Prediction_MarketNotEnabled: "The market takes no bets: choose another.",
  Prediction_TokenNotAccepted: "The token takes no stakes: bring one of the stake tokens that are enabled.",
  Prediction_NotWrappedNative:
    "Only a stake in the wrapped native coin is paid out in the native coin: leave `asNative` off, or bring the wrapped native coin.",
  Prediction_PeriodNotOffered: "The market does not offer this period in this token: choose one that it offers.",
  Prediction_StakeOutOfRange: "The amount that arrived is outside the bounds: bring `min` to `max` token units.",
  Prediction_PayoutTooLow:
    "A win pays `payoutPips` of the stake now, less than the least you accept: lower `minPayoutPips`, or leave it.",
  Prediction_CapReached:
    "The open stakes of this direction would pass the cap `max`: bring less, or wait until others have settled.",
  Prediction_NotReturnable:
    "The bet can still be struck or settled: its stake can be sent back from `returnableFrom` on.",
  Prediction_BetNotFound: "No such bet, or it has ended; a result can be previewed only once the bet is struck.",
  Prediction_TooManyTokens: "There are `max` stake tokens already: enable one of them instead of listing another.",
  Prediction_TooManyMarkets: "There is no market of this number: use one below `max`.",
  Prediction_MidCall: "Prediction is in the middle of a call and can not be valued: ask outside it.",
};

/** PredictionConfigurator. */
export const PREDICTION_SETTINGS: Words = {
  PredictionConfigurator_MarketAlreadyListed: "The market is listed already: change its settings instead.",
  PredictionConfigurator_MarketNotListed: "The market was never listed: list it first.",
  PredictionConfigurator_MarketNotEnabled: "The market takes no bets already: nothing is left to disable.",
  PredictionConfigurator_AssetOutOfRange: bounds("The asset id"),
  PredictionConfigurator_AssetFixed: "The token is priced by `assetId` for good: keep that asset.",
  PredictionConfigurator_TokenNotEnabled: "The token takes no stakes, or was never listed: nothing is left to disable.",
  PredictionConfigurator_ConfidenceOutOfRange: bounds("The widest confidence of a strike's tick, in pips,"),
  PredictionConfigurator_DeviationOutOfRange: bounds("The largest deviation of a strike's tick, in pips,"),
  PredictionConfigurator_AnchorsOutOfRange: bounds("The least number of fresh anchors of a strike"),
  PredictionConfigurator_PayoutOutOfRange: bounds("The profit of a win, in pips of the stake,"),
  PredictionConfigurator_PeriodOutOfRange: bounds("The length of a period, in seconds,"),
  PredictionConfigurator_StakesOutOfOrder:
    "The least stake is 0 or above the largest: set a least stake from 1 to the largest.",
  PredictionConfigurator_CapNotLower: "The guardian only lowers a cap: name less than `current`.",
};
