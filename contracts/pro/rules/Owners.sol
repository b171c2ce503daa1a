// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ProState} from "../ProState.sol";
import {IProEvents} from "../interfaces/IPro.sol";
import {AccountWord} from "../types/AccountWord.sol";
import {OwnerWordFields} from "../types/OwnerWord.sol";
import {ProIds} from "../types/ProIds.sol";

/// @title Owners and their accounts
library Owners {
    /// @notice An account of an owner, who becomes one if he is none.
    function accountOf(ProState storage state, address owner, uint8 sub) internal returns (uint40) {
        if (owner == address(0)) revert IProEvents.Pro_ZeroAddress();
        uint32 index = state.ownerIndexOf[owner];
        if (index == 0) {
            // 2^32 owners would have cost more than 2^47 gas.
            index = ++state.ownerCount;
            state.ownerIndexOf[owner] = index;
            state.owners[index] = OwnerWordFields.pack(owner);
            emit IProEvents.OwnerAdded(index, owner);
        }
        return ProIds.accountOf(index, sub);
    }

    /// @notice Pays a keeper, into his account 0, what was taken from a scope or a fund before.
    function pay(ProState storage state, address keeper, uint48 fromScope, uint256 amount) internal {
        if (amount == 0) return;
        uint40 account = accountOf(state, keeper, 0);
        AccountWord word = state.accounts[account];
        // Pays are a few dollars.
        state.accounts[account] = word.withCash(word.cash() + int256(amount));
        emit IProEvents.KeeperPaid(account, fromScope, amount);
    }
}
