/**
 * A history in Postgres, 12 or later: over restarts, for several consoles at once, as long as the disk bears it. Every write is one
 * transaction, of the logs with how far they have been read.
 */
import postgres from "postgres";
import type { Cursor } from "../../../sdk/watch/stream";
import { ExplainedError } from "../../lib/main";
import { cursorSchema, lastPlaceOf, logSchema, placeOf } from "./store";
import type { HistoryPage, HistoryStore, HistorySystem, ListedLog } from "./store";

/** Of one statement. */
const ROWS = 1_000;
const CONNECT_SECONDS = 10;
const IDLE_SECONDS = 60;
const MOST_CONNECTIONS = 4;
/** Whoever makes the tables does so alone. */
const LOCK = 4_158_823_917;

/** What names a server: a whole address, or what every client of Postgres reads. */
const URL_NAME = "ASTERISM_HISTORY_URL";
const LIBPQ = ["PGHOST", "PGDATABASE"] as const;

/**
 * `place` is `placeOf` a log: lists are read by ranges of it. `version` grows with each write: who knows an older one writes nothing.
 */
const TABLES = `
create schema if not exists asterism_history;
create table if not exists asterism_history.systems (
  id serial primary key,
  chain_id bigint not null,
  trading text not null,
  start_block bigint not null,
  generation integer not null default 0,
  version bigint not null default 0,
  cursor jsonb not null default '{"recent": []}',
  unique (chain_id, trading, start_block)
);
create table if not exists asterism_history.logs (
  system integer not null references asterism_history.systems,
  place bigint not null,
  log jsonb not null,
  primary key (system, place)
);
create table if not exists asterism_history.lists (
  system integer not null references asterism_history.systems,
  list text not null,
  place bigint not null,
  primary key (system, list, place)
);
create index if not exists lists_by_place on asterism_history.lists (system, place);
`;

/** Where a system stands. */
interface Standing {
  readonly id: number;
  readonly version: string;
  readonly cursor: Cursor;
}

type Sql = postgres.Sql;
type Transaction = postgres.TransactionSql;

export class PostgresStore implements HistoryStore {
  private id = 0;
  /** That of the last write which is known here. */
  private version = "";

  constructor(
    private readonly of: HistorySystem,
    private readonly sql: Sql,
  ) {}

  /** Throws `ExplainedError` where no server is named. */
  static of(system: HistorySystem, environment: NodeJS.ProcessEnv = process.env): PostgresStore {
    const url = environment[URL_NAME];
    if (url === undefined && LIBPQ.every((name) => environment[name] === undefined)) {
      throw new ExplainedError(
        `no Postgres is named: set ${URL_NAME}, or ${LIBPQ.join(" and ")} with what else it needs`,
      );
    }
    const options = {
      ...{ max: MOST_CONNECTIONS, connect_timeout: CONNECT_SECONDS, idle_timeout: IDLE_SECONDS },
      // That something is there already is no news.
      ...{ onnotice: () => undefined, connection: { application_name: "asterism console" } },
    };
    return new PostgresStore(system, url === undefined ? postgres(options) : postgres(url, options));
  }

  async begin(): Promise<Cursor> {
    const standing = await this.sql.begin(async (sql) => {
      await sql`select pg_advisory_xact_lock(${LOCK})`;
      await sql.unsafe(TABLES);
      const { chainId, contracts, startBlock } = this.of;
      const row = { chain_id: chainId, trading: contracts.trading, start_block: startBlock };
      await sql`insert into asterism_history.systems ${sql(row)} on conflict do nothing`;
      const [found] = await sql<Standing[]>`
        select id, version, cursor from asterism_history.systems
        where chain_id = ${chainId} and trading = ${contracts.trading} and start_block = ${startBlock}`;
      return found;
    });
    ({ id: this.id, version: this.version } = standing);
    return cursorSchema.parse(standing.cursor);
  }

  append(logs: readonly ListedLog[], cursor: Cursor): Promise<Cursor> {
    return this.write(cursor, async (sql) => {
      const system = this.id;
      for (const some of parts(logs.map(({ log }) => ({ system, place: placeOf(log), log: sql.json(log) })))) {
        await sql`insert into asterism_history.logs ${sql(some)}`;
      }
      const told = logs.flatMap(({ log, lists }) => lists.map((list) => ({ system, list, place: placeOf(log) })));
      for (const some of parts(told)) await sql`insert into asterism_history.lists ${sql(some)}`;
    });
  }

  undo(above: number, cursor: Cursor): Promise<Cursor> {
    return this.write(cursor, async (sql) => {
      const last = lastPlaceOf(above);
      await sql`delete from asterism_history.lists where system = ${this.id} and place > ${last}`;
      await sql`delete from asterism_history.logs where system = ${this.id} and place > ${last}`;
      await sql`update asterism_history.systems set generation = generation + 1 where id = ${this.id}`;
    });
  }

  /** All of it as of one moment: what is undone meanwhile is of another generation. */
  async page(list: string, after: number, generation: number, most: number): Promise<HistoryPage> {
    return this.sql.begin("isolation level repeatable read read only", async (sql) => {
      const [now] = await sql<{ generation: number }[]>`
        select generation from asterism_history.systems where id = ${this.id}`;
      const known = generation === now.generation ? after : -1;
      const found = await sql<{ place: string; log: unknown }[]>`
        select place, log from asterism_history.lists join asterism_history.logs using (system, place)
        where system = ${this.id} and list = ${list} and place > ${known} order by place limit ${most + 1}`;
      const rows = found.slice(0, most);
      return {
        ...{ logs: rows.map(({ log }) => logSchema.parse(log)), generation: now.generation },
        ...{ place: Number(rows.at(-1)?.place ?? Math.max(known, 0)), hasMore: found.length > most },
      };
    });
  }

  async close(): Promise<void> {
    await this.sql.end({ timeout: CONNECT_SECONDS });
  }

  /** Changes something together with the cursor, unless another process has written since this one last knew. */
  private async write(cursor: Cursor, change: (sql: Transaction) => Promise<void>): Promise<Cursor> {
    const standing = await this.sql.begin(async (sql) => {
      const [found] = await sql<Standing[]>`
        select id, version, cursor from asterism_history.systems where id = ${this.id} for update`;
      if (found.version !== this.version) return found;
      await change(sql);
      const [{ version }] = await sql<Standing[]>`
        update asterism_history.systems set version = version + 1, cursor = ${sql.json({ recent: cursor.recent.map((block) => ({ ...block })) })}
        where id = ${this.id} returning version`;
      return { version, cursor };
    });
    this.version = standing.version;
    return standing.cursor === cursor ? cursor : cursorSchema.parse(standing.cursor);
  }
}

function* parts<T>(rows: readonly T[]): Iterable<T[]> {
  for (let from = 0; from < rows.length; from += ROWS) yield rows.slice(from, from + ROWS);
}
