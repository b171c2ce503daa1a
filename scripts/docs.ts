/**
 * Builds the documentation site from the documents and the contracts' NatSpec into `reports/site/`: static pages that work from
 * a file or any server of files, and load nothing from elsewhere. Fails for a link or a command that leads nowhere, and for a
 * function, an event or an error of which nothing is said.
 *
 *   npm run docs -- [--check] [--run [document]]
 *
 * `--check` compiles every snippet too, `--run` runs what the documents mark to be run, against a replica.
 */
import { join } from "node:path";
import { Command } from "commander";
import { ExplainedError, runMain } from "./lib/main";
import { buildSite } from "./site/build";
import { brokenCommands } from "./site/commands";
import { readDocuments } from "./site/documents";
import { unexecuted } from "./site/executed";
import { brokenLinks, brokenPageLinks } from "./site/links";
import { undocumented } from "./site/natspec";
import { siteOf } from "./site/pages";
import { readReference } from "./site/reference";
import { runDocuments } from "./site/run";
import { brokenQuotes, compileSnippets } from "./site/snippets";

const FOLDER = join("reports", "site");

runMain(async () => {
  const options = new Command("docs")
    .description("Builds the documentation site.")
    .option("--check", "compile every snippet")
    .option("--run [document]", "run what is marked to be run, of all documents or of one, against a replica")
    .exitOverride()
    .parse()
    .opts<{ check?: boolean; run?: boolean | string }>();
  const documents = readDocuments();
  refuse("a link leads nowhere", brokenLinks(documents));
  refuse("a command can't be given", await brokenCommands(documents));
  refuse("a command is executed by no check", await unexecuted(documents));
  refuse("a block is not as its file", brokenQuotes(documents));
  const reference = await readReference();
  refuse("nothing is said of", undocumented(reference.documents));
  const site = siteOf(reference);
  await buildSite(site, FOLDER);
  refuse("a link leads nowhere", brokenPageLinks(FOLDER));
  console.log(`${site.pages.length} pages: ${join(FOLDER, "index.html")}`);
  if (options.check) {
    const { programs, solidity } = await compileSnippets(documents);
    console.log(`compiled ${programs} programs and ${solidity} blocks of Solidity`);
  }
  const { run } = options;
  if (run) await runDocuments(documents.filter(({ path }) => run === true || path === run));
});

function refuse(what: string, found: readonly string[]): void {
  if (found.length > 0) throw new ExplainedError(found.map((each) => `${what}: ${each}`).join("\n"));
}
