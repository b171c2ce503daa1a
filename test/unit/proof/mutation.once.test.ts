import { expect } from "chai";
import { treesOf } from "../../../scripts/proof/lib/ast";
import { changedBy, linesAround } from "../../../scripts/proof/mutation/frozen";
import { mutantsOf, mutated } from "../../../scripts/proof/mutation/operators";
import type { Mutant } from "../../../scripts/proof/mutation/operators";
import { isJudged, shareOf } from "../../../scripts/proof/mutation/record";
import type { Entry, Outcome } from "../../../scripts/proof/mutation/record";
import { explainedIn } from "../../../scripts/proof/mutation/report";
import { drawnOrder, isProduction, roomOf } from "../../../scripts/proof/mutation/rooms";

const FILE = "contracts/vault/Small.sol";
const SOURCE = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;
contract Small {
    error Small_Refused();
    event Paid(uint256 amount);
    uint256 public sum;
    function pay(uint256 amount) external {
        if (amount > 9) revert Small_Refused();
        sum += amount;
        emit Paid(amount);
    }
}
`;

const mutantOf = (file: string, id: string) => ({ file, id }) as Mutant;
const entryOf = (outcome: Outcome): Entry => ({
  ...{ file: FILE, line: 1, scope: "pay", kind: "comparison", change: "", source: "", outcome, by: "" },
});

describe("mutation", () => {
  it("changes one thing at a time, and takes out checks, writes and events whole", async () => {
    const tree = (await treesOf(new Map([[FILE, SOURCE]]))).get(FILE);
    if (tree === undefined) throw new Error("no tree");
    const bodies = mutantsOf(FILE, tree, SOURCE).map((mutant) => {
      const lines = mutated(SOURCE, mutant).split("\n");
      const changed = lines.findIndex((line, index) => line !== SOURCE.split("\n")[index]);
      return `${mutant.kind}: ${lines[changed].trim()}`;
    });
    expect(bodies).to.deep.equal([
      "removed check: {}",
      "comparison: if (amount >= 9) revert Small_Refused();",
      "comparison: if (amount <= 9) revert Small_Refused();",
      "constant: if (amount > 10) revert Small_Refused();",
      "removed write: {}",
      "operator: sum -= amount;",
      "removed event: {}",
    ]);
  });

  it("draws every room from the beginning, the same for a seed, and leaves out views", () => {
    const many = Array.from({ length: 300 }, (_, index) => mutantOf("contracts/pro/Pro.sol", `a${index}`));
    const few = Array.from({ length: 20 }, (_, index) => mutantOf("contracts/vault/Vault.sol", `b${index}`));
    const order = drawnOrder([...many, ...few], 1);
    expect(order).to.have.lengthOf(320);
    expect(new Set(order).size).to.equal(320);
    expect(drawnOrder([...many, ...few], 1)).to.deep.equal(order);
    expect(drawnOrder([...many, ...few], 2)).to.not.deep.equal(order);
    const isFew = ({ file }: Mutant) => roomOf(file) === "vault";
    expect(drawnOrder(few, 1), "whatever there is in other rooms").to.deep.equal(order.filter(isFew));
    // As if a fourteenth of all were its own.
    const drawn = order.slice(0, 60).filter(({ file }) => roomOf(file) === "vault");
    expect(drawn.length).to.be.within(3, 5);
    expect(
      ["contracts/vault/Vault.sol", "contracts/types/Bet.sol", "contracts/periphery/Router.sol"].every(isProduction),
    ).to.equal(true);
    const views = ["contracts/pro/interfaces/IPro.sol", "contracts/periphery/lens/ProLens.sol", "contracts/test/A.sol"];
    expect(views.some(isProduction)).to.equal(false);
  });

  it("weighs rooms by their sizes, and tells how sure the share is", () => {
    const all = (killed: number, survived: number) => [
      ...Array.from({ length: killed }, () => entryOf("killed")),
      ...Array.from({ length: survived }, () => entryOf("survived")),
    ];
    const isKilled = ({ outcome }: Entry) => outcome === "killed";
    const one = shareOf([{ population: 1_000, entries: all(9, 1) }], isKilled);
    expect(one?.share).to.be.closeTo(0.9, 1e-12);
    // Wilson's interval of 9 in 10.
    expect(one?.low).to.be.closeTo(0.5958, 1e-4);
    expect(one?.high).to.be.closeTo(0.9821, 1e-4);
    const two = shareOf(
      [
        { population: 900, entries: all(10, 0) },
        { population: 100, entries: all(5, 5) },
        { population: 50, entries: [] },
      ],
      isKilled,
    );
    expect(two?.share).to.be.closeTo(0.95, 1e-12);
    expect(shareOf([{ population: 9, entries: [] }], isKilled)).to.equal(undefined);
    const judged = (["killed", "survived", "uncovered", "equivalent", "invalid"] as const).map(entryOf).map(isJudged);
    expect(judged).to.deep.equal([true, true, true, false, false]);
  });

  it("makes a frozen mutant again where its lines stand once, and leaves it out where they do not", () => {
    const source = "a = 1;\nb = 2;\na = 1;\nc = 3;\n";
    const start = source.lastIndexOf("1");
    const frozen = linesAround(source, { start, end: start + 1, replacement: "7" });
    expect(frozen).to.deep.equal({ before: "b = 2;\na = 1;\nc = 3;", after: "b = 2;\na = 7;\nc = 3;" });
    expect(changedBy(frozen, source)).to.equal("a = 1;\nb = 2;\na = 7;\nc = 3;\n");
    expect(changedBy(frozen, source.replace("b = 2", "b = 4"))).to.equal(undefined);
    expect(changedBy(frozen, source + source)).to.equal(undefined);
  });

  it("counts as equivalent what the document shows to be, and nothing else that it names", () => {
    const { equivalent, named } = explainedIn("docs/mutation.md");
    expect(equivalent.size).to.be.greaterThan(0);
    expect([...equivalent].every((id) => named.has(id))).to.equal(true);
    expect(explainedIn("docs/nothing.md")).to.deep.equal({ equivalent: new Set(), named: new Set() });
  });
});
