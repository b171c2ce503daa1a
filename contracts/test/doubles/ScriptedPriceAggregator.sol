// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    AssetConfig,
    IPriceAggregator,
    PriceProof,
    PriceRange,
    PushPrice,
    ReferenceRule,
    Tick
} from "../../interfaces/IPriceAggregator.sol";
import {PackedPrice} from "../../oracle/PackedPrice.sol";
import {Price} from "../../types/Units.sol";
import {AssetMask} from "../../utils/AssetMask.sol";

/// @notice A price aggregator that answers what a test tells it. Ticks are not proven: bringing an asset is enough.
contract ScriptedPriceAggregator is IPriceAggregator {
    error ScriptedPriceAggregator_NotScripted();

    /// @notice What `proveReference` charges per asset.
    uint256 public feePerAsset;
    /// @notice How often ticks were brought.
    uint256 public proofs;
    /// @notice How often prices were taken, and by which rule last.
    uint256 public takings;
    ReferenceRule public lastRule;
    bool public override isSequencerReady = true;

    mapping(uint16 assetId => PriceRange) private _ranges;
    mapping(uint16 assetId => AssetConfig) private _configs;
    mapping(uint16 assetId => bool) private _needsTick;
    mapping(address prover => mapping(uint16 assetId => uint256 blockTime)) private _ticks;

    function setRange(uint16 assetId, Price low, Price mid, Price high, bool isValid) external {
        _ranges[assetId] = PriceRange({low: low, mid: mid, high: high, isValid: isValid});
        _configs[assetId].quorum = 1;
    }

    function setTickNeeded(uint16 assetId, bool isNeeded) external {
        _needsTick[assetId] = isNeeded;
    }

    function setSequencerReady(bool isReady) external {
        isSequencerReady = isReady;
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

    function takeReferencePrices(
        uint256 assetMask,
        ReferenceRule rule
    ) external override returns (uint256[] memory rangeWords, bool isReady) {
        rangeWords = referencePrices(msg.sender, assetMask, rule);
        for (uint256 rest = assetMask; rest != 0; rest &= rest - 1) delete _ticks[msg.sender][AssetMask.lowest(rest)];
        (lastRule, isReady) = (rule, isSequencerReady);
        ++takings;
    }

    function referencePrices(
        address prover,
        uint256 assetMask,
        ReferenceRule rule
    ) public view override returns (uint256[] memory rangeWords) {
        rangeWords = new uint256[](AssetMask.count(assetMask));
        for (uint256 i = 0; i < rangeWords.length; ++i) {
            PriceRange memory range = referencePrice(prover, AssetMask.lowest(assetMask), rule);
            (uint64 low, uint64 mid) = (Price.unwrap(range.low), Price.unwrap(range.mid));
            rangeWords[i] = PackedPrice.packRange(low, mid, Price.unwrap(range.high), range.isValid);
            assetMask &= assetMask - 1;
        }
    }

    function referencePrice(
        address prover,
        uint16 assetId,
        ReferenceRule
    ) public view override returns (PriceRange memory range) {
        range = _ranges[assetId];
        if (_needsTick[assetId] && _ticks[prover][assetId] != block.timestamp) range.isValid = false;
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

    function sequencerFeed() external pure override returns (address) {
        return address(0);
    }

    function sequencerGraceSeconds() external pure override returns (uint256) {
        return 0;
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
