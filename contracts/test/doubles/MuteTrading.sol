// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Quote, Tick} from "../../interfaces/IPriceAggregator.sol";
import {ExecutionPreview, ITrading, ItemPreview} from "../../interfaces/ITrading.sol";
import {DueWord} from "../../types/DueWord.sol";

/// @notice A Trading whose records are another's, and whose previews of one trade fail.
contract MuteTrading {
    ITrading private immutable _trading;

    uint256 private _silentId;
    bool private _executes;
    bool private _liquidates;

    error MuteTrading_Silent(uint256 id);

    constructor(ITrading trading) {
        _trading = trading;
    }

    /// @param id The trade whose previews fail.
    /// @param executes Those of its execution do not.
    /// @param liquidates Those of its liquidation do not.
    function silence(uint256 id, bool executes, bool liquidates) external {
        (_silentId, _executes, _liquidates) = (id, executes, liquidates);
    }

    function nextTradeId() external view returns (uint256) {
        return _trading.nextTradeId();
    }

    function extsload(bytes32[] calldata slots) external view returns (bytes32[] memory) {
        return _trading.extsload(slots);
    }

    function previewExecute(
        uint256 id,
        address executor,
        Quote calldata quote
    ) external view returns (ExecutionPreview memory) {
        if (!_executes) _speak(id);
        return _trading.previewExecute(id, executor, quote);
    }

    function previewLiquidate(uint256 id, Quote calldata quote) external view returns (ExecutionPreview memory) {
        if (!_liquidates) _speak(id);
        return _trading.previewLiquidate(id, quote);
    }

    function previewItem(
        uint256 id,
        address executor,
        Quote calldata closeQuote,
        Quote calldata quote
    ) external view returns (ItemPreview memory) {
        if (!_executes || (!_liquidates && quote.tick.publishTime != 0)) _speak(id);
        return _trading.previewItem(id, executor, closeQuote, quote);
    }

    function previewDue(
        address executor,
        uint256[] calldata ids,
        Tick[] calldata ticks
    ) external view returns (DueWord[] memory) {
        for (uint256 i = 0; i < ids.length; ++i) _speak(ids[i]);
        return _trading.previewDue(executor, ids, ticks);
    }

    function _speak(uint256 id) private view {
        if (id == _silentId) revert MuteTrading_Silent(id);
    }
}
