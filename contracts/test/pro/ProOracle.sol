// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PriceProof, PushPrice, Tick} from "../../interfaces/IPriceAggregator.sol";
import {PackedPrice} from "../../oracle/PackedPrice.sol";
import {Price} from "../../types/Units.sol";

/// @notice As much of a price aggregator as Pro asks: proving takes the tick that a test has set for each asset.
contract ProOracle {
    struct Scripted {
        uint256 tickWord;
        uint256 anchorsWord;
    }

    uint256 public feeWei;
    bool public isReady = true;

    mapping(uint16 assetId => Scripted) private _scripted;
    mapping(address prover => uint256[]) private _ticks;

    function set(
        uint16 assetId,
        uint64 price,
        uint64 confidence,
        uint40 publishTime,
        PushPrice calldata anchors
    ) external {
        _scripted[assetId] = Scripted(
            PackedPrice.packTick(0, price, confidence, publishTime, assetId),
            PackedPrice.packPushPrice(anchors, false)
        );
    }

    /// @notice A tick with two anchors at its price.
    function setPrice(uint16 assetId, uint64 price, uint40 publishTime) external {
        Price same = Price.wrap(price);
        _scripted[assetId] = Scripted(
            PackedPrice.packTick(0, price, 0, publishTime, assetId),
            PackedPrice.packPushPrice(PushPrice(same, same, same, 2), false)
        );
    }

    function setReady(bool isReady_) external {
        isReady = isReady_;
    }

    function setFee(uint256 feeWei_) external {
        feeWei = feeWei_;
    }

    function prove(PriceProof[] calldata proofs) external payable returns (uint256) {
        uint256[] storage ticks = _ticks[msg.sender];
        for (uint256 i = 0; i < proofs.length; ++i) {
            for (uint256 j = 0; j < proofs[i].assetIds.length; ++j) {
                ticks.push(_scripted[proofs[i].assetIds[j]].tickWord);
            }
        }
        (bool isPaid, ) = msg.sender.call{value: msg.value - feeWei}("");
        require(isPaid);
        return ticks.length;
    }

    function exitQuote(
        address prover,
        uint256 tickIndex,
        uint16 tokenAssetId
    ) external view returns (uint256, uint256, uint256) {
        return quote(prover, tickIndex, tokenAssetId);
    }

    function tick(address prover, uint256 tickIndex) external view returns (Tick memory found) {
        uint256[] storage ticks = _ticks[prover];
        if (tickIndex < ticks.length) PackedPrice.unpackTick(ticks[tickIndex], found);
    }

    function pushPrice(uint16 assetId) external view returns (PushPrice memory push) {
        PackedPrice.unpackPushPrice(_scripted[assetId].anchorsWord, push);
    }

    function quote(
        address prover,
        uint256 tickIndex,
        uint16
    ) public view returns (uint256 tickWord, uint256 anchorsWord, uint256 tokenWord) {
        uint256[] storage ticks = _ticks[prover];
        if (tickIndex < ticks.length) tickWord = ticks[tickIndex];
        if (tickWord != 0) anchorsWord = _scripted[PackedPrice.assetIdOf(tickWord)].anchorsWord;
        tokenWord = PackedPrice.packToken(0, isReady);
    }
}
