const WIDTH = 30;
const STEPS = 10;

/** A bar on a terminal, and in a log a line for each tenth. */
export class Progress {
  private done = 0;
  private shown = -1;

  constructor(
    private readonly total: number,
    private readonly stream: Pick<NodeJS.WriteStream, "write" | "isTTY"> = process.stderr,
  ) {}

  add(count: number): void {
    this.done += count;
    const share = Math.min(1, this.done / this.total);
    const step = Math.floor(share * (this.stream.isTTY ? 100 : STEPS));
    if (step === this.shown) return;
    this.shown = step;
    const percent = `${Math.floor(share * 100)}%`.padStart(4);
    const counts = `${this.done} of ${this.total}`;
    if (!this.stream.isTTY) {
      this.stream.write(`${percent}  ${counts}\n`);
      return;
    }
    const bar = "#".repeat(Math.round(share * WIDTH)).padEnd(WIDTH, ".");
    this.stream.write(`\r[${bar}] ${percent}  ${counts}${share === 1 ? "\n" : ""}`);
  }
}
