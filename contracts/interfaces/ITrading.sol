// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Outcome, Reason} from "../product/Outcome.sol";
import {BookConfig, BookId, MarginToken, Mode, OpenConfig, Tier} from "../types/Book.sol";
import {DueWord} from "../types/DueWord.sol";
import {Timestamp} from "../types/Timestamp.sol";
import {TradeState, TradeStatus} from "../types/Trade.sol";
import {Price, Size} from "../types/Units.sol";
import {Quote, Tick} from "./IPriceAggregator.sol";
import {IProduct, IProductBase} from "./IProduct.sol";

/// @notice An order to open.
/// @param owner Whose trade it becomes; the caller pays.
/// @param bookId Market and mode: 2 · marketId, plus 1 for Degen.
/// @param isLong Side.
/// @param leverage Whole number: 1 to 500 in Standard, 500 to 1001 in Degen, at most the book's.
/// @param token Margin token.
/// @param amount Paid in, in token units: margin, open fee and execution fee.
/// @param acceptablePrice Worst fill price of a market order, slippage included (0: any), or the limit; 10 decimals.
/// @param takeProfit 10 decimals; 0: where the profit cap is reached.
/// @param stopLoss 10 decimals; 0: none.
/// @param deadline Last block time at which it may be filled, at least 15 s after the target; it may lapse earlier.
/// @param broker Broker id; 0: none.
/// @param asNative Pay out in the native coin; only with the wrapped native coin as margin.
struct OpenRequest {
    address owner;
    BookId bookId;
    bool isLong;
    uint16 leverage;
    address token;
    uint96 amount;
    Price acceptablePrice;
    Price takeProfit;
    Price stopLoss;
    uint40 deadline;
    uint32 broker;
    bool asNative;
}

/// @notice What an opening would be, at a quote.
/// @param reason Why it would be skipped or refused; None: it would be opened.
/// @param entry Fill price, slippage included, 10 decimals; 0 where it did not come to a price.
/// @param size Base asset, 8 decimals.
/// @param margin In token units, as the fees.
/// @param openFee Of the notional.
/// @param executionFee To the executor.
/// @param notionalUsd USD with 18 decimals.
/// @param marginUsd USD with 18 decimals.
/// @param liquidationPrice Where loss and carry reach the liquidation loss rate, 10 decimals: with a margin in the market's
/// own asset at its price there, else at the token's price of the quote.
/// @param bankruptcyPrice Where they reach the margin, likewise.
/// @param capPrice Where the profit cap is reached: a take profit there, or none, is taken there whatever the token's price.
/// @param isTokenPriceAssumed The two prices hold only as long as the token's price does: it is neither the market's own asset nor
/// within 5% of one dollar. Within that a token counts as a dollar, which hardly moves; which ones are meant to be no contract knows.
struct OpenPreview {
    Reason reason;
    Price entry;
    Size size;
    uint256 margin;
    uint256 openFee;
    uint256 executionFee;
    uint256 notionalUsd;
    uint256 marginUsd;
    Price liquidationPrice;
    Price bankruptcyPrice;
    Price capPrice;
    bool isTokenPriceAssumed;
}

/// @notice What an attempt on a trade would do, at a quote.
/// @param outcome What would be done.
/// @param reason Why it would be skipped or refused.
/// @param price Fill price of an opening or a close, the tick within the anchors' band of a liquidation; 10 decimals.
/// @param executorPay To whoever makes the attempt, in token units; for having armed the stop as well, if it was he.
/// @param ownerPay Payout or refund to the owner, in token units.
/// @param closeFee In token units.
struct ExecutionPreview {
    Outcome outcome;
    Reason reason;
    Price price;
    uint256 executorPay;
    uint256 ownerPay;
    uint256 closeFee;
}

/// @notice What closing a position, or a part, would come to at a quote. USD with 18 decimals, the rest in token units.
/// @param reason Why it would be skipped or refused; all below is 0 then.
/// @param isTokenPriceDisputed Only the owner can execute a close now, and pays himself no execution fee; every conversion is
/// at the end worse for him. A liquidation is anybody's.
/// @param isLiquidated It would settle as a liquidation: nothing is paid out, and the executor gets the reward.
/// @param exit Fill price, slippage included; the price within the anchors' band where it is liquidated; 10 decimals.
/// @param pnlUsd Signed; before carry and fees.
/// @param carryOwedUsd Signed; positive: the trader owes.
/// @param gain Paid by the vault, after carry, at most the profit cap.
/// @param loss Kept by the vault, carry included.
/// @param closeFee After everything else.
/// @param executorPay Execution fee or reward of whoever executes it, if that is not the owner.
/// @param payout To the owner.
struct ClosePreview {
    Reason reason;
    bool isTokenPriceDisputed;
    bool isLiquidated;
    Price exit;
    int256 pnlUsd;
    int256 carryOwedUsd;
    uint256 gain;
    uint256 loss;
    uint256 closeFee;
    uint256 executorPay;
    uint256 payout;
}

/// @dev The asset of a tick that stands for one of each trade's own market. No asset has this number.
uint16 constant ANY_ASSET = type(uint16).max;

/// @notice What both attempts of a Liquidator's item would do, one after the other.
/// @param execution Of executing the order or the position.
/// @param liquidation Of liquidating what that leaves: a close that it refuses or fills in part frees the ticks that it had
/// shielded. `NothingPending` where it leaves no position.
struct ItemPreview {
    ExecutionPreview execution;
    ExecutionPreview liquidation;
}

/// @title Trading: Standard and Degen positions against the vault
/// @notice Orders and closes are requested in one transaction and filled in a later one, by anybody who proves the first
/// Pyth tick at or after request time + executionDelay. So nobody chooses a price.
/// @dev A trade is one three-slot record, first an order, then a position. Ids are dense and never used again.
/// What cannot be filled is either refused (final: what the order, its tick or the capacity decides) or skipped (it stays
/// pending: what the moment decides); neither reverts.
interface ITrading is IProduct, IProductBase {
    /// @notice An order was placed, at the time of the block.
    /// @param amount What arrived, in token units.
    /// @param acceptablePrice Worst fill price of a market order (0: any), or the limit.
    /// @param takeProfit 0: where the profit cap is reached.
    /// @param stopLoss 0: none.
    /// @param state Status and flags, bits 0 and 1 market (1) or limit (2), bit 2 long, bit 3 paid out in
    /// the native coin.
    /// @param broker 0: none.
    /// @param expiry Last block time at which it can be filled.
    event OrderPlaced(
        uint256 indexed id,
        address indexed owner,
        BookId indexed bookId,
        address token,
        uint256 amount,
        Price acceptablePrice,
        Price takeProfit,
        Price stopLoss,
        uint16 leverage,
        TradeState state,
        uint32 broker,
        Timestamp expiry
    );
    /// @notice An order was refused; `refund` went back to its owner and `executionFee` to the executor, in token units.
    event OrderRefused(
        uint256 indexed id,
        address indexed owner,
        address indexed executor,
        Reason reason,
        uint256 refund,
        uint256 executionFee
    );
    /// @notice The owner of a resting limit asked for its cancellation; from `cancellableFrom` on anyone may finish it.
    event LimitCancelRequested(uint256 indexed id, address indexed owner, uint256 cancellableFrom);
    /// @notice An order that expired, or whose cancellation was asked for, was refunded in full.
    event OrderCancelled(uint256 indexed id, address indexed owner, uint256 refund);
    /// @notice An order was filled: with its `OrderPlaced` and the time of the block, all that its `Position` holds.
    /// @param tick Price that filled it, without slippage.
    /// @param openedAt Publish time of that tick.
    /// @param margin In token units, as the fees.
    event TradeOpened(
        uint256 indexed id,
        address indexed owner,
        address indexed executor,
        Price tick,
        Timestamp openedAt,
        Price entry,
        Size size,
        uint256 margin,
        uint256 openFee,
        uint256 executionFee,
        int72 carryIndex,
        uint8 termsId
    );
    /// @notice The owner changed take profit or stop of a position, from the time of the block, or of a resting limit.
    event TpSlUpdated(uint256 indexed id, address indexed owner, Price takeProfit, Price stopLoss);
    /// @notice The owner added margin; `total` is all that was added so far, in token units.
    event MarginAdded(uint256 indexed id, address indexed owner, uint256 amount, uint256 total);
    /// @notice A permit gave this contract an allowance of `amount`.
    event PermitUsed(address indexed token, address indexed owner, uint256 amount);
    /// @notice A permit did not go through; it may have been used before.
    event PermitSkipped(address indexed token, address indexed owner, bytes reason);
    /// @notice The owner asked for a close, of `size` or, where that is 0, of the whole position.
    event CloseRequested(
        uint256 indexed id,
        address indexed owner,
        Size size,
        Price acceptablePrice,
        Timestamp target,
        Timestamp expiry
    );
    /// @notice A close was refused; the position is as it was.
    event CloseRefused(uint256 indexed id, address indexed executor, Reason reason);
    /// @notice A tick reached the stop of a position, or lies more than 1% beyond its take profit: a market close without a
    /// bound was placed. `tick` is held within the anchors' band.
    event StopArmed(uint256 indexed id, address indexed armer, Price tick, Timestamp target, Timestamp expiry);
    /// @notice Whoever armed the close was paid out of the payout of `TradeClosed`, in token units.
    event ArmerPaid(uint256 indexed id, address indexed armer, uint256 fee);
    /// @notice A position was closed. USD with 18 decimals, the rest in token units.
    event TradeClosed(
        uint256 indexed id,
        address indexed owner,
        address indexed executor,
        Price exit,
        int256 pnlUsd,
        int256 carryOwedUsd,
        uint256 closeFee,
        uint256 executionFee,
        uint256 payout
    );
    /// @notice A part of a position was closed: `size`, with its share of the initial and of the added margin. USD with 18
    /// decimals, the rest in token units.
    event TradeReduced(
        uint256 indexed id,
        address indexed owner,
        address indexed executor,
        Price exit,
        Size size,
        uint256 margin,
        uint256 addedMargin,
        int256 pnlUsd,
        int256 carryOwedUsd,
        uint256 closeFee,
        uint256 executionFee,
        uint256 payout
    );
    /// @notice A position was liquidated. Token units.
    event TradeLiquidated(
        uint256 indexed id,
        address indexed owner,
        address indexed liquidator,
        Price tick,
        uint256 reward,
        uint256 toVault,
        uint256 badDebt
    );
    /// @notice A book was configured.
    event BookConfigured(BookId indexed bookId, BookConfig config);
    /// @notice The openings of a book were configured.
    event OpenConfigured(BookId indexed bookId, OpenConfig config);
    /// @notice The tiers of a book were set.
    event TiersSet(BookId indexed bookId, Tier[] tiers);
    /// @notice A margin token was listed, enabled or disabled.
    event MarginTokenSet(address indexed token, MarginToken config);

    /// @notice An owner, an executor, a liquidator or a contract to be built with is missing.
    error Trading_ZeroAddress();
    /// @notice The breaker is at a level at which this can not be asked for.
    error Trading_BreakerRaised(uint8 level);
    /// @notice The book takes no openings: it was never listed, is reduce-only or closed.
    error Trading_BookNotActive(BookId bookId);
    /// @notice The leverage is outside what the book offers, whole numbers.
    error Trading_LeverageOutOfRange(uint256 leverage, uint256 min, uint256 max);
    /// @notice The token takes no new margin; when listing: the Vault does not list it.
    error Trading_TokenNotAccepted(address token);
    /// @notice Only a margin in the wrapped native coin can be paid back in the native coin.
    error Trading_NotWrappedNative(address token);
    /// @notice The deadline leaves less than 15 s after the target, in seconds.
    error Trading_DeadlineTooEarly(uint256 deadline, uint256 earliest);
    /// @notice The margin, or all that was added to it, does not fit its place, in token units.
    error Trading_AmountTooLarge(uint256 amount, uint256 max);
    /// @notice Only the owner of the trade may ask for this.
    error Trading_NotOwner(uint256 id, address caller);
    /// @notice There is no open position under this id.
    error Trading_NotOpen(uint256 id);
    /// @notice There is no order that waits to be filled under this id.
    error Trading_NotAnOrder(uint256 id);
    /// @notice There is no resting limit under this id.
    error Trading_NotALimit(uint256 id);
    /// @notice A limit order names its price.
    error Trading_LimitPriceMissing();
    /// @notice The take profit is not beyond `entry` (of an order: its price) on the winning side, or is beyond `cap`, where
    /// the profit cap is reached. 10 decimals.
    error Trading_TakeProfitOutOfRange(Price takeProfit, Price entry, Price cap);
    /// @notice The cancellation was asked for already; anyone may finish it from `cancellableFrom` on, in seconds.
    error Trading_CancelIsPending(uint256 id, uint256 cancellableFrom);
    /// @notice The order can still be filled; it can be refunded from `cancellableFrom` on, in seconds.
    error Trading_NotExpired(uint256 id, uint256 cancellableFrom);
    /// @notice Degen positions take no margin and close as a whole.
    error Trading_StandardOnly(uint256 id);
    /// @notice A part is more than nothing and less than the whole; base asset, 8 decimals.
    error Trading_PartOutOfRange(Size size, Size min, Size max);
    /// @notice Part or rest is less than the least position of the book, USD with 18 decimals.
    error Trading_DustLeft(uint256 partUsd, uint256 restUsd, uint256 minUsd);
    /// @notice Another close of the position can be filled until `expiry`, in seconds.
    error Trading_CloseIsPending(uint256 id, uint256 expiry);
    /// @notice The book had as many sets of terms as it can number: list the market anew.
    error Trading_TermsExhausted(BookId bookId);
    /// @notice There is no number left for another margin token.
    error Trading_TooManyTokens(uint256 max);
    /// @notice Positions can not be valued in the course of a call.
    error Trading_MidCall();

    /// @notice Places a market order. It fills at the first tick at or after now + executionDelay.
    /// @dev One of more than a quarter of the book's cap is refused as if the side were full. The caller pays, by an allowance to this contract. Requirements: breaker at 0, book active, leverage offered,
    /// token accepted, deadline no earlier than the target + 15 s. Emits `OrderPlaced`.
    /// @return id Of the trade.
    function requestOpen(OpenRequest calldata request) external returns (uint256 id);

    /// @notice Places a limit order at `acceptablePrice`. It rests until a tick, slippage included, reaches that price, and
    /// then fills exactly there: the earliest tick is one published at now + executionDelay.
    /// @dev A limit through which the market has gone already fills at once, at the limit, while the tick, slippage included,
    /// is beyond it by no more than an opening's tick may deviate from the anchors. One further through rests on
    /// (`GapTooWide`), as does one that would be liquidatable. It rests through full capacity, too, and through what the
    /// moment decides. Its price is
    /// fixed; its take profit and stop are not.
    /// Requirements: as of `requestOpen`, a price, and a take profit on its winning side and within the profit cap.
    /// Emits `OrderPlaced`.
    /// @return id Of the trade.
    function requestLimit(OpenRequest calldata request) external returns (uint256 id);

    /// @notice Asks for the cancellation of a resting limit. It binds only ticks later than now + executionDelay; earlier
    /// ones still fill it while at most 3 s old. After that anyone may finish it with `cancelExpired`.
    /// @dev At every breaker level. Requirements: the caller owns the order, it is a limit, and its cancellation was not asked
    /// for. Emits `LimitCancelRequested`.
    function cancelLimit(uint256 id) external;

    /// @notice Sets take profit and stop of a position or of a resting limit.
    /// @dev Of a position each counts from now on, if it is another one: only ticks from now + executionDelay on reach it.
    /// While a take profit is too new to count, the cap still takes the profit: no change moves its clock, which begins with the
    /// opening's tick + executionWindow.
    /// Requirements: breaker at 2 or below, the caller owns the trade, and the take profit (0: the cap) is on the winning
    /// side of the entry or limit and within the profit cap. Emits `TpSlUpdated`.
    function updateTpSl(uint256 id, Price takeProfit, Price stopLoss) external;

    /// @notice Adds margin to a Standard position, in its own token. Profit cap and reserve stay those of the initial margin.
    /// @dev The caller pays, by an allowance to this contract. Requirements: breaker at 2 or below, the caller owns the
    /// position. Emits `MarginAdded`.
    function addMargin(uint256 id, uint256 amount) external;

    /// @notice As `addMargin`, with an ERC-2612 permit to this contract. One that was used before blocks nothing.
    function addMarginWithPermit(uint256 id, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice Asks to close a position at the first tick at or after now + executionDelay.
    /// @dev Requirements: breaker at 2 or below, the caller owns the position, no other close of it is pending.
    /// @param acceptablePrice Worst fill price, slippage included, 10 decimals; 0: any.
    /// @param deadline Last block time at which it may be filled; at least the target + 15 s.
    function requestClose(uint256 id, Price acceptablePrice, uint40 deadline) external;

    /// @notice As `requestClose`, of a part of a Standard position. Margin, cap and reserve are divided with it; fees are those
    /// of a close of its size, the execution fee included.
    /// @dev Requirements: as of `requestClose`; part and rest each at least the book's least position, by notional and, at the
    /// position's leverage, by margin.
    /// @param size Base asset, 8 decimals, below that of the position.
    function requestPartialClose(uint256 id, Size size, Price acceptablePrice, uint40 deadline) external;

    /// @notice Refunds an order in full to its owner that expired, or whose cancellation was asked for and binds. Open to
    /// anyone, at every breaker level.
    function cancelExpired(uint256 id) external;

    /// @notice Fills the order or the close that is pending under `id`, with a tick that the caller has proven in this
    /// transaction. Where no close is pending, a tick at most 3 s old takes the profit of a position, exactly at its price
    /// and then slippage, or arms its stop: a market close of now, filled like any other. A tick more than 1% beyond the take
    /// profit arms a market close in the same way.
    /// @dev Never reverts for anything that the oracle, the order or the moment decides.
    /// While the price of the margin token is disputed (`Quote.tokenLow`, `tokenHigh`), nothing opens and nothing triggers, a
    /// position is liquidated only if it is due at both ends, and a close is skipped, unless its owner executes it: he
    /// calls `trustedExecutor` or this himself, and every conversion takes the end worse for him.
    /// @param id Of the trade.
    /// @param tickIndex Number of the tick among those that the caller had the price aggregator prove.
    /// @param executor Is credited the execution fee.
    function execute(uint256 id, uint256 tickIndex, address executor) external returns (Outcome, Reason);

    /// @notice Liquidates a position at a tick that the caller has proven in this transaction: strictly newer than the
    /// opening tick, at most 30 s old, crossing the liquidation price. A tick at or after the target of the pending close is
    /// that close's. One that lay within target and end of the last close that ended may be 60 s old, and so may one of the
    /// close before that, until a third is asked for; what no close had shielded gains nothing by a former close.
    /// @param liquidator Is credited the reward.
    function liquidate(uint256 id, uint256 tickIndex, address liquidator) external returns (Outcome, Reason);

    /// @notice Sets a book's common configuration; tier count, largest leverage and least loss rate stay those of its tiers.
    /// Only the configurator, which checks the bounds.
    function setBookConfig(BookId bookId, BookConfig calldata config) external;

    /// @notice Sets a book's configuration of openings. Only the configurator, which checks the bounds.
    function setOpenConfig(BookId bookId, OpenConfig calldata config) external;

    /// @notice Sets a book's tiers; `termsId` is ignored and allotted here. Only the configurator, which checks them.
    function setTiers(BookId bookId, Tier[] calldata tiers) external;

    /// @notice Lists, enables or disables a margin token. Only the configurator.
    function setMarginToken(address token, uint16 assetId, bool isEnabled) external;

    /// @notice What `requestOpen` or `requestLimit` would come to, if this quote filled it now: the same decisions in the same
    /// order, the Vault's capacity included. What is wrong with the request itself reverts there, not here.
    /// @param quote Its tick need not be proven: clocks and proofs are not looked at.
    function previewOpen(
        OpenRequest calldata request,
        bool isLimit,
        Quote calldata quote
    ) external view returns (OpenPreview memory);

    /// @notice What `execute` would do and pay with this quote, now.
    /// @param executor Who would execute: an owner pays himself nothing.
    function previewExecute(
        uint256 id,
        address executor,
        Quote calldata quote
    ) external view returns (ExecutionPreview memory);

    /// @notice What a close without a bound, requested in time for the tick of this quote, would come to: the decisions of
    /// `execute`, whatever close is pending.
    /// @param size Of what is closed, base asset, 8 decimals; 0, or more than there is: all of it.
    /// @param executor Who would execute it: an owner pays himself nothing.
    /// @param quote Its tick is taken for the first at or after the target; it need not be proven.
    function previewClose(
        uint256 id,
        Size size,
        address executor,
        Quote calldata quote
    ) external view returns (ClosePreview memory);

    /// @notice What `liquidate` would do and pay with this quote, now.
    function previewLiquidate(uint256 id, Quote calldata quote) external view returns (ExecutionPreview memory);

    /// @notice What `execute` and then `liquidate` would do and pay, as the Liquidator calls them for one item: the second of
    /// what the first leaves.
    /// @dev The Liquidator is not `trustedExecutor`: it is not believed that the owner executes himself.
    /// @param executor Who would be credited.
    /// @param closeQuote With the tick of the execution.
    /// @param quote With the tick of the liquidation.
    function previewItem(
        uint256 id,
        address executor,
        Quote calldata closeQuote,
        Quote calldata quote
    ) external view returns (ItemPreview memory);

    /// @notice What there is to do about each of some trades: what `previewItem` says for the first tick of the asset of its
    /// market, with the prices and the sequencer as they are. The same for each, however many there are.
    /// @dev Each by itself, as if nothing else of the list had been done.
    /// @param executor Who would be credited.
    /// @param ids Of trades; of one that ended: nothing.
    /// @param ticks They need no proof. One of `ANY_ASSET` stands for one of each trade's own market.
    /// @return words In the order of the ids; 0: nothing, or there is no such tick. Else the last attempt that did something,
    /// and what both pay who executes.
    function previewDue(
        address executor,
        uint256[] calldata ids,
        Tick[] calldata ticks
    ) external view returns (DueWord[] memory words);

    /// @notice State of a trade; None if it never was or has ended.
    function statusOf(uint256 id) external view returns (TradeStatus);

    /// @notice Id that the next trade gets; the first is 1.
    function nextTradeId() external view returns (uint256);

    /// @notice Raw words of storage, in the order asked for. `TradingStateLib` knows where each record lies and what it says;
    /// `TradingRecords` answers with the records themselves.
    function extsload(bytes32[] calldata slots) external view returns (bytes32[] memory words);

    /// @notice Seconds between a request and the earliest tick that can fill it.
    function executionDelay(Mode mode) external view returns (uint256);

    /// @notice Seconds after the target in which an order or a close can be filled.
    function executionWindow() external view returns (uint256);

    /// @notice Paid per executed order or close, USD with 18 decimals.
    function executionFeeUsd() external view returns (uint256);

    /// @notice The Executor. It names its own caller as executor, and is believed where it matters that the owner of a
    /// position executes himself. Nobody needs it for anything else.
    function trustedExecutor() external view returns (address);
}
