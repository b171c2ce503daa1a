import type { Command } from "commander";
import { formatPrice, formatToken, px, tokenOf, tokens } from "../../../sdk/index";
import type { Asterism, TradeRecord } from "../../../sdk/index";
import { idOf } from "../lib/arguments";
import { UsageError } from "../lib/errors";
import { EXIT } from "../lib/exit";
import { perform, withAccount } from "../lib/market";
import type { ActOptions } from "../lib/market";
import type { Define } from "../lib/program";
import type { Surroundings } from "../lib/world";

interface TriggerOptions extends ActOptions {
  takeProfit?: string;
  stopLoss?: string;
}

/** What changes about a position that is open. */
export const defineAmend: Define = (program, run) => {
  program
    .command("amend")
    .description("change the take profit and the stop loss of a position, or of a limit that rests")
    .argument("<id>", "of `asterism positions` or `asterism orders`", idOf)
    .option("--take-profit <price>", "0: where the profit cap is reached; stays as it is by default")
    .option("--stop-loss <price>", "0: none; stays as it is by default")
    .option("--dry-run", "print the unsigned transaction and send nothing")
    .action((id: bigint, options: TriggerOptions, command: Command) =>
      run(command, (surroundings) => amend(surroundings, id, options)),
    );
  program
    .command("margin")
    .description("add margin to a Standard position")
    .argument("<id>", "of `asterism positions`", idOf)
    .argument("<amount>", "of the position's token")
    .option("--dry-run", "print the unsigned transaction and send nothing")
    .action((id: bigint, amount: string, options: ActOptions, command: Command) =>
      run(command, (surroundings) => addMargin(surroundings, id, amount, options)),
    );
};

async function amend(surroundings: Surroundings, id: bigint, options: TriggerOptions): Promise<number> {
  if (options.takeProfit === undefined && options.stopLoss === undefined) {
    throw new UsageError("nothing is to change", "give --take-profit, --stop-loss or both");
  }
  return withAccount(surroundings, options, async (asterism, account) => {
    const record = await ownOf(asterism, account, id);
    if (record === undefined || (record.size === 0n && !record.isLimit)) {
      const next = "`asterism positions` and `asterism orders` print those that are";
      throw new UsageError(`${id} is no position and no limit of ${account}`, next);
    }
    // Both are set at once: the one that is not given is given back.
    const takeProfit = px(options.takeProfit ?? formatPrice(record.takeProfit));
    const stopLoss = px(options.stopLoss ?? formatPrice(record.stopLoss));
    const action = asterism.trade.setTriggers(id, { takeProfit, stopLoss });
    await perform(surroundings, asterism, action, options, ({ hash }) => ({
      value: { id, takeProfit, stopLoss, hash },
      shown:
        `${id}: take profit ${takeProfit === 0n ? "at the profit cap" : formatPrice(takeProfit)}, ` +
        `${stopLoss === 0n ? "no stop loss" : `stop loss ${formatPrice(stopLoss)}`} (${hash})`,
    }));
    return EXIT.fine;
  });
}

async function addMargin(surroundings: Surroundings, id: bigint, amount: string, options: ActOptions): Promise<number> {
  return withAccount(surroundings, options, async (asterism, account) => {
    const record = await ownOf(asterism, account, id);
    if (record === undefined || record.size === 0n) {
      throw new UsageError(`${id} is no position of ${account}`, "`asterism positions` prints those that are");
    }
    const { symbol, decimals } = tokenOf(asterism.connection.chain, record.token);
    const units = tokens(amount, decimals);
    const action = await asterism.trade.addMargin(id, units);
    await perform(surroundings, asterism, action, options, ({ hash }) => ({
      value: { id, token: symbol, amount: units, hash },
      shown: `added ${formatToken(units, decimals)} ${symbol} to the margin of ${id} (${hash})`,
    }));
    return EXIT.fine;
  });
}

async function ownOf({ trade }: Asterism, account: string, id: bigint): Promise<TradeRecord | undefined> {
  return (await trade.all(account)).find((record) => record.id === id);
}
