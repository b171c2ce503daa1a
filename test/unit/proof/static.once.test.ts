import { readFileSync } from "node:fs";
import { expect } from "chai";
import { treesOf } from "../../../scripts/proof/lib/ast";
import { judge } from "../../../scripts/proof/static/accepted";
import { checksWith } from "../../../scripts/proof/static/checks";
import { Context } from "../../../scripts/proof/static/context";
import type { Finding } from "../../../scripts/proof/static/context";
import { newestSection, unnamed } from "../../../scripts/proof/static/drift";

const FIXTURE = "scripts/proof/static/fixtures/Faulty.sol";
const TABLE = { Permitted: { forRole: "GOVERNOR", forOwner: "owner", forOwnerAsked: "owner", open: "anyone" } };

describe("static checks", () => {
  it("each fires in the fixture at the lines marked, and nowhere else", async () => {
    const source = readFileSync(FIXTURE, "utf8");
    const marked = source.split("\n").flatMap((line, index) => {
      const [, linesAbove = "0", name] = /\/[/*] fires(?: (\d) above)?: (\S+)(?: \*\/)?$/.exec(line) ?? [];
      return name === undefined ? [] : [`${index + 1 - Number(linesAbove)} ${name}`];
    });
    const sources = new Map([[FIXTURE, source]]);
    const context = new Context(await treesOf(sources), sources, [FIXTURE]);
    const checks = checksWith(TABLE);
    const found = checks.flatMap((check) => check.find(context).map(({ line }) => `${line} ${check.name}`));
    expect(found).to.have.members(marked);
    for (const { name } of checks)
      expect(
        marked.some((mark) => mark.endsWith(` ${name}`)),
        name,
      ).to.equal(true);
  });

  it("accepts a finding by its check and place alone, and tells what it accepts nothing by", () => {
    const at = (place: string): Finding => ({ file: "A.sol", line: 1, place, what: "x" });
    const findings = [
      { check: "a", finding: at("A.f") },
      { check: "b", finding: at("A.f") },
      { check: "a", finding: at("A.g") },
    ];
    const list = ["A.f", "A.h"].map((place) => ({ check: "a", place, reason: "it is as it should be" }));
    const { open, accepted, unused } = judge(findings, list);
    expect(open).to.deep.equal(findings.slice(1));
    expect(accepted).to.equal(1);
    expect(unused).to.deep.equal([list[1]]);
  });

  it("wants a line of the changelog for what is gone or moved since a release, and none for what is new", () => {
    const before = { A: ["function a()", "function b()"], B: ["slot 0", "slot 1"], C: ["c"], D: ["d"] };
    const now = { A: ["function a()"], B: ["slot 1", "slot 0"], C: ["c", "more"], E: ["e"] };
    expect(unnamed(before, now, "nothing of them")).to.deep.equal(["A", "B", "D"]);
    expect(unnamed(before, now, "- A lost b; D is gone.")).to.deep.equal(["B"]);
    expect(newestSection("# Log\n\n## 2\n\nnew A\n\n## 1\n\nold B\n")).to.include("new A").and.not.to.include("old B");
  });
});
