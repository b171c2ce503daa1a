import { Asterism, Hermes } from "../../../sdk/index";
import type { Action } from "../../../sdk/index";
import { InterruptedError, UsageError } from "./errors";
import { accountFor } from "./keys";
import { alone } from "./lock";
import { table } from "./output";
import { recordFor, withNode } from "./world";
import type { Surroundings } from "./world";

export interface MarketOptions {
  hermes?: string;
}

/** Runs with the clients of the system, for reading alone. */
export function withReader<T>(
  surroundings: Surroundings,
  run: (asterism: Asterism) => Promise<T>,
  { hermes }: MarketOptions = {},
): Promise<T> {
  const record = recordFor(surroundings);
  return withNode(surroundings, record, async (provider) => {
    const prices = pricesOf(surroundings, hermes);
    return run(await Asterism.connect(provider, { deployment: record, prices }));
  });
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
  options: MarketOptions = {},
): Promise<number> {
  return owner === undefined ? withAccount(surroundings, options, run) : withReader(surroundings, run, options);
}

/** The price service that is named; Pyth's public one by default. */
function pricesOf({ environment }: Surroundings, named: string | undefined): Hermes {
  const url = named ?? environment.ASTERISM_HERMES_URL;
  if (url === undefined || url === "") return new Hermes();
  if (!/^https?:\/\/[^/]/.test(url)) {
    throw new UsageError("the price service's URL is no http or https URL", "correct --hermes or ASTERISM_HERMES_URL");
  }
  const key = environment.ASTERISM_HERMES_KEY;
  return new Hermes({ endpoints: [{ url, key }] });
}

/** What an action is to do: be looked at, or be sent, with the allowances that it needs. */
export interface ActOptions extends MarketOptions {
  dryRun?: boolean;
}

/**
 * Sends an action, or prints its unsigned transaction and the allowances that it needs with `--dry-run`. Throws `FundsError` and
 * `RefusedError` before anything is sent where the account has too little or the system would refuse it, and `LockedError` where
 * another command is sending for the account.
 */
export async function perform<T>(
  surroundings: Surroundings,
  { connection }: Asterism,
  action: Action<T>,
  { dryRun }: ActOptions,
  done: (result: T) => { value: unknown; shown: string },
): Promise<void> {
  const { output } = surroundings;
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
  const account = (await connection.signer?.getAddress()) ?? "";
  const sent = await alone(connection.chain.chainId, account, async () => {
    for (const allowance of await action.allowancesToGive()) {
      const { hash } = await uninterrupted(surroundings, allowance);
      output.note(`an allowance was given (${hash})`);
    }
    return uninterrupted(surroundings, action);
  });
  const { value, shown } = done(sent);
  output.result(value, () => shown);
}

/** Sends an action, unless the command was interrupted before it. */
async function uninterrupted<T>({ signal }: Surroundings, action: Action<T>): Promise<T> {
  if (signal.aborted) throw new InterruptedError();
  return action.send();
}
