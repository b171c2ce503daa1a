// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BookConfig, BookId, BookStatus, OpenConfig, SlippageModel, Tier} from "../types/Book.sol";
import {ITrading} from "./ITrading.sol";

/// @title The configuration of Trading
/// @notice The only writer of a Trading's configuration. Keeps every number within hard bounds, whoever asks.
/// @dev Keeps nothing but the number of the guardian's cuts: it serves every Trading that was built with it as its
/// configurator. Each change is told by the event of
/// the Trading it is made in. Shares, fees and rates in pips, USD in whole dollars.
///
/// Who may do what lies in the AccessManager: the governor lists, the risk manager changes, the guardian only reduces.
/// Positions already open keep their terms; everything else takes effect with the next opening or close.
interface ITradingConfigurator {
    /// @notice Book ids are the bits of one word.
    error TradingConfigurator_BookIdOutOfRange(uint256 bookId, uint256 min, uint256 max);
    /// @notice Asset ids are the bits of one word, and 0 is no asset.
    error TradingConfigurator_AssetIdOutOfRange(uint256 assetId, uint256 min, uint256 max);
    /// @notice A book is listed once.
    error TradingConfigurator_BookAlreadyListed(BookId bookId);
    /// @notice The book was never listed.
    error TradingConfigurator_BookNotListed(BookId bookId);
    /// @notice Both books of a market have the same asset.
    error TradingConfigurator_AssetOfMarketDiffers(BookId bookId, uint16 assetId, uint16 assetIdOfMarket);
    /// @notice The asset has no tick in reference prices: no market can be valued by it.
    error TradingConfigurator_AssetWithoutPyth(uint16 assetId);
    /// @notice Positions already open in the token would be priced anew: name other sources of its asset instead.
    error TradingConfigurator_AssetOfTokenIsFixed(address token, uint16 assetId, uint16 assetIdNow);
    /// @notice The open fee, in pips of the notional.
    error TradingConfigurator_OpenFeeOutOfRange(uint256 pips, uint256 min, uint256 max);
    /// @notice The least close fee, in pips of the close notional.
    error TradingConfigurator_CloseFeeOutOfRange(uint256 pips, uint256 min, uint256 max);
    /// @notice The close fee in pips of the profit.
    error TradingConfigurator_ProfitShareOutOfRange(uint256 pips, uint256 min, uint256 max);
    /// @notice The share of the fees that stays with the LPs, in pips.
    error TradingConfigurator_AlpShareOutOfRange(uint256 pips, uint256 min, uint256 max);
    /// @notice Degen has fixed slippage.
    error TradingConfigurator_SlippageModelNotOffered(BookId bookId, SlippageModel model, SlippageModel offered);
    /// @notice The fixed slippage, in pips: within every tier's largest exit slippage.
    error TradingConfigurator_SlippageOutOfRange(uint256 pips, uint256 min, uint256 max);
    /// @notice The one-percent depth, in whole USD, of a model that reads it.
    error TradingConfigurator_DepthOutOfRange(uint256 depthUsd, uint256 min, uint256 max);
    /// @notice The borrow rate, in pips an hour.
    error TradingConfigurator_BorrowRateOutOfRange(uint256 pipsPerHour, uint256 min, uint256 max);
    /// @notice The funding rate at full skew, in pips an hour.
    error TradingConfigurator_FundingRateOutOfRange(uint256 pipsPerHour, uint256 min, uint256 max);
    /// @notice The least funding rate, in pips an hour; at most the largest.
    error TradingConfigurator_MinFundingRateOutOfRange(uint256 pipsPerHour, uint256 min, uint256 max);
    /// @notice The largest funding rate, in pips an hour: with the borrow rate at most what the mode bears.
    error TradingConfigurator_MaxFundingRateOutOfRange(uint256 pipsPerHour, uint256 min, uint256 max);
    /// @notice The cap on the open interest of a side, in whole USD.
    error TradingConfigurator_OpenInterestOutOfRange(uint256 openInterestUsd, uint256 min, uint256 max);
    /// @notice The loss budget of a rolling hour, in whole USD.
    error TradingConfigurator_LossBudgetOutOfRange(uint256 lossBudgetUsd, uint256 min, uint256 max);
    /// @notice The least notional, in whole USD.
    error TradingConfigurator_MinNotionalOutOfRange(uint256 minNotionalUsd, uint256 min, uint256 max);
    /// @notice The least margin, in whole USD.
    error TradingConfigurator_MinMarginOutOfRange(uint256 minMarginUsd, uint256 min, uint256 max);
    /// @notice The widest confidence of an opening's tick, in pips.
    error TradingConfigurator_ConfidenceOutOfRange(uint256 pips, uint256 min, uint256 max);
    /// @notice The largest deviation of an opening's tick, in pips.
    error TradingConfigurator_DeviationOutOfRange(uint256 pips, uint256 min, uint256 max);
    /// @notice The least number of fresh anchors of an opening.
    error TradingConfigurator_MinAnchorsOutOfRange(uint256 minAnchors, uint256 min, uint256 max);
    /// @notice The number of tiers.
    error TradingConfigurator_TierCountOutOfRange(uint256 count, uint256 min, uint256 max);
    /// @notice The largest leverage of a tier: above that of the tier before, and within the mode.
    error TradingConfigurator_LeverageOutOfRange(uint256 leverage, uint256 min, uint256 max);
    /// @notice The largest notional of a tier, in whole USD.
    error TradingConfigurator_MaxNotionalOutOfRange(uint256 maxNotionalUsd, uint256 min, uint256 max);
    /// @notice The liquidation loss rate, in pips of the margin.
    error TradingConfigurator_LossRateOutOfRange(uint256 pips, uint256 min, uint256 max);
    /// @notice The profit cap, in pips of the initial margin.
    error TradingConfigurator_ProfitCapOutOfRange(uint256 pips, uint256 min, uint256 max);
    /// @notice The largest slippage of a close, in pips: at least the book's fixed slippage.
    error TradingConfigurator_ExitSlippageOutOfRange(uint256 pips, uint256 min, uint256 max);
    /// @notice What slippage and close fee take at most of the margin at the largest leverage of a tier, in pips.
    error TradingConfigurator_CostsOutOfRange(uint256 maxLeverage, uint256 costPips, uint256 max);
    /// @notice A book can be made active, reduce-only or closed.
    error TradingConfigurator_StatusNotOffered(BookId bookId, BookStatus status);
    /// @notice A book is closed at zero open interest only; USD with 18 decimals.
    error TradingConfigurator_OpenInterestLeft(BookId bookId, uint256 longUsd, uint256 shortUsd);
    /// @notice The guardian can't raise the cap on open interest, in whole USD.
    error TradingConfigurator_OpenInterestNotCut(uint256 openInterestUsd, uint256 min, uint256 max);
    /// @notice The guardian can't raise the loss budget, in whole USD.
    error TradingConfigurator_LossBudgetNotCut(uint256 lossBudgetUsd, uint256 min, uint256 max);
    /// @notice Neither the cap on open interest nor the loss budget would fall.
    error TradingConfigurator_NothingCut(BookId bookId, uint256 openInterestUsd, uint256 lossBudgetUsd);
    /// @notice The length of a news window, in seconds.
    error TradingConfigurator_NewsWindowOutOfRange(uint256 durationSeconds, uint256 min, uint256 max);
    /// @notice There can be no other news window before `earliest`, an hour after the end of the last one.
    error TradingConfigurator_NewsWindowTooSoon(BookId bookId, uint256 timestamp, uint256 earliest);
    /// @notice The book is reduce-only or closed already.
    error TradingConfigurator_BookNotActive(BookId bookId, BookStatus status);
    /// @notice The token is not enabled.
    error TradingConfigurator_MarginTokenNotEnabled(address token);

    /// @notice Lists a market in one mode, active at once.
    /// @dev Governor. Of `config` the status, the largest leverage, the number of tiers and the least loss rate, of `openConfig`
    /// the news window, of `tiers` the termsIds are ignored. Requirements: the book is not listed; book id below 256, asset id 1 to 255 and
    /// that of the market's other book, if it is listed; every bound below.
    /// @param bookId 2 · marketId, plus 1 for Degen.
    function listBook(
        ITrading trading,
        BookId bookId,
        BookConfig calldata config,
        OpenConfig calldata openConfig,
        Tier[] calldata tiers
    ) external;

    /// @notice Lists, enables or disables a margin token.
    /// @dev Governor. Requirements: the Vault has the token; asset id 1 to 255, and the same as ever for a token listed
    /// before.
    /// @param cuts Number of cuts that the guardian has made to it, see `marginTokenSetting`.
    function setMarginToken(ITrading trading, address token, uint16 assetId, bool isEnabled, uint256 cuts) external;

    /// @notice Sets the open fee and the LPs' share of open and close fees, in pips.
    /// @dev Risk manager. Bounds: open fee up to 1%, share up to 100%. Close fees belong to the tiers.
    function setFees(ITrading trading, BookId bookId, uint24 openFeePips, uint24 alpSharePips) external;

    /// @notice Sets how fills slip.
    /// @dev Risk manager. Bounds: Degen only `Fixed`; slippage up to 1% and up to the largest exit slippage of every tier;
    /// depth above 0 for `Depth` and `Skew`. No close of a position slips by more than its terms say.
    /// @param slippagePips Fixed, and least, slippage.
    /// @param onePercentDepthUsd Whole USD; not read by `Fixed`.
    function setSlippage(
        ITrading trading,
        BookId bookId,
        SlippageModel model,
        uint24 slippagePips,
        uint48 onePercentDepthUsd
    ) external;

    /// @notice Sets borrow and funding rates, in pips an hour.
    /// @dev Risk manager. Carry up to now is accrued at the old rates. Bounds: borrowing up to 100, funding at full
    /// skew up to 1000, borrowing and the largest funding rate together up to 600 in Standard, 150 in Degen, the least rate at
    /// most the largest.
    function setRates(
        ITrading trading,
        BookId bookId,
        uint16 borrowPipsPerHour,
        uint16 fundingPipsPerHour,
        uint16 minFundingPipsPerHour,
        uint16 maxFundingPipsPerHour
    ) external;

    /// @notice Sets the cap on each side's open interest and the loss budget of a rolling hour, in whole USD.
    /// @dev Risk manager. Bounds: both up to 1e9 USD, which the sums of a side hold; the loss budget at least 1 USD, or
    /// losses would never drain.
    /// @param cuts Number of cuts that the guardian has made to them, see `capsSetting`.
    function setCaps(
        ITrading trading,
        BookId bookId,
        uint40 maxOpenInterestUsd,
        uint32 lossBudgetUsd,
        uint256 cuts
    ) external;

    /// @notice Sets the least notional and the least margin of a position, in whole USD.
    /// @dev Risk manager. Bounds: notional 10 to 100,000 USD, margin 1 to 10,000 USD.
    function setMinimums(ITrading trading, BookId bookId, uint32 minNotionalUsd, uint16 minMarginUsd) external;

    /// @notice Sets what is asked of the tick of an opening.
    /// @dev Risk manager. Bounds: confidence and deviation above 0 and up to 10%, anchors 1 to 3.
    function setOpenChecks(
        ITrading trading,
        BookId bookId,
        uint24 maxConfidencePips,
        uint24 maxDeviationPips,
        uint8 minAnchors
    ) external;

    /// @notice Sets the tiers, ascending by leverage. Positions already open keep their terms.
    /// @dev Risk manager. Bounds: 1 to 4 tiers; leverage 1 to 500 in Standard, 500 to 1001 in Degen; largest notional 1 to
    /// 1e9 USD; liquidation loss rate 50% to 95%; profit cap 10% to 1000%; close fee up to 1%; share of the profit up to
    /// 50%; largest exit slippage from the book's fixed slippage to 25%; and maxLeverage · (largest exit slippage + close
    /// fee) ≤ 1 − liquidation loss rate + 0.1% in Degen, + 10% in Standard: otherwise a position not yet liquidatable could
    /// not pay its own exit.
    function setTiers(ITrading trading, BookId bookId, Tier[] calldata tiers) external;

    /// @notice Makes a book active, reduce-only or closed.
    /// @dev Risk manager. Requirements: closed only at zero open interest on both sides.
    /// @param cuts Number of cuts that the guardian has made to it, see `statusSetting`.
    function setStatus(ITrading trading, BookId bookId, BookStatus status, uint256 cuts) external;

    /// @notice Lowers the cap on open interest, the loss budget or both, in whole USD.
    /// @dev Guardian. Requirements: neither rises, one falls, the loss budget stays above 0.
    function cutCaps(ITrading trading, BookId bookId, uint40 maxOpenInterestUsd, uint32 lossBudgetUsd) external;

    /// @notice Lets nothing open in a book for a while; it ends by itself.
    /// @dev Guardian. Requirements: 1 s to 1 h; an hour has passed since the end of the last one.
    function startNewsWindow(ITrading trading, BookId bookId, uint40 durationSeconds) external;

    /// @notice Makes an active book reduce-only.
    /// @dev Guardian.
    function disableBook(ITrading trading, BookId bookId) external;

    /// @notice Lets no new position use a margin token.
    /// @dev Guardian.
    function disableMarginToken(ITrading trading, address token) external;

    /// @notice The caps and the loss budget of a book, as `cutsOf` names them.
    function capsSetting(ITrading trading, BookId bookId) external pure returns (bytes32);

    /// @notice The status of a book, as `cutsOf` names it.
    function statusSetting(ITrading trading, BookId bookId) external pure returns (bytes32);

    /// @notice Whether a margin token is enabled, as `cutsOf` names it.
    function marginTokenSetting(ITrading trading, address token) external pure returns (bytes32);
}
