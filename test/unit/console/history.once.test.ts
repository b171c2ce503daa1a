import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { EmbeddedStore } from "../../../scripts/console/history/EmbeddedStore";
import { HistoryIndex } from "../../../scripts/console/history/HistoryIndex";
import { placeOf } from "../../../scripts/console/history/store";
import type { HistoryStore } from "../../../scripts/console/history/store";
import { readOptions } from "../../../scripts/console/options";
import { ExplainedError } from "../../../scripts/lib/main";
import { ANNA, CANCELLED, Chain, begun, behavesAsHistory, blocksOf, deployment, hasRead } from "./histories";

describe("console: history", () => {
  let folder: string;
  const file = () => join(folder, "history.jsonl");
  const open = () => new EmbeddedStore(deployment, file());
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "asterism-history-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  behavesAsHistory(open);

  it("keeps nothing where no file is named", async () => {
    const chain = new Chain();
    chain.add(11, CANCELLED, ANNA);
    await (await begun(chain, new EmbeddedStore(deployment))).stop();
    chain.asked.length = 0;
    await (await begun(chain, new EmbeddedStore(deployment))).stop();
    expect(chain.asked).to.deep.equal([10]);
  });

  it("reads on from where its file ends, without what was cut off or came after its note", async () => {
    const chain = new Chain();
    chain.add(11, CANCELLED, ANNA);
    await (await begun(chain, open())).stop();
    const whole = readFileSync(file(), "utf8");
    const first = whole.split("\n")[1];
    const later = JSON.stringify({ ...chain.logs[0], blockNumber: 12, data: "0x" });
    writeFileSync(file(), `${whole}${first}\n${later}\n{"addre`);
    chain.add(12, CANCELLED, ANNA);
    chain.asked.length = 0;
    const index = await begun(chain, open());
    await index.stop();
    expect(chain.asked).to.deep.equal([12]);
    expect(await blocksOf(index, ANNA)).to.deep.equal([11, 12]);
    expect(readFileSync(file(), "utf8").trim().split("\n")).to.have.lengthOf(3);
  });

  it("takes no file of another system", async () => {
    writeFileSync(file(), "{}\n");
    const index = new HistoryIndex({ provider: new Chain().provider, deployment, store: open(), pollMs: 1 });
    const begin = index.begin().then(
      () => "begun",
      (error: unknown) => error,
    );
    const thrown = (await begin) as Error;
    expect(thrown).to.be.instanceOf(ExplainedError);
    expect(thrown.message).to.equal(`${file()} is the history of another system, or none: name another file`);
  });

  it("reads on from where another process has written meanwhile", async () => {
    const chain = new Chain();
    chain.add(11, CANCELLED, ANNA);
    const kept = new EmbeddedStore(deployment);
    const ahead = { recent: [{ number: 12, hash: (await chain.provider.getBlock(12))?.hash ?? "" }] };
    let isFirst = true;
    const store: HistoryStore = {
      ...storeOf(kept),
      append: async (logs, cursor) => {
        if (!isFirst) return kept.append(logs, cursor);
        isFirst = false;
        const log = { ...chain.logs[0], data: "0x" };
        await kept.append([{ log, lists: [ANNA] }], ahead);
        chain.add(13, CANCELLED, ANNA);
        return ahead;
      },
    };
    const index = new HistoryIndex({ provider: chain.provider, deployment, store, pollMs: 1 });
    await index.begin();
    await hasRead(index, 13);
    expect(chain.asked).to.deep.equal([10, 13]);
    expect(await blocksOf(index, ANNA)).to.deep.equal([11, 13]);
    await index.stop();
  });

  it("tries a store that fails again, and says why", async () => {
    const chain = new Chain();
    chain.add(11, CANCELLED, ANNA);
    const kept = new EmbeddedStore(deployment);
    let failures = 1;
    const store: HistoryStore = {
      ...storeOf(kept),
      append: (logs, cursor) =>
        failures-- > 0 ? Promise.reject(new Error("the disk is full")) : kept.append(logs, cursor),
    };
    const told: unknown[] = [];
    const onError = (error: unknown) => told.push(error);
    const index = new HistoryIndex({ provider: chain.provider, deployment, store, pollMs: 1, retryMs: 1, onError });
    await index.begin();
    await hasRead(index, 11);
    expect(told.map(String)).to.deep.equal(["Error: the disk is full"]);
    expect((await index.answer(ANNA, 0, 0)).place).to.equal(placeOf(chain.logs[0]));
    await index.stop();
  });

  it("keeps by another engine only what outlives the process, and not in a file as well", () => {
    const refusalOf = (...args: string[]) => {
      try {
        readOptions(["--history-engine", "postgres", ...args]);
      } catch (error) {
        return error instanceof ExplainedError ? error.message : String(error);
      }
      return undefined;
    };
    expect(refusalOf()).to.equal("--history-engine keeps the history of a running system: a replica's ends with it");
    expect(refusalOf("--rpc", "http://127.0.0.1", "--history", "file")).to.equal(
      "--history is the file of the embedded engine: another one keeps its own",
    );
    expect(refusalOf("--rpc", "http://127.0.0.1")).to.equal(undefined);
    expect(readOptions([]).historyEngine).to.equal("embedded");
  });
});

/** What a store does, to be done otherwise in part. */
function storeOf(store: HistoryStore): HistoryStore {
  return {
    begin: () => store.begin(),
    append: (logs, cursor) => store.append(logs, cursor),
    undo: (above, cursor) => store.undo(above, cursor),
    page: (list, after, generation, most) => store.page(list, after, generation, most),
    close: () => store.close(),
  };
}
