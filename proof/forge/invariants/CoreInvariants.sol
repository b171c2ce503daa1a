// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {NavQuote} from "contracts/interfaces/IAlpLens.sol";
import {ITrading} from "contracts/interfaces/ITrading.sol";
import {ProductLedger, TokenLedger} from "contracts/interfaces/IVault.sol";
import {TradingStateLib} from "contracts/periphery/TradingStateLib.sol";
import {Bet, BetStatus} from "contracts/types/Bet.sol";
import {BookConfig, BookId, BookSide, BookState, Terms} from "contracts/types/Book.sol";
import {Order, Position, PositionHead, TradeStatus} from "contracts/types/Trade.sol";
import {PIPS, Price, Size} from "contracts/types/Units.sol";
import {RecordedOffer, RecordedToken} from "../base/Record.sol";
import {Scene} from "../base/Scene.sol";

/// @notice What holds of Vault, Trading, Prediction and ALP after every call, by the ids of docs/invariants.md. Written from the
/// records, with arithmetic of its own.
contract CoreInvariants {
    using TradingStateLib for ITrading;

    /// @dev What all records of one token come to.
    struct Owed {
        uint256 margins;
        uint256 caps;
        uint256 stakes;
        uint256 wins;
    }

    /// @dev What a position was opened with, and can't change.
    struct Born {
        bytes32 terms;
        uint256 margin;
        uint256 size;
    }

    Scene private immutable scene;
    ITrading private immutable trading;
    mapping(uint256 id => Born) private _born;
    mapping(uint256 id => TradeStatus) private _seen;
    mapping(uint256 key => BookSide) private _sides;
    mapping(uint256 key => uint256) private _staked;
    mapping(address token => Owed) private _owed;

    constructor(Scene scene_) {
        (scene, trading) = (scene_, scene_.trading());
    }

    function check() external {
        _forget();
        _readTrades();
        _readBets();
        for (uint256 i = 0; i < scene.tokenCount(); ++i) _checkToken(scene.token(i));
        for (uint256 i = 0; i < scene.bookCount(); ++i) _checkBook(BookId.wrap(scene.book(i)));
        for (uint256 i = 0; i < scene.offerCount(); ++i) _checkOffer(i);
        _checkShares();
    }

    function _forget() private {
        for (uint256 i = 0; i < scene.tokenCount(); ++i) delete _owed[scene.token(i).token];
        for (uint256 i = 0; i < scene.bookCount(); ++i) {
            delete _sides[_sideKey(BookId.wrap(scene.book(i)), true)];
            delete _sides[_sideKey(BookId.wrap(scene.book(i)), false)];
        }
        for (uint256 i = 0; i < scene.offerCount(); ++i) {
            delete _staked[_offerKey(scene.offer(i), true)];
            delete _staked[_offerKey(scene.offer(i), false)];
        }
    }

    function _readTrades() private {
        uint256 next = trading.nextTradeId();
        PositionHead[] memory heads = trading.headsFrom(1, next - 1);
        for (uint256 i = 0; i < heads.length; ++i) {
            uint256 id = i + 1;
            TradeStatus status = PositionHead.unwrap(heads[i]) == 0 ? TradeStatus.None : trading.statusOf(id);
            TradeStatus seen = _seen[id];
            bool isBack = seen == TradeStatus.Open && status != TradeStatus.Open && status != TradeStatus.None;
            require(!isBack, "I18: a position became an order");
            require(_born[id].size != 1 || status == TradeStatus.None, "I18: an id that ended came back");
            if (status == TradeStatus.None) {
                // Nothing is of one unit: the mark of an end.
                (_seen[id], _born[id].size) = (status, 1);
                continue;
            }
            _seen[id] = status;
            if (status == TradeStatus.Open) _readPosition(id);
            else {
                Order memory o = trading.order(id);
                _owed[trading.marginTokenById(o.tokenId).token].margins += o.amount;
            }
        }
    }

    function _readPosition(uint256 id) private {
        Position memory p = trading.position(id);
        Terms memory terms = trading.terms(p.bookId, p.termsId);
        uint256 added = trading.extraOf(id).addedMargin;
        Owed storage owed = _owed[trading.marginTokenById(p.tokenId).token];
        owed.margins += p.margin + added;
        owed.caps += (uint256(p.margin) * terms.profitCapPips) / PIPS;
        (uint256 size, uint256 entry) = (Size.unwrap(p.size), Price.unwrap(p.entry));
        BookSide storage side = _sides[_sideKey(p.bookId, p.state.isLong())];
        side.size += uint96(size);
        side.notional += uint96(size * entry);
        side.marginNano += uint64((size * entry) / (uint256(p.leverage) * 1e9));
        uint256 marginUp = Math.ceilDiv(size * entry + entry, p.leverage);
        side.capNano += uint64(Math.ceilDiv(marginUp * terms.profitCapPips, PIPS * 1e9));
        side.carryAtEntry += int128(_floorDiv(int256(size * entry) * p.carryIndex, 1e18));
        bytes32 kept = keccak256(abi.encode(p.owner, p.bookId, p.tokenId, p.openedAt, entry, p.leverage, p.termsId));
        Born storage born = _born[id];
        if (born.terms == 0) (born.terms, born.margin, born.size) = (kept, p.margin, size);
        require(born.terms == kept, "I28: a position's terms, entry or mode changed");
        require(p.margin <= born.margin && size <= born.size, "I28: a position grew");
        require(p.margin == born.margin || size < born.size, "I28: margin fell without its size");
        require(
            BookId.unwrap(p.bookId) % 2 == 0 || (added == 0 && p.margin == born.margin),
            "I28: a Degen margin changed"
        );
        (born.margin, born.size) = (p.margin, size);
    }

    function _readBets() private {
        uint256 next = scene.prediction().nextBetId();
        for (uint256 id = 1; id < next; ++id) {
            if (scene.prediction().statusOf(id) == BetStatus.None) continue;
            Bet memory b = scene.prediction().bet(id);
            address token = scene.prediction().stakeTokenById(b.tokenId).token;
            _owed[token].stakes += uint256(b.stake) + b.executionFee;
            _owed[token].wins += (uint256(b.stake) * b.payoutPips) / PIPS;
            RecordedOffer memory o = RecordedOffer(b.marketId, token, b.periodSeconds);
            _staked[_offerKey(o, b.state.isUp())] += b.stake;
        }
    }

    function _checkToken(RecordedToken memory t) private view {
        address vault = address(scene.vault());
        TokenLedger memory l = scene.vault().ledger(t.token);
        uint256 collateral = scene.vault().collateral(t.token);
        uint256 owed = uint256(l.liquidity) + collateral + l.fees + l.claimable;
        uint256 held = IERC20(t.token).balanceOf(vault);
        require(held >= owed, "I1: the vault owes more than it has");
        require(held == owed + scene.donated(t.token), "I1: ledger and balance differ");
        require(l.reserved <= l.liquidity, "I15: more is reserved than there is");
        ProductLedger memory trades = scene.vault().productLedger(address(trading), t.token);
        ProductLedger memory bets = scene.vault().productLedger(address(scene.prediction()), t.token);
        ProductLedger memory pro = scene.vault().productLedger(address(scene.pro()), t.token);
        require(pro.reserved == 0, "Pro 3: Pro reserves");
        require(uint256(trades.reserved) + bets.reserved == l.reserved, "I15: reserved is not the sum of the products");
        require(
            collateral == uint256(trades.collateral) + bets.collateral + pro.collateral,
            "I1: collateral is not the sum"
        );
        Owed memory sums = _owed[t.token];
        require(trades.reserved == sums.caps, "I15: trading's reserve is not what its positions can win");
        require(trades.collateral == sums.margins, "I1: trading's collateral is not its margins and orders");
        require(bets.reserved == sums.wins, "I27: the reserve of bets is not what they can win");
        require(bets.collateral == sums.stakes, "I1: collateral of bets is not their stakes and fees");
        require(scene.fees().brokersTotal(t.token) <= l.fees, "I8: brokers are owed more than the fees");
        uint256 claims;
        for (uint256 i = 0; i < scene.actorCount(); ++i) claims += scene.vault().claimableOf(t.token, scene.actor(i));
        require(claims <= l.claimable, "I1: claims are more than their sum");
    }

    function _checkBook(BookId id) private view {
        for (uint256 i = 0; i < 2; ++i) {
            BookSide memory stored = trading.bookSide(id, i == 0);
            BookSide memory found = _sides[_sideKey(id, i == 0)];
            require(stored.size == found.size, "I3: a side's size is not its positions'");
            require(stored.notional == found.notional, "I4: open interest is not its positions'");
            require(stored.marginNano == found.marginNano, "I3: a side's margin is not its positions'");
            require(stored.capNano == found.capNano, "I3: a side's largest gain is not its positions'");
            require(stored.carryAtEntry == found.carryAtEntry, "I3: a side's carry at entry is not its positions'");
        }
        (BookConfig memory config, ) = trading.bookConfig(id);
        BookState memory state = trading.bookState(id);
        require(state.lossNano >= -int256(uint256(config.lossBudgetUsd) * 1e9), "I26: the loss fell below the budget");
        require(state.accruedAt.inSeconds() == scene.breaker().clock(), "I9: a book is off the breaker's clock");
    }

    function _checkOffer(uint256 index) private view {
        RecordedOffer memory o = scene.offer(index);
        for (uint256 i = 0; i < 2; ++i) {
            uint256 told = scene.prediction().openStake(o.marketId, o.token, o.periodSeconds, i == 0);
            require(told == _staked[_offerKey(o, i == 0)], "I27: open stakes are not the bets'");
        }
    }

    function _checkShares() private view {
        uint256 sum = 1e18;
        for (uint256 i = 0; i < scene.actorCount(); ++i) {
            address who = scene.actor(i);
            uint256 balance = scene.alp().balanceOf(who);
            sum += balance;
            require(scene.alp().freeBalanceOf(who) <= balance, "V09: more is free than there is");
            require(
                scene.alp().freeBalanceOf(who) + scene.alp().lockedOf(who) >= balance,
                "V09: neither free nor cooling"
            );
        }
        require(scene.alp().totalSupply() == sum, "I1: the supply of ALP is not its holders'");
        NavQuote memory nav = scene.alpLens().nav(address(0));
        require(nav.lowUsd <= nav.highUsd, "I16: low above high");
        if (nav.missingAssetIds.length > 0) return;
        require(nav.lowUsd <= nav.midUsd && nav.midUsd <= nav.highUsd, "I16: the middle is outside");
    }

    function _sideKey(BookId id, bool isLong) private pure returns (uint256) {
        return (uint256(BookId.unwrap(id)) << 1) | (isLong ? 1 : 0);
    }

    function _offerKey(RecordedOffer memory o, bool isUp) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(o, isUp)));
    }

    function _floorDiv(int256 a, int256 b) private pure returns (int256 q) {
        q = a / b;
        if (a % b < 0) --q;
    }
}
