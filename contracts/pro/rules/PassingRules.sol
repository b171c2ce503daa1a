// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Market, ProState} from "../ProState.sol";
import {IProEvents} from "../interfaces/IPro.sol";
import {IndicesWord} from "../types/MarketWords.sol";
import {Fill, Party} from "./Party.sol";

/// @notice Lots that two opposite positions of a market close against each other outside the book.
/// @param market The market.
/// @param giver One account.
/// @param taker The other one.
/// @param isGiverLong The giver sells, the taker buys back.
/// @param lots At most the smaller of the two positions.
/// @param giverCost Price × lots that the giver is settled at, quote.
/// @param takerCost That the taker is settled at, quote.
struct Passing {
    uint8 market;
    uint40 giver;
    uint40 taker;
    bool isGiverLong;
    uint256 lots;
    int256 giverCost;
    int256 takerCost;
}

/// @title Closing positions against each other
library PassingRules {
    /// @notice Does it, without fees.
    /// @param indices Funding up to now, and what is charged beside it; stored with the open interest that is left.
    /// @return isDone False, and nothing changed, where one of the two would be left without position and with negative cash.
    function pass(
        ProState storage state,
        Market storage market,
        Passing memory x,
        IndicesWord indices
    ) internal returns (bool isDone) {
        Party memory giver;
        Party memory taker;
        giver.load(state, market, x.market, x.giver);
        taker.load(state, market, x.market, x.taker);
        // Lots have 64 bits.
        int256 lots = x.isGiverLong ? -int256(x.lots) : int256(x.lots);
        int256 giverCost = x.isGiverLong ? -x.giverCost : x.giverCost;
        int256 takerCost = x.isGiverLong ? x.takerCost : -x.takerCost;
        int256 giverCash = giver.move(indices, Fill(lots, giverCost, 0, 0), 0);
        int256 takerCash = taker.move(indices, Fill(-lots, takerCost, 0, 0), 0);
        if (giver.isDeficit() || taker.isDeficit()) return false;

        giver.tidy();
        taker.tidy();
        giver.store(state, market);
        taker.store(state, market);
        market.indices = indices.withOpenInterest(indices.openInterest() - x.lots);
        emit IProEvents.PositionMoved(x.giver, x.market, lots, giverCost, giverCash);
        emit IProEvents.PositionMoved(x.taker, x.market, -lots, takerCost, takerCash);
        return true;
    }
}
