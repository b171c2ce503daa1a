/** The console in a process of its own, and visits of a browser to it. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";
import { Visit } from "./visit";

const PROGRAMS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const READY_MS = 300_000;
const END_MS = 30_000;
export const REPORTS = join("reports", "console");

/** Something is missing on this machine; the message says what. */
export class MissingError extends Error {}

export function chromiumPath(): string {
  const named = process.env.CHROMIUM;
  const found = [...(named === undefined ? [] : [named]), ...PROGRAMS].find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new MissingError(
    "no Chromium on this machine: install the package `chromium` of Debian, or set CHROMIUM to the program",
  );
}

export async function startBrowser(): Promise<Browser> {
  const executablePath = chromiumPath();
  mkdirSync(REPORTS, { recursive: true });
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
}

/** What the page is told at `/config.json`. */
export interface PublicConfig {
  readonly chain: "bnb" | "arbitrum";
  readonly deployment: unknown;
  readonly practice: { readonly rpc: string };
}

export class Stand {
  /** What pages said to the browser's console that they should not have. */
  readonly complaints: string[] = [];

  private constructor(
    readonly url: string,
    readonly config: PublicConfig,
    private readonly child: ChildProcess,
    private readonly browser: Browser,
  ) {}

  /** Waits until it is ready; the price is held. */
  static async start(browser: Browser, args: readonly string[] = []): Promise<Stand> {
    const program = join("node_modules", ".bin", "ts-node");
    const child = spawn(program, ["scripts/console.ts", "--port", "0", "--crowd", "0", ...args]);
    try {
      const url = await readyOf(child);
      const config = (await (await fetch(`${url}/config.json`)).json()) as PublicConfig;
      const stand = new Stand(url, config, child, browser);
      await stand.price({ pause: true });
      return stand;
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    }
  }

  visit(): Visit {
    return new Visit(this, this.browser);
  }

  async price(command: Readonly<Record<string, unknown>>): Promise<void> {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${this.url}/practice`, { method: "POST", headers, body: JSON.stringify(command) });
    if (!answer.ok) throw new Error(`the price was not moved: ${await answer.text()}`);
  }

  /** The code that the console ends with after an interrupt. */
  async stop(): Promise<number | null> {
    if (this.child.exitCode !== null) return this.child.exitCode;
    const ended = new Promise<number | null>((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGINT");
    const timer = setTimeout(() => this.child.kill("SIGKILL"), END_MS);
    const code = await ended;
    clearTimeout(timer);
    return code;
  }
}

function readyOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    const timer = setTimeout(() => reject(new Error(`the console is not ready:\n${output}`)), READY_MS);
    const read = (chunk: Buffer) => {
      output += String(chunk);
      const [, url] = /^ready: (\S+)/m.exec(output) ?? [];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("exit", () => reject(new Error(`the console ended:\n${output}`)));
  });
}
