import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { InputError } from "../../../scripts/demo/errors";
import { decodeOptions, encodeOptions, parseChain, parseWhole } from "../../../scripts/demo/options";
import { PricePath } from "../../../scripts/demo/path";
import { px } from "../../../sdk/units";

function failureOf(attempt: () => unknown): InputError {
  try {
    attempt();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error("no failure");
}

describe("the demonstration's input", () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "asterism-"));
  });

  after(() => rmSync(folder, { recursive: true }));

  function fileOf(...rows: string[]): string {
    const path = join(folder, "prices.csv");
    writeFileSync(path, ["unix_timestamp,open,high,low,close", ...rows].join("\n"));
    return path;
  }

  it("knows the chains and refuses others", () => {
    expect(parseChain("bnb")).to.equal("bnb");
    expect(parseChain("arbitrum")).to.equal("arbitrum");
    expect(failureOf(() => parseChain("base")).message).to.equal('unknown-chain: "base" is none of bnb, arbitrum');
  });

  it("refuses what is no whole number", () => {
    expect(parseWhole("12")).to.equal(12);
    for (const text of ["", "-1", "1.5", "1e3", "x"]) {
      expect(failureOf(() => parseWhole(text)).reason).to.equal("bad-number");
    }
  });

  it("hands options to the process of a chain and refuses anything else", () => {
    const options = { seed: 3, prices: "p.csv", from: 5, seconds: 7, reports: "r" };
    expect(decodeOptions(encodeOptions(options))).to.deep.equal(options);
    for (const text of [undefined, "", "{", '{"seed":-1,"reports":"r"}']) {
      expect(failureOf(() => decodeOptions(text)).reason).to.equal("bad-options");
    }
  });

  it("carries the last close of a recorded path forward and cuts the window", () => {
    const path = PricePath.replay(fileOf("100,1,2,1,2", "104,3,3,3,3"));
    expect([0, 1, 3, 4, 99].map((second) => path.at(second).priceX10)).to.deep.equal(
      [2, 2, 2, 3, 3].map((price) => px(String(price))),
    );
    const window = PricePath.replay(fileOf("100,1,2,1,2", "104,3,3,3,3"), 102, 2);
    expect([window.seconds, window.recordedFrom]).to.deep.equal([2, 102]);
  });

  it("says which file is missing, which line is malformed and which window is empty", () => {
    const missing = join(folder, "none.csv");
    expect(failureOf(() => PricePath.replay(missing)).message).to.equal(`file-missing: ${missing}`);
    const path = fileOf("100,1,2,1,2", "101,1,2,x,2");
    expect(failureOf(() => PricePath.replay(path)).message).to.equal(
      `malformed-row: ${path}, line 3: number: "x" is not a price of at most 10 decimals`,
    );
    expect(failureOf(() => PricePath.replay(fileOf("100,1,2,1,2"), 500)).reason).to.equal("empty-window");
  });

  it("generates the same path for the same seed", () => {
    const [one, same, other] = [PricePath.generate(1), PricePath.generate(1), PricePath.generate(2)];
    expect(one.approximate).to.deep.equal(same.approximate);
    expect(one.approximate).to.not.deep.equal(other.approximate);
  });
});
