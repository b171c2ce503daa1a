import type { Words } from "./types";

/** PriceAggregator. */
export const PRICES: Words = {
  PriceAggregator_GraceOutOfRange: "The sequencer's grace is outside its bounds: build with `min` to `max` seconds.",
  PriceAggregator_AssetNotListed: "The PriceAggregator does not know the asset: use one that is configured.",
  PriceAggregator_AssetWithoutPyth: "The asset has no Pyth feed, so that no tick of it can be proven: leave it out.",
  PriceAggregator_NoUpdateData: "Ticks are asked for without update data: bring what Pyth's price service returns.",
  PriceAggregator_NoAssets: "Update data came without saying for which assets: name them.",
  PriceAggregator_MinPublishTimeInFuture:
    "The tick's earliest time has not come, so that none can be the first at or after it: wait until `minPublishTime`.",
  PriceAggregator_UpdateFeeNotPaid:
    "Too little native coin came for Pyth's fee: send at least `required` wei, as `updateFee` tells.",
  PriceAggregator_PriceOutOfRange:
    "Pyth's price is not positive or does not fit a price: it can not be used, bring another tick.",
  PriceAggregator_UnexpectedTick:
    "Pyth answered with another feed, or a tick outside the time asked for: bring the update of exactly that feed and time.",
  PriceAggregator_MalformedAnswer: "Pyth's answer does not have the shape of its answers: bring other update data.",
  PriceAggregator_RefundRefused:
    "The caller did not take back the native coin that was too much: send exactly Pyth's fee, or call from an account that can receive.",
  PriceAggregator_InsufficientGas:
    "Too little gas is left to read the price feeds fairly: send more gas, at least `required` here.",
  PriceAggregator_AssetIdTooLarge: "The number of the asset is above the highest that there may be.",
  PriceAggregator_BadAssetConfig:
    "The asset's settings are outside their bounds: quorum 1 to 3, spread 1 to 100,000 pips, and a Pyth id if it is volatile.",
  PriceAggregator_BadSource:
    "The feed does not tell usable decimals: name the feed's proxy, or a pair that the registry has.",
  PriceAggregator_BadMaxAge: "The age limit is 0 or above two days: set the feed's heartbeat plus a grace.",
  PriceAggregator_DuplicateSource: "The asset has this source already, and two are to be two: name another.",
  PriceAggregator_SourceNotFound: "The asset has no source of this number: use one below `sourceCount`.",
  PriceAggregator_NoOtherFreshSource:
    "No other source of the asset is enabled and fresh in this block, and nobody could settle without one: wait until another is.",
  PriceAggregator_NotDisabled: "The guardian has not disabled this source: there is nothing to lift.",
  PriceAggregator_TooManySources: "The asset has `max` sources already: replace one of them.",
  PriceAggregator_NotAContract: "There is no contract at the address: name the deployed one.",
  PriceChecks_NoAnchor:
    "No push source of the asset is fresh, so that there is no band to hold a price in: wait for a fresh one.",
};

/** Pyth's own, passed on as they are when a proof is not good. */
export const PYTH: Words = {
  InvalidArgument:
    "Pyth: the arguments do not fit together. Bring one price id for each asset, with update data that has them.",
  InvalidUpdateDataSource:
    "Pyth: the update does not come from a Pyth data source. Bring what its price service returns.",
  InvalidUpdateData:
    "Pyth: the update data is damaged or of another kind. Bring what its price service returns, unchanged.",
  InsufficientFee: "Pyth: the update fee was not paid. Send what `updateFee` tells.",
  NoFreshUpdate: "Pyth: the update brings nothing new.",
  PriceFeedNotFoundWithinRange:
    "Pyth: the update has no price of the feed within the time asked for. Where the first tick is to be proven, bring exactly the first one at or after that time.",
  PriceFeedNotFound: "Pyth: it knows no price of the feed. Check the feed's id.",
  StalePrice: "Pyth: its stored price is too old. Bring an update.",
  InvalidWormholeVaa: "Pyth: the guardians' signatures do not hold. Bring an update signed by the guardians of today.",
  InvalidGovernanceMessage: "Pyth: a message of its own governance is damaged.",
  InvalidGovernanceTarget: "Pyth: a message of its own governance is for another contract.",
  InvalidGovernanceDataSource: "Pyth: a message of its own governance has another source.",
  OldGovernanceMessage: "Pyth: a message of its own governance was superseded.",
  InvalidWormholeAddressToSet: "Pyth: its own governance named no valid Wormhole.",
  InvalidTwapUpdateData: "Pyth: the update of averages is damaged.",
  InvalidTwapUpdateDataSet: "Pyth: the updates of averages do not fit together.",
  NegativeInputPrice: "Pyth: a price to combine is negative.",
  InvalidInputExpo: "Pyth: an exponent to combine is out of range.",
  CombinedPriceOverflow: "Pyth: the combined price does not fit.",
  ExponentOverflow: "Pyth: the exponent of a price does not fit.",
};
