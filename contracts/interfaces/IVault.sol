// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {HoldingWord, ProductHoldingWord} from "../types/HoldingWord.sol";

/// @notice The ledger of one token.
/// @param liquidity Belongs to the LPs, reserved part included; in token units, like all amounts here.
/// @param reserved Part of the liquidity that open positions may still win.
/// @param maxUtilizationPips Openings may reserve at most this share of the liquidity.
/// @param decimals The token's decimals when it was listed.
/// @param fees Fees not yet allocated to their receivers.
/// @param claimable Owed to accounts, to be claimed by them.
struct TokenLedger {
    // slot 0
    uint112 liquidity;
    uint112 reserved;
    uint24 maxUtilizationPips;
    uint8 decimals;
    // slot 1
    uint128 fees;
    uint128 claimable;
}

/// @notice What one product has in the Vault, in one token.
/// @param collateral Margins and stakes of its users.
/// @param reserved Part of the token's reserve that is held for this product.
/// @param isOpen The caller was found to be a product and the token to be listed, which both stay for ever.
/// @param ceiling Most that it may hold reserved after an opening; 0 lets it run off.
struct ProductLedger {
    // slot 0
    uint120 collateral;
    uint120 reserved;
    bool isOpen;
    // slot 1
    uint128 ceiling;
}

/// @notice A credit to an account that it can claim.
struct Credit {
    address account;
    uint256 amount;
}

/// @notice An opening: part of the product's collateral becomes fees, liquidity and credits; liquidity becomes reserved.
/// @param token The token.
/// @param reserve Added to the reserve.
/// @param toLiquidity From the product's collateral to the LPs.
/// @param toFees From the product's collateral to the fees.
/// @param executor Credited from the product's collateral.
struct Opening {
    address token;
    uint256 reserve;
    uint256 toLiquidity;
    uint256 toFees;
    Credit executor;
}

/// @notice A settlement: collateral and reserve are released and divided. What is left of the collateral after all
/// outgoings goes to the liquidity; what is missing comes out of the liquidity, up to the reserve released.
/// @param token The token.
/// @param collateral Collateral of the product released.
/// @param reserve Reserve of the product released.
/// @param toFees To the fees.
/// @param executor Credited to whoever executed.
/// @param armer Credited to a second keeper, if any.
/// @param receiver Is paid `payout`.
/// @param payout Paid out now, or claimable if the token or the receiver refuses it.
/// @param asNative Pay in the native coin; only where the token is the wrapped native coin.
struct Settlement {
    address token;
    uint256 collateral;
    uint256 reserve;
    uint256 toFees;
    Credit executor;
    Credit armer;
    address receiver;
    uint256 payout;
    bool asNative;
}

/// @title The Vault
/// @notice Holds every token of the system and keeps its ledger of each token: liquidity (with the reserved part of it), collateral,
/// fees, claimable. Knows no price and no product's rules.
/// @dev The argument for its solvency. Per token, at any time outside a call:
///  1. balance ≥ liquidity + Σ collateral of the products + fees + claimable;
///  2. reserved = Σ reserved of the products ≤ liquidity;
///  3. a product can take out no more than the collateral and reserve that it releases.
/// Balances are only read to measure what arrives: a donation changes nothing.
///
/// What it takes for granted of a token that governance lists:
///  - its balances change by transfers alone: one that rebases down, or that its issuer burns or seizes, breaks 1 by as much;
///  - its decimals stay as they were at listing; nothing here depends on them, valuations do;
///  - a transfer that charges is no harm: what arrives is booked, and of a payment the receiver bears the charge;
///  - one that refuses, reverts, burns its gas, returns nothing or returns false makes a payment claimable, and blocks nothing;
///  - one that calls back finds every function that changes something closed;
///  - the wrapped native coin is worth its coin, unit for unit, at any time.
/// What it takes for granted of a product: nothing but what `IProduct` says; it can lose its own users' collateral and what is
/// reserved for it, within its ceiling when that was reserved.
interface IVault {
    /// @notice A token was listed.
    event TokenListed(address indexed token, uint8 decimals, uint24 maxUtilizationPips);
    /// @notice The share of a token's liquidity that openings may reserve was set.
    event MaxUtilizationSet(address indexed token, uint24 maxUtilizationPips);
    /// @notice A product was added.
    event ProductAdded(address indexed product);
    /// @notice What a product may hold reserved of a token was set, in token units.
    event CeilingSet(address indexed product, address indexed token, uint256 ceiling);
    /// @notice The liquidity manager and the fee distributor were named.
    event LiquidityManagerSet(address indexed liquidityManager, address indexed feeDistributor);
    /// @notice Liquidity was added; `amount` is what arrived.
    event LiquidityAdded(address indexed token, address indexed payer, uint256 amount);
    /// @notice Liquidity was removed.
    event LiquidityRemoved(address indexed token, address indexed receiver, uint256 amount);
    /// @notice A payment was refused and became claimable by its receiver.
    event PaymentRefused(address indexed token, address indexed receiver, uint256 amount);
    /// @notice An account claimed what was owed to it.
    event Claimed(address indexed token, address indexed account, address indexed receiver, uint256 amount);
    /// @notice Fees became claimable by an account.
    event FeesAllocated(address indexed token, address indexed account, uint256 amount);

    /// @notice Governance has not listed the token.
    error Vault_TokenNotListed(address token);
    /// @notice A token is listed once.
    error Vault_TokenAlreadyListed(address token);
    /// @notice Products alone may call it, or be given a ceiling.
    error Vault_ProductNotFound(address caller);
    /// @notice A product is added once.
    error Vault_ProductAlreadyAdded(address product);
    /// @notice The liquidity manager alone moves liquidity in and out.
    error Vault_NotLiquidityManager(address caller);
    /// @notice The fee distributor alone allocates fees.
    error Vault_NotFeeDistributor(address caller);
    /// @notice Liquidity manager and fee distributor are named once and for all.
    error Vault_AlreadyInitialised();
    /// @notice Nobody would be paid.
    error Vault_ZeroAddress();
    /// @notice The share of liquidity that openings may reserve is 1 to `max` pips.
    error Vault_UtilizationOutOfRange(uint256 pips, uint256 max);
    /// @notice The guardian can only lower a ceiling, in token units.
    error Vault_CeilingNotLower(uint256 ceiling, uint256 current);
    /// @notice The token let nothing arrive.
    error Vault_NothingArrived(address token);
    /// @notice The product spends or releases more than its collateral, in token units.
    error Vault_CollateralExceeded(uint256 required, uint256 available);
    /// @notice The product's ceiling or the token's utilization leaves no room for the reserve, in token units.
    error Vault_ReserveFull(address token, uint256 reserve);
    /// @notice The product releases more than is reserved for it, in token units.
    error Vault_ReserveExceeded(uint256 required, uint256 available);
    /// @notice A settlement gives out more than it releases, in token units.
    error Vault_Overdrawn(uint256 required, uint256 released);
    /// @notice Only liquidity that is not reserved can be taken out, in token units.
    error Vault_LiquidityReserved(uint256 required, uint256 available);
    /// @notice There are fewer fees to allocate, in token units.
    error Vault_FeesExceeded(uint256 required, uint256 available);
    /// @notice The account has no claim in the token.
    error Vault_NothingToClaim(address token, address account);
    /// @notice The token or the receiver refused the payment; the claim stays.
    error Vault_PaymentFailed(address token, address receiver, uint256 amount);
    /// @notice Only the wrapped native coin can be paid in native coin.
    error Vault_NotWrappedNative(address token);
    /// @notice Native coin comes from the wrapped native coin alone.
    error Vault_NativeNotExpected(address sender);
    /// @notice With less gas a payment could fail for want of it alone.
    error Vault_GasTooLow(uint256 gasLeft, uint256 required);
    /// @notice The sum would not fit its place in the ledger, in token units.
    error Vault_AmountOverflow(uint256 amount, uint256 max);

    /// @notice Takes `amount` of `token` from `payer` through the calling product, and books what arrives as its
    /// collateral.
    /// @dev Calls back `IDepositor.payIn`. Collateral moves without an event here: the product's own say why and for whom,
    /// the token's `Transfer` from whom. Requirements: the caller is a product, the token is listed, something arrives.
    /// @return received What arrived: less than `amount` for a token that charges for transfers.
    function deposit(address token, address payer, uint256 amount) external returns (uint256 received);

    /// @notice As `deposit`, and reserves a share of what arrives: `deposit` and `open` in one, with one write of each book.
    /// @dev Requirements: those of `deposit`; the reserve is within the product's ceiling and the token's utilization limit
    /// (`Vault_ReserveFull`).
    /// @param reservePips Reserve per unit that arrives, in pips. Rounding: the reserve is rounded down.
    /// @return received What arrived; `received · reservePips / 1e6` is reserved.
    function depositAndReserve(
        address token,
        address payer,
        uint256 amount,
        uint256 reservePips
    ) external returns (uint256 received);

    /// @notice Books an opening of the calling product.
    /// @return isBooked False, and nothing changed, when the reserve would pass the product's ceiling or the token's
    /// utilization limit.
    function open(Opening calldata opening) external returns (bool isBooked);

    /// @notice Books a settlement of the calling product and pays its receiver.
    /// @dev Requirements: the product has the collateral and reserve it releases; outgoings ≤ collateral + reserve.
    function settle(Settlement calldata settlement) external;

    /// @notice Takes `amount` of `token` from `payer` through the calling liquidity manager, and books what arrives as
    /// liquidity.
    function addLiquidity(address token, address payer, uint256 amount) external returns (uint256 received);

    /// @notice Pays liquidity that is not reserved to `receiver`. Only the liquidity manager.
    function removeLiquidity(address token, address receiver, uint256 amount, bool asNative) external;

    /// @notice Turns fees into a claim of `account`. Only the fee distributor.
    function allocateFees(address token, address account, uint256 amount) external;

    /// @notice Pays all that the caller can claim of `token` to `receiver`.
    /// @dev Works at every breaker level. Reverts, and the claim stays, when the payment fails.
    function claim(address token, address receiver, bool asNative) external returns (uint256 amount);

    /// @notice What `account` can claim of `token`.
    function claimableOf(address token, address account) external view returns (uint256);

    /// @notice What a valuation asks of the ledgers, in one call.
    /// @dev One slot is read of each token, and one of each product and token until all that is reserved of the token is found: a
    /// product that comes after all those that reserve costs nothing.
    /// @param tokenList The tokens, each once.
    /// @return words Of each token its liquidity, the reserved part of it, both in token units, and its decimals.
    /// @return productList The products, but those after the last that reserves any of the tokens.
    /// @return productWords What each of these holds of each token, of the first product in the order of the tokens first; 0 of a
    /// token of which it reserves nothing.
    function holdings(
        address[] calldata tokenList
    )
        external
        view
        returns (HoldingWord[] memory words, address[] memory productList, ProductHoldingWord[] memory productWords);

    /// @notice The ledger of a token.
    function ledger(address token) external view returns (TokenLedger memory);

    /// @notice Σ collateral of all products in a token.
    function collateral(address token) external view returns (uint256);

    /// @notice What a product has in a token.
    function productLedger(address product, address token) external view returns (ProductLedger memory);

    /// @notice Whether `open` would find room for an opening's reserve: within the product's ceiling, and within the share of
    /// the token's liquidity that may be reserved.
    function hasRoom(address product, Opening calldata opening) external view returns (bool);

    /// @notice All products ever added; one whose ceilings are 0 may still be running off.
    function products() external view returns (address[] memory);

    /// @notice Whether an address is a product.
    function isProduct(address product) external view returns (bool);

    /// @notice All tokens ever listed.
    function tokens() external view returns (address[] memory);

    /// @notice Allocates the fees.
    function feeDistributor() external view returns (address);

    /// @notice The wrapped native coin.
    function wrappedNative() external view returns (address);
}
