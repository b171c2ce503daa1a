/**
 * Builds the documentation site from the documents and the contracts' NatSpec into `reports/site/`: static pages that work from
 * a file or any server of files, and load nothing from elsewhere. Fails for a link that leads nowhere and for a function, an
 * event or an error of which nothing is said.
 *
 *   npm run docs
 */
import { join } from "node:path";
import { ExplainedError, runMain } from "./lib/main";
import { buildSite } from "./site/build";
import { brokenPageLinks } from "./site/links";
import { undocumented } from "./site/natspec";
import { siteOf } from "./site/pages";
import { readReference } from "./site/reference";

const FOLDER = join("reports", "site");

runMain(async () => {
  const reference = await readReference();
  refuse("nothing is said of", undocumented(reference.documents));
  const site = siteOf(reference);
  await buildSite(site, FOLDER);
  refuse("a link leads nowhere", brokenPageLinks(FOLDER));
  console.log(`${site.pages.length} pages: ${join(FOLDER, "index.html")}`);
});

function refuse(what: string, found: readonly string[]): void {
  if (found.length > 0) throw new ExplainedError(found.map((each) => `${what}: ${each}`).join("\n"));
}
