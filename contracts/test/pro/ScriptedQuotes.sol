// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Answers `IPriceAggregator.quote` for one prover with the words that a test sets.
contract ScriptedQuotes {
    address private _prover;
    uint256 private _tick;
    uint256 private _anchors;
    uint256 private _token;

    /// @notice A tick whose price both anchors share.
    function setTick(address prover, uint16 assetId, uint64 price, uint40 publishTime, bool isReady) external {
        _prover = prover;
        _tick = uint256(price) | (uint256(publishTime) << 128) | (uint256(assetId) << 208);
        _anchors = uint256(price) | (uint256(price) << 64) | (uint256(price) << 128) | (2 << 192) | (1 << 200);
        _token = uint256(price) | (isReady ? uint256(1) << 64 : 0);
    }

    function quote(address prover, uint256, uint16) external view returns (uint256, uint256, uint256) {
        return prover == _prover ? (_tick, _anchors, _token) : (uint256(0), _anchors, _token);
    }
}
