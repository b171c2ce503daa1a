// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ONE_USD, PIPS} from "../../types/Units.sol";
import {ProReason} from "../ProOutcome.sol";
import {Market, ProSetup, ProState} from "../ProState.sol";
import {ActionWord, EffectWord, EffectWordFields} from "../types/ActionWord.sol";
import {AccountWord} from "../types/AccountWord.sol";
import {ConfigWord, MarketStatus} from "../types/MarketConfig.sol";
import {IndexWord, MarkWord} from "../types/MarketWords.sol";
import {MAX_SCOPE_MARKETS} from "../types/ProIds.sol";
import {MarginRules} from "./MarginRules.sol";
import {Party} from "./Party.sol";
import {ProBook} from "./ProBook.sol";
import {TouchRules} from "./TouchRules.sol";

/// @notice Actions of a call that are handed over at once.
/// @param rights Of the caller, see `ActRights`.
/// @param first Number of the first action.
/// @param endsCall Nothing was changed before: what comes to the last action ends the call.
struct BookRun {
    uint40 account;
    uint256 rights;
    uint256 first;
    bool endsCall;
}

/// @notice The working set of actions that an account does in a market's book, one after the other: loaded once, changed in
/// memory, stored once.
/// @param isBegun What runs over time was brought to now.
/// @param isChanged There is something to store.
/// @param mark The word with the best prices, as they are by now.
/// @param flags What the actions so far have changed, see `EffectWordFields`.
/// @param lots Of the order at hand: what it still asks for.
/// @param reducible Of the order at hand: how many lots would only reduce the position.
/// @param reason Why the action at hand is refused. None: it is not.
/// @param value What breaks the bound.
struct Booking {
    uint8 marketId;
    bool isBegun;
    bool isChanged;
    ConfigWord config;
    IndexWord index;
    MarkWord mark;
    Party party;
    uint256 flags;
    uint256 lots;
    uint256 reducible;
    ProReason reason;
    uint256 value;
    uint256 bound;
}

using BookingLib for Booking global;

/// @title What keeps an order from the book
/// @dev Decides before anything is written: a soft action that is refused leaves nothing behind.
library BookingLib {
    /// @dev Least notional of any order that does not close a whole position.
    uint256 private constant LEAST_NOTIONAL = 10 * ONE_USD;

    function load(Booking memory self, ProState storage state, uint8 marketId, uint40 account) internal view {
        Market storage market = state.markets[marketId];
        (self.marketId, self.config, self.index) = (marketId, market.config, market.index);
        self.loadBook(state, account);
    }

    /// @notice What a match changes.
    function loadBook(Booking memory self, ProState storage state, uint40 account) internal view {
        Market storage market = state.markets[self.marketId];
        self.mark = market.mark;
        self.party.load(state, market, self.marketId, account);
    }

    /// @dev Neither position nor isolated cash are changed by what rests or goes.
    function store(Booking memory self, ProState storage state) internal {
        if (!self.isChanged) return;
        Market storage market = state.markets[self.marketId];
        self.isChanged = false;
        market.mark = self.mark;
        state.accounts[self.party.account] = self.party.word;
        market.sums[self.party.account] = self.party.sums;
    }

    /// @notice Before the first change of a call.
    function begin(Booking memory self, Market storage market, ProSetup calldata setup) internal {
        if (self.isBegun) return;
        self.isBegun = true;
        TouchRules.begin(market, setup);
    }

    /// @notice What the actions so far have changed, for the end of the call.
    function effect(Booking memory self) internal pure returns (EffectWord) {
        return EffectWordFields.pack(self.marketId, self.party.sums.isIsolated(), self.flags);
    }

    /// @notice Notes that the book changed at a price.
    function noteTouch(Booking memory self, bool isBid, uint24 tick) internal pure {
        self.flags |= EffectWordFields.TOUCHED;
        if (!ProBook.isDirty(self.mark, isBid, tick)) return;
        self.flags |= isBid ? EffectWordFields.DIRTY_BIDS : EffectWordFields.DIRTY_ASKS;
    }

    /// @return False, always.
    function refuse(Booking memory self, ProReason reason, uint256 value, uint256 bound) internal pure returns (bool) {
        (self.reason, self.value, self.bound) = (reason, value, bound);
        return false;
    }

    /// @notice Whether the moment and an order's size are such that it may come to the book at all; and how many lots it asks for.
    function mayEnter(Booking memory self, ProSetup calldata setup, ActionWord action) internal view returns (bool) {
        MarketStatus status = self.config.status();
        if (status == MarketStatus.Unlisted) return self.refuse(ProReason.MarketNotListed, self.marketId, 0);
        if (status == MarketStatus.Settling) return self.refuse(ProReason.MarketSettling, self.marketId, 0);
        if (!setup.status.canClose()) return self.refuse(ProReason.BreakerRaised, 0, 0);
        if (self.index.price() == 0) return self.refuse(ProReason.IndexMissing, self.marketId, 0);
        self.lots = action.lots();
        self.reducible = self.party.reducible(action.isBid());
        if (action.isReduceOnly()) {
            if (self.reducible == 0) return self.refuse(ProReason.NothingToReduce, 0, 0);
            if (self.lots > self.reducible) self.lots = self.reducible;
        }
        return _hasSize(self, action);
    }

    /// @notice Whether it fills something of what rests.
    function crosses(Booking memory self, ActionWord action) internal pure returns (bool) {
        bool isBid = action.isBid();
        uint24 best = self.mark.best(!isBid);
        if (best == 0) return false;
        uint24 tick = action.tick();
        return tick == 0 || (isBid ? best <= tick : best >= tick);
    }

    /// @notice Whether the moment is such that an order may take. One that may increase is one that does.
    function mayTake(Booking memory self, ProSetup calldata setup) internal view returns (bool) {
        if (self.lots <= self.reducible) return _hasAge(self, MarginRules.RESTING_AGE);
        if (!_canOpen(self, setup)) return _refuseClosed(self);
        uint256 leverage = self.party.leverage(self.config);
        if (!_hasAge(self, MarginRules.increaseAge(leverage, self.config.highLeverage()))) return false;
        if (!self.index.isNarrow()) return self.refuse(ProReason.IndexNotNarrow, 0, 0);
        if (!self.index.isReady()) return self.refuse(ProReason.SequencerNotReady, 0, 0);
        if (self.party.sums.isIsolated() || !self.isFull()) return true;
        return self.refuse(ProReason.MarketsFull, MAX_SCOPE_MARKETS, MAX_SCOPE_MARKETS);
    }

    /// @notice Whether what is left of an order may rest: all but whether there is a place for it.
    function mayRest(
        Booking memory self,
        Market storage market,
        ProSetup calldata setup,
        ActionWord action
    ) internal view returns (bool) {
        if (!_canOpen(self, setup)) return _refuseClosed(self);
        ConfigWord config = self.config;
        uint256 maxAge = MarginRules.restingAge(self.party.leverage(config), config.highLeverage());
        ProReason stale = MarginRules.stalenessOf(config, self.index, maxAge);
        if (stale != ProReason.None) return self.refuse(stale, block.timestamp - self.index.publishTime(), 0);
        unchecked {
            // Lots have 48 bits, ticks 24, units 112.
            uint256 notional = self.lots * action.tick() * config.unit();
            uint256 least = market.indices.leastRestingUsd() * ONE_USD;
            if (notional < least) return self.refuse(ProReason.RestTooSmall, notional, least);
        }
        return _hasPrice(self, action);
    }

    /// @notice Whether the cross scope has as many markets as it may, and not this one.
    function isFull(Booking memory self) internal pure returns (bool) {
        AccountWord word = self.party.word;
        if (word.hasMarket(self.marketId)) return false;
        uint256 count = 0;
        for (uint256 rest = word.markets(); rest != 0; rest &= rest - 1) ++count;
        return count >= MAX_SCOPE_MARKETS;
    }

    function _hasSize(Booking memory self, ActionWord action) private view returns (bool) {
        uint256 lots = self.lots;
        if (lots == 0) return self.refuse(ProReason.SizeMissing, 0, 0);
        uint256 tick = action.tick();
        if (tick == 0 && action.isResting()) return self.refuse(ProReason.PriceMissing, 0, 0);
        uint256 expiry = action.expiry();
        if (expiry != 0 && expiry < block.timestamp) {
            return self.refuse(ProReason.ExpiryPassed, expiry, block.timestamp);
        }
        unchecked {
            // Lots have 48 bits, units 112, ticks 24; lot sizes 56, marks 64.
            uint256 perLot = tick == 0 ? self.config.lotSize() * self.mark.mark() : tick * self.config.unit();
            // What is left of a position can always be closed.
            if (lots * perLot >= LEAST_NOTIONAL || (action.isReduceOnly() && lots == self.reducible)) return true;
            return self.refuse(ProReason.NotionalTooSmall, lots * perLot, LEAST_NOTIONAL);
        }
    }

    /// @dev One that may rest.
    function _hasPrice(Booking memory self, ActionWord action) private pure returns (bool) {
        unchecked {
            // Ticks have 24 bits, tick sizes 56, marks 64, pips 20.
            uint256 price = action.tick() * self.config.tickSize();
            uint256 mark = self.mark.mark();
            bool isBid = action.isBid();
            if (action.isReduceOnly() && (isBid ? price > mark : price < mark)) {
                return self.refuse(ProReason.BeyondMark, price, mark);
            }
            uint256 band = self.config.bandPips();
            bool isBeyond = isBid ? price * PIPS > mark * (PIPS + band) : price * PIPS < mark * (PIPS - band);
            return !isBeyond || self.refuse(ProReason.BeyondBand, price, mark);
        }
    }

    function _hasAge(Booking memory self, uint256 maxAge) private view returns (bool) {
        ProReason reason = MarginRules.stalenessOf(self.config, self.index, maxAge);
        return reason == ProReason.None || self.refuse(reason, block.timestamp - self.index.publishTime(), maxAge);
    }

    function _canOpen(Booking memory self, ProSetup calldata setup) private pure returns (bool) {
        return setup.status.canOpen() && self.config.status() == MarketStatus.Active;
    }

    function _refuseClosed(Booking memory self) private pure returns (bool) {
        bool isActive = self.config.status() == MarketStatus.Active;
        return self.refuse(isActive ? ProReason.BreakerRaised : ProReason.MarketReduceOnly, 0, 0);
    }
}
