import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";

/** Variables in transient storage by the language's keyword: `uint256 internal transient _locked;` */
const DECLARATION = /\btransient\b[^;={}]*?\b(\w+)\s*(?:=[^;]*)?;/g;

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*$/gm, "");
}

/**
 * Where a transient variable is cleared by `delete`. Compilers from 0.8.28 to 0.8.33 may clear the persistent variable of
 * the same type instead, or the transient one for it (by the IR pipeline); writing zero is right with every compiler.
 * A name counts in all files: an heir may clear what its base declares.
 */
function clearedTransients(sources: ReadonlyMap<string, string>): string[] {
  const code = new Map([...sources].map(([file, source]) => [file, withoutComments(source)]));
  const names = [...code.values()].flatMap((text) => [...text.matchAll(DECLARATION)].map(([, name]) => name));
  return [...code].flatMap(([file, text]) =>
    names.filter((name) => new RegExp(`\\bdelete\\s+${name}\\b`).test(text)).map((name) => `${file}: delete ${name}`),
  );
}

describe("transient storage variables", () => {
  it("are never deleted", () => {
    const names = readdirSync("contracts", { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".sol"),
    );
    const sources = new Map(names.map((name) => [name, readFileSync(join("contracts", name), "utf8")]));
    expect(sources.size).to.be.greaterThan(100);
    expect(clearedTransients(sources)).to.deep.equal([]);
  });

  it("would be found, in an heir and with a first value too, and in no comment", () => {
    const base = "contract A { uint256 internal transient _locked; bool transient public isOpen; uint256 _kept; }";
    const clears = "contract B is A { function f() external { delete  _locked; delete isOpen; delete _kept; } }";
    expect(
      clearedTransients(
        new Map([
          ["A.sol", base],
          ["B.sol", clears],
        ]),
      ),
    ).to.deep.equal(["B.sol: delete _locked", "B.sol: delete isOpen"]);
    const told = "/// transient storage, not to be cleared by `delete _locked`;\ncontract C { uint256 _locked; }";
    expect(clearedTransients(new Map([["C.sol", `${told} // delete _locked`]]))).to.deep.equal([]);
    expect(
      clearedTransients(
        new Map([
          ["A.sol", base],
          ["C.sol", "contract C is A { function f() external { _locked = 0; } }"],
        ]),
      ),
    ).to.deep.equal([]);
  });
});
