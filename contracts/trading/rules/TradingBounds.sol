// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ITradingConfigurator} from "../../interfaces/ITradingConfigurator.sol";
import {BookConfig, BookId, MAX_TIERS, Mode, OpenConfig, SlippageModel, Terms, Tier} from "../../types/Book.sol";
import {PIPS} from "../../types/Units.sol";

/// @title Hard bounds of the configuration of a book
/// @notice Nobody can configure anything beyond them. See `ITradingConfigurator` for the errors.
library TradingBounds {
    uint256 internal constant MAX_BOOK_ID = 255;
    uint256 internal constant MAX_ASSET_ID = 255;
    uint256 internal constant MAX_FEE_PIPS = 10_000;
    uint256 internal constant MAX_PROFIT_SHARE_PIPS = 500_000;
    uint256 internal constant MAX_SLIPPAGE_PIPS = 10_000;
    uint256 internal constant MAX_BORROW_PIPS_PER_HOUR = 100;
    uint256 internal constant MAX_FUNDING_PIPS_PER_HOUR = 1_000;

    /// @dev Of both rates together: at the largest leverage of a mode an hour of it takes 30% of the margin in Standard, 15%
    /// in Degen.
    uint256 internal constant MAX_STANDARD_CARRY_PIPS_PER_HOUR = 600;
    uint256 internal constant MAX_DEGEN_CARRY_PIPS_PER_HOUR = 150;

    /// @dev Beyond it no fill slips, see `SlippageMath`.
    uint256 internal constant MAX_EXIT_SLIPPAGE_PIPS = 250_000;

    /// @dev At leverage 1 and the largest profit cap a side's largest gains are 1e10 USD; their sum holds 1.8e10.
    uint256 internal constant MAX_OPEN_INTEREST_USD = 1e9;
    uint256 internal constant MAX_PROFIT_CAP_PIPS = 10_000_000;
    uint256 internal constant MIN_PROFIT_CAP_PIPS = 100_000;
    uint256 internal constant MIN_LOSS_RATE_PIPS = 500_000;
    uint256 internal constant MAX_LOSS_RATE_PIPS = 950_000;

    uint256 internal constant MIN_MIN_NOTIONAL_USD = 10;
    uint256 internal constant MAX_MIN_NOTIONAL_USD = 100_000;
    uint256 internal constant MAX_MIN_MARGIN_USD = 10_000;
    uint256 internal constant MAX_TOLERANCE_PIPS = 100_000;
    uint256 internal constant MAX_MIN_ANCHORS = 3;

    uint256 internal constant MAX_STANDARD_LEVERAGE = 500;
    uint256 internal constant MIN_DEGEN_LEVERAGE = 500;
    uint256 internal constant MAX_DEGEN_LEVERAGE = 1001;

    /// @dev By how much the costs of an exit may pass what liquidation leaves of the margin.
    uint256 internal constant STANDARD_COST_SLACK_PIPS = 100_000;
    uint256 internal constant DEGEN_COST_SLACK_PIPS = 1_000;

    function checkAssetId(uint256 assetId) internal pure {
        if (assetId == 0 || assetId > MAX_ASSET_ID) {
            revert ITradingConfigurator.TradingConfigurator_AssetIdOutOfRange(assetId, 1, MAX_ASSET_ID);
        }
    }

    function checkBookId(BookId bookId) internal pure {
        if (bookId.index() > MAX_BOOK_ID) {
            revert ITradingConfigurator.TradingConfigurator_BookIdOutOfRange(bookId.index(), 0, MAX_BOOK_ID);
        }
    }

    function checkFees(uint256 openFeePips, uint256 alpSharePips) internal pure {
        if (openFeePips > MAX_FEE_PIPS) {
            revert ITradingConfigurator.TradingConfigurator_OpenFeeOutOfRange(openFeePips, 0, MAX_FEE_PIPS);
        }
        if (alpSharePips > PIPS) {
            revert ITradingConfigurator.TradingConfigurator_AlpShareOutOfRange(alpSharePips, 0, PIPS);
        }
    }

    function checkSlippage(BookId bookId, BookConfig memory config) internal pure {
        SlippageModel model = config.slippageModel;
        if (model != SlippageModel.Fixed && bookId.mode() == Mode.Degen) {
            revert ITradingConfigurator.TradingConfigurator_SlippageModelNotOffered(bookId, model, SlippageModel.Fixed);
        }
        if (config.slippagePips > MAX_SLIPPAGE_PIPS) {
            revert ITradingConfigurator.TradingConfigurator_SlippageOutOfRange(
                config.slippagePips,
                0,
                MAX_SLIPPAGE_PIPS
            );
        }
        if (model != SlippageModel.Fixed && config.onePercentDepthUsd == 0) {
            revert ITradingConfigurator.TradingConfigurator_DepthOutOfRange(0, 1, type(uint48).max);
        }
    }

    /// @notice Each rate by itself, and what both can owe together.
    function checkRates(BookId bookId, BookConfig memory config) internal pure {
        (uint256 borrow, uint256 full) = (config.borrowPipsPerHour, config.fundingPipsPerHour);
        (uint256 least, uint256 most) = (config.minFundingPipsPerHour, config.maxFundingPipsPerHour);
        if (borrow > MAX_BORROW_PIPS_PER_HOUR) {
            revert ITradingConfigurator.TradingConfigurator_BorrowRateOutOfRange(borrow, 0, MAX_BORROW_PIPS_PER_HOUR);
        }
        if (full > MAX_FUNDING_PIPS_PER_HOUR) {
            revert ITradingConfigurator.TradingConfigurator_FundingRateOutOfRange(full, 0, MAX_FUNDING_PIPS_PER_HOUR);
        }
        bool isDegen = bookId.mode() == Mode.Degen;
        uint256 left = (isDegen ? MAX_DEGEN_CARRY_PIPS_PER_HOUR : MAX_STANDARD_CARRY_PIPS_PER_HOUR) - borrow;
        if (most > left) revert ITradingConfigurator.TradingConfigurator_MaxFundingRateOutOfRange(most, 0, left);
        if (least > most) revert ITradingConfigurator.TradingConfigurator_MinFundingRateOutOfRange(least, 0, most);
    }

    function checkCaps(uint256 openInterestUsd, uint256 lossBudgetUsd) internal pure {
        if (openInterestUsd > MAX_OPEN_INTEREST_USD) {
            revert ITradingConfigurator.TradingConfigurator_OpenInterestOutOfRange(
                openInterestUsd,
                0,
                MAX_OPEN_INTEREST_USD
            );
        }
        if (lossBudgetUsd == 0 || lossBudgetUsd > MAX_OPEN_INTEREST_USD) {
            revert ITradingConfigurator.TradingConfigurator_LossBudgetOutOfRange(
                lossBudgetUsd,
                1,
                MAX_OPEN_INTEREST_USD
            );
        }
    }

    function checkMinimums(uint256 notionalUsd, uint256 marginUsd) internal pure {
        if (notionalUsd < MIN_MIN_NOTIONAL_USD || notionalUsd > MAX_MIN_NOTIONAL_USD) {
            revert ITradingConfigurator.TradingConfigurator_MinNotionalOutOfRange(
                notionalUsd,
                MIN_MIN_NOTIONAL_USD,
                MAX_MIN_NOTIONAL_USD
            );
        }
        if (marginUsd == 0 || marginUsd > MAX_MIN_MARGIN_USD) {
            revert ITradingConfigurator.TradingConfigurator_MinMarginOutOfRange(marginUsd, 1, MAX_MIN_MARGIN_USD);
        }
    }

    function checkOpenChecks(OpenConfig memory config) internal pure {
        (uint256 confidence, uint256 deviation) = (config.maxConfidencePips, config.maxDeviationPips);
        if (confidence == 0 || confidence > MAX_TOLERANCE_PIPS) {
            revert ITradingConfigurator.TradingConfigurator_ConfidenceOutOfRange(confidence, 1, MAX_TOLERANCE_PIPS);
        }
        if (deviation == 0 || deviation > MAX_TOLERANCE_PIPS) {
            revert ITradingConfigurator.TradingConfigurator_DeviationOutOfRange(deviation, 1, MAX_TOLERANCE_PIPS);
        }
        if (config.minAnchors == 0 || config.minAnchors > MAX_MIN_ANCHORS) {
            revert ITradingConfigurator.TradingConfigurator_MinAnchorsOutOfRange(config.minAnchors, 1, MAX_MIN_ANCHORS);
        }
    }

    /// @notice Positions opened in any of the tiers pay at least the fixed slippage and at most that of their terms.
    function checkSlippageOfTiers(Tier[] memory tiers, uint256 slippagePips) internal pure {
        for (uint256 i = 0; i < tiers.length; ++i) {
            uint256 max = tiers[i].terms.maxExitSlippagePips;
            if (slippagePips > max) {
                revert ITradingConfigurator.TradingConfigurator_SlippageOutOfRange(slippagePips, 0, max);
            }
        }
    }

    /// @notice Each tier by itself, their order, and their costs.
    /// @param slippagePips The book's fixed slippage.
    function checkTiers(BookId bookId, Tier[] memory tiers, uint256 slippagePips) internal pure {
        if (tiers.length == 0 || tiers.length > MAX_TIERS) {
            revert ITradingConfigurator.TradingConfigurator_TierCountOutOfRange(tiers.length, 1, MAX_TIERS);
        }
        bool isDegen = bookId.mode() == Mode.Degen;
        uint256 least = isDegen ? MIN_DEGEN_LEVERAGE : 1;
        uint256 most = isDegen ? MAX_DEGEN_LEVERAGE : MAX_STANDARD_LEVERAGE;
        for (uint256 i = 0; i < tiers.length; ++i) {
            Tier memory tier = tiers[i];
            if (tier.maxLeverage < least || tier.maxLeverage > most) {
                revert ITradingConfigurator.TradingConfigurator_LeverageOutOfRange(tier.maxLeverage, least, most);
            }
            if (tier.maxNotionalUsd == 0 || tier.maxNotionalUsd > MAX_OPEN_INTEREST_USD) {
                revert ITradingConfigurator.TradingConfigurator_MaxNotionalOutOfRange(
                    tier.maxNotionalUsd,
                    1,
                    MAX_OPEN_INTEREST_USD
                );
            }
            _checkTerms(tier.terms, slippagePips);
            _checkCosts(isDegen, tier);
            least = uint256(tier.maxLeverage) + 1;
        }
    }

    /// @dev maxLeverage · (largest exit slippage + least close fee) ≤ 1 − liquidation loss rate + the mode's slack.
    function _checkCosts(bool isDegen, Tier memory tier) private pure {
        Terms memory terms = tier.terms;
        uint256 costPips = tier.maxLeverage * (uint256(terms.maxExitSlippagePips) + terms.closeFeePips);
        uint256 slack = isDegen ? DEGEN_COST_SLACK_PIPS : STANDARD_COST_SLACK_PIPS;
        uint256 max = PIPS - terms.liquidationLossRatePips + slack;
        if (costPips > max) {
            revert ITradingConfigurator.TradingConfigurator_CostsOutOfRange(tier.maxLeverage, costPips, max);
        }
    }

    function _checkTerms(Terms memory terms, uint256 slippagePips) private pure {
        uint256 lossRate = terms.liquidationLossRatePips;
        if (lossRate < MIN_LOSS_RATE_PIPS || lossRate > MAX_LOSS_RATE_PIPS) {
            revert ITradingConfigurator.TradingConfigurator_LossRateOutOfRange(
                lossRate,
                MIN_LOSS_RATE_PIPS,
                MAX_LOSS_RATE_PIPS
            );
        }
        if (terms.profitCapPips < MIN_PROFIT_CAP_PIPS || terms.profitCapPips > MAX_PROFIT_CAP_PIPS) {
            revert ITradingConfigurator.TradingConfigurator_ProfitCapOutOfRange(
                terms.profitCapPips,
                MIN_PROFIT_CAP_PIPS,
                MAX_PROFIT_CAP_PIPS
            );
        }
        if (terms.closeFeePips > MAX_FEE_PIPS) {
            revert ITradingConfigurator.TradingConfigurator_CloseFeeOutOfRange(terms.closeFeePips, 0, MAX_FEE_PIPS);
        }
        if (terms.profitSharePips > MAX_PROFIT_SHARE_PIPS) {
            revert ITradingConfigurator.TradingConfigurator_ProfitShareOutOfRange(
                terms.profitSharePips,
                0,
                MAX_PROFIT_SHARE_PIPS
            );
        }
        uint256 exitSlippage = terms.maxExitSlippagePips;
        if (exitSlippage < slippagePips || exitSlippage > MAX_EXIT_SLIPPAGE_PIPS) {
            revert ITradingConfigurator.TradingConfigurator_ExitSlippageOutOfRange(
                exitSlippage,
                slippagePips,
                MAX_EXIT_SLIPPAGE_PIPS
            );
        }
    }
}
