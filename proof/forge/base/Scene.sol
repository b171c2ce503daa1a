// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IAlp} from "contracts/interfaces/IAlp.sol";
import {IAlpLens} from "contracts/interfaces/IAlpLens.sol";
import {IAlpManager} from "contracts/interfaces/IAlpManager.sol";
import {IBreaker} from "contracts/interfaces/IBreaker.sol";
import {IFeeDistributor} from "contracts/interfaces/IFeeDistributor.sol";
import {IPrediction} from "contracts/interfaces/IPrediction.sol";
import {PriceProof} from "contracts/interfaces/IPriceAggregator.sol";
import {ITrading} from "contracts/interfaces/ITrading.sol";
import {IVault} from "contracts/interfaces/IVault.sol";
import {IPro} from "contracts/pro/interfaces/IPro.sol";
import {Published, PythWriter} from "./PythWriter.sol";
import {Record, RecordedAsset, RecordedFeed, RecordedOffer, RecordedPyth, RecordedToken} from "./Record.sol";
import {Replay} from "./Replay.sol";
import {VM} from "./Vm.sol";

interface IFeedWriter {
    function pushRound(int192 answer, uint32 updatedAt) external;
}

/// @notice The deployed system and the world around it: who acts, prices and their past, time, feeds, and what is counted.
contract Scene {
    struct Asset {
        uint16 assetId;
        bytes32 pythId;
        /// @dev Seconds without any tick: from the first up to the one before the second.
        uint256 gapFrom;
        uint256 gapUntil;
        uint256[] times;
        uint256[] prices;
    }

    uint256 private constant PLENTY = 1e24;
    uint256 private constant PIPS = 1e6;

    IVault public immutable vault;
    ITrading public immutable trading;
    IPrediction public immutable prediction;
    IPro public immutable pro;
    IAlpManager public immutable alpManager;
    IAlp public immutable alp;
    IAlpLens public immutable alpLens;
    IBreaker public immutable breaker;
    IFeeDistributor public immutable fees;

    mapping(bytes32 name => address) private _places;
    mapping(bytes4 selector => bool) private _isKnown;
    mapping(address token => uint256) public donated;
    RecordedToken[] private _tokens;
    mapping(address token => bytes) public codeOf;
    RecordedOffer[] private _offers;
    mapping(uint256 index => RecordedFeed[]) private _feeds;
    mapping(uint256 index => bool) public isLagging;
    mapping(uint256 index => int256) public skewPips;
    Asset[] private _assets;
    uint16[] public books;
    address[] public actors;
    RecordedPyth private _pyth;
    uint64 private _sequence;
    string[] private _countNames;
    mapping(bytes32 name => uint256) private _counts;
    bytes private _lastAnswer;

    constructor() {
        Record memory record = abi.decode(VM.readFileBinary(VM.envString("FUZZ_RECORD")), (Record));
        Replay.play(record);
        for (uint256 i = 0; i < record.names.length; ++i) {
            _places[keccak256(bytes(record.names[i]))] = record.places[i];
            VM.label(record.places[i], record.names[i]);
        }
        for (uint256 i = 0; i < record.errors.length; ++i) _isKnown[record.errors[i]] = true;
        for (uint256 i = 0; i < record.tokens.length; ++i) {
            codeOf[record.tokens[i].token] = record.tokens[i].code;
            // Read at every step: kept small.
            record.tokens[i].code = "";
            _tokens.push(record.tokens[i]);
        }
        for (uint256 i = 0; i < record.offers.length; ++i) _offers.push(record.offers[i]);
        for (uint256 i = 0; i < record.assets.length; ++i) _listAsset(i, record.assets[i]);
        books = record.books;
        _pyth = record.pyth;
        vault = IVault(place("vault"));
        trading = ITrading(place("trading"));
        prediction = IPrediction(place("prediction"));
        pro = IPro(place("pro"));
        alpManager = IAlpManager(place("alpManager"));
        alp = IAlp(place("alp"));
        alpLens = IAlpLens(place("alpLens"));
        breaker = IBreaker(place("breaker"));
        fees = IFeeDistributor(place("feeDistributor"));
        _forbid();
        _fundActors();
        VM.warp(block.timestamp + 1);
        report();
    }

    // Who and what

    function place(string memory name) public view returns (address found) {
        found = _places[keccak256(bytes(name))];
        require(found != address(0), name);
    }

    function actor(uint256 seed) public view returns (address) {
        return actors[seed % actors.length];
    }

    function isActor(address who) external view returns (bool) {
        for (uint256 i = 0; i < actors.length; ++i) if (actors[i] == who) return true;
        return false;
    }

    function actorCount() external view returns (uint256) {
        return actors.length;
    }

    function token(uint256 seed) public view returns (RecordedToken memory) {
        return _tokens[seed % _tokens.length];
    }

    function tokenCount() external view returns (uint256) {
        return _tokens.length;
    }

    function offer(uint256 seed) external view returns (RecordedOffer memory) {
        return _offers[seed % _offers.length];
    }

    function offerCount() external view returns (uint256) {
        return _offers.length;
    }

    function book(uint256 seed) external view returns (uint16) {
        return books[seed % books.length];
    }

    function bookCount() external view returns (uint256) {
        return books.length;
    }

    /// @notice So many units of a token as are worth `usd` whole dollars at its price.
    function unitsOf(RecordedToken memory t, uint256 usd) public view returns (uint256) {
        return (usd * 1e10 * 10 ** t.decimals) / priceNow(t.assetId);
    }

    // Prices and time

    function assetCount() external view returns (uint256) {
        return _assets.length;
    }

    function priceNow(uint16 assetId) public view returns (uint256) {
        Asset storage a = _assets[indexOf(assetId)];
        return a.prices[a.prices.length - 1];
    }

    function indexOf(uint16 assetId) public view returns (uint256) {
        for (uint256 i = 0; i < _assets.length; ++i) if (_assets[i].assetId == assetId) return i;
        revert("no such asset");
    }

    function assetIdAt(uint256 seed) external view returns (uint16) {
        return _assets[seed % _assets.length].assetId;
    }

    /// @notice Of the second `time`: the last that was set until then.
    function priceAt(uint256 index, uint256 time) public view returns (uint256) {
        Asset storage a = _assets[index];
        for (uint256 i = a.times.length; i > 1; --i) if (a.times[i - 1] <= time) return a.prices[i - 1];
        return a.prices[0];
    }

    function setPrice(uint256 index, uint256 price) external {
        // On the grid of Pyth's eight decimals.
        _assets[index].times.push(block.timestamp);
        _assets[index].prices.push(price - (price % 100));
    }

    function setGap(uint256 index, uint256 until) external {
        (_assets[index].gapFrom, _assets[index].gapUntil) = (block.timestamp + 1, until);
    }

    function setFeeds(uint256 index, bool lags, int256 skew) external {
        (isLagging[index], skewPips[index]) = (lags, skew);
    }

    function advance(uint256 seconds_) public {
        VM.warp(block.timestamp + seconds_);
        VM.roll(block.number + 1);
    }

    /// @notice Every feed that does not lag reports the prices of now, the second of an asset's askew.
    function report() public {
        for (uint256 i = 0; i < _assets.length; ++i) {
            if (isLagging[i]) continue;
            uint256 price = _assets[i].prices[_assets[i].prices.length - 1];
            for (uint256 j = 0; j < _feeds[i].length; ++j) {
                RecordedFeed storage feed = _feeds[i][j];
                uint256 told = j == 0 ? price : uint256((int256(price) * (int256(PIPS) + skewPips[i])) / int256(PIPS));
                uint256 answer =
                    feed.decimals >= 10 ? told * 10 ** (feed.decimals - 10) : told / 10 ** (10 - feed.decimals);
                IFeedWriter(feed.aggregator).pushRound(int192(uint192(answer)), uint32(block.timestamp));
            }
        }
    }

    /// @notice Second of the first tick at or after `target`, which may not have come.
    function firstAt(uint256 index, uint256 target) public view returns (uint256) {
        Asset storage a = _assets[index];
        return target >= a.gapFrom && target < a.gapUntil ? a.gapUntil : target;
    }

    /// @notice A genuine price of an asset, published at `time`.
    function published(uint256 index, uint256 time) public view returns (Published memory p) {
        Asset storage a = _assets[index];
        uint256 price = priceAt(index, time);
        p.feedId = a.pythId;
        p.price = int64(uint64(price / 100));
        p.confidence = uint64(price / 100 / 5_000);
        p.time = uint64(time);
        p.previous = uint64(a.gapUntil != 0 && time == a.gapUntil ? a.gapFrom - 1 : time - 1);
    }

    /// @notice The proof of one asset's first tick at or after `target`, or of any of that second.
    function proofOf(uint16 assetId, uint256 target, bool isUnique) public returns (PriceProof[] memory proofs) {
        uint256 index = indexOf(assetId);
        Published[] memory prices = new Published[](1);
        prices[0] = published(index, firstAt(index, target));
        proofs = new PriceProof[](1);
        proofs[0].assetIds = new uint16[](1);
        proofs[0].assetIds[0] = assetId;
        proofs[0].minPublishTime = uint40(target);
        proofs[0].isUnique = isUnique;
        proofs[0].updateData = _data(prices);
    }

    /// @notice Ticks of all assets in their order, of the present second.
    function allTicks() public returns (uint16[] memory assetIds, bytes[] memory updateData) {
        assetIds = new uint16[](_assets.length);
        Published[] memory prices = new Published[](_assets.length);
        for (uint256 i = 0; i < _assets.length; ++i) {
            assetIds[i] = _assets[i].assetId;
            prices[i] = published(i, block.timestamp);
        }
        for (uint256 i = 1; i < assetIds.length; ++i) {
            for (uint256 j = i; j > 0 && assetIds[j] < assetIds[j - 1]; --j) {
                (assetIds[j], assetIds[j - 1]) = (assetIds[j - 1], assetIds[j]);
                (prices[j], prices[j - 1]) = (prices[j - 1], prices[j]);
            }
        }
        updateData = _data(prices);
    }

    /// @notice A proof of all assets of now.
    function proofOfAll() external returns (PriceProof[] memory proofs) {
        proofs = new PriceProof[](1);
        (proofs[0].assetIds, proofs[0].updateData) = allTicks();
        proofs[0].minPublishTime = uint40(block.timestamp);
    }

    // Calls

    /// @notice Calls as `from`; false where it is refused, which must be for a reason that the system, a token or a receiver
    /// gives: a panic, an empty answer or an error that says that the books are broken is a fault.
    function attempt(address from, address target, bytes memory data, uint256 value) public returns (bool isDone) {
        VM.deal(from, PLENTY);
        VM.prank(from, from);
        (isDone, _lastAnswer) = target.call{value: value}(data);
        if (isDone) return true;
        require(_lastAnswer.length >= 4, "X37: refused without a reason");
        require(_isKnown[bytes4(_lastAnswer)], string.concat("X37: refused by ", _hex(bytes4(_lastAnswer))));
    }

    function attempt(address from, address target, bytes memory data) external returns (bool) {
        return attempt(from, target, data, 0);
    }

    /// @notice What the last attempt answered.
    function answer() external view returns (bytes memory) {
        return _lastAnswer;
    }

    function donate(RecordedToken memory t, uint256 amount, address to) external {
        IMintable(t.token).mint(to, amount);
        if (to == address(vault)) donated[t.token] += amount;
    }

    // Counts

    function count(string memory name) external {
        bytes32 key = keccak256(bytes(name));
        if (_counts[key]++ == 0) _countNames.push(name);
    }

    /// @notice Adds what was counted in this run to the campaign's file, one line a run.
    function tell() external {
        string memory line = "";
        for (uint256 i = 0; i < _countNames.length; ++i) {
            uint256 times = _counts[keccak256(bytes(_countNames[i]))];
            line = string.concat(line, _countNames[i], "=", VM.toString(times), ";");
        }
        VM.writeLine(VM.envString("FUZZ_COUNTS"), line);
    }

    // Beginnings

    function _listAsset(uint256 index, RecordedAsset memory recorded) private {
        Asset storage a = _assets.push();
        (a.assetId, a.pythId) = (recorded.assetId, recorded.pythId);
        a.times.push(block.timestamp);
        a.prices.push(recorded.price);
        for (uint256 i = 0; i < recorded.feeds.length; ++i) _feeds[index].push(recorded.feeds[i]);
    }

    /// @dev Declared for what cannot happen: whoever meets one of them has found a broken book.
    function _forbid() private {
        _isKnown[IVault.Vault_CollateralExceeded.selector] = false;
        _isKnown[IVault.Vault_ReserveExceeded.selector] = false;
        _isKnown[IVault.Vault_Overdrawn.selector] = false;
        _isKnown[IVault.Vault_FeesExceeded.selector] = false;
        _isKnown[IVault.Vault_AmountOverflow.selector] = false;
        // Panic(uint256) and Error(string) are nobody's here.
        _isKnown[0x4e487b71] = false;
        _isKnown[0x08c379a0] = false;
    }

    function _fundActors() private {
        actors.push(place("lp"));
        actors.push(place("alice"));
        actors.push(place("bob"));
        actors.push(place("carol"));
        actors.push(place("dave"));
        actors.push(place("RevertingReceiver"));
        actors.push(place("ReentrantReceiver"));
        address[5] memory spenders = [
            address(trading),
            address(prediction),
            address(pro),
            address(alpManager),
            place("router")
        ];
        for (uint256 i = 0; i < _tokens.length; ++i) {
            for (uint256 j = 0; j < actors.length; ++j) {
                IMintable(_tokens[i].token).mint(actors[j], unitsOf(_tokens[i], 10_000_000));
                for (uint256 k = 0; k < spenders.length; ++k) {
                    VM.prank(actors[j]);
                    IERC20(_tokens[i].token).approve(spenders[k], type(uint256).max);
                }
            }
            // The wrapped coin stays backed.
            VM.deal(_tokens[i].token, PLENTY);
        }
    }

    function _data(Published[] memory prices) private returns (bytes[] memory updateData) {
        updateData = new bytes[](1);
        updateData[0] = PythWriter.update(_pyth, prices, ++_sequence);
    }

    function _hex(bytes4 selector) private pure returns (string memory) {
        bytes memory digits = "0123456789abcdef";
        bytes memory out = new bytes(8);
        for (uint256 i = 0; i < 4; ++i) {
            (out[2 * i], out[2 * i + 1]) = (digits[uint8(selector[i]) >> 4], digits[uint8(selector[i]) & 15]);
        }
        return string(out);
    }
}

interface IMintable {
    function mint(address to, uint256 amount) external;
}
