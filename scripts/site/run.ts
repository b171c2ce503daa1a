import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { HDNodeWallet } from "ethers";
import type { ExecaChildProcess } from "execa";
import execa from "execa";
import { ModuleKind, ScriptTarget, transpileModule } from "typescript";
import { ExplainedError } from "../lib/main";
import { ReplicaProcess } from "../sdk/replicaProcess";
import type { Document } from "./documents";
import type { Fence } from "./markdown";
import { fencesOf } from "./markdown";

/** Marks of a block: typed into a shell; a program that goes on beside the others; part of a program that is run. */
const RUN = "run";
const SERVE = "serve";
/** The accounts of a replica; everybody knows their keys. Of the funded ones each document has its own. */
const MNEMONIC = "test test test test test test test test test test test junk";
const FIRST_FUNDED = 5;
const FUNDED = 5;
/** Has coin, as all of them. */
const KEEPER = 15;
const SCRATCH = ".tmp";
const READY = /\bready\b|"keeping"/;
const READY_MS = 180_000;
const BLOCK_MS = 300_000;

/**
 * Runs every document that has blocks marked so, each block in its order and all shells of a document as one session, against
 * one replica: the one that the documents start on the usual ports. Throws with what a block printed if it fails.
 */
export async function runDocuments(documents: readonly Document[]): Promise<void> {
  mkdirSync(SCRATCH, { recursive: true });
  const scratch = mkdtempSync(join(SCRATCH, "run-"));
  const record = resolve(scratch, "replica.json");
  const replica = new ReplicaProcess("bnb", record);
  try {
    const marked = documents.filter(({ markdown }) => fencesOf(markdown).some(isRun));
    await replica.ready();
    for (const [index, document] of marked.entries()) {
      const startedAt = Date.now();
      const [PRIVATE_KEY, KEEPER_KEY] = [FIRST_FUNDED + (index % FUNDED), KEEPER].map(keyOf);
      await new Session({ ...replica.environment, PRIVATE_KEY, KEEPER_KEY }, scratch).run(document);
      console.log(`ran ${document.path} (${Math.round((Date.now() - startedAt) / 1_000)} s)`);
    }
  } finally {
    await replica.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** One document's blocks. */
class Session {
  private readonly served: ExecaChildProcess[] = [];
  private readonly exported: string[] = [];

  constructor(
    private readonly environment: Readonly<Record<string, string>>,
    private readonly scratch: string,
  ) {}

  async run({ path, markdown }: Document): Promise<void> {
    const blocks = fencesOf(markdown).filter(isRun);
    try {
      for (const block of blocks.filter(({ language }) => language !== "ts")) {
        const code = this.placed(block.code);
        if (!block.marks.includes(SERVE)) await this.shell(code, `${path}:${block.line}`);
        else if (!/npm run replica\b/.test(code)) await this.serve(code, `${path}:${block.line}`);
      }
      const program = blocks.filter(({ language }) => language === "ts").map(({ code }) => code);
      if (program.length > 0) await this.program(program.join("\n"), path);
    } finally {
      for (const { pid, exitCode } of this.served) if (pid !== undefined && exitCode === null) process.kill(-pid);
      await Promise.all(this.served);
    }
  }

  /** With the ports, the record and the key that are in use here in place of those that a reader would have. */
  private placed(code: string): string {
    const { RPC_URL, HERMES_URL, DEPLOYMENT, PRIVATE_KEY, KEEPER_KEY } = this.environment;
    return code
      .replaceAll("http://127.0.0.1:8545", RPC_URL)
      .replaceAll("http://127.0.0.1:8546", HERMES_URL)
      .replaceAll("reports/replica.json", DEPLOYMENT)
      .replaceAll("reports/keeper.json", join(this.scratch, "keeper.json"))
      .replaceAll("ASTERISM_KEEPER_KEY=0x…", `ASTERISM_KEEPER_KEY=${KEEPER_KEY}`)
      .replaceAll("ASTERISM_PRIVATE_KEY=0x…", `ASTERISM_PRIVATE_KEY=${PRIVATE_KEY}`);
  }

  /** What earlier blocks exported counts in later ones. */
  private async shell(code: string, where: string): Promise<void> {
    const script = ["set -euo pipefail", ...this.exported, code].join("\n");
    const { exitCode, all } = await execa("bash", ["-c", script], {
      ...{ all: true, reject: false, timeout: BLOCK_MS, stdin: "ignore" },
    });
    if (exitCode !== 0) throw new ExplainedError(`${where} ended with ${exitCode ?? "a signal"}:\n${code}\n${all}`);
    this.exported.push(...code.split("\n").filter((line) => line.startsWith("export ")));
  }

  private async serve(code: string, where: string): Promise<void> {
    const script = ["set -euo pipefail", ...this.exported, code].join("\n");
    // A group of its own: what the shell starts ends with it.
    const child = execa("bash", ["-c", script], { all: true, reject: false, stdin: "ignore", detached: true });
    this.served.push(child);
    let output = "";
    await new Promise<void>((done, fail) => {
      const refuse = (what: string) => fail(new ExplainedError(`${where} ${what}:\n${code}\n${output}`));
      const timer = setTimeout(() => refuse("is not ready"), READY_MS);
      child.all?.on("data", (chunk: Buffer) => {
        output += String(chunk);
        if (!READY.test(output)) return;
        clearTimeout(timer);
        done();
      });
      void child.then(() => {
        clearTimeout(timer);
        refuse("ended");
      });
    });
  }

  /** A module that awaits at its top, run as the body of a function. */
  private async program(code: string, path: string): Promise<void> {
    const { outputText } = transpileModule(code, {
      compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, esModuleInterop: true },
    });
    const file = resolve(this.scratch, `${path.replaceAll("/", "_")}.cjs`);
    const fails = "(error) => { console.error(error); process.exit(1); }";
    writeFileSync(file, `(async () => {\n${outputText}\n})().then(() => process.exit(0), ${fails});\n`);
    const { exitCode, all } = await execa(process.execPath, ["-r", "ts-node/register", file], {
      ...{ env: this.environment, all: true, reject: false, timeout: BLOCK_MS },
    });
    if (exitCode !== 0) throw new ExplainedError(`the program of ${path} failed:\n${all}`);
  }
}

function keyOf(index: number): string {
  return HDNodeWallet.fromPhrase(MNEMONIC, "", `m/44'/60'/0'/0/${index}`).privateKey;
}

/** Whether a block is executed. */
export function isRun({ marks }: Fence): boolean {
  return marks.includes(RUN) || marks.includes(SERVE);
}
