import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createRandom } from "../../kit/prices";

/** How often what goes wrong, of 1. */
export interface Faults {
  /** An answer of 500 or 429. */
  readonly error: number;
  /** No answer at all. */
  readonly silence: number;
  /** An answer that comes late. */
  readonly delay: number;
  /** A head that is some blocks old. */
  readonly stale: number;
}

export const USUAL_FAULTS: Faults = { error: 0.02, silence: 0.004, delay: 0.05, stale: 0.03 };

const MAX_DELAY_MS = 800;
const MAX_STALE_BLOCKS = 4;

interface Call {
  readonly id: number;
  readonly method: string;
}

/** A node that passes on what it is asked, and now and then does not, or not well. */
export class FaultyNode {
  /** What went wrong, by kind. */
  readonly counts = { passed: 0, error: 0, silence: 0, delay: 0, stale: 0 };
  /** Until the node behind it answered, ms. */
  readonly answers: number[] = [];
  private readonly server: Server;
  private readonly random: () => number;

  constructor(
    private readonly target: string,
    seed: number,
    private readonly faults: Faults = USUAL_FAULTS,
  ) {
    this.random = createRandom(seed);
    this.server = createServer((request, response) => {
      this.pass(request, response).catch(() => response.destroy());
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(0, "127.0.0.1", resolve);
    });
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
    const body = Buffer.concat(chunks).toString("utf8");
    if (this.happens("silence")) return;
    if (this.happens("error")) {
      response.writeHead(this.random() < 0.5 ? 500 : 429).end("out of order");
      return;
    }
    if (this.happens("delay")) await new Promise((resolve) => setTimeout(resolve, this.random() * MAX_DELAY_MS));
    const headers = { "content-type": "application/json" };
    const startedAt = performance.now();
    const answer = await fetch(this.target, { method: "POST", headers, body });
    const text = await answer.text();
    this.answers.push(Math.round(performance.now() - startedAt));
    response.writeHead(answer.status, headers).end(this.aged(body, text));
    this.counts.passed += 1;
  }

  /** The number of the latest block, now and then that of some blocks ago. */
  private aged(body: string, text: string): string {
    const call = JSON.parse(body) as Call | Call[];
    if (Array.isArray(call) || call.method !== "eth_blockNumber" || !this.happens("stale")) return text;
    const { result } = JSON.parse(text) as { result: string };
    const older = Math.max(0, Number(result) - 1 - Math.floor(this.random() * MAX_STALE_BLOCKS));
    return JSON.stringify({ jsonrpc: "2.0", id: call.id, result: `0x${older.toString(16)}` });
  }

  private happens(kind: keyof Faults): boolean {
    const isNow = this.random() < this.faults[kind];
    if (isNow) this.counts[kind] += 1;
    return isNow;
  }
}
