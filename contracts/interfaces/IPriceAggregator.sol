// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Price} from "../types/Units.sol";

/// @notice Rules of the reference price of an asset.
/// @param pythId Pyth price feed id; zero when the asset has none.
/// @param quorum Least number of fresh push sources of a reference price, at least 1.
/// @param maxSpreadPips Largest (high − low) / low of a reference price, in pips.
struct AssetConfig {
    bytes32 pythId;
    uint8 quorum;
    uint24 maxSpreadPips;
}

/// @notice Signed Pyth update data, and the claim it is to prove.
/// @param assetIds Assets whose ticks are taken from the data, in the order in which the ticks are numbered; no two of
/// one proof may share a Pyth id.
/// @param minPublishTime Earliest publish time accepted, in seconds.
/// @param isUnique Prove that each tick is the first one at or after `minPublishTime`
/// (prevPublishTime < minPublishTime ≤ publishTime).
/// @param updateData What Pyth's price service returned.
struct PriceProof {
    uint16[] assetIds;
    uint40 minPublishTime;
    bool isUnique;
    bytes[] updateData;
}

/// @notice One authentic Pyth price.
/// @param price Price, 10 decimals.
/// @param confidence Half-width of Pyth's confidence interval, 10 decimals, rounded up; the largest uint64 stands for
/// anything wider, which exceeds every limit.
/// @param publishTime When it was published, in seconds; 0: there is no such tick.
/// @param minPublishTime The bound it was proven with.
/// @param assetId Asset it prices.
/// @param isUnique It is the first tick at or after `minPublishTime`.
struct Tick {
    Price price;
    uint64 confidence;
    uint40 publishTime;
    uint40 minPublishTime;
    uint16 assetId;
    bool isUnique;
}

/// @notice Fresh push sources of an asset.
/// @param low Lowest fresh answer, 10 decimals; 0 when none is fresh.
/// @param mid Median of the fresh answers (two: their mean, rounded down), 10 decimals.
/// @param high Highest fresh answer, 10 decimals.
/// @param fresh Number of fresh sources.
struct PushPrice {
    Price low;
    Price mid;
    Price high;
    uint8 fresh;
}

/// @notice Everything one step of settlement asks of the oracles.
/// @param tick The tick proven under the index asked for; publishTime 0 when there is none.
/// @param anchors Fresh push sources of the asset of that tick, of an exit as many as clamp it; none when there is no tick.
/// @param tokenPrice Median of the fresh push sources of the token's asset; 0 when none is fresh.
/// @param tokenLow Lowest fresh source of the token's asset while its price is disputed: more than one is fresh, and no two
/// lie within the asset's maxSpread of each other. 0 while it is not.
/// @param tokenHigh Highest of them; 0 while the price is not disputed.
/// @param isSequencerReady Always true where there is no sequencer feed.
struct Quote {
    Tick tick;
    PushPrice anchors;
    Price tokenPrice;
    Price tokenLow;
    Price tokenHigh;
    bool isSequencerReady;
}

/// @notice What a reference price needs, and is made of. "The spread" is the asset's `maxSpreadPips`, measured on the lower of
/// two prices; a tick is its price ± confidence.
/// @dev `Mint`: a tick, a quorum of fresh push sources, and all of them within the spread; the range spans all.
/// `Burn`: (a) a tick, and a fresh push source within the spread of its price; the range spans the tick and all such sources.
/// (b) No tick, and Pyth's own storage holds no price of the asset younger than 10 minutes: a quorum of fresh push sources
/// within the spread of each other; the range is theirs, widened by the spread at either end.
/// `BurnPreview`: as `Burn` (a); without, the range that `Mint` takes, never marked valid.
enum ReferenceRule {
    Mint,
    Burn,
    BurnPreview
}

/// @notice Reference price of an asset, for the valuation of the vault.
/// @param low Low end, 10 decimals.
/// @param mid Median of the sources that the range spans and, if brought, the middle of the joined ticks (of one tick: its
/// price); an even number of values: the mean of the middle two, rounded down; 10 decimals.
/// @param high High end, 10 decimals.
/// @param isValid Nothing that the rule asks for is missing. If not, the other fields are what is known, or 0.
struct PriceRange {
    Price low;
    Price mid;
    Price high;
    bool isValid;
}

/// @title The multi-oracle price aggregator
/// @notice Proves Pyth ticks, reads the push sources (Chainlink, Binance Oracle) beside them, and says how far each can
/// be trusted. Nobody can set a price; governance can only name sources.
/// @dev Proven ticks live in transient storage for one transaction, under the address that had them proven: one prover
/// can't overwrite the ticks of another. Push prices read by `quote` and `exitQuote` are kept for the transaction too.
interface IPriceAggregator {
    /// @notice The aggregator is built with a grace after an outage of the sequencer within these bounds, in seconds.
    error PriceAggregator_GraceOutOfRange(uint256 graceSeconds, uint256 min, uint256 max);
    /// @notice The asset was never configured.
    error PriceAggregator_AssetNotListed(uint16 assetId);
    /// @notice The asset has no Pyth feed, so that no tick of it can be proven.
    error PriceAggregator_AssetWithoutPyth(uint16 assetId);
    /// @notice Ticks are asked for without update data.
    error PriceAggregator_NoUpdateData();
    /// @notice Update data is given without saying for which assets.
    error PriceAggregator_NoAssets();
    /// @notice No tick can be the first at or after a moment that has not come.
    error PriceAggregator_MinPublishTimeInFuture(uint40 minPublishTime, uint256 timestamp);
    /// @notice Less native coin came with the call than Pyth asks for the proofs so far, in wei.
    error PriceAggregator_UpdateFeeNotPaid(uint256 paid, uint256 required);
    /// @notice Pyth's price is not positive, or outside the range of `Price`.
    error PriceAggregator_PriceOutOfRange(uint16 assetId, int64 price, int32 exponent);
    /// @notice Pyth answered with another feed or with a publish time outside the window asked for.
    error PriceAggregator_UnexpectedTick(uint16 assetId, bytes32 pythId, uint256 publishTime);
    /// @notice What Pyth answered, in bytes, has not the shape of its answers.
    error PriceAggregator_MalformedAnswer(uint256 length);
    /// @notice The caller did not take back the excess it had sent, in wei.
    error PriceAggregator_RefundRefused(address receiver, uint256 amount);
    /// @notice Too little gas is left to give a feed its full allowance: a healthy source must not look stale.
    error PriceAggregator_InsufficientGas(uint256 available, uint256 required);

    /// @notice Proves ticks and keeps them for this transaction under the caller's address, numbered from 0 in the order
    /// of the proofs and of the assets in each; later calls go on counting.
    /// @dev A proof that Pyth refuses reverts the call with Pyth's own error. Ticks later than this block's timestamp are
    /// refused. The update fee is asked of Pyth and the excess returned to the caller.
    /// Requirements: update data and assets not empty; assets listed with a Pyth id; `minPublishTime` not in the future;
    /// the fee paid; the price positive and within the range of `Price`.
    /// Rounding: price down, confidence up.
    /// @param proofs What to prove.
    /// @return tickCount Number of ticks now kept for the caller.
    function prove(PriceProof[] calldata proofs) external payable returns (uint256 tickCount);

    /// @notice Proves one recent tick per asset (at most `referenceTickMaxAge` old) to join the reference prices that the
    /// caller reads in this transaction, until it takes them.
    /// @dev Proving an asset again widens its range: it never replaces an earlier tick. A tick whose confidence is above
    /// 1% of its price proves nothing worth joining: it counts as not brought, rather than reverting, so that a burn can
    /// fall back on the worst case of that asset alone.
    /// Requirements: as of `prove`, and every tick at most `referenceTickMaxAge` old.
    /// @param assetIds Assets, each priced by the update data; may be empty, then the update data must be empty too.
    /// @param updateData What Pyth's price service returned.
    function proveReference(uint16[] calldata assetIds, bytes[] calldata updateData) external payable;

    /// @notice Reference prices for the caller, with the ticks it has proven, which are forgotten with this.
    /// @dev Requirements: as of `quote` on gas.
    /// @param assetMask The assets: bit i stands for asset i.
    /// @param rule What they need and are made of.
    /// @return rangeWords The prices, packed, in ascending order of the assets. `PackedPrice` makes a `PriceRange` of each.
    /// @return isReady See `isSequencerReady`.
    function takeReferencePrices(
        uint256 assetMask,
        ReferenceRule rule
    ) external returns (uint256[] memory rangeWords, bool isReady);

    /// @notice All that a settlement step needs, in one call.
    /// @dev Not a view only because push prices and the sequencer's state are kept in transient storage for the next item
    /// of a batch. Never reverts for what an oracle answers: a source that reverts, is stale, incomplete, not positive,
    /// from the future or pinned at its bounds is not fresh.
    /// Requirements: enough gas before every feed that is read (`PriceAggregator_InsufficientGas`). A caller that isolates
    /// items must not take this revert for the item's fault.
    /// @param prover Who had the tick proven.
    /// @param tickIndex Number of the tick.
    /// @param tokenAssetId Asset of the token whose price is asked for.
    /// @return tickWord The tick, packed; 0 when there is none. `QuoteLib` makes a `Quote` of the three.
    /// @return anchorsWord The push price of its asset, packed; 0 when there is no tick.
    /// @return tokenWord The price of the token, with both ends while it is disputed, and the state of the sequencer, packed.
    function quote(
        address prover,
        uint256 tickIndex,
        uint16 tokenAssetId
    ) external returns (uint256 tickWord, uint256 anchorsWord, uint256 tokenWord);

    /// @notice As `quote`, for a step that only clamps the tick: a close, a take profit or stop, a liquidation.
    /// @dev The anchors' sources are read in their order only until the band of those that are fresh, [0.99 × lowest,
    /// 1.01 × highest], holds the tick; all of them where none of it does. A further anchor could only widen the band, so the
    /// clamped tick, and whether any anchor is fresh, are those of the full reading. Lowest, median, highest and number of the
    /// anchors are not: they say nothing about deviation or minAnchors. What was read of some is kept for further exits at
    /// ticks which it holds, and never for `quote`. The token's price is always that of all its sources; where its asset is
    /// the tick's, so are the anchors.
    /// Requirements: as of `quote`.
    /// @param prover Who had the tick proven.
    /// @param tickIndex Number of the tick.
    /// @param tokenAssetId Asset of the token whose price is asked for.
    /// @return tickWord As `quote`.
    /// @return anchorsWord The push price of as many sources as were read, packed; 0 when there is no tick.
    /// @return tokenWord As `quote`.
    function exitQuote(
        address prover,
        uint256 tickIndex,
        uint16 tokenAssetId
    ) external returns (uint256 tickWord, uint256 anchorsWord, uint256 tokenWord);

    /// @notice The tick of a prover in this transaction; publishTime 0 when there is none.
    function tick(address prover, uint256 tickIndex) external view returns (Tick memory);

    /// @notice Fresh push sources of an asset now.
    function pushPrice(uint16 assetId) external view returns (PushPrice memory);

    /// @notice Price of a token now, as `quote` tells it: the median of the fresh push sources of its asset.
    /// @param assetId Asset of the token.
    /// @return price 10 decimals; 0 when no source is fresh.
    /// @return low Lowest of them, 10 decimals, while the price is disputed; 0 while it is not.
    /// @return high Highest of them, 10 decimals, while the price is disputed; 0 while it is not.
    function tokenPrice(uint16 assetId) external view returns (Price price, Price low, Price high);

    /// @notice Reference price of an asset, with the ticks that `prover` brought with `proveReference` and has not taken.
    function referencePrice(
        address prover,
        uint16 assetId,
        ReferenceRule rule
    ) external view returns (PriceRange memory);

    /// @notice Reference prices of several assets, each as `referencePrice` tells it.
    /// @param prover Who brought ticks.
    /// @param assetMask The assets: bit i stands for asset i.
    /// @param rule What they need and are made of.
    /// @return rangeWords The prices, packed, in ascending order of the assets. `PackedPrice` makes a `PriceRange` of each.
    function referencePrices(
        address prover,
        uint256 assetMask,
        ReferenceRule rule
    ) external view returns (uint256[] memory rangeWords);

    /// @notice Whether the L2 sequencer is up and past its grace period; always true where there is no sequencer feed.
    function isSequencerReady() external view returns (bool);

    /// @notice The L2 sequencer's uptime feed; zero where there is none.
    function sequencerFeed() external view returns (address);

    /// @notice How long the sequencer must have been up, in seconds.
    function sequencerGraceSeconds() external view returns (uint256);

    /// @notice The Pyth contract asked.
    function pyth() external view returns (address);

    /// @notice What Pyth asks for verifying this update data, in native coin.
    function updateFee(PriceProof[] calldata proofs) external view returns (uint256);

    /// @notice Configuration of an asset.
    function asset(uint16 assetId) external view returns (AssetConfig memory);

    /// @notice Age limit of the ticks that join a reference price, in seconds.
    function referenceTickMaxAge() external view returns (uint256);
}
