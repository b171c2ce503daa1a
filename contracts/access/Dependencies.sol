// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// Deployed as it is published: imported here so that the build has it. Nothing imports this file.
// solhint-disable-next-line no-unused-import
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
