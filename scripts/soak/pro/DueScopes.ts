import type { Venue } from "./Venue";

/** How long scopes stay liquidatable at the price of the moment, as seen from outside every few seconds. */
export class DueScopes {
  /** Seconds of those that no longer are. */
  readonly ended: number[] = [];
  private readonly since = new Map<bigint, number>();

  constructor(
    private readonly venue: Venue,
    private readonly scopes: readonly bigint[],
  ) {}

  /** Looks at everybody at a price, USD with 10 decimals, at a time of the chain. */
  async look(price: bigint, time: number): Promise<void> {
    const due = await this.venue.liquidatable(this.scopes, price);
    for (const [index, scope] of this.scopes.entries()) {
      const since = this.since.get(scope);
      if (due[index]) {
        if (since === undefined) this.since.set(scope, time);
      } else if (since !== undefined) {
        this.ended.push(time - since);
        this.since.delete(scope);
      }
    }
  }

  /** Those that are, with their seconds. */
  left(time: number): readonly { readonly scope: bigint; readonly seconds: number }[] {
    return [...this.since].map(([scope, since]) => ({ scope, seconds: time - since }));
  }
}
