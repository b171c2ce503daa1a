import { expect } from "chai";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { IncomingHttpHeaders, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PageServer } from "../../../scripts/console/server";

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe("console: the server of the page", () => {
  let folder: string;
  let node: Server;
  let server: PageServer;
  const seen: string[] = [];
  const commands: unknown[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "asterism-page-"));
    mkdirSync(join(folder, "assets"));
    writeFileSync(join(folder, "index.html"), "<!doctype html>");
    writeFileSync(join(folder, "assets", "page-1.js"), "1");
    writeFileSync(join(folder, "secret"), "no");
    node = createServer((asked, response) => {
      const chunks: Buffer[] = [];
      asked.on("data", (chunk: Buffer) => chunks.push(chunk));
      asked.on("end", () => {
        seen.push(`${asked.url} ${Buffer.concat(chunks).toString()}`);
        response.writeHead(200, { "content-type": "application/json" }).end('{"result":"0x1"}');
      });
    });
    await new Promise<void>((resolve) => node.listen(0, "127.0.0.1", resolve));
    const rpc = `http://127.0.0.1:${(node.address() as AddressInfo).port}`;
    const practice = {
      state: () => ({ speed: 1 }),
      command: (body: unknown) => {
        if (body === null) throw new Error("nothing is asked");
        commands.push(body);
        return Promise.resolve();
      },
    };
    const history = (of: string, after: number, generation: number) => Promise.resolve({ of, after, generation });
    server = new PageServer({ folder, config: { chain: "bnb" }, rpc, hermes: rpc, practice, history });
    await server.listen(0);
  });

  after(async () => {
    await server.close();
    node.closeAllConnections();
    await new Promise((resolve) => node.close(resolve));
    rmSync(folder, { recursive: true });
  });

  function ask(
    path: string,
    options: { body?: string; headers?: Record<string, string>; method?: string } = {},
  ): Promise<Answer> {
    const { body, headers = {}, method = body === undefined ? "GET" : "POST" } = options;
    const { port } = new URL(server.url);
    const type: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
    return new Promise((resolve, reject) => {
      const asked = request(
        { host: "127.0.0.1", port, path, method, headers: { host: `localhost:${port}`, ...type, ...headers } },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.on("end", () =>
            resolve({
              status: answer.statusCode ?? 0,
              headers: answer.headers,
              body: Buffer.concat(chunks).toString(),
            }),
          );
        },
      );
      asked.on("error", reject);
      asked.end(body);
    });
  }

  const call = (method: string) => JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: [] });

  it("serves the page under a policy that lets nothing in from elsewhere", async () => {
    const { status, headers, body } = await ask("/");
    expect([status, body]).to.deep.equal([200, "<!doctype html>"]);
    const policy = String(headers["content-security-policy"]);
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "frame-ancestors 'none'",
    ]) {
      expect(policy).to.contain(rule);
    }
    expect(policy).to.not.contain("unsafe");
    expect((await ask("/assets/page-1.js")).headers["content-type"]).to.equal("text/javascript; charset=utf-8");
  });

  it("serves no file but the page's", async () => {
    for (const path of ["/secret", "/assets/../secret", "/..%2fsecret", "/assets/", "/package.json"]) {
      expect((await ask(path)).status, path).to.equal(404);
    }
  });

  it("answers neither another name nor another page", async () => {
    expect((await ask("/config.json", { headers: { host: "evil.example" } })).status).to.equal(403);
    const origin = { origin: "http://evil.example" };
    expect((await ask("/rpc", { body: call("eth_chainId"), headers: origin })).status).to.equal(403);
    expect((await ask("/practice", { body: "{}", headers: { "content-type": "text/plain" } })).status).to.equal(415);
    expect((await ask("/config.json", { method: "DELETE" })).status).to.equal(405);
  });

  it("passes on what a page asks of a node, and nothing that rules one", async () => {
    seen.length = 0;
    expect((await ask("/rpc", { body: call("eth_blockNumber") })).body).to.equal('{"result":"0x1"}');
    expect(seen).to.deep.equal([`/ ${call("eth_blockNumber")}`]);
    for (const method of [
      "hardhat_setBalance",
      "evm_increaseTime",
      "debug_traceCall",
      "eth_sendTransaction",
      "eth_sign",
      "eth_accounts",
    ]) {
      expect((await ask("/rpc", { body: call(method) })).status, method).to.equal(403);
      expect((await ask("/rpc", { body: `[${call("eth_chainId")},${call(method)}]` })).status, method).to.equal(403);
    }
    expect((await ask("/rpc", { body: "{" })).status).to.equal(400);
    expect(seen).to.have.length(1);
  });

  it("passes on questions for prices, and no other path of the service", async () => {
    seen.length = 0;
    await ask("/hermes/v2/updates/price/latest?ids[]=0x1");
    expect(seen).to.deep.equal(["/v2/updates/price/latest?ids[]=0x1 "]);
    expect((await ask("/hermes/prices", { body: "{}" })).status).to.equal(404);
    expect((await ask("/hermes/v2/updates/price/latest", { body: "{}" })).status).to.equal(405);
  });

  it("takes commands to the price, and says what is wrong with one", async () => {
    expect((await ask("/practice", { body: '{"pause":true}' })).body).to.equal('{"speed":1}');
    expect(commands).to.deep.equal([{ pause: true }]);
    expect(await ask("/practice", { body: "null" })).to.include({ status: 400, body: '{"error":"nothing is asked"}' });
  });

  it("tells the history of an account or a list, and of nothing else", async () => {
    const anna = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
    const told = await ask(`/history?of=${anna}&after=7&generation=2`);
    expect(JSON.parse(told.body)).to.deep.equal({ of: anna, after: 7, generation: 2 });
    expect(JSON.parse((await ask("/history?of=liquidations")).body)).to.include({ of: "liquidations", after: 0 });
    for (const wrong of [
      "of=",
      "of=../etc",
      `of=${anna}&after=-1`,
      `of=${anna}&after=1.5`,
      `of=${anna}&generation=x`,
    ]) {
      const { status, body } = await ask(`/history?${wrong}`);
      expect([status, JSON.parse(body)]).to.deep.equal([
        400,
        { error: "a history is of an account or a list, after a place" },
      ]);
    }
  });
});
