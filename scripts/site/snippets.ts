import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import execa from "execa";
import { ExplainedError } from "../lib/main";
import { analyse } from "./compiled";
import type { Document } from "./documents";
import type { Fence } from "./markdown";
import { fencesOf } from "./markdown";

const SCRATCH = ".tmp";
/** A block that quotes a file says so after its language: `file=examples/roundTrip.ts`. */
const QUOTES = "file=";
const PREAMBLE = "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.28;\n";
/** What programs of somebody else's import, where it is here. */
const PACKAGES = {
  "@asterism/sdk": "sdk/index.ts",
  "@asterism/sdk/abis": "sdk/abis/index.ts",
  "@asterism/sdk/model": "sdk/model/index.ts",
  "@asterism/keeper": "keeper/index.ts",
} as const;

type Written = Pick<Document, "path" | "markdown">;

/** Blocks that quote a file in which their lines do not follow each other so, as `document:line: file`. */
export function brokenQuotes(documents: readonly Written[]): string[] {
  return documents.flatMap(({ path, markdown }) =>
    fencesOf(markdown).flatMap(({ marks, code, line }) => {
      const file = quotedFile(marks);
      if (file === undefined) return [];
      const isThere = existsSync(file) && withoutIndent(readFileSync(file, "utf8")).includes(withoutIndent(code));
      return isThere ? [] : [`${path}:${line}: ${file}`];
    }),
  );
}

/** The TypeScript of a document that quotes nothing, in its order as one program. */
export function programOf(markdown: string): string {
  return ownBlocks(markdown, "ts")
    .map(({ code }) => code)
    .join("\n");
}

/** Compiles every program and every Solidity block of the documents against the packages; throws with what the compilers say. */
export async function compileSnippets(documents: readonly Written[]): Promise<{ programs: number; solidity: number }> {
  const programs = documents.map(({ path, markdown }) => ({ path, code: programOf(markdown) }));
  const written = programs.filter(({ code }) => code !== "");
  await compilePrograms(written);
  const blocks = documents.flatMap(({ path, markdown }) =>
    ownBlocks(markdown, "solidity").map(({ code, line }) => [`${path}:${line}.sol`, PREAMBLE + code] as const),
  );
  await analyse(Object.fromEntries(blocks));
  return { programs: written.length, solidity: blocks.length };
}

async function compilePrograms(programs: readonly { path: string; code: string }[]): Promise<void> {
  mkdirSync(SCRATCH, { recursive: true });
  const folder = mkdtempSync(join(SCRATCH, "snippets-"));
  try {
    const files = programs.map(({ path, code }) => {
      const name = `${path.replaceAll("/", "_")}.ts`;
      writeFileSync(join(folder, name), `${code}\nexport {};\n`);
      return name;
    });
    const paths = Object.fromEntries(Object.entries(PACKAGES).map(([name, path]) => [name, [resolve(path)]]));
    const options = { module: "ESNext", moduleResolution: "Bundler", types: ["node"], noEmit: true, paths };
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        extends: resolve("tsconfig.json"),
        compilerOptions: { ...options, noUnusedLocals: false },
        files,
        include: [],
      }),
    );
    const { exitCode, all } = await execa("tsc", ["-p", folder], { preferLocal: true, all: true, reject: false });
    if (exitCode !== 0) throw new ExplainedError(`a snippet does not compile:\n${all}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function ownBlocks(markdown: string, language: string): Fence[] {
  return fencesOf(markdown).filter((block) => block.language === language && quotedFile(block.marks) === undefined);
}

function quotedFile(marks: readonly string[]): string | undefined {
  return marks.find((mark) => mark.startsWith(QUOTES))?.slice(QUOTES.length);
}

function withoutIndent(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("\n");
}
