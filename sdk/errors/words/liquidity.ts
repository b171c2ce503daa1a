import type { Words } from "./types";

/** Vault and FeeDistributor. */
export const VAULT: Words = {
  Vault_TokenNotListed: "The Vault does not list the token: use one of `tokens()`.",
  Vault_TokenAlreadyListed: "The Vault lists the token already: set its utilization instead.",
  Vault_ProductNotFound:
    "The caller, or the contract named, is no product of the Vault: governance has to add it first.",
  Vault_ProductAlreadyAdded: "The product was added already: set its ceilings.",
  Vault_NotLiquidityManager: "Only the AlpManager moves liquidity: mint or burn ALP there.",
  Vault_NotFeeDistributor: "Only the FeeDistributor allocates fees: call `collect` there.",
  Vault_AlreadyInitialised: "Liquidity manager and fee distributor are named for good: nothing can be named again.",
  Vault_ZeroAddress: "The receiver, or an address to be set, is the zero address: name the account to be paid.",
  Vault_UtilizationOutOfRange: "The utilization limit is outside its bounds: set it to 1 to `max` pips.",
  Vault_CeilingNotLower: "The guardian only lowers a ceiling: name less than `current`.",
  Vault_NothingArrived: "No tokens arrived: bring more than nothing, in a token whose transfers arrive.",
  Vault_CollateralExceeded: "The product spends more collateral than it has: its books are wrong, report it.",
  Vault_ReserveFull:
    "The vault can not reserve the possible win: the product's ceiling or the token's utilization limit is reached. Bring less, or wait until others have ended.",
  Vault_ReserveExceeded: "The product releases more than is reserved for it: its books are wrong, report it.",
  Vault_Overdrawn: "A settlement gives out more than it releases: the product's books are wrong, report it.",
  Vault_LiquidityReserved:
    "Open positions reserve the liquidity: at most `available` token units are free. Take less, or another token.",
  Vault_FeesExceeded: "Fewer fees are there than are to be allocated: at most `available` token units.",
  Vault_NothingToClaim: "The account has no claim in this token: look at `claimableOf`.",
  Vault_PaymentFailed:
    "The token or the receiver refused the payment, and the claim stays: name a receiver that can take it, or claim the wrapped coin.",
  Vault_NotWrappedNative: "Only the wrapped native coin can be claimed in the native coin: leave `asNative` off.",
  Vault_NativeNotExpected:
    "The Vault takes native coin from the wrapped native coin alone: send tokens through a product.",
  Vault_GasTooLow: "Too little gas is left for a payment to be tried fairly: send more gas, at least `required` here.",
  Vault_AmountOverflow: "The sum does not fit its place in the ledger: bring less, so that it stays at or below `max`.",
  FeeDistributor_ZeroAddress: "An address is missing: name the treasury, or the contract, to be set.",
  FeeDistributor_NothingToCollect: "No fees of this token wait to be collected: look at `collectable`.",
  FeeDistributor_NotAProduct: "Only products record fees: the caller is none.",
};

/** AlpManager and ALP. */
export const ALP: Words = {
  AlpManager_ZeroAddress: "An address is missing: name the receiver, or the contract, to be set.",
  AlpManager_AssetNotListed: "ALP does not hold the token: use one of `assets()`.",
  AlpManager_AssetAlreadyAdded: "The token is an asset already: set its weight instead.",
  AlpManager_AssetNotPriced: "The PriceAggregator does not list the asset: configure it there first.",
  AlpManager_TokenNotInVault: "The Vault does not list the token: list it there first.",
  AlpManager_TooManyAssets: "There are `max` assets already, and none can be taken out.",
  AlpManager_TooManyDecimals: "The token has more than `max` decimals and can not be valued.",
  AlpManager_WeightCountWrong:
    "There has to be one weight for each asset: give `required` of them, in the order of `assets()`.",
  AlpManager_WeightsNotWhole: "The weights do not add up to 100%: give a sum of `requiredPips`.",
  AlpManager_FeeOutOfRange: "The fee is too high: set at most `max` pips.",
  AlpManager_MaxShareOutOfRange:
    "The asset's largest share is outside its bounds: set it to `min` (its weight) to `max` pips.",
  AlpManager_ShareFloorOutOfRange:
    "The size up to which shares are not limited is too high: set at most `max` whole USD.",
  AlpManager_ProductNotFound: "The Vault does not list the product: add it there first.",
  AlpManager_LedgerProductAlreadyAdded: "The product is valued by its ledgers already: nothing is left to add.",
  AlpManager_TooManyLedgerProducts:
    "There are `max` products valued by their ledgers already, and none can be taken out.",
  AlpManager_ShareTooLarge:
    "The mint would leave `sharePips` of the vault in this token, more than it may hold: bring less, or another token.",
  AlpManager_ProductNotValued:
    "A product with open positions does not say what they are worth, so that nothing is minted: try again later, and report it.",
  AlpManager_TooLittleGas:
    "Too little gas is left to value the products fairly: send more gas, at least `required` here.",
  AlpManager_DeadlinePassed: "The transaction came after its deadline: send it again with a later one.",
  AlpManager_MintHalted: "The circuit breaker is raised, and minting needs level 0: try again when it is lowered.",
  AlpManager_BurnHalted:
    "The circuit breaker is at a level that halts burning (2 for at most 7 days, 3): try again when it is lowered or has fallen.",
  AlpManager_LiquidationsWait:
    "Liquidations wait for the end of the grace after a level 3, and so do minting and burning: try again some minutes after `haltEndedAt`.",
  AlpManager_SequencerNotReady:
    "The chain's sequencer is down, or its grace after an outage is not over: try again later.",
  AlpManager_AssetRetired: "The asset has no target weight and takes no deposits: bring another asset of ALP.",
  AlpManager_PriceNotValid:
    "The asset has no good price: a tick at most 5 s old is missing, or its sources are stale or differ too much. Bring fresh ticks of every asset that `previewMint` or `previewBurn` says is missing, or wait.",
  AlpManager_NavNotPositive:
    "The vault is worth nothing at the prices taken: there is nothing to mint into or to burn for.",
  AlpManager_FirstMintTooSmall: "The first mint has to be worth more than the dead shares: bring more.",
  AlpManager_AmountTooSmall: "The amount is so small that it would be given for nothing: bring more.",
  AlpManager_TooLittleOut:
    "It gives `amountOut`, less than the least you accept: lower `minAmountOut`, or try again later.",
  AlpManager_LiquidityReserved:
    "Open positions reserve the liquidity of this token: at most `available` token units are free. Burn less, or for another token.",
  AlpManager_PayInNotExpected: "Only the Vault asks for a payment, in the course of a mint: call `mint`.",
  AlpManager_NativeNotExpected:
    "The AlpManager takes native coin from the PriceAggregator alone: send it along with `mint` or `burn`.",
  AlpManager_RefundRefused:
    "The caller did not take back the native coin that was too much: send exactly Pyth's fee, or call from an account that can receive.",
  AlpManager_Busy: "A mint or a burn is under way: ask outside it.",
  Alp_NotManager: "Only the AlpManager mints and burns ALP: use its `mint` and `burn`.",
  Alp_CoolingOutOfRange: "The cooling period is outside its bounds: build with `min` to `max` seconds.",
  Alp_StillCooling: "ALP minted lately still cools and can be neither moved nor burned: use at most `free`, or wait.",
};
