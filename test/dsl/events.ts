import { expect } from "chai";
import type { BaseContract, ContractTransactionReceipt } from "ethers";

/** One event: who emitted it, its name, and every argument in its order. */
export type Told = readonly [contract: string, event: string, args: readonly unknown[]];

/** Numbers by their value, addresses by their text, contracts by their address. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "number" || typeof value === "bigint") return BigInt(value).toString();
  if (typeof value === "object" && value !== null) {
    const { target, address } = value as { target?: unknown; address?: unknown };
    return target ?? address ?? value;
  }
  return value;
}

/**
 * Asserts everything that a call told: the complete list of its events, in their order, each with its contract, its name and
 * all its arguments. What none of the contracts has emitted stands in the list as it is.
 */
export function expectEvents(
  receipt: ContractTransactionReceipt,
  contracts: Readonly<Record<string, BaseContract>>,
  expected: readonly Told[],
): void {
  const names = new Map(Object.entries(contracts).map(([name, { target }]) => [target as string, name]));
  const told = receipt.logs.map(({ address, topics, data }) => {
    const name = names.get(address);
    const event = name === undefined ? null : contracts[name].interface.parseLog({ topics, data });
    if (name === undefined || event === null) return [address, topics, data];
    return [name, event.name, plain([...event.args])];
  });
  expect(told).to.deep.equal(expected.map(([name, event, args]) => [name, event, plain([...args])]));
}
