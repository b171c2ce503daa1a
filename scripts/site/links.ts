import { existsSync, readFileSync, readdirSync } from "node:fs";
import { posix } from "node:path";
import type { Document } from "./documents";
import { anchorsIn, linksOf } from "./markdown";
import { targetOf } from "./pages";

const PAGE_LINK = /<(?:a|link|script|img)\b[^>]*?\b(?:href|src)="([^"]*)"/g;
const PAGE_ANCHOR = /\bid="([^"]*)"/g;

/** Links of documents that lead to nothing in the repository, as `document: link`. */
export function brokenLinks(documents: readonly Pick<Document, "path" | "markdown">[]): string[] {
  return documents.flatMap(({ path, markdown }) =>
    linksOf(markdown)
      .filter((href) => !leadsSomewhere(path, href))
      .map((href) => `${path}: ${href}`),
  );
}

function leadsSomewhere(from: string, href: string): boolean {
  const target = targetOf(from, href);
  if (target === undefined) return true;
  if (!existsSync(target.path)) return false;
  if (target.anchor === "") return true;
  return target.path.endsWith(".md") && anchorsIn(readFileSync(target.path, "utf8")).has(target.anchor);
}

/** Links of a built site that lead to nothing in it, and what it would load from elsewhere, as `page: link`. */
export function brokenPageLinks(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const texts = new Map(
    names
      .filter((name) => name.endsWith(".html"))
      .map((name) => [name, readFileSync(posix.join(folder, name), "utf8")]),
  );
  const anchors = new Map(
    [...texts].map(([name, text]) => [name, new Set([...text.matchAll(PAGE_ANCHOR)].map(([, id]) => id))]),
  );
  return [...texts].flatMap(([name, text]) =>
    [...text.matchAll(PAGE_LINK)]
      .filter(([element, href]) => {
        if (/^(https?|mailto):/.test(href)) return !element.startsWith("<a ");
        const [file, anchor = ""] = decodeURI(href).split("#");
        const target = file === "" ? name : posix.join(posix.dirname(name), file);
        if (!existsSync(posix.join(folder, target))) return true;
        return anchor !== "" && anchors.get(target)?.has(anchor) !== true;
      })
      .map(([, href]) => `${name}: ${href}`),
  );
}
