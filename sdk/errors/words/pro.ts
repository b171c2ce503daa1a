import type { Words } from "./types";

/** Pro and its linked libraries. */
export const PRO: Words = {
  Pro_ActionRefused:
    "An action was refused for `reason`: `value` breaks `bound`. Change the action, or mark it soft so that it is skipped.",
  Pro_ScopeRefused:
    "After all actions the scope has `has` and needs `needs`: trade less, bring cash, or take less out. The `reason` says which margin it is.",
  Pro_IndexRefused:
    "A market of the scope has an index of `ageSeconds`, and `maxAgeSeconds` are allowed: refresh it in the same call. The `reason` says whether it is missing, old, or not certain enough.",
  Pro_NotAllowed:
    "The caller is neither the owner of the account nor a delegate of his for this: the owner has to call, or to give the right.",
  Pro_UnknownAction:
    "There is no such action, type of order or treatment of self-trades: look at the action at `index`.",
  Pro_RefreshNotFirst: "Prices are refreshed before anything else is done: put the action at `index` first.",
  Pro_ActionCutOff: "The withdrawal at `index` lacks its second word: put its amount behind it.",
  Pro_BreakerRaised: "The circuit breaker is at `level`. Deposits need level 2 or below: try again when it is lowered.",
  Pro_MarketNotListed: "Pro has no market of this number: use one below the number of markets.",
  Pro_ZeroAddress: "An owner, delegate or keeper is the zero address: name the account that it is for.",
  Pro_NothingToDo: "The market has no fees that make a unit of the token: wait until some were paid.",
  Pro_NoAccount: "The address has no account yet: the first deposit for it opens one.",
  Pro_RefundRefused: "The caller takes no native coin back: send exactly the update fee.",
  Pro_NativeNotExpected: "Native coin comes from the price aggregator only: send none to Pro but with a call.",
  Pro_Simulated: "Nothing is wrong: a simulation ends so, and `results` is what the call would return.",
  Pro_DecimalsNotOffered: "The settlement token has more than `max` decimals: build Pro with another.",
  Pro_MarketsFull: "There are `max` markets already: a further one needs another Pro.",
  Pro_IsClosed:
    "Pro is closed for good: no market is listed, and none becomes active again. Positions can still be closed.",
  Pro_NotEmpty: "Pro is not closed, or positions are left in the market: a fund is released only after both.",
  PositionWord_Overflow: "A position, its cost or its funding does not fit its record: trade less.",
  AccountWord_CashOverflow: "The cash of an account does not fit its record: use another account.",
  MarketWords_Overflow:
    "A sum of a market would pass `max`, the most that its record holds: trade less, or sweep its fees.",
};

const OUT_OF_RANGE =
  "A setting is outside its bounds: set it to `min` to `max`. The number of the `setting` says which one it is.";

/** ProConfigurator. */
export const PRO_SETTINGS: Words = {
  ProConfigurator_OutOfRange: OUT_OF_RANGE,
  ProConfigurator_NotListed: "Pro has no market of this number: list it first.",
  ProConfigurator_TooSoon: "Tiers that raise a margin were set less than a day ago: set them from `allowedFrom` on.",
  ProConfigurator_NotCut: "A cut must lower the cap: name less than `current`.",
  ProConfigurator_Settling: "The market settles or is on its way to: there is no way back.",
  ProConfigurator_StatusNotOffered: "A market is set to Active or ReduceOnly: delist it to have it settled.",
};

/** What stands on Pro. */
export const PRO_TRIGGERS: Words = {
  ProLens_NativeNotExpected: "Native coin comes back here in the course of a preview only: send it along with one.",
  ProLens_RefundRefused: "The caller takes no native coin back: preview with exactly the update fee.",
  ProTriggers_OrderRefused:
    "The order can't wait like this: `value` broke `bound`, both in the unit of what the `reason` names, 0 where there is none.",
  ProTriggers_NotAllowed:
    "The caller is neither the owner of the account nor a delegate of his for such an order: the owner has to call, or to give the right.",
  ProTriggers_NotFound: "No trigger waits under this id: it has fired, ended, expired, or was cancelled.",
  ProTriggers_ZeroAddress: "Nobody is named to be paid: name a keeper.",
  ProTriggersLens_LengthsDiffer: "Bring one tick and one earlier tick for each trigger; of those that don't trail any.",
  GridBook_Refused:
    "The grid can't run like this: `value` broke `bound`, both in the unit of what the `reason` names, 0 where there is none.",
  GridBook_LinesOutOfRange: "A grid has 2 to 100 lines: change their number.",
  GridBook_WindowOutOfRange: "On each side of the price 1 to 16 cells have orders: change the window.",
  GridBook_LotsOutOfRange: "The size of a line is outside its bounds: change it.",
  GridBook_RangeEmpty: "The lowest line is above 0 and below the highest: change them.",
  GridBook_LinesTooClose: "Rounded to ticks, a line is not above the one before: fewer lines, or a wider range.",
  GridBook_StopWithin: "Stops lie outside the lines: move the stop, or leave it away.",
  GridBook_Running: "A grid of this account and market runs already: stop it first, or use another subaccount.",
  GridBook_NothingPlaced:
    "None of the grid's orders could rest, for the `reason` of the first: bring a fresh index, or move the lines.",
  GridBook_NotAllowed: "Only the owner of the account opens and stops its grids: call as him.",
  GridBook_NotFound: "No grid runs under this id: it has ended, or another was opened in its place.",
  GridBook_ZeroAddress: "Nobody is named to be paid: name a keeper.",
  GridBook_MaxLinesOutOfRange: "A call rolls 1 to 10 lines: change their number.",
  GridBook_Simulated: "What the simulated roll came to; `previewRoll` of the lens reads it.",
};
