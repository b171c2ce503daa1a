import { formatPrice, formatToken, formatUsd } from "../../sdk/units";
import type { Snapshot } from "./books";

const LABEL_WIDTH = 28;

/** Tells the story, and remembers what the transactions cost. */
export class Narrator {
  readonly gas: Record<string, string> = {};
  private step = 0;

  constructor(private readonly write: (line: string) => void) {}

  title(text: string): void {
    this.write(text);
    this.write("=".repeat(text.length));
  }

  begin(text: string): void {
    this.step += 1;
    this.write("");
    this.write(`${this.step}. ${text}`);
  }

  say(text: string): void {
    this.write(`   ${text}`);
  }

  row(label: string, value: string): void {
    this.write(`   ${label.padEnd(LABEL_WIDTH)} ${value}`);
  }

  price(label: string, value: bigint): void {
    this.row(label, `${formatPrice(value, 4)} USD`);
  }

  usd(label: string, value: bigint): void {
    this.row(label, `${formatUsd(value, 6)} USD`);
  }

  token(label: string, value: bigint, decimals: number, symbol: string): void {
    this.row(label, `${formatToken(value, decimals)} ${symbol}`);
  }

  gasOf(operation: string, { gasUsed }: { readonly gasUsed: bigint }): void {
    this.gas[operation] = gasUsed.toString();
    this.row("gas", `${gasUsed.toString()} (${operation})`);
  }

  /** The vault before and after, bucket by bucket where something changed. */
  vault(symbol: string, decimals: number, before: Snapshot, after: Snapshot): void {
    for (const bucket of ["liquidity", "reserved", "collateral", "fees", "claimable"] as const) {
      if (before[bucket] === after[bucket]) continue;
      const [from, to] = [before[bucket], after[bucket]].map((amount) => formatToken(amount, decimals));
      this.row(`vault ${bucket}`, `${from} -> ${to} ${symbol}`);
    }
  }
}
