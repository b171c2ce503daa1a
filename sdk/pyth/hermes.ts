/** Signed prices from Pyth's price service, by its official client. */
import { HermesClient } from "@pythnetwork/hermes-client";
import { PriceMissingError, readUpdate } from "./source";
import type { PriceSource, PriceUpdate } from "./source";

/** Pyth's public service. */
export const PUBLIC_HERMES = "https://hermes.pyth.network";

export interface HermesEndpoint {
  readonly url: string;
  /** Sent as a bearer token. */
  readonly key?: string | undefined;
}

export interface HermesOptions {
  /** Asked in their order: the next where one refuses (401, 403, 429), fails, or takes too long. */
  readonly endpoints?: readonly (HermesEndpoint | string)[];
  /** Of one request; 5 s by default. */
  readonly timeoutMs?: number;
  /** How long a price that is not there yet is waited for; 15 s by default. */
  readonly patienceMs?: number;
}

const POLL_MS = 250;
/** Asking again does not help, nor does another endpoint: the question itself is wrong. */
const BAD_QUESTION = new Set([400, 422]);
const NOT_YET = 404;

/** All endpoints failed; what each said is in the message. */
export class HermesError extends Error {
  constructor(
    readonly failures: readonly { url: string; error: unknown }[],
    /** Whether every endpoint said that it has no such price. */
    readonly isMissing: boolean,
  ) {
    super(`no endpoint answered: ${failures.map(({ url, error }) => `${hostOf(url)}: ${textOf(error)}`).join("; ")}`);
    this.name = "HermesError";
  }
}

/** Prices of one or more endpoints of the price service. */
export class Hermes implements PriceSource {
  private readonly clients: readonly { url: string; client: HermesClient }[];
  private readonly patienceMs: number;

  constructor({ endpoints = [PUBLIC_HERMES], timeoutMs = 5_000, patienceMs = 15_000 }: HermesOptions = {}) {
    if (endpoints.length === 0) throw new Error("no endpoint: name one, or leave the list out for the public one");
    this.clients = endpoints.map((endpoint) => {
      const { url, key } = typeof endpoint === "string" ? { url: endpoint, key: undefined } : endpoint;
      const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
      // Another endpoint is tried rather than the same one again.
      return { url, client: new HermesClient(url, { timeout: timeoutMs, httpRetries: 0, headers }) };
    });
    this.patienceMs = patienceMs;
  }

  async latest(feedIds: readonly string[]): Promise<PriceUpdate> {
    const { binary } = await this.ask((client) => client.getLatestPriceUpdates([...feedIds], { parsed: false }));
    return readUpdate(binary.data.map(prefixed), feedIds);
  }

  /** Waits for a price that is not published yet. */
  async at(time: number, feedIds: readonly string[]): Promise<PriceUpdate> {
    const end = Date.now() + this.patienceMs;
    for (;;) {
      try {
        const { binary } = await this.ask((client) =>
          client.getPriceUpdatesAtTimestamp(time, [...feedIds], { parsed: false }),
        );
        return readUpdate(binary.data.map(prefixed), feedIds);
      } catch (error) {
        if (!(error instanceof HermesError && error.isMissing)) throw error;
        if (Date.now() >= end) throw new PriceMissingError(`no price was published at or after ${time}`, error);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    }
  }

  /** From the first endpoint that lets it; its own reconnections included. */
  async *stream(feedIds: readonly string[], signal: AbortSignal): AsyncIterable<PriceUpdate> {
    const failures: { url: string; error: unknown }[] = [];
    for (const { url, client } of this.clients) {
      if (signal.aborted) return;
      try {
        yield* streamOf(client, feedIds, signal);
        return;
      } catch (error) {
        failures.push({ url, error });
      }
    }
    throw new HermesError(failures, false);
  }

  private async ask<T>(question: (client: HermesClient) => Promise<T>): Promise<T> {
    const failures: { url: string; error: unknown }[] = [];
    for (const { url, client } of this.clients) {
      try {
        return await question(client);
      } catch (error) {
        failures.push({ url, error });
        if (BAD_QUESTION.has(statusOf(error) ?? 0)) break;
      }
    }
    throw new HermesError(
      failures,
      failures.every(({ error }) => statusOf(error) === NOT_YET),
    );
  }
}

/** Throws where the endpoint ends the stream or refuses it. */
async function* streamOf(
  client: HermesClient,
  feedIds: readonly string[],
  signal: AbortSignal,
): AsyncIterable<PriceUpdate> {
  const events = await client.getPriceUpdatesStream([...feedIds], { parsed: false });
  const waiting: PriceUpdate[] = [];
  let failure: Error | undefined;
  let wake: () => void = () => undefined;
  const end = () => {
    events.close();
    wake();
  };
  events.onmessage = ({ data }: { data: string }) => {
    try {
      const { binary } = JSON.parse(data) as { binary: { data: string[] } };
      waiting.push(readUpdate(binary.data.map(prefixed), feedIds));
    } catch (error) {
      failure = error as Error;
    }
    wake();
  };
  events.onerror = (error: { code?: number; message?: string }) => {
    // Without a status the connection broke, and is being made anew.
    if (error.code === undefined) return;
    failure = new Error(`HTTP error! status: ${error.code}`);
    wake();
  };
  signal.addEventListener("abort", end);
  try {
    while (!signal.aborted) {
      const next = waiting.shift();
      if (next !== undefined) yield next;
      else if (failure !== undefined) throw failure;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
}

/** The status in the message of the official client's error. */
function statusOf(error: unknown): number | undefined {
  const [, status] = /^HTTP error! status: (\d+)/.exec(textOf(error)) ?? [];
  return status === undefined ? undefined : Number(status);
}

function textOf(error: unknown): string {
  // The official client's schemas tell every field that is missing.
  if (error instanceof Error && error.name === "ZodError") return "answers, and not as a price service does";
  return error instanceof Error ? error.message : String(error);
}

/** Without a path: a key may be part of it. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "an endpoint that is no URL";
}

function prefixed(data: string): string {
  return data.startsWith("0x") ? data : `0x${data}`;
}
