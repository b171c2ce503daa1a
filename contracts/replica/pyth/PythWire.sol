// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PythErrors} from "@pythnetwork/pyth-sdk-solidity/PythErrors.sol";

/// @title PythWire
/// @notice Reader of Pyth's accumulator updates: header, Wormhole VAA, Merkle commitment and price messages.
/// @dev All integers are big endian. Every region is bounds-checked once before its fields are read, so a truncated
/// update is refused with a typed error and never read past its end.
///
/// Update:  "PNAU" · major u8 · minor u8 · trailing header length u8 · trailing header · type u8 · VAA length u16 · VAA ·
///          count u8 · count × (message length u16 · message · proof depth u8 · proof depth × 20 bytes).
/// VAA:     version u8 · guardian set u32 · signature count u8 · count × (guardian u8 · r 32 · s 32 · v u8) · body.
/// Body:    timestamp u32 · nonce u32 · emitter chain u16 · emitter 32 · sequence u64 · consistency u8 · payload.
/// Payload: "AUWV" · type u8 · slot u64 · ring size u32 · Merkle root 20.
/// Message: type u8 · feed 32 · price i64 · conf u64 · expo i32 · publish time u64 · previous publish time u64 ·
///          EMA price i64 · EMA conf u64.
library PythWire {
    /// @notice What the guardians signed: the root of one slot's messages.
    struct Commitment {
        /// @dev keccak160 Merkle root over the messages of the slot.
        bytes20 root;
        /// @dev Slot of the price chain.
        uint64 slot;
    }

    /// @notice One price message.
    struct Tick {
        /// @dev Pyth feed id.
        bytes32 id;
        /// @dev Price, in units of 10^expo.
        int64 price;
        /// @dev Confidence interval around the price, in units of 10^expo.
        uint64 conf;
        /// @dev Decimal exponent, of any sign.
        int32 expo;
        /// @dev Unix seconds.
        uint64 publishTime;
        /// @dev Unix seconds of the feed's update before this one; equals publishTime when it was in the same second.
        uint64 prevPublishTime;
        /// @dev Exponential moving average, in units of 10^expo.
        int64 emaPrice;
        /// @dev Confidence interval around the average, in units of 10^expo.
        uint64 emaConf;
    }

    uint256 private constant UPDATE_MAGIC = 0x504e4155; // "PNAU"
    uint256 private constant UPDATE_MAJOR_VERSION = 1;
    uint256 private constant UPDATE_TYPE_WORMHOLE_MERKLE = 0;
    uint256 private constant UPDATE_FIXED_HEADER_BYTES = 7;

    uint256 private constant VAA_VERSION = 1;
    uint256 private constant VAA_HEADER_BYTES = 6;
    uint256 private constant VAA_SIGNATURE_BYTES = 66;
    uint256 private constant VAA_BODY_HEADER_BYTES = 51;

    uint256 private constant PAYLOAD_MAGIC = 0x41555756; // "AUWV"
    uint256 private constant PAYLOAD_BYTES = 37;

    uint256 private constant MESSAGE_TYPE_PRICE_FEED = 0;
    uint256 private constant MESSAGE_BYTES = 85;
    uint256 private constant PROOF_NODE_BYTES = 20;

    /// @notice Splits an update.
    /// @return vaa The signed VAA.
    /// @return messages All bytes after the count of messages.
    /// @return count Number of messages announced.
    function openUpdate(
        bytes calldata update
    ) internal pure returns (bytes calldata vaa, bytes calldata messages, uint256 count) {
        if (
            update.length < UPDATE_FIXED_HEADER_BYTES ||
            _uintAt(update, 0, 4) != UPDATE_MAGIC ||
            _uintAt(update, 4, 1) != UPDATE_MAJOR_VERSION
        ) revert PythErrors.InvalidUpdateData();

        // The trailing header belongs to later minor versions and is skipped.
        uint256 typeAt = UPDATE_FIXED_HEADER_BYTES + _uintAt(update, 6, 1);
        if (update.length < typeAt + 3 || _uintAt(update, typeAt, 1) != UPDATE_TYPE_WORMHOLE_MERKLE)
            revert PythErrors.InvalidUpdateData();

        uint256 vaaEnd = typeAt + 3 + _uintAt(update, typeAt + 1, 2);
        if (update.length < vaaEnd + 1) revert PythErrors.InvalidUpdateData();

        vaa = update[typeAt + 3:vaaEnd];
        messages = update[vaaEnd + 1:];
        count = _uintAt(update, vaaEnd, 1);
    }

    /// @notice Splits a VAA.
    /// @return guardianSetIndex The set that signed.
    /// @return signatures Whole signatures of 66 bytes.
    /// @return body What they sign, at least as long as its fixed part.
    function openVaa(
        bytes calldata vaa
    ) internal pure returns (uint256 guardianSetIndex, bytes calldata signatures, bytes calldata body) {
        if (vaa.length < VAA_HEADER_BYTES || _uintAt(vaa, 0, 1) != VAA_VERSION) revert PythErrors.InvalidWormholeVaa();

        guardianSetIndex = _uintAt(vaa, 1, 4);
        uint256 bodyAt = VAA_HEADER_BYTES + VAA_SIGNATURE_BYTES * _uintAt(vaa, 5, 1);
        if (vaa.length < bodyAt + VAA_BODY_HEADER_BYTES) revert PythErrors.InvalidWormholeVaa();

        signatures = vaa[VAA_HEADER_BYTES:bodyAt];
        body = vaa[bodyAt:];
    }

    /// @notice Number of signatures in what `openVaa` returned.
    function signatureCount(bytes calldata signatures) internal pure returns (uint256) {
        return signatures.length / VAA_SIGNATURE_BYTES;
    }

    /// @notice Recovers one signature; the zero address when it is none.
    /// @dev `position` must be below `signatureCount`.
    function recover(
        bytes calldata signatures,
        uint256 position,
        bytes32 digest
    ) internal pure returns (uint256 guardianIndex, address signer) {
        uint256 start = position * VAA_SIGNATURE_BYTES;
        guardianIndex = _uintAt(signatures, start, 1);
        bytes32 r = bytes32(_uintAt(signatures, start + 1, 32));
        bytes32 s = bytes32(_uintAt(signatures, start + 33, 32));
        // The wire has the recovery id; anything but 0 or 1 recovers to zero. At most 255 + 27, cut to 8 bits: 229 to
        // 255 wrap below 27 and can't become 27 or 28.
        uint8 v = uint8(_uintAt(signatures, start + 65, 1) + 27);
        signer = ecrecover(digest, v, r, s);
    }

    /// @notice The digest guardians sign.
    function digestOf(bytes calldata body) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(body)));
    }

    /// @notice Who had the VAA signed.
    function emitterOf(bytes calldata body) internal pure returns (uint256 chain, bytes32 emitter) {
        chain = _uintAt(body, 8, 2);
        emitter = bytes32(_uintAt(body, 10, 32));
    }

    /// @notice Reads the Merkle commitment of a body.
    function commitmentOf(bytes calldata body) internal pure returns (Commitment memory commitment) {
        bytes calldata payload = body[VAA_BODY_HEADER_BYTES:];
        if (
            payload.length < PAYLOAD_BYTES ||
            _uintAt(payload, 0, 4) != PAYLOAD_MAGIC ||
            _uintAt(payload, 4, 1) != UPDATE_TYPE_WORMHOLE_MERKLE
        ) revert PythErrors.InvalidUpdateData();

        // Eight bytes were read.
        commitment.slot = uint64(_uintAt(payload, 5, 8));
        // Twenty bytes were read.
        commitment.root = bytes20(uint160(_uintAt(payload, 17, 20)));
    }

    /// @notice Proves and reads the message at `offset`.
    /// @return tick The price.
    /// @return next Offset of the message after it.
    function readTick(
        bytes calldata messages,
        uint256 offset,
        bytes20 root
    ) internal pure returns (Tick memory tick, uint256 next) {
        if (messages.length < offset + 2) revert PythErrors.InvalidUpdateData();
        uint256 proofAt = offset + 2 + _uintAt(messages, offset, 2);
        if (messages.length < proofAt + 1) revert PythErrors.InvalidUpdateData();
        next = proofAt + 1 + PROOF_NODE_BYTES * _uintAt(messages, proofAt, 1);
        if (messages.length < next) revert PythErrors.InvalidUpdateData();

        bytes calldata message = messages[offset + 2:proofAt];
        if (_rootOf(message, messages[proofAt + 1:next]) != root) revert PythErrors.InvalidUpdateData();
        tick = _decodeTick(message);
    }

    /// @dev Longer messages are accepted: fields are only ever appended.
    function _decodeTick(bytes calldata message) private pure returns (Tick memory tick) {
        if (message.length < MESSAGE_BYTES || _uintAt(message, 0, 1) != MESSAGE_TYPE_PRICE_FEED)
            revert PythErrors.InvalidUpdateData();

        tick.id = bytes32(_uintAt(message, 1, 32));
        // Every cast below takes as many bytes as were read.
        tick.price = int64(uint64(_uintAt(message, 33, 8)));
        tick.conf = uint64(_uintAt(message, 41, 8));
        tick.expo = int32(uint32(_uintAt(message, 49, 4)));
        tick.publishTime = uint64(_uintAt(message, 53, 8));
        tick.prevPublishTime = uint64(_uintAt(message, 61, 8));
        tick.emaPrice = int64(uint64(_uintAt(message, 69, 8)));
        tick.emaConf = uint64(_uintAt(message, 77, 8));
    }

    /// @dev Leaves are prefixed with 00 and nodes with 01, so neither can be passed off as the other.
    function _rootOf(bytes calldata message, bytes calldata proof) private pure returns (bytes20 node) {
        node = bytes20(keccak256(bytes.concat(hex"00", message)));
        for (uint256 start = 0; start < proof.length; start += PROOF_NODE_BYTES) {
            // Twenty bytes are read.
            node = _hashPair(node, bytes20(uint160(_uintAt(proof, start, PROOF_NODE_BYTES))));
        }
    }

    function _hashPair(bytes20 left, bytes20 right) private pure returns (bytes20) {
        if (left > right) (left, right) = (right, left);
        bytes32 digest;
        // 41 bytes are hashed and 53 written, inside the 64 bytes of scratch space; `bytes20` is left aligned.
        assembly ("memory-safe") {
            mstore8(0x00, 0x01)
            mstore(0x01, left)
            mstore(0x15, right)
            digest := keccak256(0x00, 0x29)
        }
        return bytes20(digest);
    }

    /// @dev `offset + size` must be at most `data.length` and `size` from 1 to 32: the callers check whole regions.
    function _uintAt(bytes calldata data, uint256 offset, uint256 size) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(sub(256, shl(3, size)), calldataload(add(data.offset, offset)))
        }
    }
}
