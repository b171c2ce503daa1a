import type { TokenBooks } from "../../kit/desk/Desk";
import { PIPS } from "../../sdk/units";
import * as model from "../../sdk/model";
import type { Scene } from "./scene";

/**
 * Watches the vault: what it holds of each token covers all it owes, and what is reserved for open positions is there.
 * Only transactions of the system can change either, so that it is read after every block that has one.
 */
export class SolvencyWatch {
  ticks = 0;
  insolventTicks = 0;
  /** Least liquidity that is not reserved, as a share of the liquidity of a token. */
  leastFreePips = PIPS;
  private isSolvent = true;

  constructor(private readonly scene: Scene) {}

  async tick(isTouched: boolean): Promise<void> {
    if (isTouched) await this.read();
    this.ticks += 1;
    if (!this.isSolvent) this.insolventTicks += 1;
  }

  async read(): Promise<void> {
    const books = await this.scene.desk.books();
    this.isSolvent = books.every(isTokenSolvent);
    for (const { liquidity, reserved } of books) {
      this.leastFreePips = model.min(this.leastFreePips, ((liquidity - reserved) * PIPS) / liquidity);
    }
  }
}

function isTokenSolvent({ surplus, reserved, liquidity }: TokenBooks): boolean {
  return surplus >= 0n && reserved <= liquidity;
}

/** Everything has ended: nothing is held for anyone, and the books add up to the last unit. */
export async function isLedgerClear(scene: Scene): Promise<boolean> {
  const { tradingRecords } = scene.desk.system;
  for (const { surplus, collateral, reserved } of await scene.desk.books()) {
    if (surplus !== 0n || collateral !== 0n || reserved !== 0n) return false;
  }
  for (const mode of ["standard", "degen"] as const) {
    for (const isLong of [true, false]) {
      const side = await tradingRecords.bookSide(scene.desk.bookId("BTC", mode), isLong);
      if ([side.size, side.notional, side.marginNano, side.carryAtEntry, side.capNano].some((sum) => sum !== 0n))
        return false;
    }
  }
  return true;
}

/** What the vault has for its liquidity providers, by token. */
export async function liquidityOf(scene: Scene): Promise<Map<string, bigint>> {
  return new Map((await scene.desk.books()).map(({ symbol, liquidity }) => [symbol, liquidity]));
}

/** What it has gained since, at the prices of now, USD. */
export async function gainUsd(scene: Scene, before: ReadonlyMap<string, bigint>): Promise<bigint> {
  const after = await liquidityOf(scene);
  let gain = 0n;
  for (const token of scene.desk.profile.tokens) {
    const change = (after.get(token.symbol) ?? 0n) - (before.get(token.symbol) ?? 0n);
    gain += model.toUsdDown(change, scene.quoteOf(token));
  }
  return gain;
}
