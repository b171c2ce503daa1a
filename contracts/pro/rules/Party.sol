// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Market, ProState} from "../ProState.sol";
import {IProEvents} from "../interfaces/IPro.sol";
import {AccountWord} from "../types/AccountWord.sol";
import {ConfigWord} from "../types/MarketConfig.sol";
import {IndicesWord} from "../types/MarketWords.sol";
import {PositionWord, PositionWordFields} from "../types/PositionWord.sol";
import {SumsWord} from "../types/SumsWord.sol";

/// @notice An account as one market sees it: its words, loaded once, changed in memory and stored once.
/// @param account The account.
/// @param market The market.
/// @param word The account's word.
/// @param sums What it has resting in the market, mode and leverage.
/// @param position Its position.
/// @param isolatedCash Quote of its isolated scope; only looked at in isolated mode.
struct Party {
    uint40 account;
    uint8 market;
    AccountWord word;
    SumsWord sums;
    PositionWord position;
    int256 isolatedCash;
}

/// @notice Lots added to a position and what they cost, both signed; first what reduces, then what increases.
/// @param closedLots Opposite to the position, at most its size.
/// @param closedCost Σ price × closed lots, quote, sign of the lots.
/// @param openedLots Of the position's sign, or of any where there is none left.
/// @param openedCost Σ price × opened lots, quote, sign of the lots.
struct Fill {
    int256 closedLots;
    int256 closedCost;
    int256 openedLots;
    int256 openedCost;
}

using PartyLib for Party global;

/// @title Changing what an account has in a market
/// @dev Where an account's words are read they have the widths that they are packed with: lots 64 bits, costs and cash 112, indices
/// 80. What they are changed by is narrower than 2^200; the packing tests what comes of it.
library PartyLib {
    function load(
        Party memory self,
        ProState storage state,
        Market storage market,
        uint8 marketId,
        uint40 account
    ) internal view {
        (self.account, self.market) = (account, marketId);
        self.word = state.accounts[account];
        self.sums = market.sums[account];
        self.position = market.positions[account];
        self.isolatedCash = self.sums.isIsolated() ? market.isolatedCash[account] : int256(0);
    }

    function store(Party memory self, ProState storage state, Market storage market) internal {
        state.accounts[self.account] = self.word;
        market.sums[self.account] = self.sums;
        market.positions[self.account] = self.position;
        if (self.sums.isIsolated()) market.isolatedCash[self.account] = self.isolatedCash;
    }

    /// @notice Cash of the scope that the market belongs to.
    function cash(Party memory self) internal pure returns (int256) {
        return self.sums.isIsolated() ? self.isolatedCash : self.word.cash();
    }

    function addCash(Party memory self, int256 change) internal pure {
        if (self.sums.isIsolated()) {
            // Reverts where it would pass the width of the account's cash, which it may return to.
            AccountWord.wrap(0).withCash(self.isolatedCash += change);
        } else {
            self.word = self.word.withCash(self.word.cash() + change);
        }
    }

    /// @notice L.
    function leverage(Party memory self, ConfigWord config) internal pure returns (uint256 chosen) {
        chosen = self.sums.leverage();
        if (chosen == 0) chosen = config.defaultLeverage();
    }

    /// @notice How many lots bought (or sold) would only reduce the position.
    function reducible(Party memory self, bool isBuy) internal pure returns (uint256) {
        int256 lots = self.position.lots();
        unchecked {
            if (isBuy) return lots < 0 ? uint256(-lots) : 0;
        }
        return lots > 0 ? uint256(lots) : 0;
    }

    /// @notice Settles funding, changes the position, and moves what is realised and `cashChange` into the scope's cash.
    /// @return total Whole change of the cash.
    function move(
        Party memory self,
        IndicesWord indices,
        Fill memory fill,
        int256 cashChange
    ) internal pure returns (int256 total) {
        unchecked {
            int256 lots = self.position.lots();
            int256 cost = self.position.cost();
            total = cashChange - lots * (indices.indexOf(lots) - self.position.snapshot());
            bool wasOpen = lots != 0;
            if (fill.closedLots != 0) {
                int256 left = lots + fill.closedLots;
                int256 costLeft = _floorShare(cost, left, lots);
                total += costLeft - cost - fill.closedCost;
                (lots, cost) = (left, costLeft);
            }
            if (fill.openedLots != 0) (lots, cost) = (lots + fill.openedLots, cost + fill.openedCost);
            self.position = PositionWordFields.pack(lots, cost, indices.indexOf(lots));
            self.addCash(total);
            if (!self.sums.isIsolated()) _noteCross(self, wasOpen, lots != 0);
        }
    }

    /// @notice After the last order or the position is gone: what an isolated scope has left returns, the cross scope forgets
    /// the market.
    /// @dev Isolated cash below 0 stays where it is: it is never the cross scope's, and no test lets it pass.
    function tidy(Party memory self) internal {
        if (self.position.isOpen() || self.sums.slots() != 0) return;
        if (!self.sums.isIsolated()) {
            self.word = self.word.withoutMarket(self.market);
            return;
        }
        int256 amount = self.isolatedCash;
        if (amount <= 0) return;
        self.isolatedCash = 0;
        self.word = self.word.withCash(self.word.cash() + amount);
        emit IProEvents.IsolatedReturned(self.account, self.market, amount);
    }

    /// @notice Whether the scope has neither position nor cash for what it owes: nobody would ever pay that.
    function isDeficit(Party memory self) internal pure returns (bool) {
        if (self.position.isOpen() || self.cash() >= 0) return false;
        return self.sums.isIsolated() || self.word.positions() == 0;
    }

    function _noteCross(Party memory self, bool wasOpen, bool isOpen) private pure {
        if (wasOpen == isOpen) return;
        self.word = isOpen ? self.word.withPosition().withMarket(self.market) : self.word.withoutPosition();
    }

    /// @dev ⌊amount · part / whole⌋. Requirements: part and whole have one sign, or part is 0.
    function _floorShare(int256 amount, int256 part, int256 whole) private pure returns (int256 share) {
        unchecked {
            // A cost of 112 bits by lots of 64.
            int256 product = amount * part;
            share = product / whole;
            if (product % whole != 0 && (product < 0) != (whole < 0)) --share;
        }
    }
}
