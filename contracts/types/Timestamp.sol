// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev Seconds since 1970, as block and publish times are counted.
type Timestamp is uint32;

using TimestampUnit for Timestamp global;

/// @dev The time of the block.
function now32() view returns (Timestamp) {
    return toTimestamp(block.timestamp);
}

/// @dev Times up to an execution window after now. Seconds since 1970 pass 32 bits in 2106: until then nothing is cut.
function toTimestamp(uint256 time) pure returns (Timestamp) {
    return Timestamp.wrap(uint32(time));
}

library TimestampUnit {
    function inSeconds(Timestamp time) internal pure returns (uint256) {
        return Timestamp.unwrap(time);
    }
}
