import type { Command } from "commander";
import { formatPips } from "../../../sdk/index";
import type { Asterism } from "../../../sdk/index";
import { amountShown } from "../lib/amounts";
import { addressOf } from "../lib/arguments";
import { brokerIdOf, brokerOf } from "../lib/brokers";
import { EXIT } from "../lib/exit";
import { perform, withAccount, withReader } from "../lib/market";
import type { ActOptions } from "../lib/market";
import { table } from "../lib/output";
import { nameOf } from "../lib/pro";
import type { Define } from "../lib/program";
import type { Surroundings } from "../lib/world";

/** Brokers, and the fees that they and the treasury collect. */
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
  broker
    .command("receiver")
    .description("name who is given a broker's fees that are collected from now on; its owner's to do")
    .argument("<id>", "from 1 on", brokerIdOf)
    .argument("<address>", "who receives them", addressOf)
    .option("--dry-run", "print the unsigned transaction and send nothing")
    .action((id: number, receiver: string, options: ActOptions, command: Command) =>
      run(command, (surroundings) => setReceiver(surroundings, id, receiver, options)),
    );
  broker
    .command("transfer")
    .description("hand a broker over to another owner, the receiver stays; its owner's to do")
    .argument("<id>", "from 1 on", brokerIdOf)
    .argument("<address>", "the new owner", addressOf)
    .option("--dry-run", "print the unsigned transaction and send nothing")
    .action((id: number, to: string, options: ActOptions, command: Command) =>
      run(command, (surroundings) => transfer(surroundings, id, to, options)),
    );
  broker
    .command("sweep")
    .description(
      "bring the fees of a market of the order book to where brokers and the treasury collect; anybody's to do",
    )
    .argument("<market>", "BTC, ETH/USD")
    .option("--dry-run", "print the unsigned transaction and send nothing")
    .action((market: string, options: ActOptions, command: Command) =>
      run(command, (surroundings) => sweep(surroundings, market, options)),
    );
  defineTreasury(program, run);
};

const defineTreasury: Define = (program, run) => {
  const treasury = program
    .command("treasury")
    .description("print the treasury, and what it is to be given")
    .action((_: object, command: Command) => run(command, showTreasury));
  treasury
    .command("collect")
    .description("make the fees of a token that are no broker's the treasury's to claim; anybody's to do")
    .argument("<token>", "symbol")
    .option("--dry-run", "print the unsigned transaction and send nothing")
    .action((token: string, options: ActOptions, command: Command) =>
      run(command, (surroundings) => collectForTreasury(surroundings, token, options)),
    );
};

async function show(surroundings: Surroundings, id: number): Promise<number> {
  return withReader(surroundings, async (asterism) => {
    const found = await brokerOf(asterism, id);
    const collectable = await asterism.brokers.collectable(id);
    surroundings.output.result({ ...found, id: BigInt(id), collectable }, () => {
      return table(
        [`broker ${id}`, ""],
        [
          ["owner", found.owner],
          ["receiver", found.receiver],
          ["share", formatPips(found.sharePips)],
          ["to collect", allShown(asterism, collectable)],
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
      shown: `${amountShown(asterism, symbol, amount)} are ${receiver}'s to claim`,
    }));
    return EXIT.fine;
  });
}

async function setReceiver(
  surroundings: Surroundings,
  id: number,
  receiver: string,
  options: ActOptions,
): Promise<number> {
  return withAccount(surroundings, options, async (asterism) => {
    await brokerOf(asterism, id);
    const action = asterism.brokers.setReceiver(id, receiver);
    await perform(surroundings, asterism, action, options, ({ hash }) => ({
      value: { id: BigInt(id), receiver, hash },
      shown: `broker ${id}: ${receiver} is given its fees (${hash})`,
    }));
    return EXIT.fine;
  });
}

async function transfer(surroundings: Surroundings, id: number, to: string, options: ActOptions): Promise<number> {
  return withAccount(surroundings, options, async (asterism) => {
    const { receiver } = await brokerOf(asterism, id);
    const action = asterism.brokers.transferBroker(id, to);
    await perform(surroundings, asterism, action, options, ({ hash }) => ({
      value: { id: BigInt(id), owner: to, receiver, hash },
      shown: `broker ${id} is ${to}'s; its fees are given to ${receiver} as before (${hash})`,
    }));
    return EXIT.fine;
  });
}

async function sweep(surroundings: Surroundings, market: string, options: ActOptions): Promise<number> {
  return withAccount(surroundings, options, async (asterism) => {
    const { token } = asterism.connection.chain.pro;
    const action = await asterism.brokers.sweepPro(market);
    await perform(surroundings, asterism, action, options, ({ brokers, total, treasury }) => ({
      value: { market: nameOf(asterism, market), token, amount: total, treasury, brokers },
      shown: table(
        ["to be collected", ""],
        [
          ["by the treasury", amountShown(asterism, token, treasury)],
          ...Object.entries(brokers).map(([id, share]) => [`by broker ${id}`, amountShown(asterism, token, share)]),
        ],
      ),
    }));
    return EXIT.fine;
  });
}

async function showTreasury(surroundings: Surroundings): Promise<number> {
  return withReader(surroundings, async (asterism) => {
    const found = await asterism.brokers.treasury();
    surroundings.output.result(found, () =>
      table(
        ["treasury", ""],
        [
          ["account", found.account],
          ["to collect", allShown(asterism, found.collectable)],
        ],
      ),
    );
    return EXIT.fine;
  });
}

async function collectForTreasury(surroundings: Surroundings, symbol: string, options: ActOptions): Promise<number> {
  return withAccount(surroundings, options, async (asterism) => {
    const { account } = await asterism.brokers.treasury();
    const action = asterism.brokers.collect(symbol);
    await perform(surroundings, asterism, action, options, (amount) => ({
      value: { token: symbol, amount, receiver: account },
      shown: `${amountShown(asterism, symbol, amount)} are ${account}'s to claim`,
    }));
    return EXIT.fine;
  });
}

function allShown(asterism: Asterism, amounts: Readonly<Record<string, bigint>>): string {
  const all = Object.entries(amounts).map(([symbol, amount]) => amountShown(asterism, symbol, amount));
  return all.length === 0 ? "nothing" : all.join("\n");
}
