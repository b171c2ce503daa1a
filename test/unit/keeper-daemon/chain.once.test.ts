import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { NodeComparison, WrongChainError, checkChain } from "../../../keeper/chain/compare";
import { NodeError, Rpc } from "../../../keeper/chain/Rpc";
import { thrownBy } from "../../dsl/thrown";

const CHAIN_ID = 56;

/** A node of a few answers. */
class FakeNode {
  head = 100;
  chainId = CHAIN_ID;
  /** Of blocks' hashes. */
  salt = "00";
  fault: number | "silence" | undefined;
  asked = 0;
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      let text = "";
      request.on("data", (chunk: Buffer) => (text += String(chunk)));
      request.on("end", () => {
        this.asked += 1;
        if (this.fault === "silence") return;
        if (this.fault !== undefined) {
          response.writeHead(this.fault).end("out of order");
          return;
        }
        const body = JSON.parse(text) as Call | Call[];
        const answers = [body]
          .flat()
          .map(({ id, method, params }) => ({ jsonrpc: "2.0", id, result: this.answer(method, params) }));
        response.end(JSON.stringify(Array.isArray(body) ? answers : answers[0]));
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(method: string, params: unknown[]): unknown {
    if (method === "eth_chainId") return `0x${this.chainId.toString(16)}`;
    if (method === "eth_blockNumber") return `0x${this.head.toString(16)}`;
    if (method !== "eth_getBlockByNumber") return null;
    return Number(params[0]) > this.head ? null : { hash: `0x${this.salt}${String(params[0]).slice(2)}` };
  }
}

interface Call {
  id: number;
  method: string;
  params: unknown[];
}

describe("nodes", () => {
  let nodes: FakeNode[];
  let rpc: Rpc;
  let faults: NodeError[];

  beforeEach(async () => {
    nodes = [new FakeNode(), new FakeNode()];
    faults = [];
    const urls = await Promise.all(nodes.map((node) => node.listen()));
    rpc = new Rpc(urls, CHAIN_ID, { timeoutMs: 200, onFault: (error) => void faults.push(error) });
  });

  afterEach(async () => {
    rpc.destroy();
    for (const node of nodes) await node.close();
  });

  for (const fault of [500, 429, "silence"] as const) {
    it(`asks the next where one answers ${fault}`, async () => {
      nodes[0].fault = fault;
      nodes[1].head = 123;
      expect(await rpc.getBlockNumber()).to.equal(123);
      expect(faults.length).to.equal(1);
      nodes[1].fault = fault;
      expect(await thrownBy(rpc.send("eth_blockNumber", []))).to.be.instanceOf(NodeError);
    });
  }

  it("asks the preferred one first", async () => {
    rpc.prefer(1);
    nodes[1].head = 7;
    expect(await rpc.getBlockNumber()).to.equal(7);
    expect(nodes[0].asked).to.equal(0);
  });

  it("finds them of the same chain, or says which is of another", async () => {
    await checkChain(rpc);
    nodes[1].chainId = 1;
    const error = await thrownBy(checkChain(rpc));
    expect(error).to.be.instanceOf(WrongChainError);
    expect(error.message).to.match(/is a node of chain 1, not 56/);
    nodes[1].chainId = CHAIN_ID;
    nodes[0].fault = 500;
    await checkChain(rpc);
    nodes[1].fault = 500;
    expect(await thrownBy(checkChain(rpc))).to.be.instanceOf(NodeError);
  });

  it("prefers one that is up to date to one that lags", async () => {
    nodes[0].head = 80;
    const comparison = new NodeComparison(rpc, 10);
    expect(await comparison.look()).to.deep.include({ best: 1, head: 100, lagging: [0], disputedBlock: undefined });
    nodes[0].head = 95;
    expect(await comparison.look()).to.deep.include({ best: 0, head: 100, lagging: [] });
  });

  it("finds two that tell different blocks, unless it was for a moment", async () => {
    const comparison = new NodeComparison(rpc, 10);
    nodes[1].salt = "ff";
    expect((await comparison.look()).disputedBlock).to.equal(undefined);
    expect((await comparison.look()).disputedBlock).to.equal(97);
    nodes[1].salt = "00";
    expect((await comparison.look()).disputedBlock).to.equal(undefined);
    nodes[1].salt = "ff";
    expect((await comparison.look()).disputedBlock).to.equal(undefined);
  });

  it("has nobody to ask where none answers", async () => {
    for (const node of nodes) node.fault = 500;
    expect(await new NodeComparison(rpc, 10).look()).to.deep.include({ best: undefined, failing: [0, 1] });
  });
});
