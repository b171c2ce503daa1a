import { expect } from "chai";
import type { AddressLike, BaseContract, BigNumberish } from "ethers";
import { ZeroAddress } from "ethers";
import { ethers } from "hardhat";
import { ALL_TOKEN_CONTRACTS } from "../../../kit/replica";
import type { HostileProduct, Vault } from "../../../typechain-types";
import { IERC20__factory, TokenBase__factory } from "../../../typechain-types";
import { contractSigner } from "../../dsl/contractSigner";
import type { OpeningStruct, SettlementStruct } from "../../../typechain-types/contracts/interfaces/IVault";

export const MAX_UTILIZATION_PIPS = 800_000n;
export const LIQUIDITY = 1_000_000n;
export const COLLATERAL = 10_000n;
export const CEILING = 700_000n;

/** Nobody's credit. */
export const NO_CREDIT = { account: ZeroAddress, amount: 0n };

/**
 * The real Vault with two products and a liquidity manager that do whatever they are told. One listed token (18
 * decimals) has a million units of liquidity; each product has ten thousand of collateral and a ceiling of 700,000.
 */
export async function deployVault() {
  return deployVaultFor("StandInToken");
}

/** The same with another contract as the token. */
export async function deployVaultFor(tokenContract: string) {
  const [governor, payer, receiver, keeper, armer, stranger] = await ethers.getSigners();
  const distributor = await contractSigner();
  const accessManager = await ethers.deployContract("AccessManager", [governor]);
  const wrapped = await ethers.deployContract("StandInWrappedNative");
  await wrapped.initialize("Wrapped BNB", "WBNB", 18);
  const vault = await ethers.deployContract("Vault", [accessManager, wrapped]);
  const manager = await ethers.deployContract("HostileProduct", [vault]);
  const product = await ethers.deployContract("HostileProduct", [vault]);
  const second = await ethers.deployContract("HostileProduct", [vault]);
  await vault.initialise(manager, distributor);
  for (const each of [product, second]) await vault.addProduct(each);

  const token = TokenBase__factory.connect(await (await ethers.deployContract(tokenContract)).getAddress(), governor);
  await token.initialize("Token", "TKN", 18);
  await vault.listToken(token, MAX_UTILIZATION_PIPS);
  await token.mint(payer, 10n * LIQUIDITY);
  for (const spender of [manager, product, second]) await token.connect(payer).approve(spender, ethers.MaxUint256);
  await manager.addLiquidity(token, payer, LIQUIDITY);
  for (const each of [product, second]) {
    await vault.setCeiling(each, token, CEILING, 0n);
    await each.deposit(token, payer, COLLATERAL);
  }
  const actors = { governor, payer, receiver, keeper, armer, distributor, stranger };
  return { ...actors, accessManager, wrapped, vault, manager, product, second, token };
}

/** As `deployVault`, with the wrapped native coin listed, backed and deposited as the token has been. */
export async function deployNativeVault() {
  const context = await deployVault();
  const { vault, wrapped, payer, manager, product } = context;
  await vault.listToken(wrapped, MAX_UTILIZATION_PIPS);
  await wrapped.connect(payer).deposit({ value: LIQUIDITY + 10n * COLLATERAL });
  for (const spender of [manager, product]) await wrapped.connect(payer).approve(spender, ethers.MaxUint256);
  await manager.addLiquidity(wrapped, payer, LIQUIDITY);
  await vault.setCeiling(product, wrapped, CEILING, 0n);
  await product.deposit(wrapped, payer, COLLATERAL);
  return context;
}

export function openingOf(token: AddressLike, changes: Partial<OpeningStruct> = {}): OpeningStruct {
  return { token, reserve: 0n, toLiquidity: 0n, toFees: 0n, executor: NO_CREDIT, ...changes };
}

export function settlementOf(token: AddressLike, changes: Partial<SettlementStruct> = {}): SettlementStruct {
  return {
    token,
    collateral: 0n,
    reserve: 0n,
    toFees: 0n,
    executor: NO_CREDIT,
    armer: NO_CREDIT,
    receiver: ZeroAddress,
    payout: 0n,
    asNative: false,
    ...changes,
  };
}

/** Everything the Vault says of a token. */
export async function booksOf(vault: Vault, token: AddressLike, products: readonly HostileProduct[]) {
  const { liquidity, reserved, fees, claimable } = await vault.ledger(token);
  const lines = [];
  for (const product of products) {
    const line = await vault.productLedger(product, token);
    lines.push({ collateral: line.collateral, reserved: line.reserved });
  }
  return { liquidity, reserved, fees, claimable, lines, balance: await balanceOf(token, vault) };
}

export async function balanceOf(token: AddressLike, account: AddressLike): Promise<bigint> {
  const address = await ethers.resolveAddress(token);
  return IERC20__factory.connect(address, ethers.provider).balanceOf(account);
}

/** The solvency argument of `IVault`, to the unit: a surplus is what somebody gave the vault. */
export async function expectSolvent(vault: Vault, token: AddressLike, surplus: BigNumberish = 0n): Promise<void> {
  const { liquidity, reserved, fees, claimable } = await vault.ledger(token);
  let collateral = 0n;
  let reservedByProducts = 0n;
  for (const product of await vault.products()) {
    const line = await vault.productLedger(product, token);
    collateral += line.collateral;
    reservedByProducts += line.reserved;
  }
  expect(await vault.collateral(token)).to.equal(collateral);
  expect(reserved, "Σ reserved").to.equal(reservedByProducts);
  expect(reserved, "reserved").to.be.at.most(liquidity);
  const owed = liquidity + collateral + fees + claimable;
  expect(await balanceOf(token, vault), "balance").to.equal(owed + BigInt(surplus));
}

/** Exchanges the code at a token's address for another token's; balances stay. */
export async function becomeToken(token: BaseContract, contractName: string): Promise<string> {
  expect(ALL_TOKEN_CONTRACTS).to.include(contractName);
  const address = await token.getAddress();
  const template = await ethers.deployContract(contractName);
  await ethers.provider.send("hardhat_setCode", [address, await ethers.provider.getCode(template)]);
  return address;
}

/** Opens `reserve` for a product, and says so if it was refused. */
export async function reserve(product: HostileProduct, token: AddressLike, amount: bigint): Promise<void> {
  expect(await product.open.staticCall(openingOf(token, { reserve: amount })), "booked").to.equal(true);
  await product.open(openingOf(token, { reserve: amount }));
}

/** The selector of OpenZeppelin's `ReentrancyGuardReentrantCall()`. */
export const REENTRANT_CALL = ethers.id("ReentrancyGuardReentrantCall()").slice(0, 10);
