import { expect } from "chai";
import postgres from "postgres";
import { PostgresStore } from "../../../scripts/console/history/PostgresStore";
import { ExplainedError } from "../../../scripts/lib/main";
import { ANNA, BERT, CANCELLED, Chain, begun, behavesAsHistory, blocksOf, deployment, hasRead } from "./histories";
import { startPostgres } from "./postgresServer";
import type { PostgresServer } from "./postgresServer";

/** The engine in this process has one connection for all. */
const ONE = { max: 1, onnotice: () => undefined };

describe("console: history in Postgres", () => {
  let server: PostgresServer;
  let admin: postgres.Sql;
  const stores: postgres.Sql[] = [];
  const sqlOf = () => {
    const sql = postgres(server.url, ONE);
    stores.push(sql);
    return sql;
  };
  const open = (of = deployment) => new PostgresStore(of, sqlOf());

  before(async function () {
    this.timeout(60_000);
    server = await startPostgres();
    admin = postgres(server.url, ONE);
  });
  beforeEach(() => admin`drop schema if exists asterism_history cascade`);
  afterEach(async () => {
    for (const sql of stores.splice(0)) await sql.end();
  });
  after(async () => {
    await admin.end();
    await server.close();
  });

  behavesAsHistory(open);

  it("keeps systems apart, and each list of many logs in its order", async () => {
    const other = { ...deployment, startBlock: 11 };
    const [mine, others] = [new Chain(), new Chain()];
    for (let count = 0; count < 2_500; count++) mine.add(11 + Math.floor(count / 10), CANCELLED, ANNA);
    others.add(12, CANCELLED, BERT);
    const first = await begun(mine, open());
    const second = await begun(others, open(other));
    expect(await blocksOf(second, ANNA)).to.deep.equal([]);
    expect(await blocksOf(second, BERT)).to.deep.equal([12]);
    expect(await blocksOf(first, BERT)).to.deep.equal([]);
    const places = await admin<{ count: string }[]>`select count(*) from asterism_history.logs where system = 1`;
    expect(places[0].count).to.equal("2500");
    await first.stop();
    await second.stop();
  });

  it("is written by one of two consoles at a time: the other reads on from there", async () => {
    const chain = new Chain();
    chain.add(11, CANCELLED, ANNA);
    const [one, two] = [open(), open()];
    const cursor = { recent: [{ number: 11, hash: "0x11" }] };
    const log = { ...chain.logs[0], data: "0x" };
    expect(await one.begin()).to.deep.equal({ recent: [] });
    expect(await two.begin()).to.deep.equal({ recent: [] });
    expect(await one.append([{ log, lists: [ANNA] }], cursor)).to.equal(cursor);
    const stands = await two.append([{ log, lists: [ANNA] }], { recent: [{ number: 12, hash: "0x" }] });
    expect(stands).to.deep.equal(cursor);
    expect(stands).to.not.equal(cursor);
    const undone = { recent: [] };
    expect(await two.undo(10, undone)).to.equal(undone);
    expect(await one.append([{ log, lists: [ANNA] }], cursor)).to.deep.equal(undone);
    expect(await one.page(ANNA, 0, 1, 10)).to.deep.equal({ logs: [], generation: 1, place: 0, hasMore: false });
    expect(await one.append([{ log, lists: [ANNA] }], cursor)).to.equal(cursor);
    expect(await two.page(ANNA, 0, 1, 10)).to.deep.include({ logs: [log], generation: 1, hasMore: false });
  });

  it("changes nothing where a part of a write fails", async () => {
    const chain = new Chain();
    chain.add(11, CANCELLED, ANNA);
    const store = open();
    await store.begin();
    const log = { ...chain.logs[0], data: "0x" };
    const cursor = { recent: [{ number: 11, hash: "0x11" }] };
    // A log twice breaks the key of its place.
    const twice = [log, log].map((each) => ({ log: each, lists: [ANNA] }));
    const failed = await store.append(twice, cursor).then(
      () => undefined,
      (error: unknown) => error as { constraint_name?: string },
    );
    expect(failed?.constraint_name).to.equal("logs_pkey");
    expect(await store.begin()).to.deep.equal({ recent: [] });
    expect((await store.page(ANNA, 0, 0, 10)).logs).to.deep.equal([]);
    await store.append([{ log, lists: [ANNA] }], cursor);
    expect(await store.begin()).to.deep.equal(cursor);
  });

  it("goes on where its server refused for a while", async () => {
    const chain = new Chain();
    chain.add(11, CANCELLED, ANNA);
    const store = open();
    const index = await begun(chain, store);
    // Whatever a server refuses for a while.
    await admin`alter table asterism_history.logs rename to away`;
    chain.add(12, CANCELLED, ANNA);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await admin`alter table asterism_history.away rename to logs`;
    await hasRead(index, 12);
    expect(await blocksOf(index, ANNA)).to.deep.equal([11, 12]);
    await index.stop();
  });

  it("says what is missing where no server is named", () => {
    expect(() => PostgresStore.of(deployment, {})).to.throw(
      ExplainedError,
      "no Postgres is named: set ASTERISM_HISTORY_URL, or PGHOST and PGDATABASE with what else it needs",
    );
  });
});
