// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IProduct} from "../../interfaces/IProduct.sol";
import {IVault, Opening, Settlement} from "../../interfaces/IVault.sol";
import {PackedPrice} from "../../oracle/PackedPrice.sol";
import {AssetMask} from "../../utils/AssetMask.sol";

/// @notice A product with one line of exposure per asset: LP PnL = −size × (price − entry), clamped. Draws on the Vault as
/// a test tells it; so does it answer what its positions are worth.
contract ScriptedProduct is IProduct {
    struct Line {
        int256 sizeX8;
        int256 entryX10;
        int256 minUsd;
        int256 maxUsd;
    }

    /// @notice How its views answer: as its lines say; with what it was told; not at all; by burning all gas; with 100 kB; with
    /// too short an answer.
    enum Behaviour {
        Honest,
        Told,
        Reverts,
        BurnsGas,
        Bombs,
        Mumbles
    }

    error ScriptedProduct_Busy();

    IVault public immutable vault;
    bool public isBusy;
    Behaviour public behaviour;
    /// @notice Whether `behaviour` begins at the first question, what it is exposed to, or at the second.
    bool public isFirstAsked;
    int256 private _toldLowUsd;
    int256 private _toldHighUsd;
    uint256 private _dueUsd;
    uint256 private _assetMask;
    mapping(uint16 assetId => Line) private _lines;

    constructor(IVault vault_) {
        vault = vault_;
    }

    /// @notice Exposes the product to an asset.
    function setLine(uint16 assetId, Line calldata line) external {
        _assetMask |= 1 << assetId;
        _lines[assetId] = line;
    }

    /// @notice What it says liquidations could add.
    function setDue(uint256 dueUsd) external {
        _dueUsd = dueUsd;
    }

    /// @notice Has it answer these numbers, whatever the prices.
    function tell(int256 lowUsd, int256 highUsd, uint256 dueUsd) external {
        (behaviour, _toldLowUsd, _toldHighUsd, _dueUsd) = (Behaviour.Told, lowUsd, highUsd, dueUsd);
    }

    function setBehaviour(Behaviour behaviour_, bool isFirstAsked_) external {
        (behaviour, isFirstAsked) = (behaviour_, isFirstAsked_);
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

    function exposedAssets() external view override returns (uint256) {
        if (isFirstAsked) _misbehave();
        return _assetMask;
    }

    function lpPnl(
        uint256 assetMask,
        uint256[] calldata rangeWords
    ) external view override returns (int256 lowUsd, int256 highUsd, uint256 dueUsd) {
        if (isBusy) revert ScriptedProduct_Busy();
        _misbehave();
        if (behaviour == Behaviour.Told) return (_toldLowUsd, _toldHighUsd, _dueUsd);
        for (uint256 rest = _assetMask; rest != 0; rest &= rest - 1) {
            uint16 assetId = AssetMask.lowest(rest);
            Line memory line = _lines[assetId];
            uint256 word = rangeWords[AssetMask.placeOf(assetMask, assetId)];
            if (!PackedPrice.isRangeValid(word)) {
                lowUsd += line.minUsd;
                highUsd += line.maxUsd;
                continue;
            }
            int256 atLow = _pnl(line, int256(uint256(PackedPrice.lowOf(word))));
            int256 atHigh = _pnl(line, int256(uint256(PackedPrice.highOf(word))));
            lowUsd += atLow < atHigh ? atLow : atHigh;
            highUsd += atLow < atHigh ? atHigh : atLow;
        }
        dueUsd = _dueUsd;
    }

    function _misbehave() private view {
        if (behaviour == Behaviour.Reverts) revert ScriptedProduct_Busy();
        if (behaviour == Behaviour.BurnsGas) {
            while (true) {}
        }
        if (behaviour == Behaviour.Bombs) {
            assembly ("memory-safe") {
                revert(mload(0x40), 100000)
            }
        }
        if (behaviour == Behaviour.Mumbles) {
            assembly ("memory-safe") {
                return(mload(0x40), 31)
            }
        }
    }

    function _pnl(Line memory line, int256 priceX10) private pure returns (int256 usd) {
        usd = line.sizeX8 * (line.entryX10 - priceX10);
        if (usd < line.minUsd) usd = line.minUsd;
        if (usd > line.maxUsd) usd = line.maxUsd;
    }
}
