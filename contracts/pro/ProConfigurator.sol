// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {GuardianCuts} from "../access/GuardianCuts.sol";
import {Code} from "../utils/Code.sol";
import {MarketRecord, ProStateLib} from "./ProStateLib.sol";
import {IPro} from "./interfaces/IPro.sol";
import {IProConfigurator} from "./interfaces/IProConfigurator.sol";
import {ProBounds} from "./rules/ProBounds.sol";
import {ConfigWord, MarginTier, MarketConfig, MarketLimits, MarketStatus} from "./types/MarketConfig.sol";

/// @title ProConfigurator
/// @notice See `IProConfigurator`.
contract ProConfigurator is IProConfigurator, GuardianCuts, AccessManaged, ReentrancyGuardTransient {
    using ProStateLib for IPro;

    /// @dev What the guardian can cut; each number is followed by the Pro and by its market.
    uint256 private constant CAPS = 1;
    uint256 private constant STATUS = 2;

    constructor(address accessManager) AccessManaged(accessManager) {
        Code.requireContract(accessManager);
    }

    /// @inheritdoc IProConfigurator
    function listMarket(
        IPro pro,
        MarketConfig calldata config,
        MarketLimits calldata limits,
        MarginTier[] calldata tiers,
        uint64 price
    ) external override restricted nonReentrant returns (uint8 market) {
        // Check:
        ProBounds.checkSteps(config, price);
        ProBounds.checkConfig(config, limits);
        ProBounds.checkTiers(tiers, config);
        // Interaction:
        return pro.listMarket(config, limits, tiers);
    }

    /// @inheritdoc IProConfigurator
    function delist(IPro pro, uint8 market) external override restricted nonReentrant {
        MarketRecord memory record = _listed(pro, market);
        if (record.config.status() == MarketStatus.Settling) revert ProConfigurator_Settling(market);
        pro.setStatus(market, MarketStatus.ReduceOnly, true);
    }

    /// @inheritdoc IProConfigurator
    function close(IPro pro) external override restricted nonReentrant {
        pro.close();
    }

    /// @inheritdoc IProConfigurator
    function releaseFund(IPro pro, uint8 market) external override restricted nonReentrant {
        pro.releaseFund(market);
    }

    /// @inheritdoc IProConfigurator
    function setConfig(
        IPro pro,
        uint8 market,
        MarketConfig calldata config,
        uint16 interestPips
    ) external override restricted nonReentrant {
        MarketLimits memory limits = _listed(pro, market).limits.unpack();
        limits.interestPips = interestPips;
        ProBounds.checkConfig(config, limits);
        ProBounds.checkTiers(pro.tiers(market), config);
        pro.setMarketConfig(market, config, limits);
    }

    /// @inheritdoc IProConfigurator
    function setCaps(
        IPro pro,
        uint8 market,
        uint40 maxOpenInterestUsd,
        uint16 leastRestingUsd,
        uint256 cuts
    ) external override restricted nonReentrant {
        MarketRecord memory record = _listed(pro, market);
        _requireCuts(capsSetting(pro, market), cuts);
        ProBounds.checkCaps(maxOpenInterestUsd, leastRestingUsd);
        _writeCaps(pro, market, record, maxOpenInterestUsd, leastRestingUsd);
    }

    /// @inheritdoc IProConfigurator
    function setTiers(IPro pro, uint8 market, MarginTier[] calldata tiers) external override restricted nonReentrant {
        MarketRecord memory record = _listed(pro, market);
        ProBounds.checkTiers(tiers, record.config.unpack());
        if (ProBounds.checkRise(pro.tiers(market), tiers)) {
            uint256 setAt = record.limits.tightenedAt();
            uint256 allowedFrom = setAt == 0 ? 0 : setAt + ProBounds.RISE_PERIOD;
            if (block.timestamp < allowedFrom) revert ProConfigurator_TooSoon(allowedFrom);
        }
        pro.setTiers(market, tiers);
    }

    /// @inheritdoc IProConfigurator
    function setStatus(
        IPro pro,
        uint8 market,
        MarketStatus status,
        uint256 cuts
    ) external override restricted nonReentrant {
        MarketRecord memory record = _listed(pro, market);
        _requireCuts(statusSetting(pro, market), cuts);
        if (status != MarketStatus.Active && status != MarketStatus.ReduceOnly) {
            revert ProConfigurator_StatusNotOffered(status);
        }
        _requireStaying(record, market);
        pro.setStatus(market, status, false);
    }

    /// @inheritdoc IProConfigurator
    function cutCaps(IPro pro, uint8 market, uint40 maxOpenInterestUsd) external override restricted nonReentrant {
        MarketRecord memory record = _listed(pro, market);
        uint256 current = record.limits.maxOpenInterestUsd();
        if (maxOpenInterestUsd >= current) revert ProConfigurator_NotCut(maxOpenInterestUsd, current);
        _countCut(capsSetting(pro, market));
        // At most the 16 bits that it has.
        _writeCaps(pro, market, record, maxOpenInterestUsd, uint16(record.limits.leastRestingUsd()));
    }

    /// @inheritdoc IProConfigurator
    function disable(IPro pro, uint8 market) external override restricted nonReentrant {
        MarketRecord memory record = _listed(pro, market);
        _requireStaying(record, market);
        _countCut(statusSetting(pro, market));
        pro.setStatus(market, MarketStatus.ReduceOnly, false);
    }

    /// @inheritdoc IProConfigurator
    function capsSetting(IPro pro, uint8 market) public pure override returns (bytes32) {
        return keccak256(abi.encode(CAPS, pro, market));
    }

    /// @inheritdoc IProConfigurator
    function statusSetting(IPro pro, uint8 market) public pure override returns (bytes32) {
        return keccak256(abi.encode(STATUS, pro, market));
    }

    function _writeCaps(
        IPro pro,
        uint8 market,
        MarketRecord memory record,
        uint40 maxOpenInterestUsd,
        uint16 leastRestingUsd
    ) private {
        MarketLimits memory limits = record.limits.unpack();
        (limits.maxOpenInterestUsd, limits.leastRestingUsd) = (maxOpenInterestUsd, leastRestingUsd);
        pro.setMarketConfig(market, record.config.unpack(), limits);
    }

    function _requireStaying(MarketRecord memory record, uint8 market) private pure {
        bool isSettling = record.config.status() == MarketStatus.Settling;
        if (isSettling || record.limits.reduceOnlySince() != 0) revert ProConfigurator_Settling(market);
    }

    function _listed(IPro pro, uint8 market) private view returns (MarketRecord memory record) {
        record = pro.market(market);
        if (ConfigWord.unwrap(record.config) == 0) revert ProConfigurator_NotListed(pro, market);
    }
}
