import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Instrumenter from "solidity-coverage/lib/instrumenter";
import { gapsOf } from "../../../scripts/lib/coverageGaps";
import { judge, readReasons } from "../../../scripts/lib/coverageReasons";

const SOURCE = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

contract Small {
    modifier guarded() {
        _;
    }

    function paid(uint256 a) external guarded returns (uint256) {
        if (a == 0 || a > 9) return 1;
        if (a > 7)
            return 2;
        return a > 5 ? a + 1 : a;
    }
}
`;
/** Their numbers as the plugin counts them: branches of \`paid\`, and statements. */
const ALL = { statements: 5, branches: 5 };

interface Counts {
  s: Record<string, number>;
  b: Record<string, [number, number]>;
}

describe("gaps of coverage", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "asterism-gaps-"));
    writeFileSync(join(folder, "Small.sol"), SOURCE);
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  /** What there is to count, all of it reached but for what a test says. */
  function gapsAfter(change: (counts: Counts) => void): string[] {
    const path = join(folder, "Small.sol");
    const { branchMap, fnMap, statementMap } = new Instrumenter().instrument(SOURCE, path);
    const counts: Counts = {
      s: Object.fromEntries(Object.keys(statementMap).map((id) => [id, 1])),
      b: Object.fromEntries(Object.keys(branchMap).map((id) => [id, [1, 1]])),
    };
    change(counts);
    return gapsOf({ [path]: { path, branchMap, fnMap, statementMap, ...counts } }).map(({ text }) => text);
  }

  it("are none where everything was reached", () => {
    const found = gapsAfter(({ b, s }) => {
      expect({ statements: Object.keys(s).length, branches: Object.keys(b).length }).to.deep.equal(ALL);
    });
    expect(found).to.deep.equal([]);
  });

  it("are told by the words of the source, with what never was so", () => {
    const found = gapsAfter(({ b }) => {
      for (const ways of Object.values(b)) ways.fill(0);
    });
    expect(found).to.deep.equal([
      "Small.paid: never passed: guarded",
      "Small.paid: never refused: guarded",
      "Small.paid: never true: if (a == 0 || a > 9) return 1;",
      "Small.paid: never false: if (a == 0 || a > 9) return 1;",
      "Small.paid: never so: a == 0",
      "Small.paid: never so: a > 9",
      "Small.paid: never true: if (a > 7)",
      "Small.paid: never false: if (a > 7)",
      "Small.paid: never so: a + 1",
      "Small.paid: never so: a",
    ]);
  });

  it("of a line that nothing reached are told once", () => {
    const found = gapsAfter(({ b, s }) => {
      for (const id of Object.keys(s)) s[id] = 0;
      for (const ways of Object.values(b)) ways.fill(0);
    });
    expect(found).to.deep.equal([
      "Small.paid: never passed: guarded",
      "Small.paid: never refused: guarded",
      "Small.paid: not reached: if (a == 0 || a > 9) return 1;",
      "Small.paid: not reached: if (a > 7)",
      "Small.paid: not reached: return 2;",
      "Small.paid: not reached: return a > 5 ? a + 1 : a;",
    ]);
  });
});

describe("reasons of gaps", () => {
  const reason = "A reason that is long enough to be one.";
  const gaps = ["A.f: never true: if (a)", "B.g: never refused: guarded"].map((text) => ({ at: "here", text }));

  it("explain a gap by its words, in one place or wherever they are, and are told where there is none", () => {
    const list = [{ reason, gaps: ["A.f: never true: if (a)", "*: never refused: guarded", "*: never true: if (b)"] }];
    const { explained, open, unused } = judge(gaps, list, []);
    expect([open, explained, unused]).to.deep.equal([[], 2, ["*: never true: if (b)"]]);
    expect(judge(gaps, [], []).open).to.deep.equal(gaps);
  });

  it("that name a suite hold only where it does not run", () => {
    const list = [{ reason, closedBy: "integration" as const, gaps: gaps.map(({ text }) => text) }];
    expect(judge(gaps, list, ["unit"]).open).to.deep.equal([]);
    expect(judge(gaps, list, ["unit", "integration"])).to.deep.equal({ open: gaps, explained: 0, unused: [] });
  });

  it("are each listed once", () => {
    const all = readReasons().flatMap((entry) => entry.gaps);
    expect(all.filter((text, index) => all.indexOf(text) !== index)).to.deep.equal([]);
  });
});
