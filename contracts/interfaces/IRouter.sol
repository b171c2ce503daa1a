// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BetRequest, IPrediction} from "./IPrediction.sol";
import {ITrading, OpenRequest} from "./ITrading.sol";

/// @notice An ERC-2612 permit for the Router.
/// @param token Token with `permit`.
/// @param amount Allowance granted, in token units.
/// @param deadline Of the permit.
/// @param v Of the signature.
/// @param r Of the signature.
/// @param s Of the signature.
struct Permit {
    address token;
    uint256 amount;
    uint256 deadline;
    uint8 v;
    bytes32 r;
    bytes32 s;
}

/// @title The Router
/// @notice Orders in one transaction from a plain wallet: with a permit instead of an approval, with the native coin, or
/// several at once. Holds nothing between transactions, has no rights, and acts for its caller alone.
/// @dev Tokens are taken from the caller by an allowance to the Router, and given on by an allowance for the amount of
/// the one order. Of the native coin that comes with the outermost call each order takes its part once; what is left of it at the
/// end goes back to the caller. Coin that is here by other ways is nobody's and stays.
interface IRouter {
    /// @notice A permit was used.
    event PermitUsed(address indexed token, address indexed owner, uint256 amount);
    /// @notice A permit was refused by its token; `reason` is its error. An allowance given before still counts.
    event PermitSkipped(address indexed token, address indexed owner, bytes reason);

    /// @notice The Router acts for its caller alone.
    error Router_NotForCaller(address owner, address caller);
    /// @notice The target is no product of the Vault.
    error Router_NotAProduct(address target);
    /// @notice The order takes `required` wei; `available` are left of what came with the call.
    error Router_NativeTooLow(uint256 available, uint256 required);
    /// @notice Native coin comes with a call only.
    error Router_NativeNotExpected(address sender);
    /// @notice Only the wrapped native coin can be paid in native coin.
    error Router_NotWrappedNative(address token, address wrappedNative);
    /// @notice The caller takes no native coin back: send exactly what the orders take.
    error Router_RefundRefused(address receiver, uint256 amount);

    /// @notice Does several of the calls below in the order given; all or none.
    function multicall(bytes[] calldata calls) external payable returns (bytes[] memory results);

    /// @notice Uses a permit that the caller signed for the Router.
    /// @dev Never reverts: a permit that somebody else brought first has done its work, and one that is no good leaves the
    /// order without an allowance, which then says so.
    function permit(Permit calldata permit_) external;

    /// @notice Places an order with tokens of the caller, who must be its owner.
    function requestOpen(ITrading trading, OpenRequest calldata request) external payable returns (uint256 id);

    /// @notice Places an order with `request.amount` of the native coin sent, wrapped on the way.
    function requestOpenNative(ITrading trading, OpenRequest calldata request) external payable returns (uint256 id);

    /// @notice Places a limit order with tokens of the caller, who must be its owner.
    function requestLimit(ITrading trading, OpenRequest calldata request) external payable returns (uint256 id);

    /// @notice Places a limit order with `request.amount` of the native coin sent, wrapped on the way.
    function requestLimitNative(ITrading trading, OpenRequest calldata request) external payable returns (uint256 id);

    /// @notice Places a bet with tokens of the caller, who must be its owner.
    function requestBet(IPrediction prediction, BetRequest calldata request) external payable returns (uint256 id);

    /// @notice Places a bet with `request.stake` of the native coin sent, wrapped on the way.
    function requestBetNative(
        IPrediction prediction,
        BetRequest calldata request
    ) external payable returns (uint256 id);

    /// @notice The wrapped native coin.
    function wrappedNative() external view returns (address);
}
