// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPyth} from "@pythnetwork/pyth-sdk-solidity/IPyth.sol";
import {PythStructs} from "@pythnetwork/pyth-sdk-solidity/PythStructs.sol";

import {IPriceAggregator} from "../../interfaces/IPriceAggregator.sol";

/// @title Proving Pyth prices
/// @notice Has Pyth verify signed update data and brings its numbers to 10 decimals. Prices stored in Pyth are never
/// read: anyone may choose which update is stored there. Only when one was published is.
/// @dev The update data is long: it is copied to memory once and as it came, for the question of the fee and for the proof,
/// and of the answer only what is needed is read.
library PythAdapter {
    /// @dev 10 decimals, as the exponent that Pyth would call −10.
    int256 private constant PRICE_DECIMALS = 10;
    /// @dev 10^20 exceeds 64 bits: beyond it a price is 0 one way and too large the other.
    int256 private constant MAX_SHIFT = 20;

    /// @dev Length of the call before the update data: selector, two offsets and two times.
    uint256 private constant CALL_HEAD = 0x84;
    /// @dev Length of the answer before the first feed: the offset of the array and its length.
    uint256 private constant ANSWER_HEAD = 0x40;
    /// @dev Length of a stored price: price, confidence, exponent and publish time.
    uint256 private constant STORED_PRICE_BYTES = 0x80;
    /// @dev What reading a stored price may burn. A proxy with its implementation behind it needs 20k when all is cold.
    uint256 private constant READ_GAS = 150_000;
    /// @dev A call gets at most 63/64 of what is left: 152,381 are needed for `READ_GAS`, the rest is for a cold account.
    uint256 private constant MIN_GAS_LEFT = 160_000;
    /// @dev Length of a feed: its id, and price, confidence, exponent and publish time of the price and of its average.
    uint256 private constant FEED_BYTES = 0x120;

    /// @notice The call that has Pyth prove prices of `ids`, in their order.
    /// @dev Offsets within the update data count from its own beginning: a copy of it is a valid encoding of it. Pyth decodes
    /// what it is given, and so checks it as it checks anybody's calldata.
    /// @param ids Pyth price feed ids, each once.
    /// @param updateData Signed update data.
    /// @param minPublishTime Earliest publish time, in seconds; the latest is this block's.
    /// @param isUnique Only the first price at or after `minPublishTime` will do.
    function encodeParse(
        bytes32[] memory ids,
        bytes[] calldata updateData,
        uint256 minPublishTime,
        bool isUnique
    ) internal view returns (bytes memory parseCall) {
        bytes4 selector = isUnique ? IPyth.parsePriceFeedUpdatesUnique.selector : IPyth.parsePriceFeedUpdates.selector;
        uint256 extent = _extentOf(updateData);
        assembly ("memory-safe") {
            parseCall := mload(0x40)
            // Both arrays with their lengths.
            let dataBytes := add(extent, 0x20)
            let idBytes := shl(5, add(mload(ids), 1))
            mstore(parseCall, add(add(CALL_HEAD, dataBytes), idBytes))
            mstore(add(parseCall, 0x20), selector)
            let head := add(parseCall, 0x24)
            mstore(head, 0x80)
            mstore(add(head, 0x20), add(0x80, dataBytes))
            mstore(add(head, 0x40), minPublishTime)
            mstore(add(head, 0x60), timestamp())
            let data := add(head, 0x80)
            mstore(data, updateData.length)
            calldatacopy(add(data, 0x20), updateData.offset, extent)
            mcopy(add(data, dataBytes), ids, idBytes)
            // The next word boundary: the call ends four bytes behind one.
            mstore(0x40, add(add(data, add(dataBytes, idBytes)), 0x1c))
        }
    }

    /// @notice Fee that Pyth asks for the update data of a call of `encodeParse`, in wei.
    /// @dev The update data is the first of what follows the four words of the arguments, and the ids come last. The last two
    /// of the four words make room for the question, and are put back.
    function updateFee(address pyth, bytes memory parseCall) internal view returns (uint256 feeWei) {
        bytes4 selector = IPyth.getUpdateFee.selector;
        uint256 answerBytes;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            // Third and fourth argument; the encoding of the update data begins right behind them.
            let third := add(parseCall, 0x64)
            let fourth := add(parseCall, 0x84)
            let minPublishTime := mload(third)
            let maxPublishTime := mload(fourth)
            mstore(third, shr(224, selector))
            mstore(fourth, 0x20)
            if iszero(staticcall(gas(), pyth, add(third, 0x1c), sub(mload(parseCall), 0x60), 0x00, 0x20)) {
                let data := mload(0x40)
                returndatacopy(data, 0, returndatasize())
                revert(data, returndatasize())
            }
            answerBytes := returndatasize()
            feeWei := mload(0x00)
            mstore(third, minPublishTime)
            mstore(fourth, maxPublishTime)
        }
        if (answerBytes < 0x20) revert IPriceAggregator.PriceAggregator_MalformedAnswer(answerBytes);
    }

    /// @notice Makes a call of `encodeParse`. Reverts with Pyth's error when it refuses.
    /// @param feeWei Fee that Pyth asks for the data.
    /// @param count Number of prices asked for.
    /// @return answer To be read with `feedAt`.
    function parse(
        address pyth,
        bytes memory parseCall,
        uint256 feeWei,
        uint256 count
    ) internal returns (bytes memory answer) {
        bool isAccepted;
        (isAccepted, answer) = pyth.call{value: feeWei}(parseCall);
        if (!isAccepted) {
            // solhint-disable-next-line no-inline-assembly
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        }
        bool isWhole = answer.length == ANSWER_HEAD + count * FEED_BYTES;
        if (!isWhole || _wordAt(answer, 0) != 0x20 || _wordAt(answer, 0x20) != count) {
            revert IPriceAggregator.PriceAggregator_MalformedAnswer(answer.length);
        }
    }

    /// @notice When the price that Pyth itself stores was published, in seconds; 0 when it stores none. The price is not read.
    /// @dev A Pyth that does not answer stores none. Times of 2^64 and above are none: no clock reads them.
    function storedPublishTime(address pyth, bytes32 id) internal view returns (uint256 publishTime) {
        if (gasleft() < MIN_GAS_LEFT) revert IPriceAggregator.PriceAggregator_InsufficientGas(gasleft(), MIN_GAS_LEFT);
        bytes4 selector = IPyth.getPriceUnsafe.selector;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            // The question goes to scratch space, at most four words of the answer to free memory that stays free.
            let stored := mload(0x40)
            mstore(0x00, selector)
            mstore(0x04, id)
            let isRead := staticcall(READ_GAS, pyth, 0x00, 0x24, stored, STORED_PRICE_BYTES)
            if and(isRead, gt(returndatasize(), sub(STORED_PRICE_BYTES, 1))) {
                publishTime := mload(add(stored, 0x60))
            }
        }
        if (publishTime > type(uint64).max) return 0;
    }

    /// @notice A price of an answer of `parse`.
    /// @dev As the decoder of the ABI does, it reverts for numbers beyond their types.
    /// @param index Below the number of prices asked for.
    function feedAt(
        bytes memory answer,
        uint256 index
    ) internal pure returns (bytes32 id, PythStructs.Price memory raw) {
        uint256 offset;
        unchecked {
            // The index is below the number of feeds in memory.
            offset = ANSWER_HEAD + index * FEED_BYTES;
        }
        id = bytes32(_wordAt(answer, offset));
        // Each was found within the bits it is cut to.
        raw.price = int64(_signedAt(answer, offset + 0x20, 8));
        raw.conf = uint64(_wordAt(answer, offset + 0x40));
        if (raw.conf != _wordAt(answer, offset + 0x40)) {
            revert IPriceAggregator.PriceAggregator_MalformedAnswer(answer.length);
        }
        raw.expo = int32(_signedAt(answer, offset + 0x60, 4));
        raw.publishTime = _wordAt(answer, offset + 0x80);
    }

    /// @notice A Pyth price and confidence with 10 decimals.
    /// @dev Rounding: price down, confidence up; a confidence beyond 64 bits is the largest uint64, above every limit.
    /// @return price 10 decimals; 0 when it is not positive, or outside the range of `Price`.
    /// @return confidence 10 decimals.
    function normalise(PythStructs.Price memory raw) internal pure returns (uint64 price, uint64 confidence) {
        // Both are at most 32 bits.
        int256 shift = int256(raw.expo) + PRICE_DECIMALS;
        if (raw.price <= 0 || shift > MAX_SHIFT || shift < -MAX_SHIFT) return (0, 0);

        // Positive, as checked above.
        uint256 scaledPrice = uint256(uint64(raw.price));
        uint256 scaledConfidence = raw.conf;
        unchecked {
            // |shift| is at most 20, so that 10^|shift| has 67 bits and the products at most 131.
            if (shift >= 0) {
                uint256 factor = 10 ** uint256(shift);
                scaledPrice *= factor;
                scaledConfidence *= factor;
            } else {
                uint256 divisor = 10 ** uint256(-shift);
                scaledPrice /= divisor;
                scaledConfidence = (scaledConfidence + divisor - 1) / divisor;
            }
        }
        if (scaledPrice > type(uint64).max) return (0, 0);
        // Each is within 64 bits where it is cast.
        price = uint64(scaledPrice);
        confidence = scaledConfidence > type(uint64).max ? type(uint64).max : uint64(scaledConfidence);
    }

    /// @dev Bytes that the offsets, and the updates they lead to, take from the beginning of the first offset on. As the decoder
    /// of the ABI does, it reverts for an offset that points out of the calldata or back.
    function _extentOf(bytes[] calldata updateData) private pure returns (uint256 extent) {
        extent = updateData.length * 0x20;
        for (uint256 i = 0; i < updateData.length; ++i) {
            bytes calldata update = updateData[i];
            assembly ("memory-safe") {
                if lt(update.offset, updateData.offset) {
                    revert(0x00, 0x00)
                }
                // Within the calldata but for the padding of less than a word.
                let end := and(add(sub(add(update.offset, update.length), updateData.offset), 0x1f), not(0x1f))
                if gt(end, extent) {
                    extent := end
                }
            }
        }
    }

    /// @dev A signed number; reverts for one that takes more than so many bytes.
    function _signedAt(bytes memory answer, uint256 offset, uint256 byteCount) private pure returns (int256 value) {
        value = int256(_wordAt(answer, offset));
        int256 extended;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            extended := signextend(sub(byteCount, 1), value)
        }
        if (extended != value) revert IPriceAggregator.PriceAggregator_MalformedAnswer(answer.length);
    }

    /// @dev The offset is one of those above, within the answer.
    function _wordAt(bytes memory answer, uint256 offset) private pure returns (uint256 word) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            word := mload(add(add(answer, 0x20), offset))
        }
    }
}
