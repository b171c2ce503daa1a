// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {Broker, IBrokerRegistry} from "../interfaces/IBrokerRegistry.sol";
import {Code} from "../utils/Code.sol";

/// @title The registry of brokers
/// @notice See `IBrokerRegistry`.
contract BrokerRegistry is IBrokerRegistry, AccessManaged {
    /// @notice No broker is given more than half of what the LPs leave.
    uint256 public constant MAX_SHARE_PIPS = 500_000;

    /// @inheritdoc IBrokerRegistry
    uint32 public override brokerCount;

    mapping(uint32 brokerId => Broker) private _brokers;

    modifier onlyBrokerOwner(uint32 brokerId) {
        if (_brokers[brokerId].owner != msg.sender) revert BrokerRegistry_NotOwner(brokerId, msg.sender);
        _;
    }

    constructor(address accessManager) AccessManaged(accessManager) {
        Code.requireContract(accessManager);
    }

    /// @inheritdoc IBrokerRegistry
    function addBroker(
        address owner,
        address receiver,
        uint24 sharePips
    ) external override restricted returns (uint32 brokerId) {
        if (owner == address(0) || receiver == address(0)) revert BrokerRegistry_ZeroAddress();
        _checkShare(sharePips);
        brokerId = ++brokerCount;
        _brokers[brokerId] = Broker(owner, receiver, sharePips);
        emit BrokerAdded(brokerId, owner, receiver, sharePips);
    }

    /// @inheritdoc IBrokerRegistry
    function setShare(uint32 brokerId, uint24 sharePips) external override restricted {
        if (_brokers[brokerId].owner == address(0)) revert BrokerRegistry_NotFound(brokerId);
        _checkShare(sharePips);
        _brokers[brokerId].sharePips = sharePips;
        emit BrokerShareSet(brokerId, sharePips);
    }

    /// @inheritdoc IBrokerRegistry
    function setReceiver(uint32 brokerId, address receiver) external override onlyBrokerOwner(brokerId) {
        if (receiver == address(0)) revert BrokerRegistry_ZeroAddress();
        _brokers[brokerId].receiver = receiver;
        emit BrokerReceiverSet(brokerId, receiver);
    }

    /// @inheritdoc IBrokerRegistry
    function transferBroker(uint32 brokerId, address to) external override onlyBrokerOwner(brokerId) {
        if (to == address(0)) revert BrokerRegistry_ZeroAddress();
        _brokers[brokerId].owner = to;
        emit BrokerTransferred(brokerId, msg.sender, to);
    }

    /// @inheritdoc IBrokerRegistry
    function broker(uint32 brokerId) external view override returns (Broker memory) {
        return _brokers[brokerId];
    }

    function _checkShare(uint256 sharePips) private pure {
        if (sharePips > MAX_SHARE_PIPS) revert BrokerRegistry_ShareOutOfRange(sharePips, MAX_SHARE_PIPS);
    }
}
