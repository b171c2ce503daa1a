import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import ts from "typescript";

const DOCS = "docs";
const TESTS = "test";
const CATALOGUE = join(DOCS, "attacks.md");
const INVARIANTS = join(DOCS, "invariants.md");
const KNOWN_ISSUES = join(DOCS, "known-issues.md");
const SPEC = join(DOCS, "spec.md");
const PAPERS = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"];

const ATTACK = /\b[XOLVFSAR]\d{2}\b/g;
const INVARIANT = /\bI\d{1,2}\b/g;
const RULE = /\bC\d{1,2}\b/g;
const SECTION = /§(\d+(?:\.\d+)?)/g;

/** Paths below a folder whose names end with `ending`. */
function filesIn(folder: string, ending: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
}

function textOf(path: string): string {
  return readFileSync(path, "utf8");
}

function idsIn(text: string, pattern: RegExp): string[] {
  return [...new Set(text.match(pattern) ?? [])];
}

/** What a test file says in words: its titles, and everything but its names, which may look like ids (`X18`). */
function wordsOf(path: string): { titles: string; all: string } {
  const source = ts.createSourceFile(path, textOf(path), ts.ScriptTarget.Latest, true);
  const titles: string[] = [];
  let all = source.text;
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const [start, end] = [node.getStart(source), node.getEnd()];
      all = all.slice(0, start) + " ".repeat(end - start) + all.slice(end);
    }
    if (ts.isCallExpression(node) && /^(describe|it|itMeasuresGas)(\.only)?$/.test(node.expression.getText(source))) {
      titles.push(node.arguments[0]?.getText(source) ?? "");
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { titles: titles.join("\n"), all };
}

/** First cells of a page's tables that are ids, with their whole rows. */
function rowsOf(path: string, pattern: RegExp): Map<string, string> {
  const rows = new Map<string, string>();
  for (const line of textOf(path).split("\n")) {
    const cell = /^\| (\w+) +\|/.exec(line)?.[1];
    if (cell === undefined || idsIn(cell, pattern)[0] !== cell) continue;
    if (rows.has(cell)) throw new Error(`${path} defines ${cell} twice`);
    rows.set(cell, line);
  }
  return rows;
}

/** `where: id` for every id that is used and not defined. */
function undefinedIn(uses: Map<string, string>, pattern: RegExp, defined: ReadonlySet<string>): string[] {
  return [...uses].flatMap(([path, text]) =>
    idsIn(text, pattern)
      .filter((id) => !defined.has(id))
      .map((id) => `${path}: ${id}`),
  );
}

describe("attacks: the catalogue of ids", () => {
  const tests = new Map(filesIn(TESTS, ".ts").map((path) => [path, wordsOf(path)]));
  const titles = new Map([...tests].map(([path, words]) => [path, words.titles]));
  const documents = new Map([...filesIn(DOCS, ".md"), ...PAPERS].map((path) => [path, textOf(path)]));
  const contracts = new Map(filesIn("contracts", ".sol").map((path) => [path, textOf(path)]));
  // A number of decimals at the end of a name is no id.
  const prose = new Map([...documents].map(([path, text]) => [path, text.replace(/…X\d+/g, "")]));
  const everything = new Map([...[...tests].map(([path, { all }]) => [path, all] as const), ...prose]);

  const attacks = rowsOf(CATALOGUE, ATTACK);
  const invariants = rowsOf(INVARIANTS, INVARIANT);
  const rules = rowsOf(SPEC, RULE);
  const known = new Set(idsIn(prose.get(KNOWN_ISSUES) ?? "", ATTACK));

  /** Test files with the id in a title, as the catalogue names them. */
  const testsOf = (id: string) =>
    [...titles]
      .filter(([, text]) => idsIn(text, ATTACK).includes(id))
      .map(([path]) => path.slice(TESTS.length + 1).replace(/\.test\.ts$/, ""));

  it("defines what it should", () => {
    expect(attacks.size).to.be.greaterThan(140);
    expect([...attacks.keys()]).to.include.members([
      "X01",
      "O30",
      "L19",
      "V15",
      "F19",
      "S13",
      "A01",
      "A41",
      "R01",
      "R73",
      "R74",
    ]);
    expect([...rules.keys()]).to.deep.equal(Array.from({ length: 22 }, (_, i) => `C${i + 1}`));
    expect(invariants.size).to.be.at.least(30);
  });

  it("defines every id of an attack that a test or a document uses", () => {
    expect(undefinedIn(everything, ATTACK, new Set(attacks.keys()))).to.deep.equal([]);
  });

  it("uses every id that it defines: in the title of a test, or as a known issue", () => {
    const unused = [...attacks.keys()].filter((id) => testsOf(id).length === 0 && !known.has(id));
    expect(unused).to.deep.equal([]);
  });

  it("names for each id only tests that have it in a title, and known issues that have a line", () => {
    const wrong: string[] = [];
    for (const [id, row] of attacks) {
      const shownBy = row.split("|").at(-2)?.trim() ?? "";
      const files = testsOf(id);
      if (shownBy === "") wrong.push(`${id}: nothing shows it`);
      for (const name of shownBy.split(", ")) {
        const file = /^`(.+)`$/.exec(name)?.[1];
        if (file === undefined && name !== "known-issues") wrong.push(`${id}: ${name} is no pointer`);
        if (name === "known-issues" && !known.has(id)) wrong.push(`${id}: no line in ${KNOWN_ISSUES}`);
        if (file !== undefined && !files.some((path) => path === file || path.startsWith(`${file}/`))) {
          wrong.push(`${id}: no title in ${file} has it`);
        }
      }
    }
    expect(wrong).to.deep.equal([]);
  });

  it("defines every invariant that is used, and names files that exist", () => {
    expect(undefinedIn(everything, INVARIANT, new Set(invariants.keys()))).to.deep.equal([]);
    const missing = [...invariants].flatMap(([id, row]) =>
      [...row.matchAll(/`([\w./-]+\.ts)`/g)]
        .filter(([, path]) => !existsSync(join(TESTS, path)))
        .map(([name]) => id + name),
    );
    expect(missing).to.deep.equal([]);
  });

  it("defines every rule and every section that contracts, tests and documents cite", () => {
    const cited = new Map([...everything, ...contracts]);
    expect(undefinedIn(cited, RULE, new Set(rules.keys()))).to.deep.equal([]);
    const sections = new Set([...textOf(SPEC).matchAll(/^#{2,3} (\d+(?:\.\d+)?)\.? /gm)].map(([, number]) => number));
    const wrong = [...cited].flatMap(([path, text]) =>
      [...text.matchAll(SECTION)].filter(([, number]) => !sections.has(number)).map(([cite]) => `${path}: ${cite}`),
    );
    expect(wrong).to.deep.equal([]);
  });

  it("links only to what exists", () => {
    const broken = [...documents].flatMap(([path, text]) =>
      [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
        .filter(([, target]) => !/^https?:/.test(target) && !existsSync(join(path, "..", target)))
        .map(([, target]) => `${path}: ${target}`),
    );
    expect(broken).to.deep.equal([]);
  });
});
