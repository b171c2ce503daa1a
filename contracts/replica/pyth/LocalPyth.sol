// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AbstractPyth} from "@pythnetwork/pyth-sdk-solidity/AbstractPyth.sol";
import {IPyth} from "@pythnetwork/pyth-sdk-solidity/IPyth.sol";
import {PythErrors} from "@pythnetwork/pyth-sdk-solidity/PythErrors.sol";
import {PythStructs} from "@pythnetwork/pyth-sdk-solidity/PythStructs.sol";

import {ILocalPyth} from "./ILocalPyth.sol";
import {PythWire} from "./PythWire.sol";

/// @title LocalPyth
/// @notice Stand-in of the Pyth contract for tests and local replicas that speaks the real wire format.
/// @dev Signatures, guardian sets and their expiry, emitter, Merkle proofs, publish-time windows and uniqueness are
/// enforced as by the real contract, so genuine updates pass once their emitter and guardian set are named and forged ones
/// don't. Left out: governance, the fee per transaction and time-weighted averages.
contract LocalPyth is AbstractPyth, ILocalPyth {
    /// @notice Stored price, two slots.
    struct StoredPrice {
        /// @dev Unix seconds; zero where nothing is stored.
        uint64 publishTime;
        /// @dev Decimal exponent.
        int32 expo;
        /// @dev Price, in units of 10^expo.
        int64 price;
        /// @dev Confidence interval, in units of 10^expo.
        uint64 conf;
        /// @dev Exponential moving average, in units of 10^expo.
        int64 emaPrice;
        /// @dev Its confidence interval, in units of 10^expo.
        uint64 emaConf;
    }

    /// @notice What a parse call asks for and what it has found so far.
    struct Query {
        /// @dev Feeds asked for.
        bytes32[] ids;
        /// @dev Unix seconds, inclusive.
        uint256 minPublishTime;
        /// @dev Unix seconds, inclusive.
        uint256 maxPublishTime;
        /// @dev Whether the feed's previous update must be before minPublishTime.
        bool isUnique;
        /// @dev Found feeds at their id's position; id zero where not found yet.
        PythStructs.PriceFeed[] feeds;
        /// @dev Slot of each found feed.
        uint64[] slots;
    }

    /// @notice What a verification asks of a guardian set beside its members, in one slot.
    struct GuardianSetHeader {
        /// @dev Number of members; zero where no set is installed.
        uint8 count;
        /// @dev Signatures it needs.
        uint8 quorum;
        /// @dev Unix seconds of the last second in which it is believed; zero: no end.
        uint64 expiresAt;
    }

    /// @dev The real contract's setting, for the SDK's deprecated getters.
    uint256 private constant VALID_TIME_PERIOD_SECONDS = 60;

    /// @inheritdoc ILocalPyth
    address public owner;
    /// @inheritdoc ILocalPyth
    bytes32 public emitter;
    /// @inheritdoc ILocalPyth
    uint16 public emitterChain;
    /// @inheritdoc ILocalPyth
    uint96 public singleUpdateFeeWei;
    mapping(uint256 setIndex => GuardianSetHeader header) private _headers;
    mapping(uint256 setIndex => mapping(uint256 guardianIndex => address guardian)) private _guardians;
    mapping(bytes32 id => StoredPrice price) private _prices;

    modifier onlyOwner() {
        if (msg.sender != owner) revert LocalPyth_NotOwner(msg.sender);
        _;
    }

    /// @inheritdoc ILocalPyth
    function initialize(address owner_, Setup calldata setup) external {
        if (owner != address(0)) revert LocalPyth_AlreadyInitialized(owner);
        if (owner_ == address(0)) revert LocalPyth_ZeroOwner();
        owner = owner_;
        emitterChain = setup.emitterChain;
        emitter = setup.emitter;
        emit EmitterNamed(setup.emitterChain, setup.emitter);
        _setGuardianSet(setup.guardianSetIndex, setup.guardians, setup.quorum);
        _setUpdateFee(setup.updateFeeWei);
    }

    /// @inheritdoc ILocalPyth
    function setGuardianSet(uint32 setIndex, address[] calldata guardians, uint8 quorum) external onlyOwner {
        _setGuardianSet(setIndex, guardians, quorum);
    }

    /// @inheritdoc ILocalPyth
    function expireGuardianSet(uint32 setIndex, uint64 expiresAt) external onlyOwner {
        _headers[setIndex].expiresAt = expiresAt;
        emit GuardianSetExpires(setIndex, expiresAt);
    }

    /// @inheritdoc ILocalPyth
    function setUpdateFee(uint96 updateFeeWei) external onlyOwner {
        _setUpdateFee(updateFeeWei);
    }

    /// @inheritdoc IPyth
    function parsePriceFeedUpdates(
        bytes[] calldata updateData,
        bytes32[] calldata priceIds,
        uint64 minPublishTime,
        uint64 maxPublishTime
    ) external payable override returns (PythStructs.PriceFeed[] memory) {
        Query memory query = _newQuery(priceIds, minPublishTime, maxPublishTime, false);
        _parse(updateData, query);
        _requireAllFound(query);
        return query.feeds;
    }

    /// @inheritdoc IPyth
    function parsePriceFeedUpdatesUnique(
        bytes[] calldata updateData,
        bytes32[] calldata priceIds,
        uint64 minPublishTime,
        uint64 maxPublishTime
    ) external payable override returns (PythStructs.PriceFeed[] memory) {
        Query memory query = _newQuery(priceIds, minPublishTime, maxPublishTime, true);
        _parse(updateData, query);
        _requireAllFound(query);
        return query.feeds;
    }

    /// @inheritdoc IPyth
    function parsePriceFeedUpdatesWithConfig(
        bytes[] calldata updateData,
        bytes32[] calldata priceIds,
        uint64 minAllowedPublishTime,
        uint64 maxAllowedPublishTime,
        bool checkUniqueness,
        bool checkUpdateDataIsMinimal,
        bool storeUpdatesIfFresh
    ) external payable returns (PythStructs.PriceFeed[] memory, uint64[] memory) {
        Query memory query = _newQuery(priceIds, minAllowedPublishTime, maxAllowedPublishTime, checkUniqueness);
        uint256 updateCount = _parse(updateData, query);
        if (checkUpdateDataIsMinimal && updateCount != query.ids.length) revert PythErrors.InvalidArgument();
        _requireAllFound(query);
        if (storeUpdatesIfFresh) _storeFeeds(query.feeds);
        return (query.feeds, query.slots);
    }

    /// @inheritdoc IPyth
    function parseTwapPriceFeedUpdates(
        bytes[] calldata,
        bytes32[] calldata
    ) external payable override returns (PythStructs.TwapPriceFeed[] memory) {
        revert LocalPyth_TwapUnsupported();
    }

    /// @inheritdoc IPyth
    function updatePriceFeeds(bytes[] calldata updateData) public payable override {
        uint256 updateCount = 0;
        for (uint256 i = 0; i < updateData.length; ++i) updateCount += _storeUpdate(updateData[i]);
        if (msg.value < updateCount * singleUpdateFeeWei) revert PythErrors.InsufficientFee();
    }

    /// @inheritdoc ILocalPyth
    function guardianSet(uint32 setIndex) external view returns (GuardianSet memory set) {
        GuardianSetHeader memory header = _headers[setIndex];
        set.guardians = new address[](header.count);
        for (uint256 i = 0; i < header.count; ++i) set.guardians[i] = _guardians[setIndex][i];
        set.quorum = header.quorum;
        set.expiresAt = header.expiresAt;
    }

    /// @inheritdoc IPyth
    function getTwapUpdateFee(bytes[] calldata) external pure returns (uint256) {
        revert LocalPyth_TwapUnsupported();
    }

    /// @inheritdoc IPyth
    function getUpdateFee(bytes[] calldata updateData) public view returns (uint256) {
        uint256 updateCount = 0;
        for (uint256 i = 0; i < updateData.length; ++i) {
            (, , uint256 count) = PythWire.openUpdate(updateData[i]);
            updateCount += count;
        }
        return updateCount * singleUpdateFeeWei;
    }

    /// @inheritdoc AbstractPyth
    function queryPriceFeed(bytes32 id) public view override returns (PythStructs.PriceFeed memory) {
        StoredPrice memory stored = _prices[id];
        if (stored.publishTime == 0) revert PythErrors.PriceFeedNotFound();
        return
            PythStructs.PriceFeed({
                id: id,
                price: PythStructs.Price(stored.price, stored.conf, stored.expo, stored.publishTime),
                emaPrice: PythStructs.Price(stored.emaPrice, stored.emaConf, stored.expo, stored.publishTime)
            });
    }

    /// @inheritdoc AbstractPyth
    function priceFeedExists(bytes32 id) public view override returns (bool) {
        return _prices[id].publishTime != 0;
    }

    /// @inheritdoc AbstractPyth
    function getValidTimePeriod() public pure override returns (uint256) {
        return VALID_TIME_PERIOD_SECONDS;
    }

    function _setGuardianSet(uint256 setIndex, address[] calldata guardians, uint8 quorum) private {
        uint256 count = guardians.length;
        bool isMet = count == 0 ? quorum == 0 : quorum != 0 && quorum <= count;
        if (!isMet || count > type(uint8).max) revert LocalPyth_BadQuorum(quorum, count);
        // At most 255.
        _headers[setIndex] = GuardianSetHeader({count: uint8(count), quorum: quorum, expiresAt: 0});
        for (uint256 i = 0; i < count; ++i) _guardians[setIndex][i] = guardians[i];
        emit GuardianSetInstalled(setIndex, guardians, quorum);
    }

    function _setUpdateFee(uint96 updateFeeWei) private {
        singleUpdateFeeWei = updateFeeWei;
        emit UpdateFeeChanged(updateFeeWei);
    }

    function _storeUpdate(bytes calldata update) private returns (uint256) {
        (bytes calldata vaa, bytes calldata messages, uint256 count) = PythWire.openUpdate(update);
        bytes20 root = _verify(vaa).root;

        PythWire.Tick memory tick;
        uint256 offset = 0;
        for (uint256 i = 0; i < count; ++i) {
            (tick, offset) = PythWire.readTick(messages, offset, root);
            _storeIfNewer(
                tick.id,
                StoredPrice(tick.publishTime, tick.expo, tick.price, tick.conf, tick.emaPrice, tick.emaConf)
            );
        }
        if (offset != messages.length) revert PythErrors.InvalidUpdateData();
        return count;
    }

    function _storeFeeds(PythStructs.PriceFeed[] memory feeds) private {
        for (uint256 i = 0; i < feeds.length; ++i) {
            PythStructs.Price memory price = feeds[i].price;
            PythStructs.Price memory ema = feeds[i].emaPrice;
            // A publish time has 64 bits on the wire.
            uint64 publishTime = uint64(price.publishTime);
            _storeIfNewer(
                feeds[i].id,
                StoredPrice(publishTime, price.expo, price.price, price.conf, ema.price, ema.conf)
            );
        }
    }

    function _storeIfNewer(bytes32 id, StoredPrice memory price) private {
        if (price.publishTime <= _prices[id].publishTime) return;
        _prices[id] = price;
        emit PriceFeedUpdate(id, price.publishTime, price.price, price.conf);
    }

    /// @dev The fee is due for every message in the data, asked for or not.
    function _parse(bytes[] calldata updateData, Query memory query) private view returns (uint256 updateCount) {
        if (msg.value < getUpdateFee(updateData)) revert PythErrors.InsufficientFee();
        for (uint256 i = 0; i < updateData.length; ++i) updateCount += _search(updateData[i], query);
    }

    /// @dev Every message is proven, asked for or not.
    function _search(bytes calldata update, Query memory query) private view returns (uint256) {
        (bytes calldata vaa, bytes calldata messages, uint256 count) = PythWire.openUpdate(update);
        PythWire.Commitment memory commitment = _verify(vaa);

        PythWire.Tick memory tick;
        uint256 offset = 0;
        for (uint256 i = 0; i < count; ++i) {
            (tick, offset) = PythWire.readTick(messages, offset, commitment.root);
            _offer(tick, commitment.slot, query);
        }
        if (offset != messages.length) revert PythErrors.InvalidUpdateData();
        return count;
    }

    /// @dev Requires `vaa` to be signed by a quorum of its guardian set in strictly ascending order, and to come from the
    /// emitter.
    function _verify(bytes calldata vaa) private view returns (PythWire.Commitment memory) {
        (uint256 setIndex, bytes calldata signatures, bytes calldata body) = PythWire.openVaa(vaa);
        _verifySignatures(setIndex, signatures, PythWire.digestOf(body));

        (uint256 chain, bytes32 sender) = PythWire.emitterOf(body);
        if (chain != emitterChain || sender != emitter) revert PythErrors.InvalidUpdateDataSource();
        return PythWire.commitmentOf(body);
    }

    function _verifySignatures(uint256 setIndex, bytes calldata signatures, bytes32 digest) private view {
        GuardianSetHeader memory header = _headers[setIndex];
        bool isOver = header.expiresAt != 0 && block.timestamp > header.expiresAt;
        uint256 signatureCount = PythWire.signatureCount(signatures);
        if (header.count == 0 || isOver || signatureCount < header.quorum) revert PythErrors.InvalidWormholeVaa();

        uint256 lowestIndex = 0;
        for (uint256 i = 0; i < signatureCount; ++i) {
            (uint256 guardianIndex, address signer) = PythWire.recover(signatures, i, digest);
            if (
                guardianIndex < lowestIndex ||
                guardianIndex >= header.count ||
                signer == address(0) ||
                signer != _guardians[setIndex][guardianIndex]
            ) revert PythErrors.InvalidWormholeVaa();
            lowestIndex = guardianIndex + 1;
        }
    }

    /// @dev Takes the tick for its feed if it is the first that fits. An id asked for twice is found once, as by the
    /// real contract.
    function _offer(PythWire.Tick memory tick, uint64 slot, Query memory query) private pure {
        uint256 position = 0;
        while (position < query.ids.length && query.ids[position] != tick.id) ++position;
        if (position == query.ids.length || query.feeds[position].id != 0) return;

        if (tick.publishTime < query.minPublishTime || tick.publishTime > query.maxPublishTime) return;
        if (query.isUnique && tick.prevPublishTime >= query.minPublishTime) return;

        query.feeds[position] = PythStructs.PriceFeed({
            id: tick.id,
            price: PythStructs.Price(tick.price, tick.conf, tick.expo, tick.publishTime),
            emaPrice: PythStructs.Price(tick.emaPrice, tick.emaConf, tick.expo, tick.publishTime)
        });
        query.slots[position] = slot;
    }

    function _newQuery(
        bytes32[] calldata priceIds,
        uint256 minPublishTime,
        uint256 maxPublishTime,
        bool isUnique
    ) private pure returns (Query memory) {
        return
            Query({
                ids: priceIds,
                minPublishTime: minPublishTime,
                maxPublishTime: maxPublishTime,
                isUnique: isUnique,
                feeds: new PythStructs.PriceFeed[](priceIds.length),
                slots: new uint64[](priceIds.length)
            });
    }

    function _requireAllFound(Query memory query) private pure {
        for (uint256 i = 0; i < query.feeds.length; ++i) {
            if (query.feeds[i].id == 0) revert PythErrors.PriceFeedNotFoundWithinRange();
        }
    }
}
