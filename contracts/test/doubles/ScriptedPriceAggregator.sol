// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    AssetConfig,
    IPriceAggregator,
    PriceProof,
    PriceRange,
    PushPrice,
    Tick
} from "../../interfaces/IPriceAggregator.sol";
import {PackedPrice} from "../../oracle/PackedPrice.sol";
import {Price} from "../../types/Units.sol";

/// @notice A price aggregator that answers what a test tells it. Ticks are not proven: bringing an asset is enough.
contract ScriptedPriceAggregator is IPriceAggregator {
    error ScriptedPriceAggregator_NotScripted();

    /// @notice What `proveReference` charges per asset.
    uint256 public feePerAsset;
    /// @notice How often ticks were brought.
    uint256 public proofs;

    mapping(uint16 assetId => PriceRange) private _ranges;
    mapping(uint16 assetId => AssetConfig) private _configs;
    mapping(address prover => mapping(uint16 assetId => uint256 blockTime)) private _ticks;

    function setRange(uint16 assetId, Price low, Price mid, Price high, bool isValid) external {
        _ranges[assetId] = PriceRange({low: low, mid: mid, high: high, isValid: isValid});
        _configs[assetId].quorum = 1;
    }

    function setVolatile(uint16 assetId, bool isVolatile) external {
        _configs[assetId].isVolatile = isVolatile;
    }

    function setFeePerAsset(uint256 fee) external {
        feePerAsset = fee;
    }

    function proveReference(uint16[] calldata assetIds, bytes[] calldata updateData) external payable override {
        if (updateData.length == 0) revert PriceAggregator_NoUpdateData();
        uint256 fee = feePerAsset * assetIds.length;
        if (msg.value < fee) revert PriceAggregator_UpdateFeeNotPaid(msg.value, fee);
        for (uint256 i = 0; i < assetIds.length; ++i) _ticks[msg.sender][assetIds[i]] = block.timestamp;
        ++proofs;
        uint256 excess = msg.value - fee;
        if (excess == 0) return;
        (bool isPaid, ) = msg.sender.call{value: excess}("");
        if (!isPaid) revert PriceAggregator_RefundRefused(msg.sender, excess);
    }

    function referencePrices(
        address prover,
        uint16[] calldata assetIds
    ) external view override returns (uint256[] memory rangeWords) {
        rangeWords = new uint256[](assetIds.length);
        for (uint256 i = 0; i < assetIds.length; ++i) {
            PriceRange memory range = referencePrice(prover, assetIds[i]);
            (uint64 low, uint64 mid) = (Price.unwrap(range.low), Price.unwrap(range.mid));
            rangeWords[i] = PackedPrice.packRange(low, mid, Price.unwrap(range.high), range.isValid);
        }
    }

    function referencePrice(address prover, uint16 assetId) public view override returns (PriceRange memory range) {
        range = _ranges[assetId];
        if (_configs[assetId].isVolatile && _ticks[prover][assetId] != block.timestamp) range.isValid = false;
    }

    function asset(uint16 assetId) external view override returns (AssetConfig memory) {
        return _configs[assetId];
    }

    function prove(PriceProof[] calldata) external payable override returns (uint256) {
        revert ScriptedPriceAggregator_NotScripted();
    }

    function quote(address, uint256, uint16) external pure override returns (uint256, uint256, uint256) {
        revert ScriptedPriceAggregator_NotScripted();
    }

    function exitQuote(address, uint256, uint16) external pure override returns (uint256, uint256, uint256) {
        revert ScriptedPriceAggregator_NotScripted();
    }

    function tick(address, uint256) external pure override returns (Tick memory) {
        revert ScriptedPriceAggregator_NotScripted();
    }

    function pushPrice(uint16) external pure override returns (PushPrice memory) {
        revert ScriptedPriceAggregator_NotScripted();
    }

    function tokenPrice(uint16) external pure override returns (Price, Price, Price) {
        revert ScriptedPriceAggregator_NotScripted();
    }

    function isSequencerReady() external pure override returns (bool) {
        return true;
    }

    function pyth() external pure override returns (address) {
        return address(0);
    }

    function updateFee(PriceProof[] calldata) external pure override returns (uint256) {
        revert ScriptedPriceAggregator_NotScripted();
    }

    function referenceTickMaxAge() external pure override returns (uint256) {
        return 5;
    }
}
