import { existsSync, readFileSync, readdirSync } from "node:fs";
import { posix } from "node:path";
import { z } from "zod";
import { sectionsOf } from "./markdown";

const FOLDER = "docs";
const ROOTS = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"];
const BY_TASK = "for-";
/** Documents by their group and in their order; one that is not named here comes with the last group. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  "The system": ["spec", "spec-pro", "architecture", "pro", "predictions", "units", "errors", "roles"],
  "Running it": ["deploying", "runbooks", "keeper", "adding", "toolchain"],
  "What is shown": [
    "invariants",
    "attacks",
    "known-issues",
    "proof",
    "economics",
    "risk",
    "gas",
    "replay",
    "pro-replay",
  ],
};
const REST = "More";

export interface Document {
  /** From the root of the repository. */
  readonly path: string;
  readonly title: string;
  readonly group: string;
  readonly markdown: string;
}

const manifestSchema = z.object({ workspaces: z.array(z.string()) });

/** Every document that the repository has for people: of the root, of `docs/`, and the README of each package. */
export function readDocuments(): Document[] {
  const { workspaces } = manifestSchema.parse(JSON.parse(readFileSync("package.json", "utf8")));
  const packages = workspaces.map((folder) => posix.join(folder, "README.md")).filter((path) => existsSync(path));
  const names = readdirSync(FOLDER).filter((name) => name.endsWith(".md"));
  const paths = [...ROOTS, ...names.map((name) => posix.join(FOLDER, name)), ...packages];
  const order = Object.values(GROUPS).flat();
  const place = (path: string) => order.indexOf(posix.basename(path, ".md")) >>> 0;
  return paths
    .map((path) => documentOf(path))
    .sort((a, b) => place(a.path) - place(b.path) || ROOTS.indexOf(a.path) - ROOTS.indexOf(b.path));
}

function documentOf(path: string): Document {
  const markdown = readFileSync(path, "utf8");
  return { path, markdown, group: groupOf(path), title: sectionsOf(markdown)[0]?.heading ?? path };
}

function groupOf(path: string): string {
  if (ROOTS.includes(path)) return "Asterism";
  if (posix.dirname(path) !== FOLDER) return "Packages";
  const name = posix.basename(path, ".md");
  if (name.startsWith(BY_TASK)) return "By what you do";
  return Object.entries(GROUPS).find(([, names]) => names.includes(name))?.[0] ?? REST;
}
