import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { InputError } from "../../../scripts/demo/errors";
import type { InputErrorReason } from "../../../scripts/demo/errors";
import { PricePath, readPath } from "../../../scripts/demo/path";
import { MAX_BETS, decodeBets, encodeBets, parseOptions, termsOf } from "../../../scripts/simulate/options";
import type { BetTerms } from "../../../scripts/simulate/options";
import { cumulative, playBet, playBets, summarise } from "../../../scripts/simulate/play";
import { plotSvg, plotText } from "../../../scripts/simulate/plot";
import { tokens } from "../../../sdk/units";

const UNIT = tokens("1", 6);

/** 100 tokens of 6 decimals for 4 seconds, half a dollar for each execution. */
const TERMS: BetTerms = {
  symbol: "USDT",
  decimals: 6,
  stake: 100n * UNIT,
  periodSeconds: 4,
  payoutPips: 770_000n,
  delaySeconds: 1,
  executionFeeUsd: 5n * 10n ** 17n,
};

/** A path of whole-dollar prices, one a second, as the simulation reads it from a file. */
function pathOf(prices: readonly number[]): PricePath {
  const folder = mkdtempSync(join(tmpdir(), "simulate-"));
  const file = join(folder, "path.csv");
  const rows = prices.map((price, second) => [1_700_000_000 + second, price, price, price, price].join());
  writeFileSync(file, ["unix_timestamp,open,high,low,close", ...rows].join("\n"));
  try {
    return readPath({ seed: 1, prices: file });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function expectRefused(argv: string[], reason: InputErrorReason, text: string): void {
  try {
    parseOptions(argv);
  } catch (error) {
    expect(error).to.be.instanceOf(InputError);
    expect((error as InputError).reason).to.equal(reason);
    expect((error as InputError).message).to.contain(text);
    return;
  }
  expect.fail(`${argv.join(" ")} was accepted`);
}

describe("simulate", () => {
  describe("a bet", () => {
    // Requested at second 0, struck at 1, settled at 5.
    const path = pathOf([50, 100, 0.5, 0.5, 0.5, 101, 100, 100, 100, 100, 99].map((price) => price * 1_000));

    it("pays a win its stake and profit", () => {
      const bet = playBet(path, TERMS, 0, true);
      expect([bet.strike, bet.settlement]).to.deep.equal([100_000n * 10n ** 10n, 101_000n * 10n ** 10n]);
      // Half a dollar goes to who strikes, half to who settles; 99 at stake win 76.23.
      expect([bet.isWon, bet.paid]).to.deep.equal([true, 175_230_000n]);
      expect([bet.player, bet.lps, bet.keepers]).to.deep.equal([75_230_000n, -76_230_000n, UNIT]);
    });

    it("gives the LPs all of a stake that is lost", () => {
      const bet = playBet(path, TERMS, 0, false);
      expect([bet.isWon, bet.isTie, bet.paid]).to.deep.equal([false, false, 0n]);
      expect([bet.player, bet.lps, bet.keepers]).to.deep.equal([-100n * UNIT, 99n * UNIT, UNIT]);
    });

    it("loses on a tie, either way", () => {
      for (const isUp of [true, false]) {
        // Struck at 6, which says 100, and settled at 10 or, beyond the end of the path, at its last price.
        const bet = playBet(pathOf([7, 7, 7, 7, 7, 7]), TERMS, 0, isUp);
        expect([bet.isWon, bet.isTie, bet.lps]).to.deep.equal([false, true, 99n * UNIT]);
      }
    });
  });

  it("draws the same bets from the same seed, adds up to nothing, and sorts by settlement", () => {
    const path = PricePath.generate(5);
    const bets = playBets(path, TERMS, 400, 9);
    expect(bets).to.deep.equal(playBets(path, TERMS, 400, 9));
    expect(bets).to.not.deep.equal(playBets(path, TERMS, 400, 10));
    for (const { player, lps, keepers, settledAt, requestAt } of bets) {
      expect(player + lps + keepers).to.equal(0n);
      expect(settledAt - requestAt).to.equal(5);
      expect(settledAt).to.be.lessThan(path.seconds);
    }
    const times = bets.map(({ settledAt }) => settledAt);
    expect(times).to.deep.equal([...times].sort((a, b) => a - b));
    expect(new Set(bets.map(({ isUp }) => isUp)).size).to.equal(2);
  });

  it("sums up: results, edge and the deepest fall from a peak", () => {
    const won = playBet(pathOf([1, 1, 1, 1, 1, 2]), TERMS, 0, true);
    const lost = playBet(pathOf([1, 1, 1, 1, 1, 2]), TERMS, 0, false);
    const summary = summarise([lost, won, won, lost], TERMS);
    expect(cumulative([lost, won, won, lost], ({ lps }) => lps)).to.deep.equal(
      [0, 99, 22.77, -53.46, 45.54].map((value) => BigInt(Math.round(value * 1e6))),
    );
    expect(summary).to.deep.equal({
      ...{ bets: 4, won: 2, lost: 2, ties: 0, staked: 400n * UNIT },
      ...{ players: -49_540_000n, lps: 45_540_000n, keepers: 4n * UNIT },
      ...{ lpDrawdown: 152_460_000n, lpEdgePips: 113_850n, houseEdgePips: 115_000n },
    });
  });

  it("refuses a path with no room for a bet", () => {
    expect(() => playBets(pathOf([1, 1, 1, 1, 1]), TERMS, 1, 1)).to.throw(InputError, "no room");
    expect(playBets(pathOf([1, 1, 1, 1, 1, 1]), TERMS, 1, 1)).to.have.lengthOf(1);
  });

  it("takes its terms from the profile of the chain", () => {
    const { chain, period, stake } = parseOptions(["--chain", "arbitrum", "--period", "900", "--stake", "12.5"]);
    const terms = termsOf({ chain, period, stake });
    expect(terms).to.include({ decimals: 6, stake: 12_500_000n, payoutPips: 800_000n, delaySeconds: 3 });
    expect(parseOptions([])).to.include({ bets: 1_000, seed: 1, period: 300, check: 6, chain: "bnb" });
  });

  it("refuses options that it can't make sense of, and says which", () => {
    expectRefused(["--bets", "0"], "bad-number", "--bets 0");
    expectRefused(["--bets", String(MAX_BETS + 1)], "bad-number", `between 1 and ${MAX_BETS}`);
    expectRefused(["--bets", "-4"], "bad-number", "not a whole number");
    expectRefused(["--seed", "1.5"], "bad-number", "not a whole number");
    expectRefused(["--period", "301"], "bad-number", "300, 900, 1800");
    expectRefused(["--stake", "9.99"], "bad-number", "between 10 and 5000");
    expectRefused(["--stake", "5000.01"], "bad-number", "between 10 and 5000");
    expectRefused(["--stake", "much"], "bad-number", '"much"');
    expectRefused(["--check", "51"], "bad-number", "--check 51");
    expectRefused(["--chain", "base"], "unknown-chain", "base");
  });

  it("hands bets over to the chain and refuses anything else", () => {
    const bets = [{ isUp: true, strike: "1", settlement: "2", stake: "3", periodSeconds: 300, paid: "4" }];
    expect(decodeBets(encodeBets(bets))).to.deep.equal(bets);
    for (const text of [undefined, "", "{}", '[{"isUp":1}]']) {
      expect(() => decodeBets(text)).to.throw(InputError, "ASTERISM_SIMULATE");
    }
  });

  it("plots every series between its least and its greatest value, and zero", () => {
    const series = [
      { name: "a < b", mark: "a", colour: "red", values: [0, 1, 2, 3] },
      { name: "c", mark: "c", colour: "blue", values: [0, -1, -2, -3] },
    ];
    const rows = plotText(series).split("\n");
    expect(rows[0]).to.match(/^ +3\.00 \|.*a$/);
    expect(rows[rows.length - 2]).to.match(/^ +-3\.00 \|.*c$/);
    expect(rows.filter((row) => /^ +0\.00 \|/.test(row))).to.have.lengthOf(1);
    const svg = plotSvg("title", series);
    expect(svg.match(/<polyline/g)).to.have.lengthOf(2);
    expect(svg).to.contain("a &lt; b").and.to.not.contain("NaN");
    expect(plotSvg("flat", [{ ...series[0], values: [0] }])).to.not.contain("NaN");
  });
});
