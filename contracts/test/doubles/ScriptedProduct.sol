// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {PriceRange} from "../../interfaces/IPriceAggregator.sol";
import {IProduct} from "../../interfaces/IProduct.sol";
import {IVault, Opening, Settlement} from "../../interfaces/IVault.sol";

/// @notice A product with one line of exposure per asset: LP PnL = −size × (price − entry), clamped. Draws on the Vault as
/// a test tells it.
contract ScriptedProduct is IProduct {
    struct Line {
        int256 sizeX8;
        int256 entryX10;
        int256 minUsd;
        int256 maxUsd;
    }

    error ScriptedProduct_Busy();

    IVault public immutable vault;
    bool public isBusy;
    uint16[] private _assetIds;
    mapping(uint16 assetId => Line) private _lines;

    constructor(IVault vault_) {
        vault = vault_;
    }

    /// @notice Exposes the product to an asset; assets must be added in ascending order.
    function setLine(uint16 assetId, Line calldata line) external {
        if (_lines[assetId].entryX10 == 0) _assetIds.push(assetId);
        _lines[assetId] = line;
    }

    function setBusy(bool isBusy_) external {
        isBusy = isBusy_;
    }

    function deposit(address token, uint256 amount) external {
        vault.deposit(token, msg.sender, amount);
    }

    function open(Opening calldata opening) external returns (bool) {
        return vault.open(opening);
    }

    function settle(Settlement calldata settlement) external {
        vault.settle(settlement);
    }

    function payIn(address token, address payer, uint256 amount) external override {
        IERC20(token).transferFrom(payer, msg.sender, amount);
    }

    function exposedAssets() external view override returns (uint16[] memory) {
        return _assetIds;
    }

    function lpPnl(
        uint16[] calldata assetIds,
        PriceRange[] calldata ranges
    ) external view override returns (int256 lowUsd, int256 highUsd) {
        if (isBusy) revert ScriptedProduct_Busy();
        for (uint256 i = 0; i < assetIds.length; ++i) {
            Line memory line = _lines[assetIds[i]];
            if (!ranges[i].isValid) {
                lowUsd += line.minUsd;
                highUsd += line.maxUsd;
                continue;
            }
            int256 atLow = _pnl(line, int256(ranges[i].low.raw()));
            int256 atHigh = _pnl(line, int256(ranges[i].high.raw()));
            lowUsd += atLow < atHigh ? atLow : atHigh;
            highUsd += atLow < atHigh ? atHigh : atLow;
        }
    }

    function _pnl(Line memory line, int256 priceX10) private pure returns (int256 usd) {
        usd = line.sizeX8 * (line.entryX10 - priceX10);
        if (usd < line.minUsd) usd = line.minUsd;
        if (usd > line.maxUsd) usd = line.maxUsd;
    }
}
