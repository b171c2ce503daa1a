// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Quote} from "../../interfaces/IPriceAggregator.sol";
import {ExecutionPreview, ITrading} from "../../interfaces/ITrading.sol";
import {TradeStatus} from "../../types/Trade.sol";

/// @notice A Trading whose records are another's, and whose previews fail.
contract MuteTrading {
    ITrading private immutable _trading;

    error MuteTrading_Silent(uint256 id);

    constructor(ITrading trading) {
        _trading = trading;
    }

    function nextTradeId() external view returns (uint256) {
        return _trading.nextTradeId();
    }

    function statusOf(uint256 id) external view returns (TradeStatus) {
        return _trading.statusOf(id);
    }

    function extsload(bytes32[] calldata slots) external view returns (bytes32[] memory) {
        return _trading.extsload(slots);
    }

    function previewExecute(uint256 id, address, Quote calldata) external pure returns (ExecutionPreview memory) {
        revert MuteTrading_Silent(id);
    }

    function previewLiquidate(uint256 id, Quote calldata) external pure returns (ExecutionPreview memory) {
        revert MuteTrading_Silent(id);
    }
}
