import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";

const CONTRACTS = "contracts";
const UNIT_TYPES = /\b(?:Price|Size|Usd)\.(?:wrap|unwrap)\(|\.raw\(\)/;

describe("docs/units.md", () => {
  it("names every file outside contracts/types that wraps or unwraps a unit, and no other", () => {
    const sources = readdirSync(CONTRACTS, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".sol"),
    );
    const own = sources.filter((name) => !/^(types|test|replica)\//.test(name));
    const found = own.filter((name) => UNIT_TYPES.test(readFileSync(join(CONTRACTS, name), "utf8")));
    const named = readFileSync(join("docs", "units.md"), "utf8").match(/(?<=^\| `)[\w/]+\.sol(?=`)/gm) ?? [];
    expect(named).to.have.members(found);
  });
});
