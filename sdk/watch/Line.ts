/** A provider that is asked over a connection of its own: ethers leaves a question on a lost one without an answer for ever. */
import type { Provider, WebSocketProvider } from "ethers";

/** The connection over which a node was asked is lost, or silent. */
export class ConnectionLostError extends Error {
  constructor(reason: string) {
    super(`the connection to the node ${reason}`);
    this.name = "ConnectionLostError";
  }
}

/** What sockets of browsers, of Node and of the package `ws` have in common, and ethers does not name. */
interface Socket {
  readonly readyState: number;
  close(): void;
  addEventListener?(type: "close" | "error", listener: () => void): void;
}

/** `readyState` of one that is open; those above it are closing or closed. */
const OPEN = 1;

export class Line {
  private readonly lost: Promise<never>;
  private lose: (reason: string) => void = () => undefined;

  /**
   * @param timeoutMs Of one question over a WebSocket; over HTTP ethers bounds it itself.
   * @param onLost Told of the loss while nobody asks.
   */
  constructor(
    readonly provider: Provider,
    private readonly timeoutMs: number,
    onLost: () => void,
  ) {
    this.lost = new Promise<never>((_, reject) => {
      this.lose = (reason) => reject(new ConnectionLostError(reason));
    });
    this.lost.catch(onLost);
    const socket = this.socket();
    for (const type of ["close", "error"] as const) socket?.addEventListener?.(type, () => this.lose("was lost"));
  }

  /** Whether new blocks are pushed. */
  get isPushed(): boolean {
    return "websocket" in this.provider;
  }

  /** The answer. Throws {@link ConnectionLostError} where the connection is lost before it comes, or it takes too long. */
  async ask<T>(question: (provider: Provider) => Promise<T>): Promise<T> {
    if (!this.isPushed) return question(this.provider);
    if ((this.socket()?.readyState ?? Infinity) > OPEN) this.lose("was lost");
    const timer = setTimeout(() => this.lose(`is silent: no answer in ${this.timeoutMs} ms`), this.timeoutMs);
    try {
      return await Promise.race([this.lost, question(this.provider)]);
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Ends the connection. A WebSocket's provider is left as it is: destroying it rejects a subscription that still waits for the
   * connection, where nobody can catch that.
   */
  close(): void {
    if (this.isPushed) this.socket()?.close();
    else this.provider.destroy();
  }

  /** Undefined over HTTP, and of a provider that was destroyed. */
  private socket(): Socket | undefined {
    if (!this.isPushed) return undefined;
    try {
      return (this.provider as WebSocketProvider).websocket;
    } catch {
      return undefined;
    }
  }
}
