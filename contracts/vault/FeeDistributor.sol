// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {Broker, IBrokerRegistry} from "../interfaces/IBrokerRegistry.sol";
import {IFeeDistributor} from "../interfaces/IFeeDistributor.sol";
import {IVault} from "../interfaces/IVault.sol";
import {PIPS} from "../types/Units.sol";
import {Code} from "../utils/Code.sol";

/// @title The distributor of fees
/// @notice See `IFeeDistributor`.
contract FeeDistributor is IFeeDistributor, AccessManaged, ReentrancyGuardTransient {
    /// @notice Whose fees are shared out.
    IVault public immutable vault;

    /// @inheritdoc IFeeDistributor
    IBrokerRegistry public immutable override brokers;

    /// @inheritdoc IFeeDistributor
    address public override treasury;

    /// @inheritdoc IFeeDistributor
    mapping(uint32 brokerId => mapping(address token => uint256)) public override brokerCollectable;

    /// @inheritdoc IFeeDistributor
    mapping(address token => uint256) public override brokersTotal;

    /// @param accessManager Whose roles the restricted functions ask for.
    constructor(
        address accessManager,
        IVault vault_,
        IBrokerRegistry brokers_,
        address treasury_
    ) AccessManaged(accessManager) {
        Code.requireContract(accessManager);
        Code.requireContract(address(vault_));
        Code.requireContract(address(brokers_));
        vault = vault_;
        brokers = brokers_;
        _setTreasury(treasury_);
    }

    /// @inheritdoc IFeeDistributor
    function recordFee(uint32 brokerId, address token, address trader, uint256 fee) external override nonReentrant {
        // Check:
        if (!vault.isProduct(msg.sender)) revert FeeDistributor_NotAProduct(msg.sender);
        Broker memory broker = brokers.broker(brokerId);
        if (trader == broker.owner || trader == broker.receiver) return;
        uint256 total = brokersTotal[token];
        // All that is recorded can be collected, whatever a product says of fees.
        uint256 unclaimed = vault.ledger(token).fees - total;
        uint256 share = Math.min(Math.mulDiv(fee, broker.sharePips, PIPS), unclaimed);
        if (share == 0) return;

        // Effect:
        brokerCollectable[brokerId][token] += share;
        brokersTotal[token] = total + share;
        emit BrokerFeeRecorded(brokerId, token, trader, share);
    }

    /// @inheritdoc IFeeDistributor
    function collect(address token) external override nonReentrant returns (uint256 amount) {
        // Check:
        amount = collectable(token);
        if (amount == 0) revert FeeDistributor_NothingToCollect(token);
        // Interaction: only books a claim, nothing is paid.
        vault.allocateFees(token, treasury, amount);
        emit FeesCollected(token, treasury, amount);
    }

    /// @inheritdoc IFeeDistributor
    function collectBroker(uint32 brokerId, address token) external override nonReentrant returns (uint256 amount) {
        // Check:
        amount = brokerCollectable[brokerId][token];
        if (amount == 0) revert FeeDistributor_NothingToCollect(token);
        address receiver = brokers.broker(brokerId).receiver;

        // Effect:
        brokerCollectable[brokerId][token] = 0;
        brokersTotal[token] -= amount;
        emit BrokerFeesCollected(brokerId, token, receiver, amount);

        // Interaction: only books a claim, nothing is paid.
        vault.allocateFees(token, receiver, amount);
    }

    /// @inheritdoc IFeeDistributor
    function setTreasury(address treasury_) external override restricted nonReentrant {
        _setTreasury(treasury_);
    }

    /// @inheritdoc IFeeDistributor
    function collectable(address token) public view override returns (uint256) {
        return vault.ledger(token).fees - brokersTotal[token];
    }

    function _setTreasury(address treasury_) private {
        if (treasury_ == address(0)) revert FeeDistributor_ZeroAddress();
        treasury = treasury_;
        emit TreasurySet(treasury_);
    }
}
