// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TokenPrice} from "contracts/product/TokenPrice.sol";
import {CloseInput, CloseResult, TradeMath} from "contracts/trading/math/TradeMath.sol";
import {Terms} from "contracts/types/Book.sol";
import {Price, Size} from "contracts/types/Units.sol";
import {VM} from "../base/Vm.sol";

/// @notice What a close divides, over every combination of values at the ends and in the middle of what is stored: nobody is paid from
/// more than margin and reserve, and closing in parts pays no more than closing at once.
contract ClosesTest {
    /// @dev Token units that parts may be ahead together: fees are rounded up part by part, and the lesser of profit and cap may change.
    uint256 private constant MOST_AHEAD = 2;
    uint256 private constant FLAGS = 16;

    uint256 private _closes;
    uint256 private _splits;
    uint256 private _ahead;

    function test_everyClose() external {
        uint96[5] memory margins = [uint96(1), 999_999, 1e18, 123_456_789_012_345_678_901, type(uint96).max];
        for (uint256 m = 0; m < margins.length; ++m) {
            for (uint256 kind = 0; kind < 12; ++kind) _tryMargin(margins[m], kind);
        }
        _tell("closes", _closes);
        _tell("closes in two parts", _splits);
        _tell("most units that parts were ahead", _ahead);
    }

    /// @param kind Terms (3), and decimals with the price of the token (4).
    function _tryMargin(uint96 margin, uint256 kind) private {
        Terms memory terms = [
            Terms(900_000, 3_000_000, 600, 0, 10_000),
            Terms(900_000, 3_000_000, 0, 100_000, 100),
            Terms(1_000_000, 0, type(uint24).max, 1_000_000, 0)
        ][kind % 3];
        TokenPrice memory token = [
            TokenPrice(Price.wrap(1e10), 1e6),
            TokenPrice(Price.wrap(0.9991e10), 1e18),
            TokenPrice(Price.wrap(60_000e10 + 1), 1e8),
            TokenPrice(Price.wrap(1), 1e18)
        ][kind / 3];
        CloseInput memory input;
        input.margin = margin;
        uint96[3] memory added = [uint96(0), 1, margin];
        uint96[4] memory sizes = [uint96(1), 3, 1e18, 77_777_777_777_777_777_777];
        for (uint256 i = 0; i < 12; ++i) {
            (input.addedMargin, input.size) = (added[i % 3], Size.wrap(sizes[i / 3]));
            _tryPrices(input, terms, token);
        }
    }

    function _tryPrices(CloseInput memory input, Terms memory terms, TokenPrice memory token) private {
        uint64[3] memory entries = [uint64(1), 60_000e10, type(uint64).max / 2];
        int256[5] memory moves = [int256(-999_999), -7_003, 0, 7_003, 999_999];
        int256[3] memory carries = [-int256(1e18), 0, 1e18 + 1];
        for (uint256 i = 0; i < 45; ++i) {
            uint256 entry = entries[i % 3];
            uint256 exit = uint256((int256(entry) * (1_000_000 + moves[(i / 3) % 5])) / 1_000_000);
            (input.entry, input.exit) = (Price.wrap(uint64(entry)), Price.wrap(uint64(exit)));
            input.carryOwed = carries[i / 15];
            _tryFlags(input, terms, token);
        }
    }

    function _tryFlags(CloseInput memory input, Terms memory terms, TokenPrice memory token) private {
        for (uint256 flags = 0; flags < FLAGS; ++flags) {
            input.isLong = flags & 1 != 0;
            input.isExecutorPaid = flags & 2 != 0;
            input.isArmerPaid = flags & 4 != 0;
            input.executionFeeUsd = flags & 8 != 0 ? 0.2e18 : 0;
            uint256 whole = _checked(input, terms, token);
            // Two may be paid for two executions: then parts are behind by more than any rounding.
            if (!input.isExecutorPaid && !input.isArmerPaid) _checkParts(input, terms, token, whole);
        }
    }

    function _checked(
        CloseInput memory input,
        Terms memory terms,
        TokenPrice memory token
    ) private returns (uint256 payout) {
        CloseResult memory r = TradeMath.close(input, terms, token, token);
        uint256 paid = r.payout + r.closeFee + r.executionFee + r.armerFee;
        uint256 reserve = TradeMath.capOf(input.margin, terms.profitCapPips);
        require(paid <= input.margin + input.addedMargin + reserve, "more than margin and reserve");
        require(paid + r.loss == input.margin + input.addedMargin + r.gain, "lost or made");
        require(r.gain == 0 || r.loss == 0, "gain and loss");
        require(r.gain <= reserve, "more than the reserve");
        ++_closes;
        return r.payout;
    }

    /// @dev A part of size and margins as a partial close takes it, and the rest.
    function _checkParts(CloseInput memory input, Terms memory terms, TokenPrice memory token, uint256 whole) private {
        uint256 size = Size.unwrap(input.size);
        (uint256 margin, uint256 added, int256 carry) = (input.margin, input.addedMargin, input.carryOwed);
        for (uint256 quarters = 1; quarters < 4; ++quarters) {
            uint256 part = (size * quarters) / 4;
            if (part == 0) continue;
            (input.size, input.margin) = (Size.wrap(uint96(part)), (margin * part) / size);
            input.addedMargin = (added * part) / size;
            // What is owed is rounded up, part by part.
            input.carryOwed = _shareUp(carry, part, size);
            uint256 together = TradeMath.close(input, terms, token, token).payout;
            (input.size, input.margin) = (Size.wrap(uint96(size - part)), margin - input.margin);
            (input.addedMargin, input.carryOwed) = (added - input.addedMargin, _shareUp(carry, size - part, size));
            together += TradeMath.close(input, terms, token, token).payout;
            if (together > whole + _ahead) _ahead = together - whole;
            require(_ahead <= MOST_AHEAD, "closing in parts pays more than at once");
            ++_splits;
        }
        (input.size, input.margin, input.addedMargin, input.carryOwed) = (
            Size.wrap(uint96(size)),
            margin,
            added,
            carry
        );
    }

    function _shareUp(int256 amount, uint256 part, uint256 whole) private pure returns (int256) {
        int256 product = amount * int256(part);
        int256 quotient = product / int256(whole);
        return product > quotient * int256(whole) ? quotient + 1 : quotient;
    }

    function _tell(string memory name, uint256 count) private {
        VM.writeLine(VM.envString("FUZZ_COUNTS"), string.concat(name, "=", VM.toString(count), ";"));
    }
}
