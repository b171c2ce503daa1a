import { expect } from "chai";
import { RECORD_SCHEMA } from "../../../deploy/record";
import { brokenCommands, commandsIn, countCommands } from "../../../scripts/site/commands";
import { unexecuted } from "../../../scripts/site/executed";
import { readDocuments } from "../../../scripts/site/documents";
import { brokenLinks } from "../../../scripts/site/links";
import { fencesOf, sectionsOf } from "../../../scripts/site/markdown";
import { brokenQuotes, programOf } from "../../../scripts/site/snippets";

const ROLES = ["auditors", "deployers", "integrators", "keepers", "lps", "traders"];

/** A document of the folder `docs/`. */
function document(...lines: string[]): { path: string; markdown: string } {
  return { path: "docs/made-up.md", markdown: lines.join("\n") };
}

describe("documents", () => {
  const documents = readDocuments();

  it("are found: of the root, of docs/, and every package's", () => {
    const paths = documents.map(({ path }) => path);
    expect(paths).to.include.members([
      "README.md",
      "docs/spec.md",
      "cli/README.md",
      "keeper/README.md",
      "sdk/README.md",
    ]);
    expect(new Set(paths).size).to.equal(paths.length);
  });

  it("have a page for everybody, with commands that are run", () => {
    for (const role of ROLES) {
      const found = documents.find(({ path }) => path === `docs/for-${role}.md`);
      expect(found?.group, role).to.equal("By what you do");
      const marks = fencesOf(found?.markdown ?? "").flatMap((block) => block.marks);
      expect(marks, role).to.include("run");
    }
  });

  it("have no command on those pages that no check executes", async () => {
    expect(await unexecuted(documents)).to.deep.equal([]);
    const page = { path: "docs/for-nobody.md", markdown: "```sh\nnpm run simulate\nnpx asterism pro deposit 1\n```\n" };
    expect(await unexecuted([...documents, page])).to.deep.equal([
      "docs/for-nobody.md:1: npm run simulate (npm run simulate)",
      "docs/for-nobody.md:2: npx asterism pro deposit 1 (asterism pro deposit)",
    ]);
  });

  it("show a deployment's record as it is read, with every field", () => {
    const markdown = documents.find(({ path }) => path === "docs/deploying.md")?.markdown ?? "";
    const [, json = ""] = /^```json\n([\s\S]*?)^```$/m.exec(markdown) ?? [];
    const shown: unknown = JSON.parse(json);
    expect(RECORD_SCHEMA.parse(shown)).to.deep.equal(shown);
    expect(Object.keys(shown as object)).to.have.members(Object.keys(RECORD_SCHEMA.shape));
  });

  it("link to what there is", () => {
    expect(brokenLinks(documents)).to.deep.equal([]);
    const wrong = document("# A title", "[a](no-file.md) [b](spec.md#no-heading) [c](roles.md#the-breaker)");
    expect(brokenLinks([wrong])).to.deep.equal(["docs/made-up.md: no-file.md", "docs/made-up.md: spec.md#no-heading"]);
  });

  it("name scripts, commands, options and files that there are", async () => {
    expect(await brokenCommands(documents)).to.deep.equal([]);
    expect(countCommands(documents)).to.be.greaterThan(150);
  });

  it("are refused for a command that can't be given", async () => {
    const lines = [
      ...["npm run no-such", "npm run demo -- --no-such 1", "npm run demo -- --seed 7", "npx no-such-program"],
      ...["npx asterism no-such", "npx asterism open long BTC 50x 100 USDT --no-such", "npx asterism open long BTC"],
      ...["npx asterism --json positions --owner 0x1", "npx asterism guardian raise 2 3", "npx hardhat no-such"],
      ...["npx hardhat run scripts/no-such.ts", "npx asterism-keeper --chain bnb --no-such"],
    ];
    const written = lines.map((line) => document("```sh", line, "```"));
    const broken = await Promise.all(written.map((each) => brokenCommands([each])));
    expect(broken.map(([fault]) => (fault as string | undefined)?.split(": ").slice(2).join(": "))).to.deep.equal([
      'there is no script "no-such"',
      "it takes no --no-such",
      undefined,
      'no program "no-such-program" is installed',
      'asterism takes no "no-such"',
      "open takes no --no-such",
      "open takes 5 arguments",
      undefined,
      'raise takes no "3"',
      'hardhat has no task "no-such"',
      "there is no scripts/no-such.ts",
      "asterism-keeper takes no --no-such",
    ]);
  });

  it("are read as a shell does: parts of a line, variables before a command, and what is quoted", () => {
    const line = 'A=1 npm run gas && echo npm | npx asterism propose "Breaker.lower(0)" || true # npx asterism no';
    expect(commandsIn(line)).to.deep.equal([
      ["npm", "run", "gas"],
      ["npx", "asterism", "propose", "Breaker.lower(0)"],
    ]);
    expect(commandsIn("source <(npx asterism completion bash)")).to.deep.equal([
      ["npx", "asterism", "completion", "bash"],
    ]);
  });

  it("quote files as these are", () => {
    expect(brokenQuotes(documents)).to.deep.equal([]);
    const quoted = documents.flatMap(({ markdown }) => fencesOf(markdown)).filter(({ marks }) => marks.length > 0);
    expect(quoted.length).to.be.greaterThan(2);
    const wrong = document("```ts file=examples/roundTrip.ts", "const asterism = 1;", "```");
    expect(brokenQuotes([wrong])).to.deep.equal(["docs/made-up.md:1: examples/roundTrip.ts"]);
    expect(programOf(`${wrong.markdown}\n\`\`\`ts\nconst a = 1;\n\`\`\``)).to.equal("const a = 1;\n");
  });

  it("have headings with the anchors that code hosts give them", () => {
    const sections = sectionsOf("# `a(b,c)`\n\ntext\n\n## 1.2 A heading: with marks!\n\n## Twice\n\n## Twice\n");
    expect(sections.map(({ anchor }) => anchor)).to.deep.equal([
      ...["abc", "12-a-heading-with-marks", "twice", "twice-1"],
    ]);
    expect(sections[0].text).to.equal("text ");
  });
});
