import type { Command } from "commander";
import {
  assetKeyOf,
  formatDecimal,
  formatPips,
  formatPrice,
  formatToken,
  formatUsd,
  pips,
  tokenOf,
} from "../../../sdk/index";
import type { BetInput, LpResult, PlacedBet } from "../../../sdk/index";
import { amountShown } from "../lib/amounts";
import { addressOf, durationOf, idOf, wordOf } from "../lib/arguments";
import { EXIT } from "../lib/exit";
import { perform, withAccount, withOwner } from "../lib/market";
import type { ActOptions } from "../lib/market";
import { table } from "../lib/output";
import { betValue } from "../lib/records";
import type { Define } from "../lib/program";
import type { Surroundings } from "../lib/world";

const ALP_DECIMALS = 18;
const DIGITS = 4;

interface OwnerOptions {
  owner?: string;
}

interface ClaimOptions extends ActOptions {
  native?: boolean;
}

interface BetOptions extends ActOptions {
  minPayout?: bigint;
}

/** ALP, bets, and what the vault holds for an account. */
export const defineMoney: Define = (program, run) => {
  const alp = program
    .command("alp")
    .description("print what ALP is worth and how much of it an account has")
    .option("--owner <address>", "whose; the key's by default", addressOf)
    .action(({ owner }: OwnerOptions, command: Command) => run(command, (surroundings) => worth(surroundings, owner)));
  for (const kind of ["mint", "burn"] as const) {
    alp
      .command(kind)
      .description(kind === "mint" ? "mint ALP for a token" : "burn ALP for a token")
      .argument("<amount>", kind === "mint" ? "of the token" : "of ALP")
      .argument("<token>", "symbol")
      .option("--hermes <url>", "price service; ASTERISM_HERMES_URL, or Pyth's public one, by default")
      .option("--dry-run", "print the unsigned transaction and send nothing")
      .action((amount: string, token: string, options: ActOptions, command: Command) =>
        run(command, (surroundings) => move(surroundings, kind, amount, token, options)),
      );
  }
  const bet = program
    .command("bet")
    .description("bet that a price will be higher, or lower, after a period")
    .argument("<direction>", "up or down", wordOf(["up", "down"]))
    .argument("<market>", "BTC, ETH/USD")
    .argument("<period>", "such as 5m", durationOf)
    .argument("<stake>", "both execution fees included")
    .argument("<token>", "symbol; the native coin's wraps it on the way")
    .option("--min-payout <rate>", "least profit of a win, such as 75% of the stake; what it pays now by default", pips)
    .option("--dry-run", "print the unsigned transaction and send nothing")
    .action((...all: unknown[]) => {
      const [direction, market, period, stake, token] = all as [BetInput["direction"], string, number, string, string];
      const input = { direction, market, periodSeconds: period, stake, token };
      return run(all.at(-1) as Command, (surroundings) => place(surroundings, input, all.at(-2) as BetOptions));
    });
  bet
    .command("list")
    .description("print bets that have not ended")
    .option("--owner <address>", "whose; the key's by default", addressOf)
    .action(({ owner }: OwnerOptions, command: Command) =>
      run(command, (surroundings) => listBets(surroundings, owner)),
    );
  bet
    .command("return")
    .description("send the stake of a bet back that was not struck or settled in time; anybody's to do")
    .argument("<id>", "of `asterism bet list`", idOf)
    .option("--dry-run", "print the unsigned transaction and send nothing")
    .action((id: bigint, options: ActOptions, command: Command) =>
      run(command, (surroundings) => returnStake(surroundings, id, options)),
    );
  program
    .command("claim")
    .description("print what the vault holds for an account, or take it out")
    .argument("[token]", "symbol of what to take out")
    .option("--native", "of wrapped coin: take it out as the native coin")
    .option("--dry-run", "print the unsigned transaction and send nothing")
    .action((token: string | undefined, options: ClaimOptions, command: Command) =>
      run(command, (surroundings) => claim(surroundings, token, options)),
    );
};

async function worth(surroundings: Surroundings, owner: string | undefined): Promise<number> {
  return withOwner(surroundings, owner, async (asterism) => {
    const [nav, balance] = [await asterism.alp.nav(), await asterism.alp.balance(owner)];
    surroundings.output.result({ nav, balance }, () =>
      table(
        ["ALP", ""],
        [
          ["vault", `${formatUsd(nav.midUsd, 2)} USD`],
          ["supply", formatDecimal(nav.supply, ALP_DECIMALS, DIGITS)],
          ["worth of one", `${formatDecimal(nav.midPrice, ALP_DECIMALS, DIGITS)} USD`],
          ["yours", formatDecimal(balance.total, ALP_DECIMALS, DIGITS)],
          ["of it cooling", formatDecimal(balance.cooling, ALP_DECIMALS, DIGITS)],
        ],
      ),
    );
    return EXIT.fine;
  });
}

async function move(
  surroundings: Surroundings,
  kind: "mint" | "burn",
  amount: string,
  symbol: string,
  options: ActOptions,
): Promise<number> {
  return withAccount(surroundings, options, async (asterism) => {
    const { decimals } = tokenOf(asterism.connection.chain, symbol);
    const action = await asterism.alp[kind](symbol, amount);
    const out = kind === "mint" ? "ALP" : symbol;
    await perform(surroundings, asterism, action, options, ({ amountOut, feePips, receipt }: LpResult) => ({
      value: { amountOut, feePips, hash: receipt.hash },
      shown: `${formatToken(amountOut, kind === "mint" ? ALP_DECIMALS : decimals)} ${out}, fee ${formatPips(feePips)} (${receipt.hash})`,
    }));
    return EXIT.fine;
  });
}

async function place(
  surroundings: Surroundings,
  input: BetInput,
  { minPayout, ...options }: BetOptions,
): Promise<number> {
  return withAccount(surroundings, options, async (asterism) => {
    const { payoutPips } = await asterism.bets.odds(input.market, input.token, input.periodSeconds);
    const least = minPayout ?? payoutPips;
    if (!surroundings.output.isJson && payoutPips > 0n) {
      const pays = `a win pays ${formatPips(payoutPips)} of the stake now`;
      surroundings.output.note(`${pays}; the bet is refused where it pays less than ${formatPips(least)}`);
    }
    const action = await asterism.bets.place({ ...input, minPayoutPips: Number(least) });
    await perform(surroundings, asterism, action, options, (placed) => betPlaced(placed, least));
    return EXIT.fine;
  });
}

function betPlaced(
  { id, payoutPips, receipt: { hash }, target }: PlacedBet,
  minPayoutPips: bigint,
): { value: unknown; shown: string } {
  return {
    value: { id, target: BigInt(target), payoutPips, minPayoutPips, hash },
    shown:
      `bet ${id}: strike at the first tick at or after ${new Date(target * 1_000).toISOString()}, ` +
      `a win pays ${formatPips(payoutPips)} of the stake (${hash})`,
  };
}

async function listBets(surroundings: Surroundings, owner: string | undefined): Promise<number> {
  return withOwner(surroundings, owner, async (asterism) => {
    const bets = await asterism.bets.all(owner);
    const { chain } = asterism.connection;
    const value = bets.map((bet) => betValue(chain, bet));
    surroundings.output.result(value, () => {
      if (bets.length === 0) return "no bets";
      const rows = bets.map((bet) => {
        const { symbol, decimals } = tokenOf(chain, bet.token);
        return [
          ...[String(bet.id), assetKeyOf(chain, bet.assetId), bet.isUp ? "up" : "down", `${bet.periodSeconds} s`],
          ...[`${formatToken(bet.stake, decimals)} ${symbol}`, formatPips(bet.payoutPips)],
          bet.strike === 0n ? "not struck" : formatPrice(bet.strike, 2),
        ];
      });
      return table(["id", "asset", "direction", "period", "stake", "win", "strike"], rows);
    });
    return EXIT.fine;
  });
}

async function returnStake(surroundings: Surroundings, id: bigint, options: ActOptions): Promise<number> {
  return withAccount(surroundings, options, async (asterism) => {
    await perform(surroundings, asterism, asterism.bets.returnStake(id), options, ({ hash }) => ({
      value: { id, hash },
      shown: `the stake of bet ${id} is its owner's again (${hash})`,
    }));
    return EXIT.fine;
  });
}

async function claim(surroundings: Surroundings, symbol: string | undefined, options: ClaimOptions): Promise<number> {
  return withAccount(surroundings, options, async (asterism) => {
    if (symbol === undefined) {
      const claimable = await asterism.vault.claimable();
      const rows = Object.entries(claimable).map(([of, amount]) => amountShown(asterism, of, amount));
      surroundings.output.result(claimable, () => (rows.length === 0 ? "nothing to claim" : rows.join("\n")));
      return EXIT.fine;
    }
    const action = await asterism.vault.claim(symbol, { inNative: options.native });
    await perform(surroundings, asterism, action, options, (amount) => ({
      value: { token: symbol, amount },
      shown: `claimed ${amountShown(asterism, symbol, amount)}`,
    }));
    return EXIT.fine;
  });
}
