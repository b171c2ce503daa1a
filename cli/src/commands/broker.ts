import type { Command } from "commander";
import { formatPips, formatToken, tokenOf } from "../../../sdk/index";
import type { Asterism } from "../../../sdk/index";
import { brokerIdOf, brokerOf } from "../lib/brokers";
import { EXIT } from "../lib/exit";
import { perform, withAccount, withReader } from "../lib/market";
import type { ActOptions } from "../lib/market";
import { table } from "../lib/output";
import type { Define } from "../lib/program";
import type { Surroundings } from "../lib/world";

/** Brokers and their fees. */
export const defineBroker: Define = (program, run) => {
  const broker = program
    .command("broker")
    .description("print a broker, and what its receiver is to be given")
    .argument("<id>", "from 1 on", brokerIdOf)
    .action((id: number, _: object, command: Command) => run(command, (surroundings) => show(surroundings, id)));
  broker
    .command("collect")
    .description("make a broker's fees of a token its receiver's to claim; anybody's to do")
    .argument("<id>", "from 1 on", brokerIdOf)
    .argument("<token>", "symbol")
    .option("--dry-run", "print the unsigned transaction and send nothing")
    .action((id: number, token: string, options: ActOptions, command: Command) =>
      run(command, (surroundings) => collect(surroundings, id, token, options)),
    );
};

async function show(surroundings: Surroundings, id: number): Promise<number> {
  return withReader(surroundings, async (asterism) => {
    const found = await brokerOf(asterism, id);
    const collectable = await asterism.brokers.collectable(id);
    surroundings.output.result({ ...found, id: BigInt(id), collectable }, () => {
      const amounts = Object.entries(collectable).map(([symbol, amount]) => shown(asterism, symbol, amount));
      return table(
        [`broker ${id}`, ""],
        [
          ["owner", found.owner],
          ["receiver", found.receiver],
          ["share", formatPips(found.sharePips)],
          ["to collect", amounts.length === 0 ? "nothing" : amounts.join("\n")],
        ],
      );
    });
    return EXIT.fine;
  });
}

async function collect(surroundings: Surroundings, id: number, symbol: string, options: ActOptions): Promise<number> {
  return withAccount(surroundings, options, async (asterism) => {
    const { receiver } = await brokerOf(asterism, id);
    const action = asterism.brokers.collectBroker(id, symbol);
    await perform(surroundings, asterism, action, options, (amount) => ({
      value: { id: BigInt(id), token: symbol, amount, receiver },
      shown: `${shown(asterism, symbol, amount)} are ${receiver}'s to claim`,
    }));
    return EXIT.fine;
  });
}

function shown({ connection }: Asterism, symbol: string, amount: bigint): string {
  return `${formatToken(amount, tokenOf(connection.chain, symbol).decimals)} ${symbol}`;
}
