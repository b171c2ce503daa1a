// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RecordedPyth} from "./Record.sol";
import {VM} from "./Vm.sol";

/// @notice A price as it is published; 8 decimals.
struct Published {
    bytes32 feedId;
    int64 price;
    uint64 confidence;
    uint64 time;
    uint64 previous;
}

/// @notice Writes updates as Pyth's price service does, signed by the one guardian of the record's network: accumulator updates
/// with a Merkle tree over the prices, as `sdk/pyth/wire.ts` describes them.
library PythWriter {
    int32 private constant EXPONENT = -8;
    uint32 private constant RING_SIZE = 10_000;

    function update(
        RecordedPyth memory network,
        Published[] memory prices,
        uint64 sequence
    ) internal pure returns (bytes memory) {
        uint256 depth;
        while ((1 << depth) < prices.length) ++depth;
        bytes[] memory messages = new bytes[](prices.length);
        uint64 latest;
        for (uint256 i = 0; i < prices.length; ++i) {
            messages[i] = _message(prices[i]);
            if (prices[i].time > latest) latest = prices[i].time;
        }
        bytes20[][] memory levels = _tree(messages, depth);
        bytes memory vaa = _vaa(network, latest, sequence, levels[depth][0]);
        bytes memory out = abi.encodePacked("PNAU", hex"01000000", uint16(vaa.length), vaa, uint8(prices.length));
        for (uint256 i = 0; i < prices.length; ++i) {
            out = abi.encodePacked(out, uint16(messages[i].length), messages[i], uint8(depth));
            for (uint256 height = 0; height < depth; ++height) {
                out = abi.encodePacked(out, levels[height][(i >> height) ^ 1]);
            }
        }
        return out;
    }

    function _message(Published memory p) private pure returns (bytes memory) {
        bytes memory price = abi.encodePacked(p.price, p.confidence, EXPONENT, p.time, p.previous);
        return abi.encodePacked(uint8(0), p.feedId, price, p.price, p.confidence);
    }

    function _tree(bytes[] memory messages, uint256 depth) private pure returns (bytes20[][] memory levels) {
        levels = new bytes20[][](depth + 1);
        levels[0] = new bytes20[](1 << depth);
        for (uint256 i = 0; i < levels[0].length; ++i) {
            bytes memory leaf = i < messages.length ? abi.encodePacked(hex"00", messages[i]) : bytes(hex"02");
            levels[0][i] = bytes20(keccak256(leaf));
        }
        for (uint256 height = 1; height <= depth; ++height) {
            levels[height] = new bytes20[](levels[height - 1].length / 2);
            for (uint256 i = 0; i < levels[height].length; ++i) {
                (bytes20 a, bytes20 b) = (levels[height - 1][2 * i], levels[height - 1][2 * i + 1]);
                if (a > b) (a, b) = (b, a);
                levels[height][i] = bytes20(keccak256(abi.encodePacked(hex"01", a, b)));
            }
        }
    }

    function _vaa(
        RecordedPyth memory network,
        uint64 time,
        uint64 sequence,
        bytes20 root
    ) private pure returns (bytes memory) {
        bytes memory payload = abi.encodePacked("AUWV", uint8(0), sequence, RING_SIZE, root);
        bytes memory head = abi.encodePacked(uint32(time), uint32(0), network.emitterChain, network.emitter);
        bytes memory body = abi.encodePacked(head, sequence, uint8(1), payload);
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(network.key, keccak256(abi.encode(keccak256(body))));
        bytes memory signature = abi.encodePacked(uint8(0), r, s, v - 27);
        return abi.encodePacked(uint8(1), network.guardianSetIndex, uint8(1), signature, body);
    }
}
