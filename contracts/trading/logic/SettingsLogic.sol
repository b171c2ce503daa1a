// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ITrading} from "../../interfaces/ITrading.sol";
import {IVault, TokenLedger} from "../../interfaces/IVault.sol";
import {
    BookConfig,
    BookId,
    BookSide,
    BookState,
    MarginToken,
    OpenConfig,
    OpenConfigWordFields,
    Terms,
    Tier,
    TierWordFields
} from "../../types/Book.sol";
import {PIPS} from "../../types/Units.sol";
import {Book, BookLib} from "../BookLib.sol";
import {TradingState} from "../TradingState.sol";

/// @title The configuration of Trading
/// @dev Linked to Trading and run on its storage.
/// @notice Written by the configurator alone, which checks the bounds; what is kept consistent here is only what positions
/// already open rely on: accrued carry and append-only terms.
library SettingsLogic {
    using BookLib for Book;
    using BookLib for BookSide;
    using BookLib for BookState;

    uint256 private constant PIPS_PER_PERCENT = PIPS / 100;

    /// @notice See `ITrading.setBookConfig`.
    /// @param clock Of the breaker, now.
    function setBookConfig(
        TradingState storage store,
        uint256 clock,
        BookId bookId,
        BookConfig calldata config
    ) external {
        // Effect: carry and losses so far at the rates so far.
        Book storage book = store.books[bookId];
        BookState memory state = book.accrued(book.configOf(), clock);
        state.holdLoss(config.lossBudgetUsd);
        book.storeState(state);
        BookConfig memory last = book.config;
        book.config = config;
        // These three belong to the tiers.
        (book.config.maxLeverage, book.config.tierCount) = (last.maxLeverage, last.tierCount);
        book.config.leastLossRatePercent = last.leastLossRatePercent;
        emit ITrading.BookConfigured(bookId, book.config);
    }

    /// @notice See `ITrading.setOpenConfig`.
    function setOpenConfig(TradingState storage store, BookId bookId, OpenConfig calldata config) external {
        // The limits of the tiers stay.
        Book storage book = store.books[bookId];
        book.storeOpenConfig(OpenConfigWordFields.pack(config).withTiersOf(book.openConfigOf()));
        emit ITrading.OpenConfigured(bookId, config);
    }

    /// @notice See `ITrading.setTiers`.
    function setTiers(TradingState storage store, BookId bookId, Tier[] calldata tiers_) external {
        Book storage book = store.books[bookId];
        // Positions keep the rates of tiers that are gone, until none is left.
        bool isEmpty = book.long.totals().size() == 0 && book.short.totals().size() == 0;
        uint256 least = isEmpty ? type(uint8).max : book.config.leastLossRatePercent;
        for (uint256 i = 0; i < tiers_.length; ++i) {
            Tier memory tier = tiers_[i];
            least = Math.min(least, tier.terms.liquidationLossRatePips / PIPS_PER_PERCENT);
            tier.termsId = _termsIdOf(book, bookId, tier.terms);
            book.tiers[i] = TierWordFields.pack(tier);
        }
        // The configurator lets pass 1 to MAX_TIERS tiers, ascending.
        book.config.tierCount = uint8(tiers_.length);
        book.config.maxLeverage = tiers_[tiers_.length - 1].maxLeverage;
        // At most 255.
        book.config.leastLossRatePercent = uint8(least);
        book.storeOpenConfig(book.openConfigOf().withTiers(tiers_));
        emit ITrading.TiersSet(bookId, book.tierList());
    }

    /// @notice See `ITrading.setMarginToken`.
    function setMarginToken(
        TradingState storage store,
        IVault vault,
        address token,
        uint16 assetId,
        bool isEnabled
    ) external {
        MarginToken memory config = store.marginTokens[token];
        if (config.tokenId == 0) {
            TokenLedger memory ledger = vault.ledger(token);
            if (ledger.maxUtilizationPips == 0) revert ITrading.Trading_TokenNotAccepted(token);
            if (store.marginTokenCount == type(uint8).max) revert ITrading.Trading_TooManyTokens(type(uint8).max);
            config.token = token;
            config.tokenId = ++store.marginTokenCount;
            config.decimals = ledger.decimals;
        }
        config.assetId = assetId;
        config.isEnabled = isEnabled;
        store.marginTokens[token] = config;
        store.marginTokensById[config.tokenId] = config;
        emit ITrading.MarginTokenSet(token, config);
    }

    /// @dev Terms are never changed nor removed: equal ones are found again, others appended.
    function _termsIdOf(Book storage book, BookId bookId, Terms memory terms_) private returns (uint8) {
        bytes32 wanted = keccak256(abi.encode(terms_));
        uint256 count = book.termsCount;
        for (uint256 i = 0; i < count; ++i) {
            // i < count ≤ 256.
            if (keccak256(abi.encode(book.terms[i])) == wanted) return uint8(i);
        }
        if (count > type(uint8).max) revert ITrading.Trading_TermsExhausted(bookId);
        book.terms[count] = terms_;
        // At most 256.
        book.termsCount = uint16(count + 1);
        return uint8(count);
    }
}
