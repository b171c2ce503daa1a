// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Price} from "../types/Units.sol";
import {AssetConfig} from "./IPriceAggregator.sol";

/// @notice How a push source is read.
/// @dev `BinanceOracle`: the pair's Chainlink-shaped feed adapter is looked up in the Binance feed registry when the
/// source is configured or synchronised; reading it is then the same as reading a Chainlink feed.
enum SourceKind {
    Chainlink,
    BinanceOracle
}

/// @notice What governance says of one push source of an asset.
/// @param kind How it is read.
/// @param feed The Chainlink-shaped feed (proxy), or the Binance feed registry.
/// @param maxAgeSeconds Heartbeat plus grace: an older answer is not fresh.
/// @param base Base name of the pair in the Binance registry; empty for Chainlink.
/// @param quote Quote name of the pair in the Binance registry; empty for Chainlink.
struct SourceConfig {
    SourceKind kind;
    address feed;
    uint32 maxAgeSeconds;
    string base;
    string quote;
}

/// @notice What was read from the chain about a push source when it was last configured or synchronised.
/// @param reader The Chainlink-shaped contract that is asked for answers.
/// @param decimals Decimals of its answers.
/// @param isEnabled Whether the governor has it asked.
/// @param minPrice An answer at or below it is pinned and not fresh, 10 decimals; 0: no bound.
/// @param maxPrice An answer at or above it is pinned and not fresh, 10 decimals; the largest `Price`: no bound.
/// @param suspendedUntil The guardian has disabled it until then, in seconds; in the past, or 0: he has not.
struct SourceState {
    address reader;
    uint8 decimals;
    bool isEnabled;
    Price minPrice;
    Price maxPrice;
    uint40 suspendedUntil;
}

/// @title Configuration of the oracles
/// @notice Which contracts are asked for prices. Governance names sources; nobody can set a price.
/// @dev Roles are given per function by the access manager: the governor configures, the guardian may only disable.
interface IPriceSources {
    /// @notice The rules of an asset's reference price were set.
    event AssetConfigured(uint16 indexed assetId, AssetConfig config);
    /// @notice A push source was added or replaced.
    event SourceConfigured(uint16 indexed assetId, uint256 indexed sourceIndex, SourceConfig config, address reader);
    /// @notice What is known of a push source was read from the chain.
    event SourceSynchronised(uint16 indexed assetId, uint256 indexed sourceIndex, SourceState state);
    /// @notice The governor enabled or disabled a push source.
    event SourceEnabled(uint16 indexed assetId, uint256 indexed sourceIndex, bool isEnabled);
    /// @notice The guardian disabled a push source until then, in seconds; 0: or lifted that.
    event SourceSuspended(uint16 indexed assetId, uint256 indexed sourceIndex, uint40 until);
    /// @notice The sequencer's uptime feed, zero where there is none, and how long it must have been up, in seconds.
    event SequencerConfigured(address indexed feed, uint256 graceSeconds);
    /// @notice Pyth is asked at this address from now on.
    event PythConfigured(address indexed pyth);

    /// @notice The number of an asset is above the highest that there may be.
    error PriceAggregator_AssetIdTooLarge(uint16 assetId, uint256 max);
    /// @notice Quorum outside 1 to 3, or spread limit outside 1 to 100,000 pips.
    error PriceAggregator_BadAssetConfig(uint16 assetId, AssetConfig config);
    /// @notice The feed, or the adapter that the registry names, does not tell usable decimals.
    error PriceAggregator_BadSource(uint16 assetId, address feed);
    /// @notice The age limit is zero or above two days, in seconds.
    error PriceAggregator_BadMaxAge(uint16 assetId, uint32 maxAgeSeconds);
    /// @notice The asset has this source already: counting it twice would fake a quorum.
    error PriceAggregator_DuplicateSource(uint16 assetId, address reader);
    /// @notice The asset has no push source of this index.
    error PriceAggregator_SourceNotFound(uint16 assetId, uint256 sourceIndex);
    /// @notice No other push source of the asset is enabled and fresh in this block: without one nobody could leave.
    error PriceAggregator_NoOtherFreshSource(uint16 assetId, uint256 sourceIndex);
    /// @notice The guardian has not disabled the push source.
    error PriceAggregator_NotDisabled(uint16 assetId, uint256 sourceIndex);
    /// @notice The asset has as many push sources as it may.
    error PriceAggregator_TooManySources(uint16 assetId, uint256 max);
    /// @notice There is no code at an address that is to be called.
    error PriceAggregator_NotAContract(address account);

    /// @notice Lists an asset or replaces its rules. Restricted to the governor.
    /// @dev Requirements: number at most 127, quorum 1 to 3, spread limit 1 to 100,000 pips. Emits `AssetConfigured`. Without a Pyth id the asset
    /// has no ticks: while the vault holds it, or a market on it has open interest, nothing can be minted.
    /// @param assetId The asset.
    /// @param config Its rules.
    function configureAsset(uint16 assetId, AssetConfig calldata config) external;

    /// @notice Adds a push source to an asset, enabled. Restricted to the governor.
    /// @dev Requirements: asset listed, fewer than three sources, age limit 1 second to 2 days, decimals readable and at
    /// most 36, not a source of the asset already. Emits `SourceConfigured` and `SourceSynchronised`.
    /// @param assetId The asset.
    /// @param config The source.
    /// @return sourceIndex Number of the source, from 0.
    function addSource(uint16 assetId, SourceConfig calldata config) external returns (uint256 sourceIndex);

    /// @notice Replaces a push source; it stays disabled if it is. Restricted to the governor.
    /// @dev A replacement that was scheduled before the guardian disabled the source must not enable it.
    /// Requirements and events: as of `addSource`, and the source exists.
    /// @param assetId The asset.
    /// @param sourceIndex Number of the source.
    /// @param config The source.
    function configureSource(uint16 assetId, uint256 sourceIndex, SourceConfig calldata config) external;

    /// @notice Enables or disables a push source. Restricted to the governor.
    /// @dev What the guardian has disabled stays so. Requirements: the source exists. Emits `SourceEnabled`.
    /// @param assetId The asset.
    /// @param sourceIndex Number of the source.
    /// @param isEnabled Whether it is asked from now on.
    function setSourceEnabled(uint16 assetId, uint256 sourceIndex, bool isEnabled) external;

    /// @notice Disables a push source for 7 days. Restricted to the guardian, who may only tighten.
    /// @dev Once disabled it may be again, for 7 days from then on. Requirements: the source exists, and another one of the
    /// asset is enabled and fresh in this block: the guardian has the breaker, which ends by itself, and no way to lock
    /// positions, bets and liquidity for longer. Emits `SourceSuspended`.
    /// @param assetId The asset.
    /// @param sourceIndex Number of the source.
    function disableSource(uint16 assetId, uint256 sourceIndex) external;

    /// @notice Lifts what `disableSource` did. Restricted to the guardian.
    /// @dev Requirements: the source exists and was so disabled. Emits `SourceSuspended`.
    /// @param assetId The asset.
    /// @param sourceIndex Number of the source.
    function restoreSource(uint16 assetId, uint256 sourceIndex) external;

    /// @notice Reads decimals, bounds and (Binance) the pair's adapter of a source again. Open to anyone.
    /// @dev For when a proxy gets a new aggregator or a registry a new adapter.
    /// Requirements: the source exists, and those of `addSource` on what is read. Emits `SourceSynchronised`.
    /// @param assetId The asset.
    /// @param sourceIndex Number of the source.
    function synchroniseSource(uint16 assetId, uint256 sourceIndex) external;

    /// @notice Changes the Pyth contract. Restricted to the governor.
    /// @dev Requirements: a contract. Emits `PythConfigured`.
    /// @param newPyth The Pyth contract asked from now on.
    function setPyth(address newPyth) external;

    /// @notice Changes the L2 sequencer's uptime feed. Restricted to the governor.
    /// @dev A feed that is retired would hold up openings, liquidations, minting and burning for ever. Requirements: a contract,
    /// and a grace of 1 minute to 1 hour; or zero, and a grace of at most 1 hour, which then means nothing. Emits `SequencerConfigured`.
    /// @param feed The feed asked from now on; zero: none.
    /// @param graceSeconds How long the sequencer must have been up.
    function setSequencer(address feed, uint256 graceSeconds) external;

    /// @notice Number of push sources of an asset, disabled ones included.
    /// @param assetId The asset.
    function sourceCount(uint16 assetId) external view returns (uint256);

    /// @notice A push source: what governance said and what was read from the chain.
    /// @dev Requirements: the source exists.
    /// @param assetId The asset.
    /// @param sourceIndex Number of the source.
    /// @return config What governance said.
    /// @return state What was read from the chain.
    function source(
        uint16 assetId,
        uint256 sourceIndex
    ) external view returns (SourceConfig memory config, SourceState memory state);
}
