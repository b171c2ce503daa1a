// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice A broker: brings traders and is given a share of their fees.
/// @param owner May change the receiver and hand the broker over.
/// @param receiver Is given the fees.
/// @param sharePips Share of what the LPs leave of a fee.
struct Broker {
    address owner;
    address receiver;
    uint24 sharePips;
}

/// @title The registry of brokers
/// @notice Ids start at 1; 0 stands for no broker.
interface IBrokerRegistry {
    /// @notice A broker was added.
    event BrokerAdded(uint32 indexed brokerId, address indexed owner, address receiver, uint24 sharePips);
    /// @notice A broker's share was changed; it counts for fees from now on.
    event BrokerShareSet(uint32 indexed brokerId, uint24 sharePips);
    /// @notice A broker's receiver was changed.
    event BrokerReceiverSet(uint32 indexed brokerId, address receiver);
    /// @notice A broker was handed over.
    event BrokerTransferred(uint32 indexed brokerId, address indexed from, address indexed to);

    /// @notice A broker has an owner and a receiver.
    error BrokerRegistry_ZeroAddress();
    /// @notice Only its owner changes a broker; one that was never added has none.
    error BrokerRegistry_NotOwner(uint32 brokerId, address caller);
    /// @notice No broker has this id.
    error BrokerRegistry_NotFound(uint32 brokerId);
    /// @notice A broker is given at most `max` pips of what the LPs leave of a fee.
    error BrokerRegistry_ShareOutOfRange(uint256 sharePips, uint256 max);

    /// @notice Adds a broker. Risk manager.
    function addBroker(address owner, address receiver, uint24 sharePips) external returns (uint32 brokerId);

    /// @notice Changes a broker's share. Risk manager.
    function setShare(uint32 brokerId, uint24 sharePips) external;

    /// @notice Changes who is given a broker's fees. Its owner.
    function setReceiver(uint32 brokerId, address receiver) external;

    /// @notice Hands a broker over. Its owner.
    function transferBroker(uint32 brokerId, address to) external;

    /// @notice A broker; all zero if there is none.
    function broker(uint32 brokerId) external view returns (Broker memory);

    /// @notice Number of brokers; the ids are 1 to this.
    function brokerCount() external view returns (uint32);
}
