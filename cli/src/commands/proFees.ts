import type { Command } from "commander";
import { tokenOf, tokens } from "../../../sdk/index";
import { amountShown } from "../lib/amounts";
import { EXIT } from "../lib/exit";
import { perform, withAccount, withReader } from "../lib/market";
import type { ActOptions } from "../lib/market";
import { table } from "../lib/output";
import { nameOf, usdShown } from "../lib/pro";
import type { Run } from "../lib/program";
import type { Surroundings } from "../lib/world";

/** What the order book's markets take and keep: fees, which are swept, and funds, which never leave. */
export function defineFees(pro: Command, run: Run): void {
  pro
    .command("fees")
    .description("print what each market has taken in fees that `asterism broker sweep` brings to whom, and its fund")
    .action((_: object, command: Command) => run(command, fees));
  pro
    .command("fund")
    .description("add to the fund that pays for bankrupt accounts of a market; it never comes back")
    .argument("<market>", "BTC, ETH/USD")
    .argument("<amount>", "of the settlement token")
    .option("--dry-run", "print the unsigned transaction and send nothing")
    .action((market: string, amount: string, options: ActOptions, command: Command) =>
      run(command, (surroundings) => fund(surroundings, market, amount, options)),
    );
}

async function fees(surroundings: Surroundings): Promise<number> {
  return withReader(surroundings, async (asterism) => {
    const { chain } = asterism.connection;
    const views = await Promise.all(
      Object.keys(chain.pro.markets).map(async (market) => {
        const [waiting, funding] = await Promise.all([
          asterism.brokers.sweepablePro(market),
          asterism.pro.funding(market),
        ]);
        return { market, token: chain.pro.token, ...waiting, fund: funding.fund };
      }),
    );
    surroundings.output.result(views, () => {
      const rows = views.map(({ brokers, fund: held, market, token, treasury }) => {
        const shares = Object.entries(brokers).map(([id, share]) => `${id}: ${amountShown(asterism, token, share)}`);
        return [market, amountShown(asterism, token, treasury), shares.join("\n"), usdShown(held)];
      });
      return table(["market", "for the treasury", "for brokers", "fund USD"], rows);
    });
    return EXIT.fine;
  });
}

async function fund(surroundings: Surroundings, market: string, amount: string, options: ActOptions): Promise<number> {
  return withAccount(surroundings, options, async (asterism) => {
    const { chain } = asterism.connection;
    const name = nameOf(asterism, market);
    const units = tokens(amount, tokenOf(chain, chain.pro.token).decimals);
    const action = asterism.pro.addToFund(name, units);
    surroundings.output.note(
      `what goes into the fund of ${name} pays for bankrupt accounts there: nobody takes it out`,
    );
    await perform(surroundings, asterism, action, options, ({ hash }) => ({
      value: { market: name, token: chain.pro.token, amount: units, hash },
      shown: `${amountShown(asterism, chain.pro.token, units)} are in the fund of ${name} and never come back (${hash})`,
    }));
    return EXIT.fine;
  });
}
