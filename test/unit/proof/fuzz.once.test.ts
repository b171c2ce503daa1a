import { expect } from "chai";
import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { solidityIn } from "../../../scripts/proof/lib/sources";
import { MUTANTS, sampleOf } from "../../../scripts/fuzz/mutants";

const CORE_IDS = 30;
const PRO_IDS = 28;

const ids = [
  ...Array.from({ length: CORE_IDS }, (_, place) => `I${place + 1}`),
  ...Array.from({ length: PRO_IDS }, (_, place) => `Pro ${place + 1}`),
];

describe("Mutants of the invariants", () => {
  it("break each of them, and nothing that is no invariant", () => {
    expect(new Set(MUTANTS.map(({ breaks }) => breaks))).to.deep.equal(new Set(ids));
  });

  it("change one place of a source that there is, for contracts that there are", () => {
    const contracts = new Set(solidityIn("contracts").map((path) => basename(path, ".sol")));
    for (const { contracts: deployed, from, name, source, to } of MUTANTS) {
      expect(readFileSync(source, "utf8").split(from), name).to.have.length(2);
      expect(to, name).to.not.equal(from);
      for (const contract of deployed) expect(contracts.has(contract), contract).to.equal(true);
    }
  });

  it("are looked for where the invariant is named", () => {
    const forge = solidityIn("proof/forge").map((path) => readFileSync(path, "utf8"));
    for (const { breaks, by, name } of MUTANTS) {
      const text = "campaign" in by ? forge.join("") : readFileSync(by.test, "utf8");
      expect(text, name).to.match("campaign" in by ? new RegExp(`"${breaks}: `) : new RegExp(`\\b${breaks}\\b`));
      if ("campaign" in by) expect(text, by.campaign).to.include(`contract ${by.campaign} is`);
      else expect(existsSync(by.test)).to.equal(true);
    }
  });

  it("are drawn of both kinds in turns, each once, others with another seed", () => {
    const [first, second] = [1, 2].map((seed) => sampleOf(MUTANTS, 4, seed));
    expect(first.map(({ by }) => "campaign" in by)).to.deep.equal([true, false, true, false]);
    expect(new Set(first).size).to.equal(4);
    expect(first).to.not.deep.equal(second);
    expect(new Set(sampleOf(MUTANTS, MUTANTS.length, 7)).size).to.be.greaterThan(MUTANTS.length - 7);
  });
});
