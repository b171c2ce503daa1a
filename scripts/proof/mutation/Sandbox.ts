/** A copy of the tree whose artifacts can be exchanged, and a process that runs tests over them. */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { copyFileSync, cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Bytecode } from "../lib/compile";
import type { Contract } from "./base";
import type { Answer, Ask } from "./worker";

/** A run may take this much longer than it usually does, and this many seconds beside; the machine may be busy. */
const PATIENCE = 6;
const GRACE_SECONDS = 60;
/** A process that ran so often has held on to enough memory. */
const RUNS_OF_A_WORKER = 60;

export interface TestFile {
  file: string;
  /** As it usually takes. */
  seconds: number;
}

export class Sandbox {
  private worker: ChildProcess | undefined;
  private runs = 0;
  private readonly replaced = new Set<Contract>();

  private constructor(
    private readonly folder: string,
    private readonly originals: ReadonlyMap<string, Contract>,
  ) {}

  /** In a folder that already has the tree's files. What has no original given is as it was compiled for the tree. */
  static in(folder: string, originals: ReadonlyMap<string, Contract>): Sandbox {
    cpSync("artifacts", join(folder, "artifacts"), {
      recursive: true,
      filter: (path) => !path.startsWith(join("artifacts", "build-info")),
    });
    symlinkSync(resolve("artifacts", "build-info"), join(folder, "artifacts", "build-info"));
    const sandbox = new Sandbox(folder, originals);
    for (const contract of originals.values()) sandbox.write(contract);
    return sandbox;
  }

  /** Puts the code of some contracts in place, and everywhere else what is compiled from the sources as they stand. */
  place(contracts: readonly Contract[]): void {
    const names = new Set(contracts.map(({ name }) => name));
    for (const { name, source } of this.replaced) {
      const original = this.originals.get(name);
      if (names.has(name)) continue;
      if (original !== undefined) this.write(original);
      else copyFileSync(pathOf(".", source, name), pathOf(this.folder, source, name));
    }
    this.replaced.clear();
    for (const contract of contracts) {
      this.write(contract);
      this.replaced.add(contract);
    }
  }

  /**
   * The first failure in test files, or nothing when all of them pass. Endless counts as a failure.
   * @param titles Only of tests whose title has this regular expression.
   */
  async run(tests: readonly TestFile[], titles?: string): Promise<Answer["failure"]> {
    if (this.runs >= RUNS_OF_A_WORKER) this.stop();
    this.worker ??= await this.start();
    this.runs++;
    const worker = this.worker;
    const seconds = tests.reduce((sum, test) => sum + test.seconds, 0) * PATIENCE + GRACE_SECONDS;
    return new Promise((answered) => {
      const finish = (failure: Answer["failure"]) => {
        clearTimeout(timer);
        worker.removeAllListeners();
        answered(failure);
      };
      const fail = (test: string) => {
        this.stop();
        finish({ test, message: tests.map(({ file }) => file).join(", ") });
      };
      const timer = setTimeout(() => fail("no end"), seconds * 1_000);
      worker.once("message", ({ failure }: Answer) => finish(failure));
      worker.once("exit", () => fail("the process ended"));
      const ask: Ask = { files: tests.map(({ file }) => join(this.folder, file)), titles };
      worker.send(ask);
    });
  }

  stop(): void {
    this.worker?.removeAllListeners();
    this.worker?.kill("SIGKILL");
    this.worker = undefined;
    this.runs = 0;
  }

  private start(): Promise<ChildProcess> {
    const worker = fork(join(this.folder, "scripts", "proof", "mutation", "worker.ts"), [], {
      cwd: this.folder,
      execArgv: ["--max-old-space-size=2500", "-r", "ts-node/register"],
      env: { ...process.env, TS_NODE_TRANSPILE_ONLY: "true", HARDHAT_NETWORK: "hardhat", ASTERISM_PIPELINE: "legacy" },
    });
    return new Promise((ready, failed) => {
      worker.once("message", () => {
        worker.removeAllListeners();
        ready(worker);
      });
      worker.once("exit", (code) => failed(new Error(`the process that runs tests ended with code ${code}`)));
    });
  }

  private write({ name, source, bytecode, deployedBytecode }: Contract): void {
    const path = pathOf(this.folder, source, name);
    if (!existsSync(path)) throw new Error(`${source} is not compiled: run "npm run compile" first`);
    const artifact = JSON.parse(readFileSync(path, "utf8")) as object;
    const code = { bytecode: hexOf(bytecode), deployedBytecode: hexOf(deployedBytecode) };
    const links = {
      linkReferences: bytecode.linkReferences,
      deployedLinkReferences: deployedBytecode.linkReferences,
    };
    writeFileSync(path, JSON.stringify({ ...artifact, ...code, ...links }));
  }
}

function pathOf(folder: string, source: string, name: string): string {
  return join(folder, "artifacts", source, `${name}.json`);
}

function hexOf({ object }: Bytecode): string {
  return `0x${object}`;
}
