import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { BaseContract, ContractTransactionResponse, Result } from "ethers";
import { bookArguments } from "../../../deploy/arguments/books";
import { quickRolesFixture } from "../../fixtures/trading";

export const HOUR = 3_600;
export const DEPTH = 1;
export const FIXED = 0;
export const SKEW = 2;
export const UNLISTED = 0;
export const ACTIVE = 1n;
export const REDUCE_ONLY = 2n;
export const CLOSED = 3n;

/** BTC/USD in both modes, and books that are free: ETH/USD in Degen, and a third market. */
export const BTC_STANDARD = 0;
export const BTC_DEGEN = 1;
export const ETH_STANDARD = 2;
export const ETH_DEGEN = 3;
export const FREE = 4;

export type Arguments = ReturnType<typeof bookArguments>;
export type Refusal = [name: string, change: (args: Arguments) => void, error: string, args: unknown[]];

export async function deploy() {
  const context = await loadFixture(quickRolesFixture);
  const { tradingConfigurator: configurator, quickGovernor, quickRiskManager, guardian, profile } = context;
  return {
    ...context,
    configurator,
    asGovernor: configurator.connect(quickGovernor),
    asRiskManager: configurator.connect(quickRiskManager),
    asGuardian: configurator.connect(guardian),
    token: profile.tokens[0].address,
  };
}

export type Context = Awaited<ReturnType<typeof deploy>>;

export function standardArguments({ profile }: Context): Arguments {
  return bookArguments("BNB", profile.markets[0].books[0], profile.oracle.minAnchors);
}

export function degenArguments({ profile }: Context): Arguments {
  return bookArguments("ETH", profile.markets[0].books[1], profile.oracle.minAnchors);
}

export async function list(context: Context, bookId: number, { config, openConfig, tiers }: Arguments) {
  return context.asGovernor.listBook(context.trading, bookId, config, openConfig, tiers);
}

export async function configOf({ tradingRecords }: Context, bookId: number): Promise<Record<string, unknown>> {
  const [config, openConfig] = await tradingRecords.bookConfig(bookId);
  const objects = [config, openConfig].map((struct) => (struct as unknown as Result).toObject());
  return { ...objects[0], ...objects[1] };
}

/** The call changes these fields of the book and no other. */
export async function expectChange(
  context: Context,
  bookId: number,
  call: () => Promise<ContractTransactionResponse>,
  change: Record<string, bigint>,
): Promise<void> {
  const before = await configOf(context, bookId);
  await call();
  expect(await configOf(context, bookId)).to.deep.equal({ ...before, ...change });
}

export async function expectError(call: Promise<unknown>, contract: BaseContract, error: string, args: unknown[]) {
  await expect(call)
    .to.be.revertedWithCustomError(contract, `TradingConfigurator_${error}`)
    .withArgs(...args);
}
