/** Syntax trees of the project's sources, with the types and the references that the compiler resolved. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { compileSources } from "./compile";
import type { Sources } from "./sources";

/** Any node of the compiler's tree; what it has depends on its `nodeType`. */
export interface Node {
  id: number;
  nodeType: string;
  /** `start:length:file`, in bytes of UTF-8. */
  src: string;
  [field: string]: unknown;
}

/** The tree of each source, by the source's name. */
export type Trees = ReadonlyMap<string, Node>;

const CACHE = join("cache", "proof");

/** Analyses sources without generating code. The answer is kept in `cache/proof` as long as no source changes. */
export async function treesOf(sources: Sources): Promise<Trees> {
  const key = createHash("sha256")
    .update(JSON.stringify([...sources]))
    .digest("hex")
    .slice(0, 32);
  const path = join(CACHE, `trees-${key}.json`);
  if (existsSync(path)) return new Map(JSON.parse(readFileSync(path, "utf8")) as [string, Node][]);
  const { sources: answered } = await compileSources(sources, { "*": { "": ["ast"] } });
  const trees = Object.entries(answered).map(([name, { ast }]) => [name, ast] as [string, Node]);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(trees));
  return new Map(trees);
}

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "nodeType" in value;
}

/** A node's own parts, in the order of the source. */
export function childrenOf(node: Node): Node[] {
  const values = Object.values(node).flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : [value]));
  return values.filter(isNode).sort((a, b) => rangeOf(a).start - rangeOf(b).start);
}

/** Visits a node and everything in it, outside first; `parents` begins with the nearest. */
export function walk(
  node: Node,
  visit: (node: Node, parents: readonly Node[]) => void,
  parents: readonly Node[] = [],
): void {
  visit(node, parents);
  const inner = [node, ...parents];
  for (const child of childrenOf(node)) walk(child, visit, inner);
}

/** Every node in a tree of one of the types, each with what encloses it. */
export function findAll(node: Node, ...types: string[]): { node: Node; parents: readonly Node[] }[] {
  const found: { node: Node; parents: readonly Node[] }[] = [];
  walk(node, (each, parents) => {
    if (types.includes(each.nodeType)) found.push({ node: each, parents });
  });
  return found;
}

/** In bytes of the source in UTF-8. */
export function rangeOf({ src }: Node): { start: number; end: number } {
  const [start, length] = src.split(":").map(Number);
  return { start, end: start + length };
}

/** What the source says at a node. */
export function textOf(node: Node, source: string): string {
  const { start, end } = rangeOf(node);
  return Buffer.from(source, "utf8").subarray(start, end).toString("utf8");
}

/** Line of a node, from 1. */
export function lineOf(node: Node, source: string): number {
  return Buffer.from(source, "utf8").subarray(0, rangeOf(node).start).toString("utf8").split("\n").length;
}

/** A node's type as the compiler writes it, `uint256` or `contract IVault`; empty where it has none. */
export function typeOf(node: Node | undefined | null): string {
  const descriptions = node?.typeDescriptions as { typeString?: string } | undefined;
  return descriptions?.typeString ?? "";
}
