/** A chain's nodes as one: the next is asked where one fails, takes too long, or has fallen behind. */
import { JsonRpcApiProvider, Network } from "ethers";
import type { JsonRpcError, JsonRpcPayload, JsonRpcResult } from "ethers";
import { Socket } from "./Socket";

/** A node could not be reached, or its answer could not be read. */
export class NodeError extends Error {
  constructor(
    readonly url: string,
    message: string,
    cause?: unknown,
  ) {
    super(`${hostOf(url)}: ${message}`, { cause });
    this.name = "NodeError";
  }
}

export interface RpcOptions {
  readonly timeoutMs: number;
  /** Told of each node that failed, before another is asked. */
  readonly onFault?: (error: NodeError) => void;
}

/** Of one batch over HTTP. */
const MAX_BATCH = 50;

export class Rpc extends JsonRpcApiProvider {
  /** The node that is asked first. */
  private preferred = 0;
  /** By the address of each node that is asked over a WebSocket. */
  private readonly sockets = new Map<string, Socket>();

  constructor(
    readonly urls: readonly string[],
    readonly chainId: number,
    private readonly rpcOptions: RpcOptions,
  ) {
    const network = Network.from(chainId);
    super(network, { staticNetwork: network, cacheTimeout: -1, batchMaxCount: MAX_BATCH, batchStallTime: 0 });
    for (const url of urls) if (isSocket(url)) this.sockets.set(url, new Socket(url, network, rpcOptions.timeoutMs));
    this._start();
  }

  /** Has another node asked first from now on. */
  prefer(index: number): void {
    this.preferred = index;
  }

  get preferredUrl(): string {
    return this.urls[this.preferred];
  }

  /** One request to one node, and to no other. */
  async ask(index: number, method: string, params: readonly unknown[]): Promise<unknown> {
    const [answer] = await this.passOn(this.urls[index], { jsonrpc: "2.0", id: 1, method, params: [...params] });
    if ("error" in answer)
      throw new NodeError(this.urls[index], `${method}: ${answer.error.message ?? "no reason given"}`);
    return answer.result as unknown;
  }

  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<(JsonRpcResult | JsonRpcError)[]> {
    const order = [this.preferred, ...this.urls.keys()].filter((value, at, all) => all.indexOf(value) === at);
    let failure: unknown;
    for (const index of order) {
      try {
        return await this.passOn(this.urls[index], payload);
      } catch (error) {
        failure = error;
        this.rpcOptions.onFault?.(error as NodeError);
      }
    }
    throw failure;
  }

  override destroy(): void {
    for (const socket of this.sockets.values()) socket.close();
    super.destroy();
  }

  private async passOn(
    url: string,
    payload: JsonRpcPayload | JsonRpcPayload[],
  ): Promise<(JsonRpcResult | JsonRpcError)[]> {
    const { timeoutMs } = this.rpcOptions;
    const socket = this.sockets.get(url);
    if (socket === undefined) return post(url, payload, timeoutMs);
    return socket.ask([payload].flat()).catch((error: unknown) => {
      throw new NodeError(url, textOf(error), error);
    });
  }
}

/** Asked over a WebSocket. */
function isSocket(url: string): boolean {
  return URL.canParse(url) && /^wss?:$/.test(new URL(url).protocol);
}

/** What ethers itself asks by `send`. */
export async function post(url: string, payload: object, timeoutMs: number): Promise<(JsonRpcResult | JsonRpcError)[]> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(payload),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const body: unknown = await response.json().catch(() => undefined);
    const answers = Array.isArray(body) ? body : [body];
    const isAnswer = (each: unknown) =>
      typeof each === "object" && each !== null && ("result" in each || "error" in each);
    // A node that refuses a batch as a whole answers with one error, or with a status alone.
    if (answers.length !== (Array.isArray(payload) ? payload.length : 1) || !answers.every(isAnswer)) {
      throw new Error(`HTTP ${response.status} and no answer`);
    }
    return answers as (JsonRpcResult | JsonRpcError)[];
  } catch (error) {
    throw new NodeError(url, error instanceof Error ? error.message : String(error), error);
  }
}

/** Without a path: a key may be part of it. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "a node whose address is no URL";
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
