import Table from "cli-table3";

/** Where a command writes: results to one, everything else to the other. */
export interface Streams {
  readonly out: { write(text: string): unknown };
  readonly err: { write(text: string): unknown; readonly isTTY?: boolean };
}

/** Tables for people, or one JSON value for programs: whole numbers too large for one are text. */
export class Output {
  constructor(
    private readonly streams: Streams,
    readonly isJson: boolean,
  ) {}

  /** The result of a command: `value` for programs, `shown` for people. */
  result(value: unknown, shown: () => string): void {
    this.streams.out.write(this.isJson ? `${toJson(value)}\n` : `${shown()}\n`);
  }

  /** One of many results, as they come: a line of JSON each. */
  line(value: unknown, shown: string): void {
    this.streams.out.write(this.isJson ? `${JSON.stringify(value, plain)}\n` : `${shown}\n`);
  }

  /** What people want to know while they wait; programs read results alone. */
  note(text: string): void {
    this.streams.err.write(`${text}\n`);
  }

  /** How far something long has come: a line that is written over, or one for each tenth where there is no terminal. */
  progress(): (what: string, done: number, total: number) => void {
    let last = "";
    return (what, done, total) => {
      const tenths = total === 0 ? 10 : Math.floor((10 * done) / total);
      const isEnd = done >= total;
      if (this.streams.err.isTTY === true) {
        this.streams.err.write(`\r\u001b[K${what}: ${done} of ${total}${isEnd ? "\n" : ""}`);
        return;
      }
      const step = `${what} ${tenths}`;
      if (step !== last) this.streams.err.write(`${what}: ${done} of ${total}\n`);
      last = step;
    };
  }
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const drawn = new Table({ head: [...head], style: { head: [], border: [] } });
  drawn.push(...rows.map((row) => [...row]));
  return drawn.toString();
}

export function toJson(value: unknown): string {
  return JSON.stringify(value, plain, 2);
}

function plain(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
