import { loadFixture, setCode } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import type {
  AddressLike,
  BaseContract,
  ContractTransactionReceipt,
  FunctionFragment,
  ParamType,
  Result,
} from "ethers";
import { ethers } from "hardhat";
import { CallProxy__factory } from "../../typechain-types";
import type { CallProxy } from "../../typechain-types";
import type { System } from "../../deploy/deploySystem";
import { DEFAULT_PRICES } from "../../kit/replica";
import { confirmed } from "../../kit/desk/Desk";
import type { Desk } from "../../kit/desk/Desk";
import { deskFixture } from "../fixtures/desk";

/** One cent, USD with 18 decimals: what a few dozen roundings may move. */
export const CENT = 10n ** 16n;

/** What an account has of a token, claims in the vault included. */
export async function holdingOf(desk: Desk, symbol: string, account: AddressLike): Promise<bigint> {
  const token = desk.replica.token(symbol);
  return (await token.balanceOf(account)) + (await desk.system.vault.claimableOf(token, account));
}

/** The same for all accounts together. */
export async function holdingsOf(desk: Desk, symbol: string, accounts: AddressLike[]): Promise<bigint> {
  let sum = 0n;
  for (const account of accounts) sum += await holdingOf(desk, symbol, account);
  return sum;
}

/** All tokens and claims of an account at the desk's prices, without ALP; USD with 18 decimals. */
export async function tokenWealthOf(desk: Desk, account: AddressLike): Promise<bigint> {
  let sum = 0n;
  for (const { symbol, decimals, assetKey } of desk.profile.tokens) {
    sum += ((await holdingOf(desk, symbol, account)) * desk.priceOf(assetKey) * 10n ** 8n) / 10n ** BigInt(decimals);
  }
  return sum;
}

/** Net asset value at the push prices, USD with 18 decimals. */
export async function navOf(desk: Desk): Promise<bigint> {
  return (await desk.system.alpLens.nav(ZeroAddress)).midUsd;
}

/** The books add up to the balances, to the last unit, and nobody's reserve is uncovered. */
export async function expectBalanced(desk: Desk): Promise<void> {
  for (const line of await desk.books()) {
    expect(line.surplus, `${line.symbol}: balance less what is owed`).to.equal(0n);
    expect(line.reserved, `${line.symbol}: reserved`).to.be.at.most(line.liquidity);
  }
}

/** As `expectBalanced`, and the LPs have not lost by what happened since `navBefore` was taken. */
export async function expectIntact(desk: Desk, navBefore: bigint): Promise<void> {
  await expectBalanced(desk);
  expect(await navOf(desk), "net asset value").to.be.at.least(navBefore);
}

/** Everything that the ledgers and the books of Trading say; equal before and after what must have no effect. */
export async function stateOf(desk: Desk, ids: readonly bigint[] = []): Promise<string> {
  const { trading, tradingRecords, alp, vault } = desk.system;
  const state: unknown[] = [await desk.books(), await alp.totalSupply(), await trading.nextTradeId()];
  for (const { address } of desk.profile.tokens) state.push(await vault.productLedger(trading, address));
  for (let bookId = 0; bookId < 2 * desk.profile.markets.length; ++bookId) {
    state.push(await tradingRecords.bookSide(bookId, true), await tradingRecords.bookSide(bookId, false));
    state.push((await tradingRecords.bookState(bookId)).lossNano);
  }
  for (const id of ids) state.push(await tradingRecords.position(id), await tradingRecords.closeOf(id));
  return JSON.stringify(state, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
}

/** Puts another contract's code at a token's address; the balances stay. */
export async function replaceToken(desk: Desk, symbol: string, contractName: string): Promise<string> {
  const template = await ethers.deployContract(contractName);
  const address = await desk.replica.token(symbol).getAddress();
  const code = (await ethers.provider.send("eth_getCode", [await template.getAddress(), "latest"])) as string;
  await setCode(address, code);
  return address;
}

/** A contract wallet that anybody may drive: the attacker's. */
export async function deployWallet(contractName = "CallProxy"): Promise<CallProxy> {
  const wallet = await ethers.deployContract(contractName);
  return CallProxy__factory.connect(await wallet.getAddress(), wallet.runner);
}

/** Has a contract wallet call a function of a contract. */
export async function callAs(
  wallet: CallProxy,
  target: BaseContract,
  name: string,
  args: readonly unknown[],
): Promise<ContractTransactionReceipt> {
  return confirmed(wallet.execute(target, 0, target.interface.encodeFunctionData(name, args)));
}

/** All deployed contracts. */
export function contractsOf(system: System): BaseContract[] {
  return Object.values(system as unknown as Record<string, BaseContract>);
}

/** Arguments of the events of one name that a contract emitted in a transaction. */
export function eventsOf(contract: BaseContract, name: string, receipt: ContractTransactionReceipt): Result[] {
  const fragment = contract.interface.getEvent(name);
  if (fragment === null) throw new Error(`no event ${name}`);
  return receipt.logs
    .filter(({ address, topics }) => address === contract.target && topics[0] === fragment.topicHash)
    .map(({ data, topics }) => contract.interface.decodeEventLog(fragment, data, topics));
}

/** The functions of a contract that may change state. */
export function entriesOf(contract: BaseContract): FunctionFragment[] {
  const entries: FunctionFragment[] = [];
  contract.interface.forEachFunction((fragment) => {
    if (!fragment.constant) entries.push(fragment);
  });
  return entries;
}

/** Parameters with their structs and arrays taken apart. */
export function leavesOf(params: readonly ParamType[]): { name: string; type: string }[] {
  return params.flatMap((param) => {
    if (param.arrayChildren) return leavesOf([param.arrayChildren]).map((leaf) => ({ ...leaf, name: param.name }));
    return param.components ? leavesOf(param.components) : [{ name: param.name, type: param.type }];
  });
}

/** The desk at the default prices, which the desk itself remembers beyond a test. */
export async function loadDesk() {
  const fixture = await loadFixture(deskFixture);
  await fixture.desk.setPrices(DEFAULT_PRICES);
  return fixture;
}

/** The desk, with a position of 100 USDT open in the Degen book of BTC: the trader's. */
export async function openedDesk() {
  const fixture = await loadDesk();
  const id = await fixture.desk.open(fixture.trader, fixture.keeper, { leverage: 1001 });
  return { ...fixture, id };
}
