/** The console in a process of its own, and a browser that looks at it. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import type { Browser, Page } from "playwright-core";

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

export class Stand {
  /** What the page's console said that it should not have. */
  readonly complaints: string[] = [];

  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
    readonly browser: Browser,
  ) {}

  static async start(args: readonly string[] = []): Promise<Stand> {
    const executablePath = chromiumPath();
    mkdirSync(REPORTS, { recursive: true });
    const program = join("node_modules", ".bin", "ts-node");
    const child = spawn(program, ["scripts/console.ts", "--port", "0", "--crowd", "0", ...args]);
    try {
      const url = await readyOf(child);
      const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
      return new Stand(url, child, browser);
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    }
  }

  /** A page of its own, in a browser that knows nothing of the others. */
  async page(
    options: { width?: number; height?: number; theme?: "dark" | "light"; script?: string } = {},
  ): Promise<Page> {
    const { width = 1440, height = 1000, theme = "dark", script } = options;
    const context = await this.browser.newContext({ viewport: { width, height }, colorScheme: theme });
    if (script !== undefined) await context.addInitScript(script);
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("console", (message) => {
      // A request that is cut off by a test is told there too.
      if (message.type() === "error" && !/Failed to load resource/.test(message.text()))
        this.complaints.push(message.text());
    });
    await page.goto(this.url);
    return page;
  }

  async price(command: Readonly<Record<string, unknown>>): Promise<void> {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${this.url}/practice`, { method: "POST", headers, body: JSON.stringify(command) });
    if (!answer.ok) throw new Error(`the price was not moved: ${await answer.text()}`);
  }

  /** Keeps what the open pages show, for whoever looks into a failure. */
  async show(name: string): Promise<void> {
    for (const [index, page] of this.browser
      .contexts()
      .flatMap((context) => context.pages())
      .entries()) {
      const file = `failed-${name.replace(/[^a-z0-9]+/gi, "-")}-${index}.png`;
      await page.screenshot({ path: join(REPORTS, file) }).catch(() => undefined);
    }
  }

  /** The code that the console ends with after an interrupt. */
  async stop(): Promise<number | null> {
    await this.browser.close();
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
