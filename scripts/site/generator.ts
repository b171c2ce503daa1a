import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import type MarkdownIt from "markdown-it";
import { SITE_FILE } from "./build";
import { createMarkdown } from "./markdown";
import { linkOf } from "./pages";
import type { Site } from "./pages";

/** What is used of the generator's configuration; it has no types of its own. */
interface Configuration {
  setLibrary: (extension: string, library: MarkdownIt) => void;
  addTemplate: (path: string, content: string, data: Readonly<Record<string, unknown>>) => void;
  setFrontMatterParsingOptions: (options: Readonly<Record<string, unknown>>) => void;
}

/** Gives the generator every page as a template of Markdown, with its links resolved and what the layout shows around it. */
export function configure(configuration: Configuration): Readonly<Record<string, unknown>> {
  const site = JSON.parse(readFileSync(process.env[SITE_FILE] ?? "", "utf8")) as Site;
  configuration.setLibrary("md", createMarkdown());
  for (const page of site.pages) {
    const root = posix.relative(posix.dirname(page.url), ".");
    configuration.addTemplate(`${page.url}.md`, page.markdown, {
      layout: "layout.njk",
      permalink: page.url,
      title: page.title,
      root: root === "" ? "." : root,
      navigation: site.navigation.map(({ group, pages }) => ({
        group,
        isOpen: pages.some(({ url }) => url === page.url),
        links: pages.map(({ title, url }) => ({ title, url, isHere: url === page.url })),
      })),
      resolve: (href: string) => linkOf(site, page, href),
    });
  }
  const input = join("scripts", "site", "theme");
  return { dir: { input, includes: "." }, markdownTemplateEngine: false, templateFormats: ["md"] };
}
