// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TokenBase} from "../../../replica/tokens/TokenBase.sol";

/// @notice Refuses every transfer from or to a blacklisted account.
/// @dev Compiled, never deployed to a real chain.
contract BlacklistToken is TokenBase {
    mapping(address account => bool) public isBlacklisted;

    error BlacklistToken_Blacklisted(address account);

    /// @notice Puts an account on the list or takes it off.
    function setBlacklisted(address account, bool isListed) external {
        isBlacklisted[account] = isListed;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (isBlacklisted[from]) revert BlacklistToken_Blacklisted(from);
        if (isBlacklisted[to]) revert BlacklistToken_Blacklisted(to);
        super._update(from, to, value);
    }
}
