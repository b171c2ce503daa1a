// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {
    BookConfig,
    BookConfigWord,
    BookSide,
    BookState,
    MAX_TIERS,
    OpenConfig,
    OpenConfigWord,
    SideBounds,
    SideBoundsFields,
    SideTotals,
    SideTotalsFields,
    StateWord,
    StateWordFields,
    Terms,
    TermsWord,
    Tier,
    TierWord
} from "../types/Book.sol";
import {toTimestamp} from "../types/Timestamp.sol";
import {PIPS, Price, Size, valueOf} from "../types/Units.sol";
import {CarryMath} from "./math/CarryMath.sol";

/// @notice A market in one mode. The records of one slot lie flat, so that each is reached without a hash or a length.
/// @param state Running numbers.
/// @param long Sums of the long side.
/// @param short Sums of the short side.
/// @param config What openings and closes read.
/// @param openConfig What only openings read. Its slot is written by `BookLib.storeOpenConfig` alone: it has more than the struct.
/// @param termsCount Number of terms.
/// @param tiers The first `config.tierCount` count.
/// @param terms Append-only: positions refer to them by index.
struct Book {
    BookState state;
    BookSide long;
    BookSide short;
    BookConfig config;
    OpenConfig openConfig;
    uint16 termsCount;
    TierWord[MAX_TIERS] tiers;
    Terms[256] terms;
}

/// @notice What one position adds to the sums of its side. A function of its record alone, so that closing takes away
/// exactly what opening added.
struct Contribution {
    uint96 size;
    uint96 notional;
    uint64 marginNano;
    int128 carryAtEntry;
    uint64 capNano;
}

/// @title The sums, the carry and the rolling loss of a book
library BookLib {
    using SafeCast for int256;
    using SafeCast for uint256;

    uint256 internal constant NANO_USD = 1e9;

    /// @dev Seconds in which a rolling loss of the whole budget drains.
    uint256 internal constant LOSS_DRAINS_IN = 1 hours;

    /// @dev Seconds in which what the vault kept beyond its losses, as much as the whole budget, is forgotten.
    uint256 internal constant CREDIT_FADES_IN = 10 minutes;

    /// @notice Brings indices and rolling loss to now. The caller stores the state returned.
    /// @dev Must come before every change of open interest or of a rate.
    /// @param clock Of the breaker, now.
    function accrued(
        Book storage self,
        BookConfigWord config,
        uint256 clock
    ) internal view returns (BookState memory state) {
        accrueInto(self, state, config, clock);
    }

    /// @notice As `accrued`.
    /// @param state To be filled, all zero before.
    function accrueInto(Book storage self, BookState memory state, BookConfigWord config, uint256 clock) internal view {
        _loadState(self, state);
        if (clock == state.accruedAt.inSeconds()) return;
        advance(state, config, totals(self.long), totals(self.short), clock);
    }

    /// @notice Brings running numbers to now.
    /// @param clock Of the breaker, now.
    function advance(
        BookState memory state,
        BookConfigWord config,
        SideTotals long,
        SideTotals short,
        uint256 clock
    ) internal pure {
        int256 funding = _fundingRateX18(config, long, short);
        uint256 elapsed = clock - state.accruedAt.inSeconds();
        uint256 borrow = CarryMath.perSecondX18(config.borrowPipsPerHour());
        unchecked {
            // Rates a second have 45 bits, see `CarryMath.perSecondX18`; indices 72, the budget 62, and the time fewer than 64.
            funding *= int256(elapsed);
            int256 owed = int256(borrow * elapsed);
            // The side that receives gets the same rate on its own, smaller, notional: the vault keeps the difference.
            state.longIndex = (state.longIndex + owed + funding).toInt72();
            state.shortIndex = (state.shortIndex + owed - funding).toInt72();

            state.lossNano = _drained(state.lossNano, config.lossBudgetUsd() * NANO_USD * elapsed);
            state.accruedAt = toTimestamp(clock);
        }
    }

    /// @notice Stores what `accrued` returned.
    function storeState(Book storage self, BookState memory state) internal {
        BookState storage stored = self.state;
        StateWord word = StateWordFields.pack(state);
        assembly ("memory-safe") {
            sstore(stored.slot, word)
        }
    }

    function storeOpenConfig(Book storage self, OpenConfigWord word) internal {
        OpenConfig storage stored = self.openConfig;
        assembly ("memory-safe") {
            sstore(stored.slot, word)
        }
    }

    /// @notice Books a realised gain (positive) or loss (negative) of the vault, USD with 18 decimals.
    /// @dev What is kept before a gain is paid counts as much as what is kept after it, up to the budget.
    function recordVaultPnl(BookState memory state, uint256 lossBudgetUsd, int256 pnlUsd) internal pure {
        state.lossNano = (state.lossNano - pnlUsd / int256(NANO_USD)).toInt72();
        holdLoss(state, lossBudgetUsd);
    }

    /// @notice Holds the rolling loss at minus the budget or above.
    function holdLoss(BookState memory state, uint256 lossBudgetUsd) internal pure {
        // A budget of 32 bits of whole dollars has 62 bits.
        int72 least = -int72(uint72(lossBudgetUsd * NANO_USD));
        if (state.lossNano < least) state.lossNano = least;
    }

    /// @notice What a position adds to its side.
    /// @param leverage At opening: N / L is the margin in USD, to the value of one unit of size.
    function contributionOf(
        Size size,
        Price entry,
        uint256 leverage,
        int256 carryIndex,
        uint256 profitCapPips
    ) internal pure returns (Contribution memory part) {
        uint256 notional = valueOf(size, entry);
        uint256 capUsd;
        unchecked {
            // 161 bits by 24.
            capUsd = Math.ceilDiv(Math.ceilDiv(notional + entry.raw(), leverage) * profitCapPips, PIPS);
        }
        part.size = size.raw().toUint96();
        part.notional = notional.toUint96();
        part.marginNano = (notional / leverage / NANO_USD).toUint64();
        part.carryAtEntry = CarryMath.atEntry(notional, carryIndex).toInt128();
        part.capNano = Math.ceilDiv(capUsd, NANO_USD).toUint64();
    }

    /// @notice What is left of a contribution when another part of the same position stays, in `self`.
    /// @dev Both come from one record, the other one from less of its size: no field of it is larger.
    function subtract(Contribution memory self, Contribution memory staying) internal pure {
        self.size -= staying.size;
        self.notional -= staying.notional;
        self.marginNano -= staying.marginNano;
        self.carryAtEntry -= staying.carryAtEntry;
        self.capNano -= staying.capNano;
    }

    /// @param totals Slot 0 of the side, as it is stored.
    function add(BookSide storage self, SideTotals totals, Contribution memory part) internal {
        SideBounds bounds = boundsOf(self);
        _storeSide(
            self,
            totals.size() + part.size,
            totals.notional() + part.notional,
            totals.marginNano() + part.marginNano,
            bounds.carryAtEntry() + part.carryAtEntry,
            bounds.capNano() + part.capNano
        );
    }

    /// @param totals Slot 0 of the side, as it is stored.
    function sub(BookSide storage self, SideTotals totals, Contribution memory part) internal {
        SideBounds bounds = boundsOf(self);
        _storeSide(
            self,
            totals.size() - part.size,
            totals.notional() - part.notional,
            totals.marginNano() - part.marginNano,
            bounds.carryAtEntry() - part.carryAtEntry,
            bounds.capNano() - part.capNano
        );
    }

    function sideOf(Book storage self, bool isLong) internal view returns (BookSide storage) {
        return isLong ? self.long : self.short;
    }

    /// @notice Size, entry notional and margin of a side, in one word.
    function totals(BookSide storage self) internal view returns (SideTotals word) {
        assembly ("memory-safe") {
            word := sload(self.slot)
        }
    }

    /// @notice Carry at opening and largest gains of a side, in one word.
    function boundsOf(BookSide storage self) internal view returns (SideBounds word) {
        assembly ("memory-safe") {
            word := sload(add(self.slot, 1))
        }
    }

    function configOf(Book storage self) internal view returns (BookConfigWord word) {
        BookConfig storage stored = self.config;
        assembly ("memory-safe") {
            word := sload(stored.slot)
        }
    }

    function openConfigOf(Book storage self) internal view returns (OpenConfigWord word) {
        OpenConfig storage stored = self.openConfig;
        assembly ("memory-safe") {
            word := sload(stored.slot)
        }
    }

    function termsOf(Book storage self, uint8 termsId) internal view returns (TermsWord word) {
        Terms storage stored = self.terms[termsId];
        assembly ("memory-safe") {
            word := sload(stored.slot)
        }
    }

    /// @notice The first tier whose maxLeverage is not below the leverage; zero, which no tier is, if there is none.
    /// @param config Of the book.
    /// @param openConfig Of the book.
    function tierOf(
        Book storage self,
        BookConfigWord config,
        OpenConfigWord openConfig,
        uint256 leverage
    ) internal view returns (TierWord tier) {
        if (leverage <= config.maxLeverage()) tier = self.tiers[openConfig.tierIndexOf(leverage)];
    }

    /// @notice All tiers.
    function tierList(Book storage self) internal view returns (Tier[] memory tiers) {
        tiers = new Tier[](self.config.tierCount);
        for (uint256 i = 0; i < tiers.length; ++i) tiers[i] = self.tiers[i].unpack();
    }

    /// @notice What the LPs have won from one side by price and carry, at both ends of a price, USD with 18 decimals; to be
    /// held within `lpBounds`.
    /// @dev Longs: ΣN − ΣQ·P + Σ carry; shorts: ΣQ·P − ΣN + Σ carry. LPs are worst off against longs at the high price,
    /// against shorts at the low one.
    function lpPnl(
        SideTotals sums,
        SideBounds bounds,
        bool isLong,
        int256 indexNow,
        Price lowPrice,
        Price highPrice
    ) internal pure returns (int256 low, int256 high) {
        int256 notional = int256(uint256(sums.notional()));
        int256 carry = CarryMath.atEntry(sums.notional(), indexNow);
        unchecked {
            // ΣN and ΣQ have 96 bits, a price 64, an index 72 and Σ carry 128: nothing passes 2^170.
            carry -= bounds.carryAtEntry();
            low = int256(uint256(sums.size()) * (isLong ? highPrice : lowPrice).raw());
            high = int256(uint256(sums.size()) * (isLong ? lowPrice : highPrice).raw());
            (low, high) = isLong ? (notional - low, notional - high) : (low - notional, high - notional);
            (low, high) = (low + carry, high + carry);
        }
    }

    /// @notice Most that liquidations which may be due could add to what a side counts, USD with 18 decimals.
    /// @dev A position that is due has lost at least the loss rate's share of its margin: all margins that are due together are
    /// at most the loss of the side / that rate. What the side counts of them, at most Σ margins at opening, is taken off.
    /// Rounding: up.
    /// @param loss What the LPs have won from the side, see `lpPnl`; not positive: nothing is due of its sum.
    /// @param margins Σ margins at opening, USD with 18 decimals.
    /// @param lossRatePercent Least liquidation loss rate of any position of the side, whole percent.
    /// @param isMarginFixed No margin is ever added: what is due is part of Σ margins.
    function dueUsd(
        int256 loss,
        int256 margins,
        uint256 lossRatePercent,
        bool isMarginFixed
    ) internal pure returns (uint256) {
        if (loss <= 0) return 0;
        // Both are positive.
        (uint256 lost, uint256 counted) = (uint256(loss), uint256(margins));
        // At most 170 bits, see `lpPnl`.
        uint256 due = Math.ceilDiv(lost * 100, lossRatePercent);
        if (isMarginFixed) due = Math.min(due, counted);
        return due - Math.min(lost, counted);
    }

    /// @notice −Σ largest gains and +Σ margins of a side, USD with 18 decimals.
    function lpBounds(SideTotals sums, SideBounds bounds) internal pure returns (int256 worst, int256 best) {
        unchecked {
            // 64 bits by 30.
            worst = -int256(uint256(bounds.capNano()) * NANO_USD);
            best = int256(uint256(sums.marginNano()) * NANO_USD);
        }
    }

    /// @notice `value`, or the nearer of two bounds when it lies outside.
    function held(int256 value, int256 worst, int256 best) internal pure returns (int256) {
        if (value < worst) return worst;
        return value > best ? best : value;
    }

    /// @dev A loss drains by the budget in an hour, rounded down; what was kept beyond the losses fades by the budget in ten
    /// minutes, rounded up.
    /// @param budgetSeconds Budget by the seconds that passed.
    function _drained(int256 lossNano, uint256 budgetSeconds) private pure returns (int72) {
        // A loss has 71 bits, budget and seconds 62 and 40: nothing passes 2^103, and what is returned is nearer to 0.
        int256 drained = int256(
            lossNano > 0 ? budgetSeconds / LOSS_DRAINS_IN : Math.ceilDiv(budgetSeconds, CREDIT_FADES_IN)
        );
        if (lossNano > 0) return lossNano > drained ? int72(lossNano - drained) : int72(0);
        return lossNano + drained < 0 ? int72(lossNano + drained) : int72(0);
    }

    function _loadState(Book storage self, BookState memory state) private view {
        BookState storage stored = self.state;
        StateWord word;
        assembly ("memory-safe") {
            word := sload(stored.slot)
        }
        (state.longIndex, state.shortIndex) = (word.longIndex(), word.shortIndex());
        (state.accruedAt, state.lossNano) = (word.accruedAt(), word.lossNano());
    }

    function _storeSide(
        BookSide storage self,
        uint96 size,
        uint96 notional,
        uint64 marginNano,
        int128 carryAtEntry,
        uint64 capNano
    ) private {
        SideTotals low = SideTotalsFields.pack(size, notional, marginNano);
        SideBounds high = SideBoundsFields.pack(carryAtEntry, capNano);
        assembly ("memory-safe") {
            sstore(self.slot, low)
            sstore(add(self.slot, 1), high)
        }
    }

    function _fundingRateX18(BookConfigWord config, SideTotals long, SideTotals short) private pure returns (int256) {
        return
            CarryMath.fundingRateX18(
                long.notional(),
                short.notional(),
                CarryMath.perSecondX18(config.fundingPipsPerHour()),
                CarryMath.perSecondX18(config.minFundingPipsPerHour()),
                CarryMath.perSecondX18(config.maxFundingPipsPerHour())
            );
    }
}
