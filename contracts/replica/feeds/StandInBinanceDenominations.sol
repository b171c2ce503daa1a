// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TradingPairMap} from "./TradingPairMap.sol";

/// @notice The names of Binance's registry: pairs by name, with their addresses and adapters.
/// @dev A contract of its own behind the registry, as on chain. Compiled, never deployed to a real chain.
contract StandInBinanceDenominations {
    using TradingPairMap for TradingPairMap.Map;

    address public immutable owner;
    TradingPairMap.Map private _pairs;

    constructor(address owner_) {
        owner = owner_;
    }

    function insertPair(
        string calldata base,
        string calldata quote,
        address baseAsset,
        address quoteAsset,
        address feedAdapter
    ) external {
        require(msg.sender == owner, "Only callable by owner");
        _pairs.insert(base, quote, TradingPairMap.TradingPairDetails(baseAsset, quoteAsset, feedAdapter));
    }

    function getTradingPairDetails(
        string calldata base,
        string calldata quote
    ) external view returns (address, address, address) {
        TradingPairMap.TradingPairDetails memory details = _pairs.tradingPair(base, quote);
        return (details.baseAsset, details.quoteAsset, details.feedAdapter);
    }

    function getTradingPairAddresses(
        string calldata base,
        string calldata quote
    ) external view returns (address, address) {
        TradingPairMap.TradingPairDetails memory details = _pairs.tradingPair(base, quote);
        return (details.baseAsset, details.quoteAsset);
    }

    function exists(string calldata base, string calldata quote) external view returns (bool) {
        return _pairs.exists(base, quote);
    }

    function totalPairsAvailable() external view returns (uint256) {
        return _pairs.keys.length;
    }

    function getAllPairs() external view returns (TradingPairMap.Pair[] memory) {
        return _pairs.allPairs();
    }
}
