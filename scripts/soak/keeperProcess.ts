import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { appendFileSync } from "node:fs";
import { resolve } from "node:path";

/** The command line as it is packed, which begins sooner than its sources. */
const PROGRAM = "require(process.argv[1]).start(process.argv.slice(2))";
const BUILT = resolve("cli", "dist", "main.js");

export interface KeeperSettings {
  readonly chain: string;
  readonly nodes: readonly string[];
  readonly prices: string;
  readonly record: string;
  readonly state: string;
  readonly share: string;
  /** File of settings that no option is for. */
  readonly config: string;
  readonly privateKey: string;
  /** Where its lines go. */
  readonly log: string;
}

/** `asterism keeper` in a process of its own; the command line has to be built before. */
export class KeeperProcess {
  kills = 0;
  private child: ChildProcess | undefined;
  private output = "";

  constructor(private readonly settings: KeeperSettings) {}

  start(): void {
    const { chain, config, nodes, prices, record, state, share, privateKey, log } = this.settings;
    const where = ["--chain", chain, "--rpc", ...nodes, "--hermes", prices, "--deployment", record];
    const args = [...where, "--state", state, "--share", share, "--config", config];
    this.child = spawn(process.execPath, ["-e", PROGRAM, BUILT, "keeper", ...args], {
      env: { ...process.env, ASTERISM_KEEPER_KEY: privateKey },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        appendFileSync(log, chunk);
        this.output = (this.output + String(chunk)).slice(-2_000_000);
      });
    }
  }

  /** Ended without a word, and started again. */
  async killAndStart(): Promise<void> {
    await this.end("SIGKILL");
    this.kills += 1;
    this.start();
  }

  /** The code it ends with; null where a signal ended it. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<number | null> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    child.kill(signal);
    return ended;
  }

  /** Its lines since the last megabytes. */
  get lines(): Record<string, unknown>[] {
    return this.output.split("\n").flatMap((line) => {
      try {
        return line.startsWith("{") ? [JSON.parse(line) as Record<string, unknown>] : [];
      } catch {
        return [];
      }
    });
  }
}
