// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IPyth} from "@pythnetwork/pyth-sdk-solidity/IPyth.sol";
import {PythStructs} from "@pythnetwork/pyth-sdk-solidity/PythStructs.sol";

import {
    AssetConfig,
    IPriceAggregator,
    PriceProof,
    PriceRange,
    PushPrice,
    ReferenceRule,
    Tick
} from "../interfaces/IPriceAggregator.sol";
import {IPriceSources} from "../interfaces/IPriceSources.sol";
import {SourceWord} from "../types/SourceWord.sol";
import {PIPS, Price} from "../types/Units.sol";
import {AssetMask} from "../utils/AssetMask.sol";
import {Code} from "../utils/Code.sol";
import {PackedPrice} from "./PackedPrice.sol";
import {PriceSources} from "./PriceSources.sol";
import {ReferenceMath} from "./ReferenceMath.sol";
import {SourceSheet} from "./SourceSheet.sol";
import {TransientPrice} from "./TransientPrice.sol";
import {ChainlinkAdapter} from "./adapters/ChainlinkAdapter.sol";
import {PythAdapter} from "./adapters/PythAdapter.sol";

/// @title PriceAggregator
/// @notice Pyth ticks, Chainlink and Binance Oracle behind one contract.
/// @dev Holds no price beyond a transaction and no coin beyond a call.
contract PriceAggregator is IPriceAggregator, PriceSources, ReentrancyGuardTransient {
    uint256 private constant REFERENCE_TICK_MAX_AGE_SECONDS = 5;
    /// @dev Widest confidence of a tick that joins a reference price.
    uint256 private constant REFERENCE_MAX_CONFIDENCE_PIPS = 10_000;
    /// @dev A price in Pyth's own storage that is younger says that there are ticks which a burn could bring.
    uint256 private constant STORED_PRICE_AGE_SECONDS = 10 minutes;
    /// @dev Owners need some time to close or add margin before liquidations go on; what opens waits as long.
    uint256 private constant MIN_SEQUENCER_GRACE_SECONDS = 1 minutes;
    uint256 private constant MAX_SEQUENCER_GRACE_SECONDS = 1 hours;

    /// @inheritdoc IPriceAggregator
    address public sequencerFeed;

    /// @param accessManager Authority of the configuration.
    /// @param initialPyth The Pyth contract.
    /// @param sequencerFeed_ The L2 sequencer's uptime feed; zero where there is none.
    /// @param sequencerGraceSeconds_ How long the sequencer must have been up, in seconds: 1 minute to 1 hour where there is one.
    constructor(
        address accessManager,
        address initialPyth,
        address sequencerFeed_,
        uint256 sequencerGraceSeconds_
    ) AccessManaged(accessManager) {
        _requireContract(accessManager);
        _setPyth(initialPyth);
        _setSequencer(sequencerFeed_, sequencerGraceSeconds_);
    }

    /// @inheritdoc IPriceAggregator
    function prove(PriceProof[] calldata proofs) external payable nonReentrant returns (uint256 tickCount) {
        uint256 spent = 0;
        tickCount = TransientPrice.tickCount(msg.sender);
        for (uint256 i = 0; i < proofs.length; ++i) {
            (tickCount, spent) = _prove(proofs[i], tickCount, spent);
        }
        TransientPrice.setTickCount(msg.sender, tickCount);
        _refund(spent);
    }

    /// @inheritdoc IPriceAggregator
    function proveReference(uint16[] calldata assetIds, bytes[] calldata updateData) external payable nonReentrant {
        uint256 spent = 0;
        if (assetIds.length != 0 || updateData.length != 0) {
            // Seconds since 1970 fit 40 bits until the year 36,812.
            uint256 claim = PackedPrice.packClaim(uint40(block.timestamp - REFERENCE_TICK_MAX_AGE_SECONDS), false);
            bytes32[] memory pythIds = _pythIdsOf(assetIds);
            bytes memory answer;
            (answer, spent) = _askPyth(pythIds, updateData, claim, 0);
            uint256 round = TransientPrice.referenceRound(msg.sender);
            for (uint256 i = 0; i < pythIds.length; ++i) {
                _joinReference(round, _readTick(answer, i, pythIds[i], assetIds[i], claim));
            }
        }
        _refund(spent);
    }

    /// @inheritdoc IPriceAggregator
    /// @dev Needs no guard against re-entry: feeds and Pyth are called statically.
    function takeReferencePrices(
        uint256 assetMask,
        ReferenceRule rule
    ) external returns (uint256[] memory rangeWords, bool isReady) {
        rangeWords = _referenceRanges(msg.sender, assetMask, rule);
        isReady = _readSequencerReady();
        TransientPrice.forgetReferences(msg.sender);
    }

    /// @inheritdoc IPriceAggregator
    /// @dev Needs no guard against re-entry: feeds are called statically, and what is kept is what they answer.
    function quote(
        address prover,
        uint256 tickIndex,
        uint16 tokenAssetId
    ) external returns (uint256 tickWord, uint256 anchorsWord, uint256 tokenWord) {
        tickWord = TransientPrice.getTick(prover, tickIndex);
        if (tickWord != 0) anchorsWord = _keptPushPrice(PackedPrice.assetIdOf(tickWord));
        tokenWord = PackedPrice.packToken(_keptPushPrice(tokenAssetId), _keptSequencerReady());
    }

    /// @inheritdoc IPriceAggregator
    /// @dev Guarded as little as `quote`, for the same reason. The token comes first: where its asset is that of the tick,
    /// all sources are read already, and serve as anchors.
    function exitQuote(
        address prover,
        uint256 tickIndex,
        uint16 tokenAssetId
    ) external returns (uint256 tickWord, uint256 anchorsWord, uint256 tokenWord) {
        tickWord = TransientPrice.getTick(prover, tickIndex);
        tokenWord = PackedPrice.packToken(_keptPushPrice(tokenAssetId), _keptSequencerReady());
        if (tickWord == 0) return (tickWord, anchorsWord, tokenWord);
        Price tickPrice = Price.wrap(PackedPrice.priceOf(tickWord));
        anchorsWord = _keptExitAnchors(PackedPrice.assetIdOf(tickWord), tickPrice);
    }

    /// @inheritdoc IPriceSources
    function setPyth(address newPyth) external restricted {
        _setPyth(newPyth);
    }

    /// @inheritdoc IPriceSources
    function setSequencer(address feed, uint256 graceSeconds) external restricted {
        _setSequencer(feed, graceSeconds);
    }

    /// @inheritdoc IPriceAggregator
    function tick(address prover, uint256 tickIndex) external view returns (Tick memory proven) {
        PackedPrice.unpackTick(TransientPrice.getTick(prover, tickIndex), proven);
    }

    /// @inheritdoc IPriceAggregator
    function pushPrice(uint16 assetId) external view returns (PushPrice memory push) {
        PackedPrice.unpackPushPrice(_pushPrice(assetId), push);
    }

    /// @inheritdoc IPriceAggregator
    function tokenPrice(uint16 assetId) external view returns (Price price, Price low, Price high) {
        uint256 word = PackedPrice.packToken(_pushPrice(assetId), true);
        (price, ) = PackedPrice.unpackToken(word);
        (low, high) = PackedPrice.tokenEnds(word);
    }

    /// @inheritdoc IPriceAggregator
    function referencePrice(
        address prover,
        uint16 assetId,
        ReferenceRule rule
    ) external view returns (PriceRange memory) {
        return PackedPrice.unpackRange(_referenceRange(prover, TransientPrice.referenceRound(prover), assetId, rule));
    }

    /// @inheritdoc IPriceAggregator
    function referencePrices(
        address prover,
        uint256 assetMask,
        ReferenceRule rule
    ) external view returns (uint256[] memory rangeWords) {
        return _referenceRanges(prover, assetMask, rule);
    }

    /// @inheritdoc IPriceAggregator
    function isSequencerReady() external view returns (bool) {
        return _readSequencerReady();
    }

    /// @inheritdoc IPriceAggregator
    function sequencerGraceSeconds() external view returns (uint256) {
        return _endpoints.sequencerGraceSeconds;
    }

    /// @inheritdoc IPriceAggregator
    function pyth() external view returns (address) {
        return SourceSheet.pyth(_endpoints.sheet);
    }

    /// @inheritdoc IPriceAggregator
    function updateFee(PriceProof[] calldata proofs) external view returns (uint256 feeWei) {
        IPyth source = IPyth(SourceSheet.pyth(_endpoints.sheet));
        for (uint256 i = 0; i < proofs.length; ++i) feeWei += source.getUpdateFee(proofs[i].updateData);
    }

    /// @inheritdoc IPriceAggregator
    function asset(uint16 assetId) external view returns (AssetConfig memory) {
        return _assetConfig(assetId);
    }

    /// @inheritdoc IPriceAggregator
    function referenceTickMaxAge() external pure returns (uint256) {
        return REFERENCE_TICK_MAX_AGE_SECONDS;
    }

    /// @dev Keeps the ticks of one proof, from number `tickCount` on.
    function _prove(PriceProof calldata proof, uint256 tickCount, uint256 spent) private returns (uint256, uint256) {
        uint256 claim = PackedPrice.packClaim(proof.minPublishTime, proof.isUnique);
        uint16[] calldata assetIds = proof.assetIds;
        bytes32[] memory pythIds = _pythIdsOf(assetIds);
        bytes memory answer;
        (answer, spent) = _askPyth(pythIds, proof.updateData, claim, spent);
        for (uint256 i = 0; i < pythIds.length; ++i) {
            TransientPrice.setTick(msg.sender, tickCount++, _readTick(answer, i, pythIds[i], assetIds[i], claim));
        }
        return (tickCount, spent);
    }

    /// @dev Has Pyth verify the data, and pays its fee out of what came with the call. The fee is asked each time: it is
    /// Pyth's to change.
    /// @param pythIds Of the ticks asked for.
    /// @param claim What is to be proven, see `PackedPrice.packClaim`.
    /// @param spentBefore What earlier proofs of this call cost, in wei.
    /// @return answer To be read with `_readTick`.
    /// @return spent What all proofs so far cost, in wei.
    function _askPyth(
        bytes32[] memory pythIds,
        bytes[] calldata updateData,
        uint256 claim,
        uint256 spentBefore
    ) private returns (bytes memory answer, uint256 spent) {
        // Check:
        if (updateData.length == 0) revert PriceAggregator_NoUpdateData();
        uint40 minPublishTime = PackedPrice.minPublishTimeOf(claim);
        if (minPublishTime > block.timestamp) {
            revert PriceAggregator_MinPublishTimeInFuture(minPublishTime, block.timestamp);
        }
        bytes memory data = PythAdapter.encodeParse(pythIds, updateData, minPublishTime, PackedPrice.isUnique(claim));
        address source = SourceSheet.pyth(_endpoints.sheet);
        uint256 feeWei = PythAdapter.updateFee(source, data);
        spent = spentBefore + feeWei;
        if (spent > msg.value) revert PriceAggregator_UpdateFeeNotPaid(msg.value, spent);
        // Interaction:
        answer = PythAdapter.parse(source, data, feeWei, pythIds.length);
    }

    /// @dev Pyth promises all that is checked of it; a wrong Pyth address must not pass for a price.
    function _readTick(
        bytes memory answer,
        uint256 index,
        bytes32 pythId,
        uint16 assetId,
        uint256 claim
    ) private view returns (uint256) {
        (bytes32 id, PythStructs.Price memory raw) = PythAdapter.feedAt(answer, index);
        // Check:
        uint256 publishTime = raw.publishTime;
        uint256 minPublishTime = PackedPrice.minPublishTimeOf(claim);
        bool isInWindow = publishTime >= minPublishTime && publishTime <= block.timestamp && publishTime != 0;
        if (id != pythId || !isInWindow) revert PriceAggregator_UnexpectedTick(assetId, id, publishTime);
        (uint64 price, uint64 confidence) = PythAdapter.normalise(raw);
        if (price == 0) revert PriceAggregator_PriceOutOfRange(assetId, raw.price, raw.expo);
        // At most block.timestamp, which fits 40 bits until the year 36,812.
        return PackedPrice.packTick(claim, price, confidence, uint40(publishTime), assetId);
    }

    function _joinReference(uint256 round, uint256 tickWord) private {
        uint256 price = PackedPrice.priceOf(tickWord);
        uint256 confidence = PackedPrice.confidenceOf(tickWord);
        if (confidence * PIPS > price * REFERENCE_MAX_CONFIDENCE_PIPS) return;
        uint256 high = price + confidence;
        if (high > type(uint64).max) return;
        // The confidence is at most 1% of the price, and the upper end was checked on the line above.
        TransientPrice.joinReference(
            msg.sender,
            round,
            PackedPrice.assetIdOf(tickWord),
            uint64(price - confidence),
            uint64(high)
        );
    }

    function _refund(uint256 spent) private {
        // What was spent was checked against the value of the call.
        uint256 excess = msg.value - spent;
        if (excess == 0) return;
        // Interaction:
        (bool isAccepted, ) = msg.sender.call{value: excess}("");
        if (!isAccepted) revert PriceAggregator_RefundRefused(msg.sender, excess);
    }

    function _setPyth(address newPyth) private {
        _requireContract(newPyth);
        uint256[] memory words = SourceSheet.edit(_endpoints.sheet, 0);
        SourceSheet.setPyth(words, newPyth);
        _keepSheet(words);
        emit PythConfigured(newPyth);
    }

    function _setSequencer(address feed, uint256 graceSeconds) private {
        // Check:
        bool hasFeed = feed != address(0);
        if (hasFeed) _requireContract(feed);
        uint256 min = hasFeed ? MIN_SEQUENCER_GRACE_SECONDS : 0;
        if (graceSeconds < min || graceSeconds > MAX_SEQUENCER_GRACE_SECONDS) {
            revert PriceAggregator_GraceOutOfRange(graceSeconds, min, MAX_SEQUENCER_GRACE_SECONDS);
        }
        // Effect:
        sequencerFeed = feed;
        // At most an hour.
        (_endpoints.hasSequencer, _endpoints.sequencerGraceSeconds) = (hasFeed, uint24(graceSeconds));
        TransientPrice.forgetSequencer();
        emit SequencerConfigured(feed, graceSeconds);
    }

    /// @dev The reference prices of the assets of a mask as words, see `PackedPrice`, in ascending order of their numbers.
    function _referenceRanges(
        address prover,
        uint256 assetMask,
        ReferenceRule rule
    ) private view returns (uint256[] memory rangeWords) {
        uint256 round = TransientPrice.referenceRound(prover);
        rangeWords = new uint256[](AssetMask.count(assetMask));
        for (uint256 i = 0; i < rangeWords.length; ++i) {
            rangeWords[i] = _referenceRange(prover, round, AssetMask.lowest(assetMask), rule);
            assetMask &= assetMask - 1;
        }
    }

    function _referenceRange(
        address prover,
        uint256 round,
        uint16 assetId,
        ReferenceRule rule
    ) private view returns (uint256 word) {
        PushPrice memory push;
        PackedPrice.unpackPushPrice(_pushPrice(assetId), push);
        (uint64 tickLow, uint64 tickHigh) = TransientPrice.referenceRange(prover, round, assetId);
        SourceWord rules = _rulesOf(assetId);
        if (rule != ReferenceRule.Mint && tickHigh != 0) {
            word = ReferenceMath.around(push, tickLow, tickHigh, rules.maxSpreadPips());
        }
        if (rule == ReferenceRule.Burn) {
            bool isWithoutTicks = tickHigh == 0 && !_hasRecentStoredPrice(assetId);
            return isWithoutTicks ? ReferenceMath.widened(push, rules.quorum(), rules.maxSpreadPips()) : word;
        }
        if (word != 0) return word;
        return ReferenceMath.joined(push, tickLow, tickHigh, rules.quorum(), rules.maxSpreadPips());
    }

    /// @dev Whether anybody stored a recent price of the asset in Pyth; an asset without a Pyth id has none.
    function _hasRecentStoredPrice(uint16 assetId) private view returns (bool) {
        bytes32 pythId = _pythIdOf(assetId);
        if (pythId == 0) return false;
        // A publish time has at most 64 bits.
        return
            PythAdapter.storedPublishTime(SourceSheet.pyth(_endpoints.sheet), pythId) + STORED_PRICE_AGE_SECONDS >
            block.timestamp;
    }

    function _keptSequencerReady() private returns (bool isReady) {
        if (!_endpoints.hasSequencer) return true;
        bool isKept;
        (isKept, isReady) = TransientPrice.getSequencerReady();
        if (isKept) return isReady;
        isReady = _readSequencerReady();
        TransientPrice.keepSequencerReady(isReady);
    }

    function _readSequencerReady() private view returns (bool) {
        Endpoints memory endpoints = _endpoints;
        if (!endpoints.hasSequencer) return true;
        return ChainlinkAdapter.isSequencerReady(sequencerFeed, endpoints.sequencerGraceSeconds);
    }

    function _pythIdsOf(uint16[] calldata assetIds) private view returns (bytes32[] memory pythIds) {
        if (assetIds.length == 0) revert PriceAggregator_NoAssets();
        pythIds = new bytes32[](assetIds.length);
        for (uint256 i = 0; i < assetIds.length; ++i) pythIds[i] = _requirePythId(assetIds[i]);
    }

    function _requirePythId(uint16 assetId) private view returns (bytes32 pythId) {
        pythId = _pythIdOf(assetId);
        if (pythId != 0) return pythId;
        _requireListed(assetId);
        revert PriceAggregator_AssetWithoutPyth(assetId);
    }

    function _requireContract(address account) private view {
        if (!Code.isContract(account)) revert PriceAggregator_NotAContract(account);
    }
}
