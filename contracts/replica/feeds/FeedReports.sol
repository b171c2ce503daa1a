// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {StandInAggregator} from "./StandInAggregator.sol";
import {StandInAggregatorProxy} from "./StandInAggregatorProxy.sol";
import {StandInBinanceRegistry} from "./StandInBinanceRegistry.sol";

/// @notice Reports on any number of feeds in one block. It is deployed for its constructor, and leaves no code behind.
/// @dev The aggregators of both kinds take a report by the same call. Compiled, never deployed to a real chain.
contract FeedReports {
    struct Report {
        /// @dev A proxy of Chainlink's shape, or the registry of the pair below.
        address feed;
        /// @dev Both zero for a proxy.
        address base;
        address quote;
        /// @dev In the feed's decimals.
        int192 answer;
        /// @dev Unix seconds; zero for those of this block.
        uint32 updatedAt;
    }

    constructor(Report[] memory reports) {
        for (uint256 i; i < reports.length; ++i) {
            Report memory report = reports[i];
            StandInAggregator aggregator = StandInAggregator(_aggregatorOf(report));
            if (report.updatedAt == 0) aggregator.pushAnswer(report.answer);
            else aggregator.pushRound(report.answer, report.updatedAt);
        }
        // A contract of no code: nothing is left to call.
        assembly ("memory-safe") {
            return(0, 0)
        }
    }

    function _aggregatorOf(Report memory report) private view returns (address) {
        if (report.base == address(0)) return StandInAggregatorProxy(report.feed).aggregator();
        return address(StandInBinanceRegistry(report.feed).getFeed(report.base, report.quote));
    }
}
