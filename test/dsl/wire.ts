import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";

/** A text frame of a WebSocket's server has a payload of at most so many bytes where its length is one byte. */
const SHORT_FRAME = 125;

/** A wire between a client and a server: it can be cut, refuse, fall silent, and say something of its own. */
export class Wire {
  /** Takes no connection. */
  isRefusing = false;
  /** Passes nothing on to the client. */
  isSilent = false;
  /** Connections that were made over it. */
  connections = 0;
  private readonly ends = new Set<Socket>();
  private readonly server: Server;

  constructor(port: number) {
    this.server = createServer((client) => {
      if (this.isRefusing) return void client.destroy();
      this.connections += 1;
      const target = connect(port, "127.0.0.1");
      client.on("data", (chunk) => target.write(chunk));
      target.on("data", (chunk) => this.isSilent || client.write(chunk));
      for (const [end, other] of [
        [client, target],
        [target, client],
      ]) {
        end.on("error", () => end.destroy());
        end.on("close", () => {
          this.ends.delete(client);
          other.destroy();
        });
      }
      this.ends.add(client);
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  cut(): void {
    for (const end of this.ends) end.destroy();
  }

  /** Sends the clients a message as if it were the server's. */
  say(text: string): void {
    const payload = Buffer.from(text);
    if (payload.length > SHORT_FRAME) throw new Error("too long for one short frame");
    for (const end of this.ends) end.write(Buffer.concat([Buffer.from([0x81, payload.length]), payload]));
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
