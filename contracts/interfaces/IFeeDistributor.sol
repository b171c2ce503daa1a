// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IBrokerRegistry} from "./IBrokerRegistry.sol";

/// @title The distributor of fees
/// @notice Divides what the Vault has collected in fees between the brokers and the treasury, as claims on it. Holds
/// nothing: what is allocated is claimed from the Vault by its owner.
/// @dev The LPs' share of every fee never comes here: it is liquidity from the trade on. Of the rest the broker's share is
/// recorded at the trade, and all that is recorded for nobody is the treasury's.
interface IFeeDistributor {
    /// @notice Fees go to this treasury from now on.
    event TreasurySet(address indexed treasury);
    /// @notice Fees became claimable by the treasury, in token units.
    event FeesCollected(address indexed token, address indexed treasury, uint256 amount);
    /// @notice A broker's share of a fee was recorded, in token units.
    event BrokerFeeRecorded(uint32 indexed brokerId, address indexed token, address indexed trader, uint256 amount);
    /// @notice Fees became claimable by a broker's receiver, in token units.
    event BrokerFeesCollected(uint32 indexed brokerId, address indexed token, address indexed receiver, uint256 amount);

    /// @notice An address is missing.
    error FeeDistributor_ZeroAddress();
    /// @notice The token has no fees for whom they were asked.
    error FeeDistributor_NothingToCollect(address token);
    /// @notice Only products record fees.
    error FeeDistributor_NotAProduct(address caller);

    /// @notice Records a broker's share of a fee that the Vault has booked.
    /// @dev Only products. The share is rounded down, and at most what the Vault holds in fees of the token beyond the shares
    /// of all brokers recorded so far: a product that records fees it never took takes no claim of another's. Nothing is recorded for an unknown broker, nor where the trader is
    /// the broker's owner or receiver.
    /// @param brokerId Broker of the trade.
    /// @param token Token of the fee.
    /// @param trader Who paid it.
    /// @param fee What the LPs leave of it, in token units.
    function recordFee(uint32 brokerId, address token, address trader, uint256 fee) external;

    /// @notice Makes the fees of a token claimable by the treasury. Open to anyone, at every breaker level.
    /// @dev Requirements: there are fees. Emits `FeesCollected`.
    /// @return amount Allocated, in token units.
    function collect(address token) external returns (uint256 amount);

    /// @notice Makes a broker's fees of a token claimable by its receiver. Open to anyone, at every breaker level.
    /// @return amount Allocated, in token units.
    function collectBroker(uint32 brokerId, address token) external returns (uint256 amount);

    /// @notice Names the treasury; fees collected before stay with the one before. Restricted to the governor.
    function setTreasury(address treasury) external;

    /// @notice What `collect` would give the treasury now, in token units.
    function collectable(address token) external view returns (uint256);

    /// @notice What `collectBroker` would give a broker's receiver now, in token units.
    function brokerCollectable(uint32 brokerId, address token) external view returns (uint256);

    /// @notice Σ of what all brokers can collect of a token, in token units.
    function brokersTotal(address token) external view returns (uint256);

    /// @notice Who is given the fees.
    function treasury() external view returns (address);

    /// @notice The registry of brokers.
    function brokers() external view returns (IBrokerRegistry);
}
