/** A Postgres for a test: the server that `ASTERISM_HISTORY_URL` names, or Postgres itself in this process, at a port of its own. */
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { PGlite } from "@electric-sql/pglite";

const NAMED = process.env.ASTERISM_HISTORY_URL;
/** Of a message: a byte for its kind, which the first one lacks, and four for the length of all that follows the kind. */
const LENGTH_BYTES = 4;
/** Of the message that says whether a transaction is open. */
const READY_BYTES = 6;

export interface PostgresServer {
  readonly url: string;
  close(): Promise<void>;
}

export async function startPostgres(): Promise<PostgresServer> {
  if (NAMED !== undefined) return { url: NAMED, close: () => Promise.resolve() };
  const engine = await PGlite.create();
  const turns = new Turns();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.setNoDelay());
    socket.once("close", () => sockets.delete(socket)).on("error", () => socket.destroy());
    serve(engine, turns, socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await engine.close();
    },
  };
}

/** The engine has one session for all who are connected: whoever began something has it until he is done. */
class Turns {
  private last: Promise<void> = Promise.resolve();

  /** Resolves once it is one's turn, with what ends it. */
  async take(): Promise<() => void> {
    const before = this.last;
    let end: () => void = () => undefined;
    this.last = new Promise((resolve) => (end = resolve));
    await before;
    return end;
  }
}

/** Passes whole messages to the engine, one after another, and its answers back. */
function serve(engine: PGlite, turns: Turns, socket: Socket): void {
  let rest = Buffer.alloc(0);
  let isFirst = true;
  let working = Promise.resolve();
  let end: (() => void) | undefined;
  const pass = async (message: Uint8Array) => {
    end ??= await turns.take();
    const answer = await engine.execProtocolRaw(message);
    if (socket.writable) socket.write(answer);
    if (isIdle(answer)) end = void end();
  };
  socket.once("close", () => void working.then(() => end?.()));
  socket.on("data", (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const kind = isFirst ? 0 : 1;
      if (rest.length < kind + LENGTH_BYTES) return;
      const whole = kind + rest.readUInt32BE(kind);
      if (rest.length < whole) return;
      const message = new Uint8Array(rest.subarray(0, whole));
      rest = rest.subarray(whole);
      isFirst = false;
      working = working.then(() => pass(message)).catch(() => void socket.destroy());
    }
  });
}

/** An answer that ends with "ready", outside of a transaction. */
function isIdle(answer: Uint8Array): boolean {
  const [kind, , , , , status] = answer.slice(-READY_BYTES);
  return kind === "Z".charCodeAt(0) && status === "I".charCodeAt(0);
}
