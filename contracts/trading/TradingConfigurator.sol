// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {GuardianCuts} from "../access/GuardianCuts.sol";
import {ITrading} from "../interfaces/ITrading.sol";
import {ITradingConfigurator} from "../interfaces/ITradingConfigurator.sol";
import {TradingStateLib} from "../periphery/TradingStateLib.sol";
import {BookConfig, BookId, BookStatus, MarginToken, OpenConfig, SlippageModel, Tier} from "../types/Book.sol";
import {Code} from "../utils/Code.sol";
import {TradingBounds} from "./rules/TradingBounds.sol";

/// @title TradingConfigurator
/// @notice See `ITradingConfigurator`.
contract TradingConfigurator is ITradingConfigurator, GuardianCuts, AccessManaged, ReentrancyGuardTransient {
    using TradingStateLib for ITrading;

    /// @dev What the guardian can cut; each number is followed by the Trading and by its book or token.
    uint256 private constant CAPS = 1;
    uint256 private constant STATUS = 2;
    uint256 private constant MARGIN_TOKEN = 3;

    /// @notice Longest news window, in seconds.
    uint256 public constant MAX_NEWS_WINDOW = 1 hours;

    /// @notice How long after the end of a news window there can be no other, in seconds.
    uint256 public constant NEWS_WINDOW_COOLDOWN = 1 hours;

    constructor(address accessManager) AccessManaged(accessManager) {
        Code.requireContract(accessManager);
    }

    /// @inheritdoc ITradingConfigurator
    function listBook(
        ITrading trading,
        BookId bookId,
        BookConfig calldata config,
        OpenConfig calldata openConfig,
        Tier[] calldata tiers
    ) external override restricted nonReentrant {
        // Check:
        _checkUnlisted(trading, bookId, config.assetId);
        TradingBounds.checkFees(openConfig.openFeePips, config.alpSharePips);
        TradingBounds.checkSlippage(bookId, config);
        TradingBounds.checkRates(bookId, config);
        TradingBounds.checkCaps(openConfig.maxOpenInterestUsd, config.lossBudgetUsd);
        TradingBounds.checkMinimums(openConfig.minNotionalUsd, openConfig.minMarginUsd);
        TradingBounds.checkOpenChecks(openConfig);
        TradingBounds.checkTiers(bookId, tiers, config.slippagePips);

        // Interaction:
        BookConfig memory book = config;
        OpenConfig memory open = openConfig;
        book.status = BookStatus.Active;
        open.reduceOnlyUntil = 0;
        trading.setBookConfig(bookId, book);
        trading.setOpenConfig(bookId, open);
        trading.setTiers(bookId, tiers);
    }

    /// @inheritdoc ITradingConfigurator
    function setMarginToken(
        ITrading trading,
        address token,
        uint16 assetId,
        bool isEnabled,
        uint256 cuts
    ) external override restricted nonReentrant {
        _requireCuts(marginTokenSetting(trading, token), cuts);
        TradingBounds.checkAssetId(assetId);
        MarginToken memory listed = trading.marginToken(token);
        if (listed.tokenId != 0 && listed.assetId != assetId) {
            revert TradingConfigurator_AssetOfTokenIsFixed(token, assetId, listed.assetId);
        }
        trading.setMarginToken(token, assetId, isEnabled);
    }

    /// @inheritdoc ITradingConfigurator
    function setFees(
        ITrading trading,
        BookId bookId,
        uint24 openFeePips,
        uint24 alpSharePips
    ) external override restricted nonReentrant {
        (BookConfig memory config, OpenConfig memory openConfig) = _listed(trading, bookId);
        TradingBounds.checkFees(openFeePips, alpSharePips);
        config.alpSharePips = alpSharePips;
        openConfig.openFeePips = openFeePips;
        trading.setBookConfig(bookId, config);
        trading.setOpenConfig(bookId, openConfig);
    }

    /// @inheritdoc ITradingConfigurator
    function setSlippage(
        ITrading trading,
        BookId bookId,
        SlippageModel model,
        uint24 slippagePips,
        uint48 onePercentDepthUsd
    ) external override restricted nonReentrant {
        (BookConfig memory config, ) = _listed(trading, bookId);
        config.slippageModel = model;
        config.slippagePips = slippagePips;
        config.onePercentDepthUsd = onePercentDepthUsd;
        TradingBounds.checkSlippage(bookId, config);
        TradingBounds.checkSlippageOfTiers(trading.tiers(bookId), slippagePips);
        trading.setBookConfig(bookId, config);
    }

    /// @inheritdoc ITradingConfigurator
    function setRates(
        ITrading trading,
        BookId bookId,
        uint16 borrowPipsPerHour,
        uint16 fundingPipsPerHour,
        uint16 minFundingPipsPerHour,
        uint16 maxFundingPipsPerHour
    ) external override restricted nonReentrant {
        (BookConfig memory config, ) = _listed(trading, bookId);
        config.borrowPipsPerHour = borrowPipsPerHour;
        config.fundingPipsPerHour = fundingPipsPerHour;
        config.minFundingPipsPerHour = minFundingPipsPerHour;
        config.maxFundingPipsPerHour = maxFundingPipsPerHour;
        TradingBounds.checkRates(bookId, config);
        trading.setBookConfig(bookId, config);
    }

    /// @inheritdoc ITradingConfigurator
    function setCaps(
        ITrading trading,
        BookId bookId,
        uint40 maxOpenInterestUsd,
        uint32 lossBudgetUsd,
        uint256 cuts
    ) external override restricted nonReentrant {
        (BookConfig memory config, OpenConfig memory openConfig) = _listed(trading, bookId);
        _requireCuts(capsSetting(trading, bookId), cuts);
        TradingBounds.checkCaps(maxOpenInterestUsd, lossBudgetUsd);
        _writeCaps(trading, bookId, config, openConfig, maxOpenInterestUsd, lossBudgetUsd);
    }

    /// @inheritdoc ITradingConfigurator
    function setMinimums(
        ITrading trading,
        BookId bookId,
        uint32 minNotionalUsd,
        uint16 minMarginUsd
    ) external override restricted nonReentrant {
        (, OpenConfig memory openConfig) = _listed(trading, bookId);
        TradingBounds.checkMinimums(minNotionalUsd, minMarginUsd);
        openConfig.minNotionalUsd = minNotionalUsd;
        openConfig.minMarginUsd = minMarginUsd;
        trading.setOpenConfig(bookId, openConfig);
    }

    /// @inheritdoc ITradingConfigurator
    function setOpenChecks(
        ITrading trading,
        BookId bookId,
        uint24 maxConfidencePips,
        uint24 maxDeviationPips,
        uint8 minAnchors
    ) external override restricted nonReentrant {
        (, OpenConfig memory openConfig) = _listed(trading, bookId);
        openConfig.maxConfidencePips = maxConfidencePips;
        openConfig.maxDeviationPips = maxDeviationPips;
        openConfig.minAnchors = minAnchors;
        TradingBounds.checkOpenChecks(openConfig);
        trading.setOpenConfig(bookId, openConfig);
    }

    /// @inheritdoc ITradingConfigurator
    function setTiers(
        ITrading trading,
        BookId bookId,
        Tier[] calldata tiers
    ) external override restricted nonReentrant {
        (BookConfig memory config, ) = _listed(trading, bookId);
        TradingBounds.checkTiers(bookId, tiers, config.slippagePips);
        trading.setTiers(bookId, tiers);
    }

    /// @inheritdoc ITradingConfigurator
    function setStatus(
        ITrading trading,
        BookId bookId,
        BookStatus status,
        uint256 cuts
    ) external override restricted nonReentrant {
        (BookConfig memory config, ) = _listed(trading, bookId);
        _requireCuts(statusSetting(trading, bookId), cuts);
        if (status == BookStatus.Unlisted) revert TradingConfigurator_StatusNotOffered(bookId, status);
        if (status == BookStatus.Closed) {
            uint256 long = trading.bookSide(bookId, true).notional;
            uint256 short = trading.bookSide(bookId, false).notional;
            if (long != 0 || short != 0) revert TradingConfigurator_OpenInterestLeft(bookId, long, short);
        }
        config.status = status;
        trading.setBookConfig(bookId, config);
    }

    /// @inheritdoc ITradingConfigurator
    function cutCaps(
        ITrading trading,
        BookId bookId,
        uint40 maxOpenInterestUsd,
        uint32 lossBudgetUsd
    ) external override restricted nonReentrant {
        (BookConfig memory config, OpenConfig memory openConfig) = _listed(trading, bookId);
        (uint256 openInterestNow, uint256 lossBudgetNow) = (openConfig.maxOpenInterestUsd, config.lossBudgetUsd);
        if (maxOpenInterestUsd > openInterestNow) {
            revert TradingConfigurator_OpenInterestNotCut(maxOpenInterestUsd, 0, openInterestNow);
        }
        if (lossBudgetUsd == 0 || lossBudgetUsd > lossBudgetNow) {
            revert TradingConfigurator_LossBudgetNotCut(lossBudgetUsd, 1, lossBudgetNow);
        }
        if (maxOpenInterestUsd == openInterestNow && lossBudgetUsd == lossBudgetNow) {
            revert TradingConfigurator_NothingCut(bookId, openInterestNow, lossBudgetNow);
        }
        _countCut(capsSetting(trading, bookId));
        _writeCaps(trading, bookId, config, openConfig, maxOpenInterestUsd, lossBudgetUsd);
    }

    /// @inheritdoc ITradingConfigurator
    function startNewsWindow(
        ITrading trading,
        BookId bookId,
        uint40 durationSeconds
    ) external override restricted nonReentrant {
        (, OpenConfig memory openConfig) = _listed(trading, bookId);
        if (durationSeconds == 0 || durationSeconds > MAX_NEWS_WINDOW) {
            revert TradingConfigurator_NewsWindowOutOfRange(durationSeconds, 1, MAX_NEWS_WINDOW);
        }
        uint256 last = openConfig.reduceOnlyUntil;
        if (last != 0 && block.timestamp < last + NEWS_WINDOW_COOLDOWN) {
            revert TradingConfigurator_NewsWindowTooSoon(bookId, block.timestamp, last + NEWS_WINDOW_COOLDOWN);
        }
        // Seconds since 1970 pass 40 bits in the year 36812.
        openConfig.reduceOnlyUntil = uint40(block.timestamp) + durationSeconds;
        trading.setOpenConfig(bookId, openConfig);
    }

    /// @inheritdoc ITradingConfigurator
    function disableBook(ITrading trading, BookId bookId) external override restricted nonReentrant {
        (BookConfig memory config, ) = _listed(trading, bookId);
        if (config.status != BookStatus.Active) revert TradingConfigurator_BookNotActive(bookId, config.status);
        _countCut(statusSetting(trading, bookId));
        config.status = BookStatus.ReduceOnly;
        trading.setBookConfig(bookId, config);
    }

    /// @inheritdoc ITradingConfigurator
    function disableMarginToken(ITrading trading, address token) external override restricted nonReentrant {
        MarginToken memory listed = trading.marginToken(token);
        if (!listed.isEnabled) revert TradingConfigurator_MarginTokenNotEnabled(token);
        _countCut(marginTokenSetting(trading, token));
        trading.setMarginToken(token, listed.assetId, false);
    }

    /// @inheritdoc ITradingConfigurator
    function capsSetting(ITrading trading, BookId bookId) public pure override returns (bytes32) {
        return keccak256(abi.encode(CAPS, trading, bookId));
    }

    /// @inheritdoc ITradingConfigurator
    function statusSetting(ITrading trading, BookId bookId) public pure override returns (bytes32) {
        return keccak256(abi.encode(STATUS, trading, bookId));
    }

    /// @inheritdoc ITradingConfigurator
    function marginTokenSetting(ITrading trading, address token) public pure override returns (bytes32) {
        return keccak256(abi.encode(MARGIN_TOKEN, trading, token));
    }

    function _writeCaps(
        ITrading trading,
        BookId bookId,
        BookConfig memory config,
        OpenConfig memory openConfig,
        uint40 maxOpenInterestUsd,
        uint32 lossBudgetUsd
    ) private {
        config.lossBudgetUsd = lossBudgetUsd;
        openConfig.maxOpenInterestUsd = maxOpenInterestUsd;
        trading.setBookConfig(bookId, config);
        trading.setOpenConfig(bookId, openConfig);
    }

    function _checkUnlisted(ITrading trading, BookId bookId, uint16 assetId) private view {
        TradingBounds.checkBookId(bookId);
        TradingBounds.checkAssetId(assetId);
        // A market without a tick of its own would be valued at prices that are seconds old.
        if (trading.aggregator().asset(assetId).pythId == 0) revert TradingConfigurator_AssetWithoutPyth(assetId);
        (BookConfig memory own, ) = trading.bookConfig(bookId);
        if (own.status != BookStatus.Unlisted) revert TradingConfigurator_BookAlreadyListed(bookId);
        (BookConfig memory other, ) = trading.bookConfig(bookId.other());
        if (other.status != BookStatus.Unlisted && other.assetId != assetId) {
            revert TradingConfigurator_AssetOfMarketDiffers(bookId, assetId, other.assetId);
        }
    }

    function _listed(
        ITrading trading,
        BookId bookId
    ) private view returns (BookConfig memory config, OpenConfig memory openConfig) {
        (config, openConfig) = trading.bookConfig(bookId);
        if (config.status == BookStatus.Unlisted) revert TradingConfigurator_BookNotListed(bookId);
    }
}
