import { Asterism, Hermes } from "../../../sdk/index";
import type { Action } from "../../../sdk/index";
import { accountFor } from "./keys";
import { table } from "./output";
import { recordFor, withNode } from "./world";
import type { Surroundings } from "./world";

export interface MarketOptions {
  hermes?: string;
}

/** Runs with the clients of the system, for reading alone. */
export function withReader<T>(surroundings: Surroundings, run: (asterism: Asterism) => Promise<T>): Promise<T> {
  const record = recordFor(surroundings);
  return withNode(surroundings, record, async (provider) =>
    run(await Asterism.connect(provider, { deployment: record })),
  );
}

/** Runs with the clients of the system and the account of the key. */
export function withAccount<T>(
  surroundings: Surroundings,
  { hermes }: MarketOptions,
  run: (asterism: Asterism, account: string) => Promise<T>,
): Promise<T> {
  const record = recordFor(surroundings);
  return withNode(surroundings, record, async (provider) => {
    const account = await accountFor(surroundings, provider);
    const prices = pricesOf(surroundings, hermes);
    return run(await Asterism.connect(account, { deployment: record, prices }), account.address);
  });
}

/** Of an owner that is named, for reading; of the key's account otherwise. */
export function withOwner(
  surroundings: Surroundings,
  owner: string | undefined,
  run: (asterism: Asterism) => Promise<number>,
): Promise<number> {
  return owner === undefined ? withAccount(surroundings, {}, run) : withReader(surroundings, run);
}

/** The price service that is named; Pyth's public one by default. */
function pricesOf({ environment }: Surroundings, named: string | undefined): Hermes {
  const url = named ?? environment.ASTERISM_HERMES_URL;
  if (url === undefined || url === "") return new Hermes();
  const key = environment.ASTERISM_HERMES_KEY;
  return new Hermes({ endpoints: [{ url, key }] });
}

/** What an action is to do: be looked at, or be sent, with the allowances that it needs. */
export interface ActOptions extends MarketOptions {
  dryRun?: boolean;
}

/**
 * Sends an action, or prints its unsigned transaction and the allowances that it needs with `--dry-run`. Throws `RefusedError`
 * before anything is sent where the chain would refuse it.
 */
export async function perform<T>(
  { output }: Surroundings,
  action: Action<T>,
  { dryRun }: ActOptions,
  done: (result: T) => { value: unknown; shown: string },
): Promise<void> {
  if (dryRun === true) {
    const { transaction, allowances } = action;
    output.result({ transaction, allowances }, () => {
      const rows = [
        ["to", transaction.to],
        ["value", `${transaction.value} wei`],
        ["data", transaction.data],
      ];
      const needs = allowances.map(({ token, spender, amount }) => [
        "allow first",
        `${amount} of ${token} to ${spender}`,
      ]);
      return `${table(["", ""], [...rows, ...needs])}\nnothing was sent`;
    });
    return;
  }
  const { value, shown } = done(await action.send({ approve: true }));
  output.result(value, () => shown);
}
