// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITrading} from "../../interfaces/ITrading.sol";
import {Credit, Settlement} from "../../interfaces/IVault.sol";
import {Outcome, Reason} from "../../product/Outcome.sol";
import {QuoteLib} from "../../product/QuoteLib.sol";
import {TokenMath} from "../../product/TokenPrice.sol";
import {BookId, BookSide, BookState} from "../../types/Book.sol";
import {CloseKind, CloseWord} from "../../types/Close.sol";
import {now32} from "../../types/Timestamp.sol";
import {PositionBody} from "../../types/Trade.sol";
import {Price, Size} from "../../types/Units.sol";
import {Book, BookLib, Contribution} from "../BookLib.sol";
import {Settling} from "../Settling.sol";
import {TradingSetup, TradingState} from "../TradingState.sol";
import {CloseResult, TradeMath} from "../math/TradeMath.sol";
import {CloseContext, CloseRules, Leaving} from "../rules/CloseRules.sol";

/// @title Closing and liquidating positions
/// @dev Linked to Trading and run on its storage. `CloseRules` decides, this carries it out.
library CloseLogic {
    using BookLib for Book;
    using BookLib for BookSide;
    using BookLib for BookState;

    /// @notice Fills, refuses or skips the close that is pending; settles as a liquidation if its tick says so. Where none
    /// is pending, takes the profit or arms the stop that the tick reaches.
    function execute(
        TradingState storage store,
        TradingSetup calldata setup,
        uint256 id,
        uint256 tickIndex,
        address executor
    ) external returns (Outcome outcome, Reason reason) {
        CloseContext memory context = _load(store, setup, id, tickIndex, executor);
        Price exit;
        (outcome, reason, exit) = CloseRules.judge(store, setup, context);
        if (outcome == Outcome.Closed || outcome == Outcome.Reduced) _settleClose(store, setup, context, exit);
        else if (outcome == Outcome.Liquidated) _settleLiquidation(store, setup, context);
        else if (outcome == Outcome.Armed) _armStop(store, setup, context);
        else if (outcome == Outcome.Refused) _refuseClose(store, context, reason);
    }

    /// @notice Liquidates or skips.
    function liquidate(
        TradingState storage store,
        TradingSetup calldata setup,
        uint256 id,
        uint256 tickIndex,
        address liquidator
    ) external returns (Outcome outcome, Reason reason) {
        CloseContext memory context = _load(store, setup, id, tickIndex, liquidator);
        (outcome, reason) = CloseRules.judgeLiquidation(store, context);
        if (outcome == Outcome.Liquidated) _settleLiquidation(store, setup, context);
    }

    function _load(
        TradingState storage store,
        TradingSetup calldata setup,
        uint256 id,
        uint256 tickIndex,
        address executor
    ) private returns (CloseContext memory context) {
        (context.id, context.executor, context.caller) = (id, executor, msg.sender);
        CloseRules.load(store, context);
        QuoteLib.readExit(context.quote, setup.aggregator, msg.sender, tickIndex, context.marginToken.assetId());
        context.breaker = setup.breaker.status();
    }

    function _settleClose(
        TradingState storage store,
        TradingSetup calldata setup,
        CloseContext memory context,
        Price exit
    ) private {
        CloseResult memory result = CloseRules.divide(setup, context, exit);

        // Effect:
        // A close has a gain or a loss, never both.
        int256 vaultPnl =
            result.gain == 0
                ? int256(TokenMath.usdDown(result.loss, context.token))
                : -int256(TokenMath.usdDown(result.gain, context.dearToken));
        _takeOut(store, context, vaultPnl);
        _emitClosed(context, exit, result);
        if (result.armerFee != 0) emit ITrading.ArmerPaid(context.id, context.armer, result.armerFee);

        // Interaction:
        uint256 toFees = TradeMath.restOf(result.closeFee, context.config.alpSharePips());
        _settle(setup, context, toFees, result.executionFee, result.armerFee, result.payout);
        Settling.recordBrokerFee(
            setup.vault,
            context.broker,
            context.marginToken.token(),
            context.head.owner(),
            toFees
        );
    }

    function _emitClosed(CloseContext memory context, Price exit, CloseResult memory result) private {
        Leaving memory leaving = context.leaving;
        if (leaving.isWhole) {
            emit ITrading.TradeClosed(
                context.id,
                context.head.owner(),
                context.executor,
                exit,
                result.pnlUsd,
                CloseRules.carryOwed(context),
                result.closeFee,
                result.executionFee,
                result.payout
            );
            return;
        }
        emit ITrading.TradeReduced(
            context.id,
            context.head.owner(),
            context.executor,
            exit,
            leaving.size,
            leaving.margin,
            leaving.addedMargin,
            result.pnlUsd,
            CloseRules.carryOwed(context),
            result.closeFee,
            result.executionFee,
            result.payout
        );
    }

    /// @dev The liquidator first, the vault the rest, the trader nothing.
    function _settleLiquidation(
        TradingState storage store,
        TradingSetup calldata setup,
        CloseContext memory context
    ) private {
        uint256 margin = context.body.margin() + context.addedMargin;
        uint256 reward = CloseRules.rewardOf(context);
        // Liquidatable: carry − pnl is not negative.
        uint256 lost = uint256(CloseRules.carryOwed(context) - CloseRules.pnlAtClamp(context));
        uint256 owed = TokenMath.tokensUp(lost, context.dearToken) + reward;

        // Effect:
        _takeOut(store, context, int256(TokenMath.usdDown(margin - reward, context.dearToken)));
        emit ITrading.TradeLiquidated(
            context.id,
            context.head.owner(),
            context.executor,
            context.clamped,
            reward,
            margin - reward,
            owed > margin ? owed - margin : 0
        );

        // Interaction: no stop is left to pay anybody for.
        _settle(setup, context, 0, reward, 0, 0);
    }

    /// @dev Takes what leaves out of the sums, books what the vault made or lost, and updates or deletes the record.
    function _takeOut(TradingState storage store, CloseContext memory context, int256 vaultPnlUsd) private {
        BookId bookId = context.head.bookId();
        Book storage book = store.books[bookId];
        Size size = context.body.size();
        Contribution memory contribution = _contributionOf(context, size);
        if (context.leaving.isWhole) {
            bool isLast = context.same.size() == size.raw() && context.other.size() == 0;
            if (isLast) store.exposedBooks &= ~(1 << bookId.index());
            _delete(store, context);
        } else {
            PositionBody rest = CloseRules.rest(context);
            BookLib.subtract(contribution, _contributionOf(context, rest.size()));
            _reduce(store, context, rest);
        }
        book.sideOf(context.isLong).sub(context.same, contribution);
        context.state.recordVaultPnl(context.config.lossBudgetUsd(), vaultPnlUsd);
        book.storeState(context.state);
    }

    function _contributionOf(CloseContext memory context, Size size) private pure returns (Contribution memory) {
        return
            BookLib.contributionOf(
                size,
                context.body.entry(),
                context.triggers.leverage(),
                context.triggers.carryIndex(),
                context.terms.profitCapPips()
            );
    }

    function _delete(TradingState storage store, CloseContext memory context) private {
        if (context.head.state().hasExtra()) delete store.extras[context.id];
        if (context.close.kind() != CloseKind.None) store.closes[context.id].setWord(CloseWord.wrap(0));
        store.positions[context.id].clear();
    }

    /// @dev The rest keeps entry, terms, clocks and carry index. Its close is over, but for the ticks that it had shielded.
    function _reduce(TradingState storage store, CloseContext memory context, PositionBody rest) private {
        Leaving memory leaving = context.leaving;
        store.positions[context.id].setBody(rest);
        // At most what was added, 128 bits.
        if (leaving.addedMargin != 0) store.extras[context.id].addedMargin -= uint128(leaving.addedMargin);
        _endClose(store, context);
    }

    function _settle(
        TradingSetup calldata setup,
        CloseContext memory context,
        uint256 toFees,
        uint256 executorCredit,
        uint256 armerCredit,
        uint256 payout
    ) private {
        Leaving memory leaving = context.leaving;
        setup.vault.settle(
            Settlement({
                token: context.marginToken.token(),
                collateral: leaving.margin + leaving.addedMargin,
                reserve: leaving.reserve,
                toFees: toFees,
                executor: Credit(context.executor, executorCredit),
                armer: Credit(context.armer, armerCredit),
                receiver: context.head.owner(),
                payout: payout,
                asNative: context.head.state().asNative()
            })
        );
    }

    /// @dev No close is pending: a stop is armed only then.
    function _armStop(TradingState storage store, TradingSetup calldata setup, CloseContext memory context) private {
        CloseWord armed = CloseRules.armedClose(setup, context);
        store.closes[context.id].setWord(armed);
        emit ITrading.StopArmed(context.id, context.executor, context.clamped, armed.target(), armed.expiry());
    }

    /// @dev The position stays as it was.
    function _refuseClose(TradingState storage store, CloseContext memory context, Reason reason) private {
        _endClose(store, context);
        emit ITrading.CloseRefused(context.id, context.executor, reason);
    }

    /// @dev The record remembers what the close had shielded.
    function _endClose(TradingState storage store, CloseContext memory context) private {
        store.closes[context.id].setWord(context.close.refused(now32()));
    }
}
