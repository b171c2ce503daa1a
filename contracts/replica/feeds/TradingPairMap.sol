// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The set of pairs of Binance's registry, as the linked library the original uses.
/// @dev `tradingPair` and `allPairs` are external, so that a read by name costs a delegatecall as it does on chain.
///      Compiled, never deployed to a real chain.
library TradingPairMap {
    struct TradingPairDetails {
        address baseAsset;
        address quoteAsset;
        address feedAdapter;
    }

    struct Pair {
        string baseAsset;
        string quoteAsset;
    }

    struct Map {
        Pair[] keys;
        mapping(bytes32 base => mapping(bytes32 quote => uint256)) positions;
        mapping(bytes32 base => mapping(bytes32 quote => TradingPairDetails)) values;
    }

    function tradingPair(
        Map storage self,
        string memory base,
        string memory quote
    ) external view returns (TradingPairDetails memory) {
        require(exists(self, base, quote), "Get trading pair: Key does not exist in the mapping");
        return self.values[_hash(base)][_hash(quote)];
    }

    function allPairs(Map storage self) external view returns (Pair[] memory) {
        return self.keys;
    }

    function insert(
        Map storage self,
        string memory base,
        string memory quote,
        TradingPairDetails memory details
    ) internal {
        require(!exists(self, base, quote), "Insert: Key already exists in the mapping");
        self.positions[_hash(base)][_hash(quote)] = self.keys.length;
        self.keys.push(Pair(base, quote));
        self.values[_hash(base)][_hash(quote)] = details;
    }

    function exists(Map storage self, string memory base, string memory quote) internal view returns (bool) {
        if (self.keys.length == 0) return false;
        Pair memory stored = self.keys[self.positions[_hash(base)][_hash(quote)]];
        return _hashPair(stored.baseAsset, stored.quoteAsset) == _hashPair(base, quote);
    }

    function _hash(string memory text) private pure returns (bytes32) {
        return keccak256(bytes(text));
    }

    function _hashPair(string memory base, string memory quote) private pure returns (bytes32) {
        return keccak256(abi.encode(base, "/", quote));
    }
}
