import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import type { BaseContract, ContractTransactionReceipt, Signer } from "ethers";
import { artifacts, ethers } from "hardhat";
import { installReplica } from "../../../kit/replica";
import type { Proof, TickOptions } from "../../../kit/desk/Desk";
import { confirmed } from "../../../kit/desk/Desk";
import { Outcome, Reason, nameOf } from "../../../sdk/enums";
import { PythErrors__factory } from "../../../typechain-types";
import type { CallProxy } from "../../../typechain-types";
import { deskFixture } from "../../fixtures/desk";

export type KeeperContext = Awaited<ReturnType<typeof keeperFixture>>;

/** `ScriptedTrading.Act` by name. */
export const ACTS = [
  "Answer",
  "Panic",
  "CustomError",
  "Text",
  "EmptyRevert",
  "BurnGas",
  "ReturnBomb",
  "RevertBomb",
  "ShortAnswer",
] as const;

export type Act = (typeof ACTS)[number];

/** One item's gas, and what a batch must have left before each: 64/63 of it and 60,000. */
export const ITEM_GAS = 1_000_000n;
export const REQUIRED_GAS = (ITEM_GAS * 64n) / 63n + 60_000n;

/** Margins large enough for the minimum notional at every leverage used here, and far below every cap. */
export const SMALL_AMOUNT = 20n;

/** The desk with a scripted Trading and a contract wallet that trades and keeps. */
export async function keeperFixture() {
  const context = await loadFixture(deskFixture);
  const scripted = await ethers.deployContract("ScriptedTrading");
  const wallet = await ethers.deployContract("CallProxy");
  const { desk, profile, replica, trading } = context;
  for (const { symbol, decimals } of profile.tokens) {
    const token = replica.token(symbol);
    await replica.mintToken(symbol, await wallet.getAddress(), 100_000n * 10n ** BigInt(decimals));
    const approve = token.interface.encodeFunctionData("approve", [await trading.getAddress(), ethers.MaxUint256]);
    await confirmed(wallet.execute(token, 0n, approve));
  }
  await desk.refresh();
  const pythErrors = new ethers.Contract(profile.pyth.address, PythErrors__factory.abi, ethers.provider);
  return { ...context, scripted, wallet, pythErrors: pythErrors as BaseContract };
}

/** What scripted item `id` does when it is executed; answers Opened unless told otherwise. */
export async function scriptExecution(
  { scripted }: KeeperContext,
  id: bigint,
  act: Act,
  outcome: (typeof Outcome)[number] = "Opened",
  reason: (typeof Reason)[number] = "None",
): Promise<void> {
  await confirmed(scripted.scriptExecution(id, scriptOf(act, outcome, reason)));
}

/** The same when it is liquidated. */
export async function scriptLiquidation(
  { scripted }: KeeperContext,
  id: bigint,
  act: Act,
  outcome: (typeof Outcome)[number] = "Liquidated",
  reason: (typeof Reason)[number] = "None",
): Promise<void> {
  await confirmed(scripted.scriptLiquidation(id, scriptOf(act, outcome, reason)));
}

function scriptOf(act: Act, outcome: (typeof Outcome)[number], reason: (typeof Reason)[number]) {
  return { act: ACTS.indexOf(act), outcome: Outcome.indexOf(outcome), reason: Reason.indexOf(reason) };
}

/** "Opened", "Skipped:NoTick" or "failed", item by item. */
export function show(results: readonly { outcome: bigint; reason: bigint; isFailed: boolean }[]): string[] {
  return results.map(({ outcome, reason, isFailed }) => {
    if (isFailed) return "failed";
    const name = nameOf(Outcome, outcome);
    return reason === 0n ? name : `${name}:${nameOf(Reason, reason)}`;
  });
}

/** Puts another token's code in the place of a margin token, balances kept. */
export async function exchangeToken(context: KeeperContext, symbol: string, contractName: string): Promise<void> {
  const { deployer, profile } = context;
  const tokenContracts = { [symbol]: contractName };
  await installReplica({ profile, provider: ethers.provider, signer: deployer, artifacts, tokenContracts });
}

/** Calls made by the contract wallet in one transaction. */
export async function batch(
  wallet: CallProxy,
  calls: readonly { to: string; data: string }[],
): Promise<ContractTransactionReceipt> {
  return confirmed(
    wallet.executeBatch(
      calls.map(({ to }) => to),
      calls.map(({ data }) => data),
    ),
  );
}

export interface WalletOrder {
  isLong?: boolean;
  leverage?: number;
  acceptablePrice?: bigint;
  asset?: "BTC" | "ETH";
  mode?: "standard" | "degen";
  token?: string;
  amount?: bigint;
}

/** Market orders of the wallet, all in one block; Degen on BTC unless told otherwise. */
export async function requestOpens(context: KeeperContext, orders: readonly WalletOrder[]) {
  const { desk, trading, trader, wallet } = context;
  const owner = await wallet.getAddress();
  const to = await trading.getAddress();
  const first = await trading.nextTradeId();
  const calls = [];
  for (const order of orders) {
    const request = await desk.openRequest(trader, { amount: desk.tokenUnits("USDT", SMALL_AMOUNT), ...order, owner });
    calls.push({ to, data: trading.interface.encodeFunctionData("requestOpen", [request]) });
  }
  await batch(wallet, calls);
  const target = (await desk.now()) + desk.delayOf(orders[0]?.mode ?? "degen");
  return { ids: orders.map((_, index) => first + BigInt(index)), target };
}

/** Positions of the wallet, opened at the desk's price. */
export async function openPositions(context: KeeperContext, orders: readonly WalletOrder[]): Promise<bigint[]> {
  const { desk, keeper } = context;
  const { ids, target } = await requestOpens(context, orders);
  await desk.warpTo(target + 1);
  await desk.refresh();
  const { results } = await desk.execute(keeper, ids, [desk.firstTick("BTC", target)]);
  const failed = results.find(({ outcome }) => outcome !== "Opened");
  if (failed !== undefined) throw new Error(`not opened: ${failed.outcome} ${failed.reason}`);
  return ids;
}

/** Asks for the close of positions of the wallet, all in one block; Degen positions. */
export async function requestCloses(
  { desk, trading, wallet }: KeeperContext,
  ids: readonly bigint[],
  acceptablePrice = 0n,
): Promise<number> {
  const to = await trading.getAddress();
  const deadline = (await desk.now()) + 3_600;
  const encode = (id: bigint) => trading.interface.encodeFunctionData("requestClose", [id, acceptablePrice, deadline]);
  await batch(
    wallet,
    ids.map((id) => ({ to, data: encode(id) })),
  );
  return (await desk.now()) + desk.delayOf("degen");
}

/** An update of BTC signed by somebody who is no guardian. */
export function forged({ desk, publisher }: KeeperContext, proof: Proof, at: number, options: TickOptions = {}): Proof {
  return { ...proof, updateData: [publisher.wrongSignerUpdate([desk.pythPrice("BTC", at, options)])] };
}

/** What an account can claim of a token. */
export async function claimable({ replica, vault }: KeeperContext, account: Signer, symbol = "USDT"): Promise<bigint> {
  return vault.claimableOf(await replica.token(symbol).getAddress(), await account.getAddress());
}
