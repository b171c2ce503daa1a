// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {GuardianCuts} from "../access/GuardianCuts.sol";
import {IDepositor} from "../interfaces/IProduct.sol";
import {Credit, IVault, Opening, ProductLedger, Settlement, TokenLedger} from "../interfaces/IVault.sol";
import {HoldingWord, ProductHoldingWord} from "../types/HoldingWord.sol";
import {PIPS} from "../types/Units.sol";
import {Code} from "../utils/Code.sol";
import {LedgerLib} from "./LedgerLib.sol";
import {SafePayment} from "./SafePayment.sol";

/// @title The Vault
/// @notice See `IVault`.
contract Vault is IVault, GuardianCuts, AccessManaged, ReentrancyGuardTransient {
    using LedgerLib for TokenLedger;
    using LedgerLib for ProductLedger;

    /// @notice No token may have more of its liquidity reserved than this.
    uint256 public constant MAX_UTILIZATION_PIPS = 950_000;

    /// @inheritdoc IVault
    address public immutable override wrappedNative;

    /// @notice Adds and removes liquidity. Set once.
    address public liquidityManager;

    /// @dev Number of products; in the slot of the liquidity manager, whose mints and burns ask for all of them.
    uint32 private _productCount;

    /// @inheritdoc IVault
    /// @dev Set once.
    address public override feeDistributor;

    address[] private _tokens;
    mapping(uint256 index => address) private _products;

    /// @inheritdoc IVault
    mapping(address product => bool) public override isProduct;

    mapping(address token => TokenLedger) private _ledgers;
    mapping(address product => mapping(address token => ProductLedger)) private _productLedgers;
    mapping(address token => mapping(address account => uint256)) private _claims;

    modifier onlyLiquidityManager() {
        if (msg.sender != liquidityManager) revert Vault_NotLiquidityManager(msg.sender);
        _;
    }

    constructor(address accessManager, address wrappedNative_) AccessManaged(accessManager) {
        Code.requireContract(accessManager);
        Code.requireContract(wrappedNative_);
        wrappedNative = wrappedNative_;
    }

    /// @dev Only unwrapping brings native coin here.
    receive() external payable {
        if (msg.sender != wrappedNative) revert Vault_NativeNotExpected(msg.sender);
    }

    /// @notice Names the liquidity manager and the fee distributor, once and for all.
    function initialise(address liquidityManager_, address feeDistributor_) external restricted {
        if (liquidityManager != address(0)) revert Vault_AlreadyInitialised();
        Code.requireContract(liquidityManager_);
        Code.requireContract(feeDistributor_);
        liquidityManager = liquidityManager_;
        feeDistributor = feeDistributor_;
        emit LiquidityManagerSet(liquidityManager_, feeDistributor_);
    }

    /// @notice Lists a token. Its decimals are read now; there is no way to take a token off the list.
    function listToken(address token, uint24 maxUtilizationPips) external restricted {
        Code.requireContract(token);
        TokenLedger storage ledger_ = _ledgers[token];
        if (ledger_.maxUtilizationPips != 0) revert Vault_TokenAlreadyListed(token);
        _checkUtilization(maxUtilizationPips);
        uint8 decimals = IERC20Metadata(token).decimals();
        ledger_.decimals = decimals;
        ledger_.maxUtilizationPips = maxUtilizationPips;
        _tokens.push(token);
        emit TokenListed(token, decimals, maxUtilizationPips);
    }

    /// @notice Limits the share of a token's liquidity that openings may reserve.
    function setMaxUtilization(address token, uint24 maxUtilizationPips) external restricted {
        _checkUtilization(maxUtilizationPips);
        _listed(token).maxUtilizationPips = maxUtilizationPips;
        emit MaxUtilizationSet(token, maxUtilizationPips);
    }

    /// @notice Adds a product. It can reserve nothing until it is given a ceiling.
    function addProduct(address product) external restricted {
        Code.requireContract(product);
        if (isProduct[product]) revert Vault_ProductAlreadyAdded(product);
        isProduct[product] = true;
        _products[_productCount++] = product;
        emit ProductAdded(product);
    }

    /// @notice Sets what a product may hold reserved of a token.
    /// @param cuts Number of cuts that the guardian has made to it, see `ceilingSetting`.
    function setCeiling(address product, address token, uint128 ceiling, uint256 cuts) external restricted {
        if (!isProduct[product]) revert Vault_ProductNotFound(product);
        _listed(token);
        _requireCuts(ceilingSetting(product, token), cuts);
        _productLedgers[product][token].ceiling = ceiling;
        emit CeilingSet(product, token, ceiling);
    }

    /// @notice Lowers what a product may hold reserved of a token; positions already open keep their reserve.
    function cutCeiling(address product, address token, uint128 ceiling) external restricted {
        ProductLedger storage productLedger = _productLedgers[product][token];
        if (ceiling >= productLedger.ceiling) revert Vault_CeilingNotLower(ceiling, productLedger.ceiling);
        _countCut(ceilingSetting(product, token));
        productLedger.ceiling = ceiling;
        emit CeilingSet(product, token, ceiling);
    }

    /// @inheritdoc IVault
    function deposit(
        address token,
        address payer,
        uint256 amount
    ) external override nonReentrant returns (uint256 received) {
        // Check:
        ProductLedger storage productLedger = _ledgerOfCaller(token);

        // Interaction: comes first, because only its result can be booked; nothing can enter in between.
        received = _takeIn(token, payer, amount);

        // Effect: told by the product, as openings and settlements are.
        productLedger.addCollateral(received);
    }

    /// @inheritdoc IVault
    function depositAndReserve(
        address token,
        address payer,
        uint256 amount,
        uint256 reservePips
    ) external override nonReentrant returns (uint256 received) {
        // Check:
        ProductLedger storage productLedger = _ledgerOfCaller(token);

        // Interaction: comes first, because only its result can be booked; nothing can enter in between.
        received = _takeIn(token, payer, amount);

        // Effect: both or neither; what came in for nothing goes back with the revert.
        uint256 reserve = (received * reservePips) / PIPS;
        if (!_ledgers[token].depositAndReserve(productLedger, received, reserve))
            revert Vault_ReserveFull(token, reserve);
    }

    /// @inheritdoc IVault
    function open(Opening calldata opening) external override nonReentrant returns (bool isBooked) {
        // Effect: a caller that is no product has neither collateral nor ceiling, and so nothing to move.
        isBooked = _ledgers[opening.token].open(
            _productLedgers[msg.sender][opening.token],
            opening.reserve,
            opening.toLiquidity,
            opening.toFees,
            opening.executor.amount
        );
        if (isBooked) _credit(opening.token, opening.executor);
    }

    /// @inheritdoc IVault
    function settle(Settlement calldata settlement) external override nonReentrant {
        // Effect: the product can't release what it does not have, nor divide more than it releases.
        _productLedgers[msg.sender][settlement.token].release(settlement.collateral, settlement.reserve);
        uint256 credits = settlement.executor.amount + settlement.armer.amount;
        _ledgers[settlement.token].settle(
            settlement.collateral,
            settlement.reserve,
            settlement.payout,
            settlement.toFees,
            credits
        );
        _credit(settlement.token, settlement.executor);
        _credit(settlement.token, settlement.armer);

        // Interaction:
        if (settlement.payout != 0) {
            _pay(settlement.token, settlement.receiver, settlement.payout, settlement.asNative);
        }
    }

    /// @inheritdoc IVault
    function addLiquidity(
        address token,
        address payer,
        uint256 amount
    ) external override nonReentrant onlyLiquidityManager returns (uint256 received) {
        TokenLedger storage ledger_ = _listed(token);

        // Interaction: comes first, because only its result can be booked; nothing can enter in between.
        received = _takeIn(token, payer, amount);

        // Effect:
        ledger_.addLiquidity(received);
        emit LiquidityAdded(token, payer, received);
    }

    /// @inheritdoc IVault
    function removeLiquidity(
        address token,
        address receiver,
        uint256 amount,
        bool asNative
    ) external override nonReentrant onlyLiquidityManager {
        // Effect:
        _listed(token).removeLiquidity(amount);
        emit LiquidityRemoved(token, receiver, amount);

        // Interaction:
        _pay(token, receiver, amount, asNative);
    }

    /// @inheritdoc IVault
    function allocateFees(address token, address account, uint256 amount) external override nonReentrant {
        if (msg.sender != feeDistributor) revert Vault_NotFeeDistributor(msg.sender);
        if (account == address(0)) revert Vault_ZeroAddress();
        _ledgers[token].allocateFees(amount);
        _claims[token][account] += amount;
        emit FeesAllocated(token, account, amount);
    }

    /// @inheritdoc IVault
    function claim(
        address token,
        address receiver,
        bool asNative
    ) external override nonReentrant returns (uint256 amount) {
        // Check:
        if (receiver == address(0)) revert Vault_ZeroAddress();
        amount = _claims[token][msg.sender];
        if (amount == 0) revert Vault_NothingToClaim(token, msg.sender);

        // Effect:
        _claims[token][msg.sender] = 0;
        _ledgers[token].subClaimable(amount);
        emit Claimed(token, msg.sender, receiver, amount);

        // Interaction: a payment that fails reverts, and the claim stays.
        if (!_tryPay(token, receiver, amount, asNative)) revert Vault_PaymentFailed(token, receiver, amount);
    }

    /// @inheritdoc IVault
    function claimableOf(address token, address account) external view override returns (uint256) {
        return _claims[token][account];
    }

    /// @inheritdoc IVault
    function ledger(address token) external view override returns (TokenLedger memory) {
        return _ledgers[token];
    }

    /// @inheritdoc IVault
    function holdings(
        address[] calldata tokenList
    )
        external
        view
        override
        returns (HoldingWord[] memory words, address[] memory productList, ProductHoldingWord[] memory productWords)
    {
        uint256 count = tokenList.length;
        words = new HoldingWord[](count);
        // Of each token what is reserved by products not yet found.
        uint256[] memory missing = new uint256[](count);
        uint256 open = 0;
        for (uint256 i = 0; i < count; ++i) {
            words[i] = _ledgers[tokenList[i]].holding();
            missing[i] = words[i].reserved();
            if (missing[i] != 0) ++open;
        }
        productList = new address[](_productCount);
        productWords = new ProductHoldingWord[](count * productList.length);
        uint256 found = 0;
        for (; open != 0; ++found) {
            address product = _products[found];
            productList[found] = product;
            for (uint256 i = 0; i < count; ++i) {
                if (missing[i] == 0) continue;
                ProductHoldingWord word = _productLedgers[product][tokenList[i]].holding();
                if (word.reserved() == 0) continue;
                productWords[found * count + i] = word;
                missing[i] -= word.reserved();
                if (missing[i] == 0) --open;
            }
        }
        // Those after the last that reserves anything are left out.
        assembly ("memory-safe") {
            mstore(productList, found)
            mstore(productWords, mul(count, found))
        }
    }

    /// @inheritdoc IVault
    function collateral(address token) external view override returns (uint256 sum) {
        for (uint256 i = 0; i < _productCount; ++i) sum += _productLedgers[_products[i]][token].collateral;
    }

    /// @inheritdoc IVault
    function productLedger(address product, address token) external view override returns (ProductLedger memory) {
        return _productLedgers[product][token];
    }

    /// @inheritdoc IVault
    function hasRoom(address product, Opening calldata opening) external view override returns (bool) {
        ProductLedger storage productLedger = _productLedgers[product][opening.token];
        return _ledgers[opening.token].hasRoom(productLedger, opening.reserve, opening.toLiquidity);
    }

    /// @inheritdoc IVault
    function tokens() external view override returns (address[] memory) {
        return _tokens;
    }

    /// @inheritdoc IVault
    function products() public view override returns (address[] memory list) {
        list = new address[](_productCount);
        for (uint256 i = 0; i < list.length; ++i) list[i] = _products[i];
    }

    /// @notice A product's ceiling in a token, as `cutsOf` names it.
    function ceilingSetting(address product, address token) public pure returns (bytes32) {
        return keccak256(abi.encode(product, token));
    }

    /// @dev Has the caller move `amount` here and measures what arrives.
    function _takeIn(address token, address payer, uint256 amount) private returns (uint256 received) {
        uint256 balanceBefore = IERC20(token).balanceOf(address(this));
        IDepositor(msg.sender).payIn(token, payer, amount);
        uint256 balanceAfter = IERC20(token).balanceOf(address(this));
        if (balanceAfter <= balanceBefore) revert Vault_NothingArrived(token);
        received = balanceAfter - balanceBefore;
    }

    function _credit(address token, Credit calldata credit) private {
        if (credit.amount != 0) _claims[token][credit.account] += credit.amount;
    }

    /// @dev Pays, or makes the amount claimable.
    function _pay(address token, address receiver, uint256 amount, bool asNative) private {
        if (_tryPay(token, receiver, amount, asNative)) return;
        _claims[token][receiver] += amount;
        _ledgers[token].addClaimable(amount);
        emit PaymentRefused(token, receiver, amount);
    }

    /// @dev Without effect if refused: unwrapped native coin is wrapped again.
    function _tryPay(address token, address receiver, uint256 amount, bool asNative) private returns (bool) {
        if (!asNative) return SafePayment.token(token, receiver, amount);
        if (token != wrappedNative) revert Vault_NotWrappedNative(token);
        return SafePayment.native(token, receiver, amount);
    }

    /// @dev The caller is a product and the token is listed. Neither ever ends, so that once is enough.
    function _ledgerOfCaller(address token) private view returns (ProductLedger storage productLedger) {
        productLedger = _productLedgers[msg.sender][token];
        if (productLedger.isOpen) return productLedger;
        if (!isProduct[msg.sender]) revert Vault_ProductNotFound(msg.sender);
        _listed(token);
    }

    function _listed(address token) private view returns (TokenLedger storage ledger_) {
        ledger_ = _ledgers[token];
        if (ledger_.maxUtilizationPips == 0) revert Vault_TokenNotListed(token);
    }

    function _checkUtilization(uint256 pips) private pure {
        if (pips == 0 || pips > MAX_UTILIZATION_PIPS) revert Vault_UtilizationOutOfRange(pips, MAX_UTILIZATION_PIPS);
    }
}
