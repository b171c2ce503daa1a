// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IBreaker} from "../interfaces/IBreaker.sol";
import {IPriceAggregator} from "../interfaces/IPriceAggregator.sol";
import {IVault} from "../interfaces/IVault.sol";
import {BreakerStatus} from "../types/BreakerStatus.sol";
import {AccountWord} from "./types/AccountWord.sol";
import {DistressWord} from "./types/DistressWord.sol";
import {LevelWord} from "./types/LevelWord.sol";
import {ConfigWord, LimitsWord, TierWord} from "./types/MarketConfig.sol";
import {FundWord, HeatWord, IndexWord, IndicesWord, MarkWord, OutflowWord, TouchWord} from "./types/MarketWords.sol";
import {OrderWord} from "./types/OrderWord.sol";
import {DelegateWord, OwnerWord} from "./types/OwnerWord.sol";
import {PositionWord} from "./types/PositionWord.sol";
import {SumsWord} from "./types/SumsWord.sol";

/// @notice Everything of one market.
/// @param config What every match reads.
/// @param limits What is read more rarely.
/// @param tiers Pairs of tiers, the lower of each in the lower 128 bits.
/// @param index The index.
/// @param mark The mark, as the last touch left it.
/// @param touch Sums over time and the best prices.
/// @param indices Funding indices and open interest.
/// @param fund The fund and the fees not yet swept.
/// @param heat Openings at high leverage in a rolling hour.
/// @param outflowOfHour What the fund paid in the UTC hour.
/// @param outflowOfDay What the fund paid in the UTC day.
/// @param sharedLoss What sides were charged for deficits in a rolling day, quote for each of their lots.
/// @param bits Which ticks have orders, in three layers, see `TickBits`.
/// @param levels By price and side, see `TickBits.levelKey`.
/// @param orders By reference.
/// @param sums By account.
/// @param positions By account.
/// @param isolatedCash Quote of each account's isolated scope.
/// @param steps When the last step of a liquidation of each account's position was, that counts for the pause between steps.
/// @param brokerFees Fees, less the fund's share, that takers of each broker paid and that were not yet swept; quote. Of broker 0,
/// who is none: the sum of all.
struct Market {
    ConfigWord config;
    LimitsWord limits;
    uint256[3] tiers;
    IndexWord index;
    MarkWord mark;
    TouchWord touch;
    IndicesWord indices;
    FundWord fund;
    HeatWord heat;
    OutflowWord outflowOfHour;
    OutflowWord outflowOfDay;
    HeatWord sharedLoss;
    mapping(uint256 key => uint256) bits;
    mapping(uint256 key => LevelWord) levels;
    mapping(uint48 ref => OrderWord) orders;
    mapping(uint40 account => SumsWord) sums;
    mapping(uint40 account => PositionWord) positions;
    mapping(uint40 account => int256) isolatedCash;
    mapping(uint40 account => uint256) steps;
    mapping(uint32 broker => uint256) brokerFees;
}

/// @notice Everything Pro stores; its logic libraries are handed a reference to it.
/// @param ownerCount Number of owners; indices are 1 to this.
/// @param marketCount Number of markets; they are 0 to one less.
/// @param isClosed Governance has closed Pro for good: no market is active any more.
/// @param ownerIndexOf Of each owner; 0: none.
/// @param owners By index.
/// @param netDeposits Deposits less withdrawals of each owner, quote.
/// @param accounts By id.
/// @param delegates What each delegate may do for an account.
/// @param distress By scope.
/// @param markets By number.
struct ProState {
    uint32 ownerCount;
    uint8 marketCount;
    bool isClosed;
    mapping(address owner => uint32) ownerIndexOf;
    mapping(uint32 ownerIndex => OwnerWord) owners;
    mapping(uint32 ownerIndex => int256) netDeposits;
    mapping(uint40 account => AccountWord) accounts;
    mapping(uint40 account => mapping(address delegate => DelegateWord)) delegates;
    mapping(uint48 scope => DistressWord) distress;
    mapping(uint8 market => Market) markets;
}

/// @notice What Pro is built with, for life, and what the moment is like; its logic libraries are handed a copy.
/// @param vault Holds the tokens.
/// @param aggregator Proves and reads prices.
/// @param breaker Circuit breaker.
/// @param token The settlement token.
/// @param quotePerUnit Quote of one unit of the token: 10^(18 − decimals).
/// @param status What the breaker said as the call began.
struct ProSetup {
    IVault vault;
    IPriceAggregator aggregator;
    IBreaker breaker;
    address token;
    uint256 quotePerUnit;
    BreakerStatus status;
}

using MarketLib for Market global;

library MarketLib {
    /// @dev Tier `index`, 0 to 5.
    function tierAt(Market storage self, uint256 index) internal view returns (TierWord) {
        // 128 bits: the upper ones are cut off.
        return TierWord.wrap(uint128(self.tiers[index >> 1] >> ((index & 1) << 7)));
    }

    function isListed(Market storage self) internal view returns (bool) {
        return ConfigWord.unwrap(self.config) != 0;
    }
}
