import { expect } from "chai";
import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";

/** What is not of the system, and is tested by what it stands in for. */
const TEST_CODE = /^(replica|test)\//;
const TYPESCRIPT = ".ts";
/** A name that is put together: `Contract_${…}`. */
const TEMPLATE = /`(\w+_)\$\{\w+\}`/g;
const QUOTED = /"(\w+)"/g;

interface File {
  readonly name: string;
  readonly text: string;
}

function filesIn(folder: string, ending: string): File[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
}

const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name);

/** Names that a test tells: quoted, or what is quoted where names are put together, or where a file that does so is used. */
function namesIn(tests: readonly File[]): Set<string> {
  const quoted = tests.map(({ text }) => matches(text, QUOTED));
  const made = tests.flatMap(({ name, text }) => {
    const isUser = (other: File) => other.text.includes(`/${basename(name, TYPESCRIPT)}"`);
    const rest = tests.flatMap((other, index) => (other.name === name || isUser(other) ? quoted[index] : []));
    return matches(text, TEMPLATE).flatMap((prefix) => rest.map((each) => `${prefix}${each}`));
  });
  return new Set([...quoted.flat(), ...made]);
}

describe("every error and event of the contracts", () => {
  const contracts = filesIn("contracts", ".sol").filter(({ name }) => !TEST_CODE.test(name));
  const declared = (kind: string) =>
    new Set(contracts.flatMap(({ text }) => matches(text, new RegExp(`^ *${kind} (\\w+)\\(`, "gm"))));
  const told = namesIn(filesIn("test", TYPESCRIPT));

  for (const [kind, least] of [
    ["error", 250],
    ["event", 100],
  ] as const) {
    it(`is expected by a test: each ${kind}`, () => {
      const names = declared(kind);
      expect(names.size).to.be.greaterThan(least);
      expect([...names].filter((name) => !told.has(name))).to.deep.equal([]);
    });
  }

  it("is missed where only another contract's of the same end is told", () => {
    const names = namesIn([
      { name: "a.test.ts", text: 'expectError("One"); `First_${error}`' },
      { name: "b.test.ts", text: 'import "./a.test"; expectError("Two");' },
      { name: "c.test.ts", text: 'expectError("Three");' },
    ]);
    expect(["First_One", "First_Two", "First_Three", "Three"].map((name) => names.has(name))).to.deep.equal([
      ...[true, true, false, true],
    ]);
  });
});
