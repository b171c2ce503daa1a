// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Roles} from "../../access/Roles.sol";

/// @notice Makes the constants of `Roles` readable for the test that compares them with the deployment's.
contract RolesHarness {
    function ids()
        external
        pure
        returns (uint64 admin, uint64 governor, uint64 riskManager, uint64 guardian, uint64 all)
    {
        return (Roles.ADMIN, Roles.GOVERNOR, Roles.RISK_MANAGER, Roles.GUARDIAN, Roles.PUBLIC);
    }

    function delays() external pure returns (uint32 governor, uint32 riskManager) {
        return (Roles.GOVERNOR_DELAY, Roles.RISK_MANAGER_DELAY);
    }
}
