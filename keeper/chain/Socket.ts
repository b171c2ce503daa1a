/** A node that is asked over one WebSocket: opened with the first question, and anew with the next one after it was lost. */
import { WebSocketProvider } from "ethers";
import type { JsonRpcError, JsonRpcPayload, JsonRpcResult, Network } from "ethers";

type Answer = JsonRpcResult | JsonRpcError;

/** What ethers says of a socket has no `onclose`; every socket has. */
interface Events {
  onclose: (() => void) | null;
  onmessage: ((event: { data: string }) => void) | null;
  onerror: ((event: { message?: string }) => void) | null;
}

/** A connection, from its opening until it is lost. */
interface Line {
  readonly provider: WebSocketProvider;
  /** Rejects when the connection is lost, and never resolves. */
  readonly lost: Promise<never>;
}

export class Socket {
  private line: Line | undefined;
  /** Of questions on their way: an answer is told from another by its number alone. */
  private lastId = 0;

  constructor(
    private readonly url: string,
    private readonly network: Network,
    private readonly timeoutMs: number,
  ) {}

  /** The answers in the order of the questions. Throws where the connection is lost or one answer takes too long. */
  async ask(payloads: readonly JsonRpcPayload[]): Promise<Answer[]> {
    const line = (this.line ??= this.open());
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer in ${this.timeoutMs} ms`)), this.timeoutMs);
    });
    try {
      return await Promise.race([Promise.all(payloads.map((payload) => this.one(line, payload))), line.lost, late]);
    } catch (error) {
      // Of a connection that is silent nothing says that it is lost: another takes its place.
      this.drop(line);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    if (this.line !== undefined) this.drop(this.line);
  }

  private async one({ provider }: Line, payload: JsonRpcPayload): Promise<Answer> {
    this.lastId += 1;
    const [answer] = await provider._send({ ...payload, id: this.lastId });
    if (!("result" in answer) && !("error" in answer)) throw new Error(`${payload.method}: no answer`);
    return { ...answer, id: payload.id };
  }

  private open(): Line {
    const provider = new WebSocketProvider(this.url, this.network, { staticNetwork: this.network });
    const socket = provider.websocket as unknown as Events;
    const lost = new Promise<never>((_, reject) => {
      socket.onerror = ({ message }) => reject(new Error(message ?? "the connection failed"));
      socket.onclose = () => reject(new Error("the connection was lost"));
      // What ethers can't read it would throw where nobody catches it.
      socket.onmessage = ({ data }) => void provider._processMessage(data).catch(reject);
    });
    const line = { provider, lost };
    // Lost while nobody asks: the next question opens another.
    lost.catch(() => this.drop(line));
    return line;
  }

  private drop(line: Line): void {
    if (this.line === line) this.line = undefined;
    // Its socket may be closed before it was open, which it tells as an error.
    void line.provider.destroy().catch(() => undefined);
  }
}
