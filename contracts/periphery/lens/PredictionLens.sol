// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPrediction} from "../../interfaces/IPrediction.sol";
import {BetAction, BetPreview, BetRecord, IPredictionLens} from "../../interfaces/IPredictionLens.sol";
import {IPriceAggregator} from "../../interfaces/IPriceAggregator.sol";
import {BetMath} from "../../prediction/BetMath.sol";
import {Bet, BetStatus} from "../../types/Bet.sol";
import {Price} from "../../types/Units.sol";
import {Code} from "../../utils/Code.sol";

/// @title PredictionLens
/// @notice See `IPredictionLens`.
contract PredictionLens is IPredictionLens {
    /// @notice Where prices are read.
    IPriceAggregator public immutable aggregator;

    constructor(address aggregator_) {
        Code.requireContract(aggregator_);
        aggregator = IPriceAggregator(aggregator_);
    }

    /// @inheritdoc IPredictionLens
    function record(IPrediction prediction, uint256 id) external view override returns (BetRecord memory) {
        if (prediction.statusOf(id) == BetStatus.None) revert PredictionLens_BetNotFound(id);
        return _record(prediction, id);
    }

    /// @inheritdoc IPredictionLens
    function scan(
        IPrediction prediction,
        uint256 from,
        uint256 to
    ) external view override returns (BetRecord[] memory) {
        return _select(prediction, from, to, address(0), false);
    }

    /// @inheritdoc IPredictionLens
    function scanOwner(
        IPrediction prediction,
        address owner,
        uint256 from,
        uint256 to
    ) external view override returns (BetRecord[] memory records) {
        // Nobody has bets of address 0, which stands for everybody below.
        if (owner == address(0)) return records;
        return _select(prediction, from, to, owner, false);
    }

    /// @inheritdoc IPredictionLens
    function executable(
        IPrediction prediction,
        uint256 from,
        uint256 to
    ) external view override returns (BetRecord[] memory) {
        return _select(prediction, from, to, address(0), true);
    }

    /// @inheritdoc IPredictionLens
    function preview(IPrediction prediction, uint256 id) external view override returns (BetPreview memory) {
        uint16 assetId = prediction.market(_struck(prediction, id).marketId).assetId;
        Price price = aggregator.pushPrice(assetId).mid;
        if (price.isZero()) revert PredictionLens_PriceMissing(assetId);
        return previewAt(prediction, id, price);
    }

    /// @inheritdoc IPredictionLens
    function previewAt(
        IPrediction prediction,
        uint256 id,
        Price price
    ) public view override returns (BetPreview memory result) {
        Bet memory bet = _struck(prediction, id);
        result.price = price;
        (result.isWon, result.payout) = prediction.previewResult(id, price);
        // Payout and stake have less than 82 bits.
        result.profit = int256(result.payout) - int256(uint256(bet.stake));
    }

    /// @param owner Zero: everybody's.
    function _select(
        IPrediction prediction,
        uint256 from,
        uint256 to,
        address owner,
        bool onlyExecutable
    ) private view returns (BetRecord[] memory records) {
        uint256 next = prediction.nextBetId();
        if (to > next) to = next;
        if (from >= to) return records;
        records = new BetRecord[](to - from);
        uint256 count;
        for (uint256 id = from; id < to; ++id) {
            if (prediction.statusOf(id) == BetStatus.None) continue;
            BetRecord memory found = _record(prediction, id);
            if (owner != address(0) && found.owner != owner) continue;
            if (onlyExecutable && _isWaiting(found.action)) continue;
            records[count++] = found;
        }
        // Shortens the list to what was found: the rest of its memory is left unused.
        assembly ("memory-safe") {
            mstore(records, count)
        }
    }

    function _record(IPrediction prediction, uint256 id) private view returns (BetRecord memory found) {
        Bet memory bet = prediction.bet(id);
        found.id = id;
        found.status = prediction.statusOf(id);
        found.owner = bet.owner;
        found.marketId = bet.marketId;
        found.assetId = prediction.market(bet.marketId).assetId;
        found.token = prediction.stakeTokenById(bet.tokenId).token;
        found.isUp = bet.state.isUp();
        found.isNative = bet.state.asNative();
        found.periodSeconds = bet.periodSeconds;
        found.since = bet.time;
        bool isStruck = found.status == BetStatus.Struck;
        found.target = bet.time.inSeconds() + (isStruck ? bet.periodSeconds : prediction.executionDelay());
        found.returnableFrom = prediction.returnableFrom(id);
        found.stake = bet.stake;
        found.win = BetMath.winOf(bet.stake, bet.payoutPips);
        found.settlementFee = bet.executionFee;
        found.payoutPips = bet.payoutPips;
        found.strike = bet.strike;
        found.action = _actionOf(isStruck, found.target, found.returnableFrom);
    }

    function _struck(IPrediction prediction, uint256 id) private view returns (Bet memory) {
        if (prediction.statusOf(id) != BetStatus.Struck) revert PredictionLens_NotStruck(id);
        return prediction.bet(id);
    }

    function _actionOf(bool isStruck, uint256 target, uint256 returnableFrom) private view returns (BetAction) {
        if (block.timestamp >= returnableFrom) return BetAction.Returnable;
        if (block.timestamp < target) return isStruck ? BetAction.AwaitsSettlement : BetAction.AwaitsStrike;
        return isStruck ? BetAction.Settleable : BetAction.Strikeable;
    }

    function _isWaiting(BetAction action) private pure returns (bool) {
        return action == BetAction.AwaitsStrike || action == BetAction.AwaitsSettlement;
    }
}
