import { createReadStream, existsSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { LIST_NAME } from "./history/lists";

const HOST = "127.0.0.1";
const MAX_BODY_BYTES = 1_000_000;
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};
/** Everything comes from here, nothing from anywhere else; the page can't be framed, and its text is never run as script. */
const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};
/** What a page needs of a node; not what a development node can do beyond that. */
const METHODS = /^(eth_(?!sign|sendTransaction$|accounts$)[A-Za-z]+|net_version|web3_clientVersion)$/;

/** Something is wrong with a request; the message is its answer. */
class RequestError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export interface PageParts {
  /** Folder of the built page. */
  readonly folder: string;
  /** What the page is told: it is public. */
  readonly config: unknown;
  readonly rpc: string;
  readonly hermes: string;
  /** Of a replica: the price's state, and commands to it. */
  readonly practice?: { state(): unknown; command(body: unknown): Promise<void> };
  /** What has happened, of an account or of a list by its name, after a place of it. */
  readonly history: (of: string, after: number, generation: number) => Promise<unknown>;
}

/** Serves the page on this machine alone, and passes its questions on to the node and the price service. */
export class PageServer {
  private readonly server: Server;

  constructor(private readonly parts: PageParts) {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  get url(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(port, HOST, resolve);
    });
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    try {
      this.checkOrigin(request);
      await this.route(request, response);
    } catch (error) {
      const [status, message] = error instanceof RequestError ? [error.status, error.message] : [502, "no answer"];
      if (!response.headersSent) json(response, status, { error: message });
      else response.destroy();
    }
  }

  private async route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search } = new URL(request.url ?? "/", "http://localhost");
    const { practice, config, rpc, hermes, folder } = this.parts;
    if (pathname === "/config.json") return json(response, 200, config);
    if (pathname === "/rpc") return pass(response, rpc, checkedCalls(await bodyOf(request)));
    if (pathname.startsWith("/hermes/v2/updates/price/")) {
      if (request.method !== "GET") throw new RequestError(405, "prices are only read here");
      return pass(response, new URL(pathname.slice("/hermes".length) + search, hermes).href);
    }
    if (pathname === "/practice" && practice !== undefined) {
      if (request.method === "POST") await commanded(practice, await bodyOf(request));
      return json(response, 200, practice.state());
    }
    if (pathname === "/history") return json(response, 200, await this.historyOf(search));
    const name = pathname === "/" ? "index.html" : pathname.slice(1);
    const isFile = /^(index\.html|icon\.svg|assets\/[\w.-]+)$/.test(name) && existsSync(join(folder, name));
    if (!isFile) throw new RequestError(404, "no such page");
    const cache = name.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache";
    response.writeHead(200, { "content-type": TYPES[extname(name)] ?? "text/plain", "cache-control": cache });
    createReadStream(join(folder, name)).pipe(response);
  }

  private historyOf(search: string): Promise<unknown> {
    const asked = new URLSearchParams(search);
    const of = asked.get("of") ?? "";
    const [after, generation] = ["after", "generation"].map((name) => Number(asked.get(name) ?? "0"));
    if (!LIST_NAME.test(of) || ![after, generation].every((number) => Number.isSafeInteger(number) && number >= 0)) {
      throw new RequestError(400, "a history is of an account or a list, after a place");
    }
    return this.parts.history(of, after, generation);
  }

  /** Only this page may ask: not another one that a name was pointed here for, nor a form of another one's. */
  private checkOrigin({ headers, method }: IncomingMessage): void {
    const { port } = this.server.address() as AddressInfo;
    const hosts = ["localhost", HOST].map((name) => `${name}:${port}`);
    if (!hosts.includes(headers.host ?? "")) throw new RequestError(403, "asked for by another name");
    const { origin } = headers;
    if (origin !== undefined && !hosts.some((host) => origin === `http://${host}`)) {
      throw new RequestError(403, "asked for by another page");
    }
    const isJson = /^application\/json\b/.test(headers["content-type"] ?? "");
    if (method === "POST" && !isJson) throw new RequestError(415, "JSON is expected");
    if (method !== "GET" && method !== "HEAD" && method !== "POST") throw new RequestError(405, "not taken here");
  }
}

async function commanded(practice: NonNullable<PageParts["practice"]>, body: string): Promise<void> {
  try {
    await practice.command(JSON.parse(body));
  } catch (error) {
    throw new RequestError(400, (error as Error).message);
  }
}

function checkedCalls(body: string): string {
  let calls: unknown;
  try {
    calls = JSON.parse(body);
  } catch {
    throw new RequestError(400, "JSON is expected");
  }
  for (const call of Array.isArray(calls) ? (calls as unknown[]) : [calls]) {
    const { method } = (call ?? {}) as { method?: unknown };
    if (typeof method !== "string" || !METHODS.test(method)) throw new RequestError(403, "no method for a page");
  }
  return body;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    chunks.push(Buffer.from(chunk as Uint8Array));
    length += (chunk as Uint8Array).length;
    if (length > MAX_BODY_BYTES) throw new RequestError(413, "too much at once");
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function pass(response: ServerResponse, url: string, body?: string): Promise<void> {
  const asked = body === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body };
  const answer = await fetch(url, asked);
  const type = answer.headers.get("content-type") ?? "application/json";
  response.writeHead(answer.status, { "content-type": type, "cache-control": "no-store" });
  response.end(Buffer.from(await answer.arrayBuffer()));
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}
