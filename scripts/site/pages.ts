import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { posix } from "node:path";
import { readDocuments } from "./documents";
import { linksOf } from "./markdown";
import type { Reference } from "./reference";
import { fence } from "./text";

const NAVIGATION = [
  ...["Asterism", "By what you do", "The system", "Running it", "What is shown", "More", "Packages"],
  ...["Interfaces", "Contracts"],
] as const;
const PICTURE = /\.(svg|png)$/;
const LANGUAGES: Readonly<Record<string, string>> = { sol: "solidity", ts: "ts", json: "json", js: "js", mjs: "js" };

export interface Page {
  /** Where it stands in the repository, or would. */
  readonly path: string;
  /** Where it stands in the site. */
  readonly url: string;
  readonly title: string;
  /** Of the navigation; "" for a page that is only linked to. */
  readonly group: string;
  readonly markdown: string;
}

export interface Site {
  readonly pages: readonly Page[];
  /** Pictures, by their path in both. */
  readonly pictures: readonly string[];
  readonly navigation: readonly { readonly group: string; readonly pages: readonly Page[] }[];
}

/** All pages: documents, the reference, and the files of the repository that these link to. */
export function siteOf({ pages: reference }: Reference): Site {
  const written = [...readDocuments(), ...reference].map((page) => ({ ...page, url: urlOf(page.path) }));
  const known = new Set(written.map(({ path }) => path));
  const files = new Set<string>();
  for (const { path, markdown } of written) {
    for (const href of linksOf(markdown)) {
      const target = targetOf(path, href);
      if (target !== undefined && !known.has(target.path) && existsSync(target.path)) files.add(target.path);
    }
  }
  const shown = [...files].filter((path) => !PICTURE.test(path)).map(filePage);
  const pages = [...written, ...shown];
  const navigation = NAVIGATION.map((group) => ({ group, pages: pages.filter((page) => page.group === group) }));
  return {
    pages,
    pictures: [...files].filter((path) => PICTURE.test(path)),
    navigation: navigation.filter(({ pages: { length } }) => length > 0),
  };
}

/** A path of the repository and an anchor, of a link that leads to something in it. */
export interface Target {
  readonly path: string;
  readonly anchor: string;
}

/** Where a link of a document leads in the repository; a folder is its README if it has one. */
export function targetOf(from: string, href: string): Target | undefined {
  if (/^[a-z]+:/i.test(href)) return undefined;
  const [file, anchor = ""] = decodeURI(href).split("#");
  if (file === "") return { path: from, anchor };
  const path = posix.join(posix.dirname(from), file).replace(/\/$/, "");
  const readme = posix.join(path, "README.md");
  return { path: existsSync(readme) ? readme : path, anchor };
}

/** Where a link of a page leads in the site, from that page on. */
export function linkOf(site: Site, from: Page, href: string): string {
  const target = targetOf(from.path, href);
  if (target === undefined) return href;
  const { path, anchor } = target;
  const page = site.pages.find((each) => each.path === path);
  const url = page?.url ?? (site.pictures.includes(path) ? path : undefined);
  if (url === undefined) return href;
  const relative = page === from && anchor !== "" ? "" : posix.relative(posix.dirname(from.url), url);
  return anchor === "" ? relative : `${relative}#${anchor}`;
}

function urlOf(path: string): string {
  return path.replace(/README\.md$/, "index.md").replace(/\.md$/, ".html");
}

/** The text of a file, or the names in a folder. */
function filePage(path: string): Page {
  const common = { path, title: path, group: "" };
  if (path.endsWith(".md")) return { ...common, url: urlOf(path), markdown: readFileSync(path, "utf8") };
  const language = LANGUAGES[posix.extname(path).slice(1)] ?? "";
  const text = statSync(path).isDirectory() ? readdirSync(path).join("\n") : readFileSync(path, "utf8").trimEnd();
  return { ...common, url: `files/${path}.html`, markdown: `# ${path}\n\n${fence(language, text)}\n` };
}
