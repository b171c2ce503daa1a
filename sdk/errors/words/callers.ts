import type { Words } from "./types";

/** Router, keepers' batches, brokers and lenses. */
export const PERIPHERY: Words = {
  Router_NotForCaller: "The request names another owner: the Router acts for its caller alone, name yourself.",
  Router_NotAProduct: "The contract named is no product of the Vault: name Trading or Prediction.",
  Router_NativeTooLow: "Too little native coin came with the call: send at least `required` wei for all that it wraps.",
  Router_NativeNotExpected: "The Router takes no native coin by itself: send it along with a request.",
  Router_NotWrappedNative:
    "Only the wrapped native coin can be paid in the native coin: name `wrappedNative` as the token.",
  Router_RefundRefused:
    "The caller did not take back the native coin that was too much: send exactly what is wrapped, or call from an account that can receive.",
  KeeperBatch_GasTooLow:
    "Too little gas is left for the next item, and none may fail for want of it: send more gas, or fewer items.",
  KeeperBatch_NotATrading: "There is no contract at the target: name Trading, Prediction or a successor.",
  KeeperBatch_RefundRefused:
    "The caller did not take back the native coin that was too much: send exactly the update fee, or call from an account that can receive.",
  KeeperBatch_NativeNotExpected: "Native coin comes from the PriceAggregator alone: send it along with a batch.",
  BrokerRegistry_ZeroAddress: "A broker has an owner and a receiver: name both.",
  BrokerRegistry_NotOwner: "The caller does not own this broker: its owner has to call.",
  BrokerRegistry_NotFound: "No broker has this id: add it first, or use another.",
  BrokerRegistry_ShareOutOfRange: "The broker's share is too high: set at most `max` pips.",
  TradingLens_ZeroAddress: "The zero address owns nothing: name an owner.",
  TradingLens_NotOpen: "No position is open under this id: look at `statusOf`.",
  TradingLens_PriceMissing: "No push source of the asset is fresh: wait for one, or give a price.",
  PredictionLens_BetNotFound: "No such bet, or it has ended: look at `statusOf`.",
  PredictionLens_NotStruck: "The bet has no strike yet: ask again once it is struck.",
  PredictionLens_PriceMissing: "No push source of the asset is fresh: wait for one, or give a price.",
  KeeperLens_LengthsDiffer: "There has to be one tick index for each id: give lists of one length.",
  KeeperLens_GasTooLow: "To look at a trade takes more gas: give the call at least `required`.",
};

/** Who may do what, and when. */
export const ACCESS: Words = {
  Breaker_LevelOutOfRange: "There is no such level: name 0 to `max`.",
  Breaker_NotHigher: "A raise goes above the level in force: name more than `current`.",
  Breaker_NotLower: "Lowering goes below the level in force: name less than `current`.",
  Breaker_HaltCoolingDown: "Level 3 ended less than 24 h ago: it can be set again from `allowedFrom` on.",
  Breaker_RaisedMeanwhile:
    "The breaker was raised after this call was scheduled: schedule it anew, naming `lastRaisedAt`.",
  GuardianCuts_CutMeanwhile:
    "The guardian cut the setting after this call was scheduled: schedule it anew, naming `made` cuts.",
  AccessManagedUnauthorized: "The caller lacks the role for this function: call with an account that has it.",
  AccessManagedRequiredDelay:
    "The caller's role acts with a delay: schedule the call at the AccessManager, and execute it after `delay` seconds.",
  AccessManagedInvalidAuthority: "The new authority is no contract: name an AccessManager.",
  AccessManagerAlreadyScheduled: "The operation is scheduled already: execute or cancel it first.",
  AccessManagerNotScheduled: "The operation was not scheduled, or is over: schedule it first.",
  AccessManagerNotReady: "The operation's delay is not over: execute it later.",
  AccessManagerExpired: "The operation was not executed in time: schedule it anew.",
  AccessManagerLockedRole: "This role's members and admins can not be changed: use another role.",
  AccessManagerBadConfirmation: "Who gives up a role confirms it with its own address: name the caller.",
  AccessManagerUnauthorizedAccount: "The account lacks the role `roleId`: call with an account that has it.",
  AccessManagerUnauthorizedCall:
    "The caller may not make this call: call with an account that has the function's role.",
  AccessManagerUnauthorizedConsume: "Only the target itself consumes its scheduled operations.",
  AccessManagerUnauthorizedCancel: "Only who scheduled the operation, an admin or a guardian of its role cancels it.",
  AccessManagerInvalidInitialAdmin: "The AccessManager's first admin is missing: build with its address.",
};

/** Tokens, and what is common to all contracts. */
export const COMMON: Words = {
  ERC20InsufficientAllowance: "The allowance is too small: approve `needed` to `spender` first, or bring a permit.",
  ERC20InsufficientBalance: "The account has too few tokens: it needs `needed` and has `balance`.",
  ERC20InvalidApprover: "The zero address gives no allowance.",
  ERC20InvalidReceiver: "The zero address can not be paid: name a receiver.",
  ERC20InvalidSender: "The zero address has no tokens to move.",
  ERC20InvalidSpender: "The zero address can not be given an allowance: name a spender.",
  ERC2612ExpiredSignature: "The permit came after its deadline: sign it with a later one.",
  ERC2612InvalidSigner:
    "The permit was not signed by its owner for exactly this spender, amount, nonce and deadline: sign it anew.",
  InvalidAccountNonce: "The signature's nonce was used or is not next: sign with `currentNonce`.",
  ECDSAInvalidSignature: "The signature is none: sign again.",
  ECDSAInvalidSignatureLength: "The signature does not have 65 bytes: give r, s and v.",
  ECDSAInvalidSignatureS: "The signature is of the refused half: use the one with the lower s.",
  InvalidShortString: "A name of the token can not be read back: it was not stored as a short string.",
  StringTooLong: "A name is too long to be stored: use at most 31 bytes.",
  SafeERC20FailedOperation:
    "The token refused a transfer or an allowance: check balance, allowance and whether the token blocks an account.",
  SafeCastOverflowedIntDowncast: "A number does not fit in `bits` bits: bring a smaller one.",
  SafeCastOverflowedUintDowncast: "A number does not fit in `bits` bits: bring a smaller one.",
  SafeCastOverflowedUintToInt: "A number does not fit a signed one: bring a smaller one.",
  DataContract_NotKept: "The settings could not be stored in a contract of their own: send more gas.",
  Units_Overflow: "A value does not fit its unit: bring a smaller one, so that it stays at or below `max`.",
  ReentrancyGuardReentrantCall: "The contract is in the middle of another call: call it after that has ended.",
  AddressEmptyCode: "There is no contract at the address: name the deployed one.",
  FailedCall: "A call failed without a reason: check the arguments of the calls that are made together.",
  InsufficientBalance: "The contract has too little native coin for the call: send `needed` wei along.",
  Code_NotAContract:
    "There is no contract at the address, or an account that only delegates to one: name the deployed contract.",
};
