// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IAlp} from "../interfaces/IAlp.sol";

/// @title ALP, the share of the liquidity vault
/// @dev Created by its AlpManager, which is its only minter for ever.
contract Alp is IAlp, ERC20Permit {
    using SafeCast for uint256;

    /// @dev The last mint of an account, one slot.
    struct LatestMint {
        /// @dev Sum of all mints since the account last had nothing cooling, this one included.
        uint160 total;
        /// @dev When, in seconds.
        uint48 mintedAt;
        /// @dev Mints before it that belong to the same sum.
        uint48 earlierCount;
    }

    /// @dev A mint before the last one, one slot.
    struct EarlierMint {
        uint208 total;
        uint48 mintedAt;
    }

    /// @dev Of the token and of the domain that permits are signed in: wallets take the one for the other.
    string private constant NAME = "Asterism Liquidity Provider";
    uint256 private constant MIN_COOLING_SECONDS = 1 hours;
    uint256 private constant MAX_COOLING_SECONDS = 14 days;

    /// @inheritdoc IAlp
    address public immutable override manager;
    /// @inheritdoc IAlp
    uint256 public immutable override coolingSeconds;

    /// @dev The last mint of each account: all that most accounts ever need.
    mapping(address account => LatestMint latest) private _latest;
    /// @dev The mints before it, the first `earlierCount` of them; what lies beyond is forgotten and written over.
    mapping(address account => mapping(uint256 index => EarlierMint earlier)) private _earlier;

    modifier onlyManager() {
        if (msg.sender != manager) revert Alp_NotManager(msg.sender);
        _;
    }

    constructor(uint256 coolingSeconds_) ERC20(NAME, "ALP") ERC20Permit(NAME) {
        if (coolingSeconds_ < MIN_COOLING_SECONDS || coolingSeconds_ > MAX_COOLING_SECONDS) {
            revert Alp_CoolingOutOfRange(coolingSeconds_, MIN_COOLING_SECONDS, MAX_COOLING_SECONDS);
        }
        manager = msg.sender;
        coolingSeconds = coolingSeconds_;
    }

    /// @inheritdoc IAlp
    function mint(address account, uint256 amount) external override onlyManager {
        // Effect: the amount cools from now on.
        _latest[account] = _withMint(account, _latest[account], amount);
        _mint(account, amount);
    }

    /// @inheritdoc IAlp
    function burn(address account, uint256 amount) external override onlyManager {
        _burn(account, amount);
    }

    /// @inheritdoc IAlp
    function lockedOf(address account) public view override returns (uint256) {
        LatestMint memory latest = _latest[account];
        if (_isCooled(latest.mintedAt)) return 0;
        return latest.total - _cooledOf(account, latest.earlierCount);
    }

    /// @inheritdoc IAlp
    function freeBalanceOf(address account) public view override returns (uint256) {
        return balanceOf(account) - lockedOf(account);
    }

    /// @inheritdoc IERC20Permit
    function nonces(address owner) public view override(ERC20Permit, IERC20Permit) returns (uint256) {
        return super.nonces(owner);
    }

    /// @dev A mint after all others have cooled starts a new sum and writes nothing but the last mint.
    function _withMint(
        address account,
        LatestMint memory latest,
        uint256 amount
    ) private returns (LatestMint memory next) {
        next.mintedAt = block.timestamp.toUint48();
        if (_isCooled(latest.mintedAt)) {
            next.total = amount.toUint160();
            return next;
        }
        next.total = (latest.total + amount).toUint160();
        next.earlierCount = latest.earlierCount;
        if (latest.mintedAt == next.mintedAt) return next;
        _earlier[account][next.earlierCount++] = EarlierMint(latest.total, latest.mintedAt);
    }

    /// @dev Sum up to the last of the earlier mints that has cooled, by bisection: they are in the order of their times.
    function _cooledOf(address account, uint256 earlierCount) private view returns (uint256) {
        mapping(uint256 index => EarlierMint) storage earlier = _earlier[account];
        uint256 low = 0;
        uint256 high = earlierCount;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (_isCooled(earlier[middle].mintedAt)) low = middle + 1;
            else high = middle;
        }
        return low == 0 ? 0 : earlier[low - 1].total;
    }

    /// @dev True of an account that never minted: the cooling is at most 14 days, far less than the age of the Unix epoch.
    function _isCooled(uint256 mintedAt) private view returns (bool) {
        return mintedAt + coolingSeconds <= block.timestamp;
    }

    /// @dev What is cooling stays: so the balance is never below what is locked.
    function _update(address from, address to, uint256 value) internal override {
        if (from != address(0)) {
            uint256 balance = balanceOf(from);
            uint256 free = balance - lockedOf(from);
            // Check: a balance too small is the ERC-20's own error.
            if (value > free && value <= balance) revert Alp_StillCooling(from, value, free);
        }
        super._update(from, to, value);
    }
}
