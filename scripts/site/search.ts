import MiniSearch from "minisearch";
import { sectionsOf } from "./markdown";
import type { Site } from "./pages";

/** As `assets/search.js` has them. */
const OPTIONS = { fields: ["title", "heading", "text"], storeFields: ["title", "heading", "url"] };

/** A script that hands over the index of all sections: a page that was opened from a file can load scripts, not data. */
export function searchIndex(site: Site): string {
  const index = new MiniSearch(OPTIONS);
  const named = site.pages.filter(({ group }) => group !== "");
  const sections = named.flatMap(({ url, title, markdown }) =>
    sectionsOf(markdown).map(({ heading, anchor, text }) => ({ title, heading, text, url: `${url}#${anchor}` })),
  );
  index.addAll(sections.map((section, id) => ({ id, ...section })));
  return `window.asterismIndex = ${JSON.stringify(JSON.stringify(index))};\n`;
}
