// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAlpValuation} from "./IAlpValuation.sol";
import {IDepositor} from "./IProduct.sol";

/// @notice An asset of the liquidity vault.
/// @param token The token, as the Vault lists it.
/// @param assetId What the PriceAggregator calls it.
/// @param weightPips Share of the liquidity it should have, in pips; 0: retired, it can only leave.
/// @param maxSharePips Share of the liquidity that no mint may take it beyond, in pips.
struct AlpAsset {
    address token;
    uint16 assetId;
    uint24 weightPips;
    uint24 maxSharePips;
}

/// @notice The fee of minting and burning.
/// @param basePips Of an operation that leaves the asset as far from its target as it was, in pips.
/// @param taxPips Most that the distance from the target takes off or puts on, in pips.
struct AlpFees {
    uint24 basePips;
    uint24 taxPips;
}

/// @title Minting and burning ALP
/// @notice NAV = Σ liquidity × reference price + Σ products' LP PnL. A mint pays the high NAV and is credited the low price
/// of what it brings; a burn gets the low NAV in tokens at their high price.
/// @dev Prices are the PriceAggregator's reference prices, each read once in a call, see `ReferenceRule`. Every asset in the
/// vault, and every asset that open positions depend on, needs a recent Pyth tick, brought as `assetIds` and `updateData`; it
/// ends with the call. An asset without a valid price refuses a mint; in a burn it counts 0, can't be paid out, and the
/// books on it count their worst clamp, so that LPs are never locked in. Assets without liquidity need no price.
///
/// A product's positions count at most what its ledgers in the Vault can pay: low between −Σ reserved at the high price and
/// +Σ of the lesser of collateral and reserved at the low one, high between −Σ reserved at the low price and +Σ collateral at
/// the high one. Products that were added as such, and whatever does not answer in a burn, count at the adverse side of this.
///
/// A liquidation that is due must be worth nothing to who mints before it. A mint gives the lesser of the deposit less the
/// fee at the high NAV, and the whole deposit at the high NAV and what liquidations that may be due could add to it: the two
/// cover the same thing.
///
/// The fee depends on the distance of the asset from its target, weight × Σ liquidity at the mid prices; see `AlpFeeMath`.
/// It stays in the liquidity. While the vault has no liquidity at all every asset costs `basePips`.
///
/// The first mint is at 1 USD per ALP; 1 ALP of it goes to an address that nobody has, for ever.
/// The excess of the native coin sent for the Pyth update fee comes back to the caller.
interface IAlpManager is IAlpValuation, IDepositor {
    /// @notice Somebody brought liquidity. Amounts in token units and ALP, NAV in USD with 18 decimals before the mint.
    event AlpMinted(
        address indexed account,
        address indexed token,
        uint256 amountIn,
        uint256 alpOut,
        uint256 feePips,
        int256 navHighUsd,
        uint256 supplyBefore
    );
    /// @notice Somebody took liquidity out. Amounts in ALP and token units, NAV in USD with 18 decimals before the burn.
    event AlpBurned(
        address indexed account,
        address indexed token,
        address indexed receiver,
        uint256 alpAmount,
        uint256 amountOut,
        uint256 feePips,
        int256 navLowUsd,
        uint256 supplyBefore
    );
    /// @notice A token counts as an asset from now on.
    event AssetAdded(address indexed token, uint16 indexed assetId);
    /// @notice New target weights, in the order of `assets`, in pips.
    event WeightsSet(uint24[] weightsPips);
    /// @notice New largest shares, in the order of `assets`, in pips.
    event MaxSharesSet(uint24[] maxSharesPips);
    /// @notice Shares are limited in a vault that holds more than this, whole USD.
    event ShareFloorSet(uint64 floorUsd);
    /// @notice The product is valued by its ledgers from now on.
    event LedgerProductAdded(address indexed product);
    /// @notice New fee parameters, in pips.
    event FeesSet(uint24 basePips, uint24 taxPips);

    /// @notice An address is missing.
    error AlpManager_ZeroAddress();
    /// @notice The token is not an asset.
    error AlpManager_AssetNotListed(address token);
    /// @notice The token is an asset already.
    error AlpManager_AssetAlreadyAdded(address token, uint16 assetId);
    /// @notice The PriceAggregator does not list the asset.
    error AlpManager_AssetNotPriced(uint16 assetId);
    /// @notice The Vault does not list the token.
    error AlpManager_TokenNotInVault(address token);
    /// @notice There is no room for another asset.
    error AlpManager_TooManyAssets(uint256 max);
    /// @notice The token is finer than valuations are.
    error AlpManager_TooManyDecimals(address token, uint256 decimals, uint256 max);
    /// @notice Not one weight for each asset.
    error AlpManager_WeightCountWrong(uint256 given, uint256 required);
    /// @notice The weights do not add up to 100%, in pips.
    error AlpManager_WeightsNotWhole(uint256 sumPips, uint256 requiredPips);
    /// @notice A fee parameter is above its bound, in pips.
    error AlpManager_FeeOutOfRange(uint256 pips, uint256 max);
    /// @notice A largest share is below the asset's weight or too far above it, in pips.
    error AlpManager_MaxShareOutOfRange(uint256 pips, uint256 min, uint256 max);
    /// @notice The size up to which shares are not limited is above its bound, in whole USD.
    error AlpManager_ShareFloorOutOfRange(uint256 floorUsd, uint256 max);
    /// @notice The Vault does not list the product.
    error AlpManager_ProductNotFound(address product);
    /// @notice The product is valued by its ledgers already.
    error AlpManager_LedgerProductAlreadyAdded(address product);
    /// @notice There is no room for another product valued by its ledgers.
    error AlpManager_TooManyLedgerProducts(uint256 max);
    /// @notice The mint would leave more of the asset than its largest share, in pips.
    error AlpManager_ShareTooLarge(address token, uint256 sharePips, uint256 maxSharePips);
    /// @notice A product with open positions does not say what they are worth.
    error AlpManager_ProductNotValued(address product);
    /// @notice A product did not answer, and had less gas than it is to have.
    error AlpManager_TooLittleGas(uint256 available, uint256 required);
    /// @notice Liquidations wait for the end of the grace after a level 3, which ended then, in seconds.
    error AlpManager_LiquidationsWait(uint256 haltEndedAt);
    /// @notice Liquidations wait for the L2 sequencer, or for the end of the grace after its outage.
    error AlpManager_SequencerNotReady();
    /// @notice It is too late, in seconds.
    error AlpManager_DeadlinePassed(uint256 deadline, uint256 timestamp);
    /// @notice The breaker is at a level at which nothing is minted.
    error AlpManager_MintHalted(uint8 breakerLevel);
    /// @notice The breaker is at a level at which nothing is burned.
    error AlpManager_BurnHalted(uint8 breakerLevel);
    /// @notice The asset has no target weight: it takes no deposits.
    error AlpManager_AssetRetired(address token);
    /// @notice The asset lacks a tick or a quorum, or its sources differ too much.
    error AlpManager_PriceNotValid(uint16 assetId);
    /// @notice The vault is worth nothing, USD with 18 decimals.
    error AlpManager_NavNotPositive(int256 navUsd);
    /// @notice The first mint is not worth more than the dead shares, in ALP.
    error AlpManager_FirstMintTooSmall(uint256 alpAmount, uint256 deadShares);
    /// @notice The amount would be given for nothing.
    error AlpManager_AmountTooSmall(uint256 amount);
    /// @notice Less than the least that the caller accepts.
    error AlpManager_TooLittleOut(uint256 amountOut, uint256 minAmountOut);
    /// @notice More than the liquidity that open positions can not win, in token units.
    error AlpManager_LiquidityReserved(uint256 required, uint256 available);
    /// @notice Only the Vault may ask for a payment, in the course of a mint.
    error AlpManager_PayInNotExpected(address caller);
    /// @notice Only the PriceAggregator may send native coin.
    error AlpManager_NativeNotExpected(address sender);
    /// @notice The caller did not take back the excess it had sent, in wei.
    error AlpManager_RefundRefused(address receiver, uint256 amount);
    /// @notice Asked in the course of a mint or a burn.
    error AlpManager_Busy();

    /// @notice Brings `amount` of `token` into the liquidity and mints ALP to the caller.
    /// @dev Requirements: breaker level 0, liquidations not waiting; an allowance for this contract; every price valid; every
    /// product that holds something reserved answers; weight of the asset not 0, and its share within its limit afterwards; NAV
    /// positive unless nothing is minted yet. A token that charges for transfers counts with what arrives.
    /// Rounding: down, once. Emits `AlpMinted`.
    /// @param token Token brought.
    /// @param amount In token units.
    /// @param minAlpOut Least ALP accepted, 18 decimals.
    /// @param deadline Last second in which it may be executed.
    /// @param assetIds Assets whose ticks are taken from the update data.
    /// @param updateData What Pyth's price service returned; the value sent pays Pyth's fee.
    /// @return alpOut ALP minted to the caller, 18 decimals. It cools before it can be moved or burned.
    function mint(
        address token,
        uint256 amount,
        uint256 minAlpOut,
        uint256 deadline,
        uint16[] calldata assetIds,
        bytes[] calldata updateData
    ) external payable returns (uint256 alpOut);

    /// @notice Burns ALP of the caller and pays `token` out of the liquidity that is not reserved.
    /// @dev Requirements: burning not halted, liquidations not waiting; ALP free; a valid price of the token paid; a positive NAV (nothing is burned
    /// for nothing). Rounding: down, once. A payment that the token or the receiver refuses becomes claimable in the Vault.
    /// Emits `AlpBurned`.
    /// @param token Token paid.
    /// @param alpAmount ALP burned, 18 decimals.
    /// @param minTokenOut Least amount accepted, in token units.
    /// @param deadline Last second in which it may be executed.
    /// @param receiver Is paid.
    /// @param asNative Pay the native coin; only where the token is the wrapped native coin.
    /// @param assetIds Assets whose ticks are taken from the update data.
    /// @param updateData What Pyth's price service returned; the value sent pays Pyth's fee.
    /// @return amountOut Paid, in token units.
    function burn(
        address token,
        uint256 alpAmount,
        uint256 minTokenOut,
        uint256 deadline,
        address receiver,
        bool asNative,
        uint16[] calldata assetIds,
        bytes[] calldata updateData
    ) external payable returns (uint256 amountOut);

    /// @notice Adds a token of the Vault, with weight 0. Liquidity that it already has counts from now on.
    /// @dev Restricted. Requirements: listed in the Vault, at most 24 decimals; asset listed in the PriceAggregator, and its
    /// number at most 255.
    function addAsset(address token, uint16 assetId) external;

    /// @notice Sets all target weights, in the order of `assets`. Weight 0 retires an asset. Every largest share becomes the
    /// weight and 15 points.
    /// @dev Restricted. Requirements: one weight per asset, their sum 1e6.
    function setWeights(uint24[] calldata weightsPips) external;

    /// @notice Sets the largest shares, in the order of `assets`.
    /// @dev Restricted. Requirements: one per asset; each at least its weight, at most 30 points more, and at most 100%.
    function setMaxShares(uint24[] calldata maxSharesPips) external;

    /// @notice Sets the size of the vault above which shares are limited, in whole USD of liquidity after the mint.
    /// @dev Restricted. Requirements: at most 100 million.
    function setShareFloor(uint64 floorUsd) external;

    /// @notice Has a product's positions valued by its ledgers in the Vault alone, at the adverse side, for ever.
    /// @dev For bets, whose product holds neither more nor less than they may win and lose. Restricted. Requirements: a product of
    /// the Vault.
    function addLedgerProduct(address product) external;

    /// @notice Sets the fee of minting and burning. Restricted.
    /// @dev Requirements: each at most 1% (10,000 pips).
    function setFees(uint24 basePips, uint24 taxPips) external;

    /// @notice All assets ever added, in the order in which weights are given.
    function assets() external view returns (AlpAsset[] memory);

    /// @notice Shares are limited in a vault that holds more than this after a mint, whole USD.
    function shareFloorUsd() external view returns (uint64);

    /// @notice Whether a product is valued by its ledgers alone.
    function isLedgerProduct(address product) external view returns (bool);

    /// @notice The fee parameters.
    function fees() external view returns (AlpFees memory);

    /// @notice The ALP token.
    function alp() external view returns (address);

    /// @notice Where the settings are kept: a contract whose code is the list that `AlpWords` describes. Refuses in the course
    /// of a mint or a burn: whoever values the vault then would see half of it.
    function settings() external view returns (address);
}
