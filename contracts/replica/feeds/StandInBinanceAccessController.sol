// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Read access to Binance's registry, adapters and aggregators.
/// @dev One contract in both roles (pairs and aggregators). On chain most pairs are readable by listed contracts only
///      and some by everyone: a pair is open here unless closed. Compiled, never deployed to a real chain.
contract StandInBinanceAccessController {
    mapping(address user => bool) public hasGlobalAccess;
    mapping(address user => bool) public hasReadAccess;
    mapping(address base => mapping(address quote => bool)) public isClosed;
    mapping(address user => mapping(address base => mapping(address quote => bool))) private _hasPairAccess;

    function setGlobalAccess(address user, bool hasAccess) external {
        hasGlobalAccess[user] = hasAccess;
    }

    function setReadAccess(address user, bool hasAccess) external {
        hasReadAccess[user] = hasAccess;
    }

    function setClosed(address base, address quote, bool isClosed_) external {
        isClosed[base][quote] = isClosed_;
    }

    function setPairAccess(address user, address base, address quote, bool hasAccess) external {
        _hasPairAccess[user][base][quote] = hasAccess;
    }

    function hasPairAccess(address user, address base, address quote) external view returns (bool) {
        return !isClosed[base][quote] || _hasPairAccess[user][base][quote];
    }
}
