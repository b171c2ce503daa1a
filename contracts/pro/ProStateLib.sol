// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Market, ProState} from "./ProState.sol";
import {TickBits} from "./TickBits.sol";
import {IPro} from "./interfaces/IPro.sol";
import {AccountWord} from "./types/AccountWord.sol";
import {DistressWord} from "./types/DistressWord.sol";
import {LevelWord} from "./types/LevelWord.sol";
import {ConfigWord, LimitsWord, MarginTier, TierWord} from "./types/MarketConfig.sol";
import {FundWord, HeatWord, IndexWord, IndicesWord, MarkWord, OutflowWord, TouchWord} from "./types/MarketWords.sol";
import {OrderWord} from "./types/OrderWord.sol";
import {DelegateWord, OwnerWord} from "./types/OwnerWord.sol";
import {PositionWord} from "./types/PositionWord.sol";
import {SumsWord} from "./types/SumsWord.sol";

/// @notice The running words of a market.
struct MarketRecord {
    ConfigWord config;
    LimitsWord limits;
    IndexWord index;
    MarkWord mark;
    TouchWord touch;
    IndicesWord indices;
    FundWord fund;
    HeatWord heat;
    OutflowWord outflowOfHour;
    OutflowWord outflowOfDay;
    HeatWord sharedLoss;
}

/// @notice What an account has in a market.
struct PartyRecord {
    SumsWord sums;
    PositionWord position;
    int256 isolatedCash;
    uint256 lastStep;
}

/// @title Reading the records of Pro from outside
/// @notice Off the core: Pro hands out words, this knows where each lies. `using ProStateLib for IPro` gives every function as
/// one of Pro's.
/// @dev The slots are the compiler's: `ProState` lies in Pro from slot 0 on.
library ProStateLib {
    /// @dev Words from `config` to `sharedLoss`, the tiers among them.
    uint256 private constant MARKET_WORDS = 14;

    function counts(IPro pro) internal view returns (uint32 ownerCount, uint8 marketCount, bool isClosed) {
        uint256 word = _word(pro, 0);
        // As the compiler packs them.
        return (uint32(word), uint8(word >> 32), uint8(word >> 40) != 0);
    }

    function account(IPro pro, uint40 id) internal view returns (AccountWord) {
        return AccountWord.wrap(_word(pro, _slotOf(_state().accounts, id)));
    }

    function owner(IPro pro, uint32 index) internal view returns (OwnerWord) {
        mapping(uint32 => OwnerWord) storage owners = _state().owners;
        return OwnerWord.wrap(_word(pro, _slot(index, _place(owners))));
    }

    function netDeposits(IPro pro, uint32 index) internal view returns (int256) {
        mapping(uint32 => int256) storage deposits = _state().netDeposits;
        uint256 place;
        assembly ("memory-safe") {
            place := deposits.slot
        }
        return int256(_word(pro, _slot(index, place)));
    }

    function delegate(IPro pro, uint40 id, address who) internal view returns (DelegateWord) {
        mapping(address => DelegateWord) storage delegates = _state().delegates[id];
        uint256 place;
        assembly ("memory-safe") {
            place := delegates.slot
        }
        return DelegateWord.wrap(_word(pro, _slot(uint160(who), place)));
    }

    function distress(IPro pro, uint48 scope) internal view returns (DistressWord) {
        mapping(uint48 => DistressWord) storage records = _state().distress;
        uint256 place;
        assembly ("memory-safe") {
            place := records.slot
        }
        return DistressWord.wrap(_word(pro, _slot(scope, place)));
    }

    function market(IPro pro, uint8 id) internal view returns (MarketRecord memory record) {
        uint256[] memory words = _words(pro, _marketSlot(id), MARKET_WORDS);
        (record.config, record.limits) = (ConfigWord.wrap(words[0]), LimitsWord.wrap(words[1]));
        (record.index, record.mark) = (IndexWord.wrap(words[5]), MarkWord.wrap(words[6]));
        (record.touch, record.indices) = (TouchWord.wrap(words[7]), IndicesWord.wrap(words[8]));
        (record.fund, record.heat) = (FundWord.wrap(words[9]), HeatWord.wrap(words[10]));
        (record.outflowOfHour, record.outflowOfDay) = (OutflowWord.wrap(words[11]), OutflowWord.wrap(words[12]));
        record.sharedLoss = HeatWord.wrap(words[13]);
    }

    /// @notice Of a market what every match reads, alone.
    function config(IPro pro, uint8 id) internal view returns (ConfigWord) {
        return ConfigWord.wrap(_word(pro, _marketSlot(id)));
    }

    function tiers(IPro pro, uint8 id) internal view returns (MarginTier[] memory list) {
        uint256[] memory words = _words(pro, _marketSlot(id), 5);
        list = new MarginTier[](LimitsWord.wrap(words[1]).tierCount());
        for (uint256 i = 0; i < list.length; ++i) {
            // 128 bits: the upper ones are cut off.
            list[i] = TierWord.wrap(uint128(words[2 + (i >> 1)] >> ((i & 1) << 7))).unpack();
        }
    }

    function party(IPro pro, uint8 marketId, uint40 id) internal view returns (PartyRecord memory record) {
        uint256 base = _marketSlot(marketId);
        record.sums = SumsWord.wrap(_word(pro, _slot(id, base + MARKET_WORDS + 3)));
        record.position = PositionWord.wrap(_word(pro, _slot(id, base + MARKET_WORDS + 4)));
        record.isolatedCash = int256(_word(pro, _slot(id, base + MARKET_WORDS + 5)));
        record.lastStep = _word(pro, _slot(id, base + MARKET_WORDS + 6));
    }

    /// @notice What of an account in a market its orders move, in one question.
    function holding(
        IPro pro,
        uint8 marketId,
        uint40 id
    ) internal view returns (SumsWord sums, PositionWord position, uint256 lastStep) {
        uint256 base = _marketSlot(marketId) + MARKET_WORDS;
        uint256[] memory slots = new uint256[](3);
        (slots[0], slots[1], slots[2]) = (_slot(id, base + 3), _slot(id, base + 4), _slot(id, base + 6));
        uint256[] memory words = _wordsAt(pro, slots);
        return (SumsWord.wrap(words[0]), PositionWord.wrap(words[1]), words[2]);
    }

    /// @notice Orders by their references, in one question.
    function ordersAt(
        IPro pro,
        uint8 marketId,
        uint48[] memory refs
    ) internal view returns (OrderWord[] memory orders) {
        uint256 place = _marketSlot(marketId) + MARKET_WORDS + 2;
        uint256[] memory slots = new uint256[](refs.length);
        for (uint256 i = 0; i < refs.length; ++i) slots[i] = _slot(refs[i], place);
        uint256[] memory words = _wordsAt(pro, slots);
        assembly ("memory-safe") {
            orders := words
        }
    }

    /// @notice Of a market what quotes follow, in one question.
    function pulse(
        IPro pro,
        uint8 id
    ) internal view returns (ConfigWord, LimitsWord limits, IndexWord index, MarkWord mark) {
        uint256 slot = _marketSlot(id);
        uint256[] memory slots = new uint256[](4);
        (slots[0], slots[1], slots[2], slots[3]) = (slot, slot + 1, slot + 5, slot + 6);
        uint256[] memory words = _wordsAt(pro, slots);
        (limits, index, mark) = (LimitsWord.wrap(words[1]), IndexWord.wrap(words[2]), MarkWord.wrap(words[3]));
        return (ConfigWord.wrap(words[0]), limits, index, mark);
    }

    /// @notice Word of the tree of prices with orders, see `TickBits`.
    function bits(IPro pro, uint8 marketId, uint256 key) internal view returns (uint256) {
        return _word(pro, _slot(key, _marketSlot(marketId) + MARKET_WORDS));
    }

    function level(IPro pro, uint8 marketId, bool isBid, uint24 tick) internal view returns (LevelWord) {
        uint256 key = TickBits.levelKey(isBid, tick);
        return LevelWord.wrap(_word(pro, _slot(key, _marketSlot(marketId) + MARKET_WORDS + 1)));
    }

    function order(IPro pro, uint8 marketId, uint48 ref) internal view returns (OrderWord) {
        return OrderWord.wrap(_word(pro, _slot(ref, _marketSlot(marketId) + MARKET_WORDS + 2)));
    }

    function brokerFees(IPro pro, uint8 marketId, uint32 broker) internal view returns (uint256) {
        return _word(pro, _slot(broker, _marketSlot(marketId) + MARKET_WORDS + 7));
    }

    function _marketSlot(uint8 id) private view returns (uint256 slot) {
        Market storage stored = _state().markets[id];
        assembly ("memory-safe") {
            slot := stored.slot
        }
    }

    function _slotOf(mapping(uint40 => AccountWord) storage accounts, uint40 id) private pure returns (uint256) {
        uint256 place;
        assembly ("memory-safe") {
            place := accounts.slot
        }
        return _slot(id, place);
    }

    function _place(mapping(uint32 => OwnerWord) storage owners) private pure returns (uint256 place) {
        assembly ("memory-safe") {
            place := owners.slot
        }
    }

    /// @dev Where a mapping at `place` keeps the value of a key of an elementary type.
    function _slot(uint256 key, uint256 place) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(key, place)));
    }

    function _word(IPro pro, uint256 slot) private view returns (uint256) {
        bytes32[] memory slots = new bytes32[](1);
        slots[0] = bytes32(slot);
        return uint256(pro.extsload(slots)[0]);
    }

    function _words(IPro pro, uint256 first, uint256 count) private view returns (uint256[] memory) {
        uint256[] memory slots = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) slots[i] = first + i;
        return _wordsAt(pro, slots);
    }

    function _wordsAt(IPro pro, uint256[] memory slots) private view returns (uint256[] memory words) {
        bytes32[] memory asked;
        assembly ("memory-safe") {
            asked := slots
        }
        bytes32[] memory answer = pro.extsload(asked);
        assembly ("memory-safe") {
            words := answer
        }
    }

    function _state() private pure returns (ProState storage state) {
        assembly ("memory-safe") {
            state.slot := 0
        }
    }
}
