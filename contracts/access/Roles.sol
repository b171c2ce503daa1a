// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The roles of the AccessManager
/// @notice Who may do what is data: the table in `deploy/roles.ts` gives every restricted function to one of these.
/// @dev The governor's account is a member of two roles, both with the two-day delay. `ADMIN` is the AccessManager's own
/// and means its administration (grants, wiring, authorities); it can't have a role guardian. `GOVERNOR` is what the
/// contracts' functions are given to. They are apart so that the guardian can cancel the calls of the one and not of the
/// other: a guardian that could cancel its own removal could never be removed.
library Roles {
    /// @notice Administers the AccessManager. Its number is fixed there.
    uint64 internal constant ADMIN = 0;

    /// @notice Products, ceilings up, oracles, receivers of fees. Scheduled two days ahead.
    uint64 internal constant GOVERNOR = 1;

    /// @notice Tiers, fees, caps, weights, lowering the breaker; within the hard bounds in code. Scheduled one day ahead.
    uint64 internal constant RISK_MANAGER = 2;

    /// @notice Reduces, at once: raises the breaker, cuts ceilings and caps, disables sources and markets. Cancels what
    /// the governor and the risk manager have scheduled.
    uint64 internal constant GUARDIAN = 3;

    /// @notice Everyone. Its number is fixed in the AccessManager.
    uint64 internal constant PUBLIC = type(uint64).max;

    /// @notice Delay of `ADMIN` and `GOVERNOR`, in seconds.
    uint32 internal constant GOVERNOR_DELAY = 2 days;

    /// @notice Delay of `RISK_MANAGER`, in seconds.
    uint32 internal constant RISK_MANAGER_DELAY = 1 days;
}
