import { expect } from "chai";
import { SUITES, share, startsProcesses, testFiles } from "../../../scripts/lib/suites";

const FILES = SUITES.flatMap(testFiles).sort();
const WEIGHTS = new Map(FILES.map((file, index) => [file, 1 + (index % 7)]));

/** Files of whatever kind set up systems of their own. */
const isOwn = (file: string) =>
  file.startsWith("test/deploy/") || /^test\/attacks\/(deployment|pyth)\.test\.ts$/.test(file);

describe("the shares of a test run", () => {
  const usual = share(FILES, 2, WEIGHTS);

  it("are all files but the longest, for both chains what differs between them, for one all others", () => {
    const longest = [
      ...["fork", "handover", "handoverNote", "record", "replica"].map((name) => `test/deploy/${name}.test.ts`),
      "test/unit/console/postgres.once.test.ts",
      ...["proGridLife", "proReorg"].map((name) => `test/unit/keeper-daemon/${name}.test.ts`),
    ];
    expect([...new Set(usual.flat())].sort()).to.deep.equal(FILES.filter((file) => !longest.includes(file)));
    expect(share(longest, 2, WEIGHTS).flat().sort()).to.deep.equal(longest);
    const [first, second] = usual.map((files) => new Set(files));
    const twice = FILES.filter((file) => first.has(file) && second.has(file));
    const attacks = "capacity|coin|deployment|disputed|halts|incidents|lp|neighbours|oracle|pyth|shown-prices";
    const ofChain = [`attacks/(${attacks})\\.`, "deploy/(checks|preflight|system)\\.", "unit/standins/"];
    const isTwice = (file: string) =>
      !file.endsWith(".once.test.ts") && ofChain.some((start) => new RegExp(`^test/${start}`).test(file));
    expect(twice).to.deep.equal(FILES.filter(isTwice));
  });

  it("are of about one weight", () => {
    // What waits for processes that it starts runs beside the others.
    const own = usual.map((files) => files.filter((file) => !startsProcesses(file)));
    const sums = own.map((files) => files.reduce((sum, file) => sum + (WEIGHTS.get(file) ?? 0), 0));
    expect(Math.abs(sums[0] - sums[1])).to.be.at.most(7);
  });

  it("and those that remain are what runs everywhere", () => {
    const remaining = share(FILES, 2, WEIGHTS, "remaining");
    const everywhere = share(FILES, 2, WEIGHTS, "everywhere");
    for (const index of [0, 1]) {
      expect([...usual[index], ...remaining[index]].sort()).to.deep.equal([...everywhere[index]].sort());
    }
  });

  it("of one chain are all files, each once", () => {
    const shares = share(FILES, 2, WEIGHTS, "once");
    expect(shares.flat().sort()).to.deep.equal(FILES);
    for (const files of shares) expect(files).to.have.lengthOf.above(FILES.length / 3);
  });

  it("set up systems of their own after all that share one, in the order of the files", () => {
    for (const extent of ["usual", "everywhere", "remaining", "least", "once"] as const) {
      for (const files of share(FILES, 2, WEIGHTS, extent)) {
        const shared = files.filter((file) => !isOwn(file));
        expect(files).to.deep.equal([...shared.sort(), ...files.filter(isOwn).sort()]);
      }
    }
  });
});
