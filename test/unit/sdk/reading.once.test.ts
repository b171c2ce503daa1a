import { expect } from "chai";
import type { Provider } from "ethers";
import { Reader } from "../../../sdk/reading";
import { thrownBy } from "../../dsl/thrown";

/** Answers with what is set, and counts how often an answer is decoded. */
function asked(remembered: number) {
  const state = { answer: "0x01", decoded: 0 };
  const provider = { call: () => Promise.resolve(state.answer) } as unknown as Provider;
  const reader = new Reader(provider, remembered);
  const ask = (data: string) => reader.one({ to: "0x", data, decode: (text) => ({ text, count: ++state.decoded }) });
  return { state, ask };
}

describe("sdk: a reader that remembers", () => {
  it("gives the same value for an answer that has not changed, and another for one that has", async () => {
    const { state, ask } = asked(1);
    const first = await ask("0xaa");
    expect(await ask("0xaa")).to.equal(first);
    state.answer = "0x02";
    expect(await ask("0xaa")).to.deep.equal({ text: "0x02", count: 2 });
  });

  it("forgets the question that was asked longest ago", async () => {
    const { state, ask } = asked(2);
    for (const data of ["0xaa", "0xbb", "0xaa", "0xcc", "0xaa"]) await ask(data);
    expect(state.decoded).to.equal(3);
    await ask("0xbb");
    expect(state.decoded).to.equal(4);
  });

  it("decodes anew each time where it is to remember nothing", async () => {
    const { state, ask } = asked(0);
    await ask("0xaa");
    await ask("0xaa");
    expect(state.decoded).to.equal(2);
  });
});

describe("sdk: a reader of many answers", () => {
  it("asks again whether the chain has Multicall3 where a node did not say", async () => {
    let isDown = true;
    const provider = {
      call: () => Promise.resolve("0x07"),
      getCode: () => (isDown ? Promise.reject(new Error("timeout")) : Promise.resolve("0x")),
    } as unknown as Provider;
    const reader = new Reader(provider);
    const ask = () => reader.all([{ to: "0x", data: "0x", decode: BigInt }], "latest");
    expect((await thrownBy(ask())).message).to.equal("timeout");
    isDown = false;
    expect(await ask()).to.deep.equal([7n]);
  });

  it("takes the latest block from the node itself, not from what ethers still keeps", async () => {
    const tags: unknown[] = [];
    const provider = {
      getBlockNumber: () => Promise.resolve(15),
      send: (method: string) => Promise.resolve(method === "eth_blockNumber" ? "0x10" : undefined),
      getCode: () => Promise.resolve("0x"),
      call: ({ blockTag }: { blockTag: unknown }) => {
        tags.push(blockTag);
        return Promise.resolve("0x01");
      },
    } as unknown as Provider;
    const query = { to: "0x", data: "0xaa", decode: (text: string) => text };
    expect(await new Reader(provider).all([query, query])).to.deep.equal(["0x01", "0x01"]);
    expect(tags).to.deep.equal(["0x10", "0x10"]);
  });
});
