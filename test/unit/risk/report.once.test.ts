import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { CommanderError } from "commander";
import { InputError } from "../../../scripts/demo/errors";
import type { InputErrorReason } from "../../../scripts/demo/errors";
import { recordingsOf, replayMarket } from "../../../scripts/risk/market/recorded";
import { parseOptions, settingOf } from "../../../scripts/risk/options";
import { pageOf } from "../../../scripts/risk/report/page";
import { number } from "../../../scripts/risk/report/format";
import { judge } from "../../../scripts/risk/report/verdict";
import { shippedSetting } from "../../../scripts/risk/setting";
import { STRATEGIES } from "../../../scripts/risk/strategies";
import { planOf, study, valuesOf, workOf } from "../../../scripts/risk/study";
import type { Findings } from "../../../scripts/risk/study";
import { SWEEPS } from "../../../scripts/risk/sweeps";
import { Progress } from "../../../scripts/risk/work/progress";
import { Pool, inPieces } from "../../../scripts/risk/work/pool";
import type { PathsTask } from "../../../scripts/risk/work/tasks";

const SETTING = shippedSetting("bnb");

function inFolder<T>(run: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "risk-"));
  try {
    return run(folder);
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

describe("risk: a run", () => {
  const options = { ...parseOptions(["--paths", "8", "--hours", "1", "--seed", "3"]), workers: 0 };
  let findings: Findings;

  before("one small run for all", async () => {
    const plan = planOf(options);
    // Five minutes of each are enough to see.
    plan.sweeps = plan.sweeps.map((points) => points.map((tasks) => tasks.map((task) => ({ ...task, seconds: 300 }))));
    plan.replays = plan.replays.map(({ name, tasks }) => ({
      name,
      tasks: tasks.map((task) => ({ ...task, seconds: 300 })),
    }));
    let done = 0;
    findings = await study(options, plan, (count) => (done += count));
    expect(done).to.equal(workOf(plan));
  });

  it("is a page without anything remote, with a plot of everything", () => {
    const page = pageOf(findings, SETTING, judge(findings, SETTING));
    expect(page.match(/<svg[\s>]/g)).to.have.lengthOf(7 + SWEEPS.length);
    // Names of XML are no addresses.
    const rest = page.replace(/xmlns(:\w+)?="[^"]*"/g, "");
    for (const remote of [/https?:/, /\ssrc=/, /\shref="[^#]/, /url\((?!#)/, /@import/, /<script/, /<link/]) {
      expect(rest).to.not.match(remote);
    }
    for (const { id } of STRATEGIES) expect(page).to.contain(`${id} `);
    expect(page).to.not.match(/NaN|undefined|\[object/);
  });

  it("answers yes only while Degen gains for sure and bad paths stay within their limits", () => {
    const { summary } = findings;
    const answerTo = (low: number, shortfall: number, drawdown: number) => {
      const { degen } = summary.modes;
      const lp = {
        ...degen.lp,
        mean: { ...degen.lp.mean, low },
        shortfall: { ...degen.lp.shortfall, value: -shortfall },
      };
      const modes = { ...summary.modes, degen: { ...degen, lp } };
      const changed = { ...summary, modes, drawdown: { ...summary.drawdown, worst: drawdown } };
      return judge({ ...findings, summary: changed }, SETTING).isSurvivable;
    };
    expect(answerTo(1, 99_999, 499_999)).to.equal(true);
    expect(answerTo(0, 99_999, 499_999)).to.equal(false);
    expect(answerTo(1, 100_000, 499_999)).to.equal(false);
    expect(answerTo(1, 99_999, 500_000)).to.equal(false);
  });

  it("comes to the same on any number of threads, to another with another seed, and ends with a thread's error", async () => {
    const tasks = (seed: number) => inPieces<PathsTask>({ kind: "paths", setting: SETTING, seed, seconds: 600 }, 7, 2);
    const [alone, threads] = [new Pool(0), new Pool(2)];
    try {
      const results = await threads.run(tasks(3));
      expect(results).to.have.lengthOf(7);
      expect(results).to.deep.equal(await alone.run(tasks(3)));
      expect(results).to.not.deep.equal(await alone.run(tasks(4)));
      const broken = { ...tasks(3)[0], seconds: -1 };
      const error: unknown = await threads.run([broken]).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).to.be.instanceOf(RangeError);
      expect((error as RangeError).message).to.contain("Invalid typed array length: -1");
    } finally {
      await threads.close();
    }
  });
});

describe("risk: strategies", () => {
  it("are of different ids, each with the rule against it", () => {
    const ids = STRATEGIES.map(({ id }) => id);
    expect(new Set(ids).size).to.equal(ids.length);
    expect(ids).to.deep.equal([...ids].sort());
    for (const { id, rule } of STRATEGIES) {
      expect(id).to.match(/^A([0-3]\d|40)$/);
      expect(rule).to.not.equal("");
    }
  });
});

describe("risk: sweeps", () => {
  it("hold what ships and change what they say", () => {
    for (const sweep of SWEEPS) {
      const values = valuesOf(sweep, SETTING);
      expect(values, sweep.key).to.include(sweep.shipped(SETTING));
      for (const value of values) expect(sweep.shipped(sweep.apply(SETTING, value)), sweep.key).to.equal(value);
    }
  });
});

describe("risk: recordings", () => {
  const header = "unix_timestamp,open,high,low,close";

  it("are played where the price moved most, seconds and minutes alike", () => {
    inFolder((folder) => {
      const seconds = Array.from({ length: 900 }, (_, at) => {
        const price = at === 700 ? 90_000 : 100_000;
        return [1_700_000_000 + at, price, price, price, price].join();
      });
      const file = join(folder, "seconds.csv");
      writeFileSync(file, [header, ...seconds].join("\n"));
      const [recording] = recordingsOf(file);
      const { price, jumps } = replayMarket(recording, 300, 1, SETTING.anchors);
      expect(price).to.have.lengthOf(300);
      expect(Math.min(...price)).to.equal(90_000e10);
      expect(jumps).to.have.lengthOf(2);

      const minutes = [0, 60, 120].map((at) => [1_700_000_000 + at, 100, 103, 97, 101].join());
      const bars = join(folder, "minutes.csv");
      writeFileSync(bars, [header, ...minutes].join("\n"));
      const bridged = (seed: number) => replayMarket(recordingsOf(bars)[0], 3_600, seed, SETTING.anchors).price;
      expect(bridged(1)).to.have.lengthOf(180);
      expect([Math.min(...bridged(1)), Math.max(...bridged(1))]).to.deep.equal([97e10, 103e10]);
      expect(bridged(1)).to.deep.equal(bridged(1));
      expect(bridged(1)).to.not.deep.equal(bridged(2));
    });
  });

  it("are generated where there are none", () => {
    inFolder((folder) => {
      for (const missing of [folder, join(folder, "nothing")]) {
        const names = recordingsOf(undefined, missing).map(({ name }) => name);
        expect(names).to.deep.equal(["generated: a cascade", "generated: a crash", "generated: a quiet day"]);
      }
    });
  });
});

describe("risk: options", () => {
  it("have their defaults, and the chain's terms", () => {
    const options = parseOptions([]);
    expect(options).to.include({ chain: "bnb", paths: 10_000, hours: 4, seed: 1, keeperDelay: 1, news: 25 });
    expect(settingOf(options)).to.deep.equal(SETTING);
    const other = settingOf(
      parseOptions(["--chain", "arbitrum", "--keeper-delay", "9", "--news", "50", "--flow", "200"]),
    );
    expect(other).to.include({ vaultUsd: 2_000_000, decimals: 6, keeperDelay: 9, newsShare: 0.5, flow: 2 });
  });

  it("are refused with what would be right", () => {
    expectRefused(["--paths", "7"], "bad-number", "--paths 7 is not between 8 and 1000000");
    expectRefused(["--paths", "many"], "bad-number", '"many" is not a whole number');
    expectRefused(["--hours", "25"], "bad-number", "--hours 25 is not between 1 and 24");
    expectRefused(["--seed", "2147483648"], "bad-number", "--seed 2147483648 is not between 0 and 2147483647");
    expectRefused(["--workers", "65"], "bad-number", "--workers 65 is not between 0 and 64");
    expectRefused(["--vault", "9999"], "bad-number", "--vault 9999 is not between 10000 and 1000000000");
    expectRefused(["--keeper-delay", "3601"], "bad-number", "--keeper-delay 3601 is not between 0 and 3600");
    expectRefused(["--news", "101"], "bad-number", "--news 101 is not between 0 and 100");
    expectRefused(["--foresight", "61"], "bad-number", "--foresight 61 is not between 0 and 60");
    expectRefused(["--flow", "0"], "bad-number", "--flow 0 is not between 1 and 1000");
    expectRefused(["--chain", "base"], "unknown-chain", '"base" is none of bnb, arbitrum');
    expectRefused(["--prices", "/nowhere.csv"], "file-missing", "/nowhere.csv: give --prices a CSV that exists");
    inFolder((folder) => {
      const file = join(folder, "path.csv");
      writeFileSync(file, "time,price\n1,2\n");
      expectRefused(
        ["--prices", file],
        "malformed-row",
        'line 1: header: expected "unix_timestamp,open,high,low,close"',
      );
      writeFileSync(file, "unix_timestamp,open,high,low,close\n1,900001,900001,900001,900001\n");
      expectRefused(["--prices", file], "malformed-row", "line 2: range: a price above 900,000 USD");
      expectRefused(["--reports", file], "bad-options", `--reports ${file} is a file: name a folder`);
    });
  });

  it("that are unknown, incomplete or too many are commander's to explain", () => {
    const told = (argv: string[]): string => {
      let text = "";
      expect(() => parseOptions(argv, (line) => (text += line))).to.throw(CommanderError);
      return text;
    };
    expect(told(["--path", "8"]))
      .to.contain("unknown option '--path'")
      .and.contain("--paths");
    expect(told(["--seed"])).to.contain("option '--seed <number>' argument missing");
    expect(told(["more"])).to.contain("too many arguments");
  });
});

describe("risk: what is shown", () => {
  it("rounds numbers to what they say", () => {
    const shown = [1_234_567.8, 99.96, 9.876, 0.12345, 0.000012, 0, -0.4, NaN, Infinity].map(number);
    expect(shown).to.deep.equal(["1,234,568", "100", "9.88", "0.123", "0.000012", "0", "−0.4", "none", "unbounded"]);
  });

  it("is a bar on a terminal and lines in a log", () => {
    const lines: string[] = [];
    const stream = (isTTY: boolean) => ({ isTTY, write: (text: string) => lines.push(text) > 0 });
    const log = new Progress(4, stream(false));
    for (let step = 0; step < 4; step++) log.add(1);
    expect(lines).to.deep.equal([" 25%  1 of 4\n", " 50%  2 of 4\n", " 75%  3 of 4\n", "100%  4 of 4\n"]);
    lines.length = 0;
    new Progress(2, stream(true)).add(2);
    expect(lines).to.deep.equal([`\r[${"#".repeat(30)}] 100%  2 of 2\n`]);
  });
});
