import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { revertData } from "../../sdk/errors";

/** What a node answers, by method; a method without an answer is an error. */
export type Answers = Readonly<Record<string, (params: unknown[]) => unknown>>;

interface Question {
  id: number;
  method: string;
  params: unknown[];
}

/** A server that answers as a node would, or hangs. */
export class NodeStub {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(answers: Answers | "hangs"): Promise<NodeStub> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        if (answers === "hangs") return;
        const asked = JSON.parse(Buffer.concat(chunks).toString("utf8")) as Question | Question[];
        const answer = Array.isArray(asked)
          ? Promise.all(asked.map((question) => answerOf(answers, question)))
          : answerOf(answers, asked);
        void answer.then((body) => response.end(JSON.stringify(body)));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new NodeStub(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => void this.server.close(() => resolve()));
  }
}

async function answerOf(answers: Answers, { id, method, params }: Question): Promise<object> {
  const head = { jsonrpc: "2.0", id };
  if (!(method in answers)) return { ...head, error: { message: `no ${method}` } };
  try {
    return { ...head, result: await answers[method](params) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ...head, error: { code: 3, message, data: revertData(error) } };
  }
}
