import MarkdownIt from "markdown-it";
import type Token from "markdown-it/lib/token.mjs";
import { anchorsOf } from "./text";

/** Where a link of a page leads in the site; unchanged where it leads out of it. */
export type Resolve = (href: string) => string;

/** A part of a page under one heading. */
export interface Section {
  readonly heading: string;
  readonly level: number;
  readonly anchor: string;
  readonly text: string;
}

/** A block of code. */
export interface Fence {
  /** The first word after the fence, and the others. */
  readonly language: string;
  readonly marks: readonly string[];
  readonly code: string;
  /** Line of the fence, from 1. */
  readonly line: number;
}

interface Environment {
  readonly resolve?: Resolve;
}

const HEADING = "heading_open";

/** Markdown as code hosts read it, without HTML: headings with anchors, wide tables that scroll, links that `resolve` says. */
export function createMarkdown(): MarkdownIt {
  const markdown = new MarkdownIt({ html: false });
  markdown.core.ruler.push("anchors", ({ tokens }) => {
    const headings = tokens.flatMap((token, index) => (token.type === HEADING ? [index] : []));
    const anchors = anchorsOf(headings.map((index) => plainText(tokens[index + 1])));
    for (const [place, index] of headings.entries()) tokens[index].attrSet("id", anchors[place]);
  });
  const { rules } = markdown.renderer;
  const leading = (name: string) => (tokens: Token[], index: number, _: object, env: Environment) => {
    const token = tokens[index];
    const href = String(token.attrGet(name));
    token.attrSet(name, env.resolve?.(href) ?? href);
    return markdown.renderer.renderToken(tokens, index, markdown.options);
  };
  rules.link_open = leading("href");
  const image = rules.image;
  rules.image = (tokens, index, options, env: Environment, self) => {
    const token = tokens[index];
    token.attrSet("src", env.resolve?.(String(token.attrGet("src"))) ?? "");
    return image?.(tokens, index, options, env, self) ?? "";
  };
  rules.table_open = () => '<div class="table"><table>\n';
  rules.table_close = () => "</table></div>\n";
  return markdown;
}

const reader = createMarkdown();

/** The tokens of a text, those within lines included. */
function tokensOf(markdown: string): Token[] {
  return reader.parse(markdown, {}).flatMap((token) => [token, ...(token.children ?? [])]);
}

/** What is linked or shown, as it is written. */
export function linksOf(markdown: string): string[] {
  return tokensOf(markdown).flatMap((token) => {
    const target = token.type === "link_open" ? token.attrGet("href") : token.attrGet("src");
    return target === null ? [] : [target];
  });
}

/** Anchors of all headings. */
export function anchorsIn(markdown: string): Set<string> {
  return new Set(sectionsOf(markdown).map(({ anchor }) => anchor));
}

/** Blocks of code, indented ones included. */
export function fencesOf(markdown: string): Fence[] {
  return reader
    .parse(markdown, {})
    .filter(({ type }) => type === "fence" || type === "code_block")
    .map(({ info, content, map }) => {
      const [language = "", ...marks] = info.split(/\s+/).filter((word) => word !== "");
      return { language, marks, code: content, line: (map?.[0] ?? 0) + 1 };
    });
}

/** Code within lines, with the line at which its paragraph begins. */
export function inlineCodeOf(markdown: string): { code: string; line: number }[] {
  return reader
    .parse(markdown, {})
    .flatMap(({ children, map }) =>
      (children ?? [])
        .filter(({ type }) => type === "code_inline")
        .map(({ content }) => ({ code: content, line: (map?.[0] ?? 0) + 1 })),
    );
}

/** A page by its headings; what stands before the first is not told. */
export function sectionsOf(markdown: string): Section[] {
  const sections: { heading: string; level: number; anchor: string; text: string }[] = [];
  const tokens = reader.parse(markdown, {});
  for (const [index, token] of tokens.entries()) {
    if (token.type === HEADING) {
      const heading = plainText(tokens[index + 1]);
      sections.push({ heading, level: Number(token.tag.slice(1)), anchor: String(token.attrGet("id")), text: "" });
      continue;
    }
    const isHeading = tokens[index - 1]?.type === HEADING;
    const section = sections.at(-1);
    if (section && !isHeading && ["inline", "fence", "code_block"].includes(token.type)) {
      section.text += `${token.type === "inline" ? plainText(token) : token.content} `;
    }
  }
  return sections;
}

/** Text and code of a line, without marks. */
function plainText({ children }: Token): string {
  return (children ?? [])
    .map(({ type, content }) => (type === "softbreak" || type === "hardbreak" ? " " : content))
    .join("");
}
