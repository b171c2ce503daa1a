import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";

const START_MS = 240_000;

export interface Ended {
  /** Null where a signal ended it. */
  code: number | null;
  output: string;
}

/** A script of this repository in a process of its own, with nothing of the caller's that would make it another chain's. */
export class ScriptProcess {
  output = "";
  private readonly child: ChildProcess;
  private readonly ended: Promise<Ended>;

  constructor(script: string, args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}) {
    const clean = {
      BNB_RPC_URL: undefined,
      ARBITRUM_RPC_URL: undefined,
      REPORT_GAS: undefined,
      HARDHAT_NETWORK: undefined,
    };
    this.child = spawn(process.execPath, [require.resolve("ts-node/dist/bin"), script, ...args], {
      env: { ...process.env, ...clean, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (chunk: Buffer) => (this.output += String(chunk)));
    }
    this.ended = new Promise((resolve, reject) => {
      this.child.once("error", reject);
      this.child.once("close", (code) => resolve({ code, output: this.output }));
    });
  }

  /** Waits until it has printed something that matches. */
  async printed(pattern: RegExp): Promise<void> {
    const isOver = this.ended.then(({ output }) => {
      if (!pattern.test(output)) throw new Error(`it ended without printing ${String(pattern)}:\n${output}`);
    });
    const isPrinted = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not printed: ${String(pattern)}\n${this.output}`)), START_MS);
      const look = () => {
        if (!pattern.test(this.output)) return;
        clearTimeout(timer);
        resolve();
      };
      for (const stream of [this.child.stdout, this.child.stderr]) stream?.on("data", look);
      look();
      void this.ended.then(() => clearTimeout(timer));
    });
    await Promise.race([isPrinted, isOver]);
  }

  async end(): Promise<Ended> {
    return this.ended;
  }

  /** Holds it where it is; a kill is all that it hears then. */
  pause(): void {
    this.child.kill("SIGSTOP");
  }

  async kill(signal: "SIGTERM" | "SIGKILL"): Promise<Ended> {
    this.child.kill(signal);
    return this.ended;
  }
}
