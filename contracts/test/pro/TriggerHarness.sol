// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PushPrice, Tick} from "../../interfaces/IPriceAggregator.sol";
import {ProOutcome, ProReason} from "../../pro/ProOutcome.sol";
import {IProTriggers, TriggerOrder} from "../../pro/interfaces/IProTriggers.sol";
import {TriggerMath} from "../../pro/math/TriggerMath.sol";
import {TriggerCase, TriggerRules} from "../../pro/rules/TriggerRules.sol";
import {ConfigWord} from "../../pro/types/MarketConfig.sol";
import {TriggerWord, TriggerWordFields} from "../../pro/types/TriggerWord.sol";

/// @notice Rules and words of triggers by themselves, and a caller that tells what an execution came to.
contract TriggerHarness {
    event Attempted(ProOutcome outcome, ProReason reason);

    function execute(
        IProTriggers triggers,
        uint256 id,
        address prover,
        uint256 tickIndex,
        uint256 earlierTickIndex,
        address keeper
    ) external {
        (ProOutcome outcome, ProReason reason) = triggers.execute(id, prover, tickIndex, earlierTickIndex, keeper);
        emit Attempted(outcome, reason);
    }

    function judge(
        TriggerOrder calldata order,
        ConfigWord config,
        uint256 clock,
        Tick calldata tick,
        PushPrice calldata anchors,
        Tick calldata earlier
    ) external view returns (ProReason reason, uint256 price, uint24 limit) {
        TriggerCase memory x;
        x.trigger = _wordOf(order);
        (x.config, x.clock, x.earlier) = (config, clock, earlier);
        (x.quote.tick, x.quote.anchors) = (tick, anchors);
        (reason, price) = TriggerRules.judge(x);
        if (price != 0) limit = TriggerRules.limitOf(x.trigger, config, price);
    }

    function isFinal(ProReason reason) external pure returns (bool) {
        return TriggerRules.isFinal(reason);
    }

    function shareOf(uint256 tip, uint256 filled, uint256 wanted) external pure returns (uint24) {
        return TriggerMath.shareOf(tip, filled, wanted);
    }

    /// @notice A word of these fields, taken apart again, and what a rest and a free slot keep of it.
    function repack(
        TriggerOrder calldata order,
        uint40 changedAt,
        uint24 tip,
        uint40 generation
    ) external pure returns (TriggerOrder memory same, uint256[4] memory clock, uint256 rest, uint256 free) {
        TriggerWord word = _wordOf(order).withClock(changedAt, order.expiry, tip, generation);
        same = _orderOf(word);
        same.market = order.market;
        clock = [uint256(word.changedAt()), word.tip(), word.generation(), word.isWaiting() ? 1 : 0];
        rest = TriggerWord.unwrap(word.withRest(order.lots >> 1, tip >> 1)) ^ TriggerWord.unwrap(word);
        free = TriggerWord.unwrap(word.emptied());
    }

    function _wordOf(TriggerOrder calldata order) private pure returns (TriggerWord word) {
        bool isLimit = order.limit != 0;
        word = TriggerWordFields.pack(order.kind, order.isBuy, order.isReduceOnly, order.lots, order.tick);
        return word.withBound(isLimit, isLimit ? order.limit : order.boundPips, order.callbackPips);
    }

    function _orderOf(TriggerWord word) private pure returns (TriggerOrder memory order) {
        (order.kind, order.isBuy, order.isReduceOnly) = (word.kind(), word.isBuy(), word.isReduceOnly());
        (order.lots, order.tick, order.callbackPips) = (word.lots(), word.tick(), word.callbackPips());
        order.expiry = word.expiry();
        if (word.isLimit()) order.limit = word.bound();
        else order.boundPips = word.bound();
    }
}
