import type { ExecaChildProcess } from "execa";
import execa from "execa";
import type { ChainKey } from "../demo/options";
import { freePort } from "../lib/freePort";

const READY_MS = 600_000;

/** `npm run replica` in a process of its own. */
export class ReplicaProcess {
  private readonly started: Promise<{ child: ExecaChildProcess; ports: readonly [number, number] }>;
  private ports: readonly [number, number] = [0, 0];

  constructor(
    chain: ChainKey,
    private readonly record: string,
  ) {
    this.started = Promise.all([freePort(), freePort()]).then((ports) => {
      const args = ["--chain", chain, "--port", String(ports[0]), "--price-port", String(ports[1]), "--record", record];
      const child = execa("ts-node", ["scripts/replica.ts", ...args], { preferLocal: true, all: true, reject: false });
      return { child, ports };
    });
  }

  /** What programs find it by. */
  get environment(): Record<string, string> {
    const [node, prices] = this.ports.map((port) => `http://127.0.0.1:${port}`);
    return { RPC_URL: node, HERMES_URL: prices, DEPLOYMENT: this.record };
  }

  /** Waits until it serves. */
  async ready(): Promise<void> {
    const { child, ports } = await this.started;
    this.ports = ports;
    let output = "";
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the replica is not ready:\n${output}`)), READY_MS);
      child.all?.on("data", (chunk: Buffer) => {
        output += String(chunk);
        if (!/^ready/m.test(output)) return;
        clearTimeout(timer);
        resolve();
      });
      void child.then(() => {
        clearTimeout(timer);
        reject(new Error(`the replica ended:\n${output}`));
      });
    });
  }

  async stop(): Promise<void> {
    const { child } = await this.started;
    child.kill("SIGTERM", { forceKillAfterTimeout: 5_000 });
    await child;
  }
}
