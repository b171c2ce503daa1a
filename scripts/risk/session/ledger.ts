import type { CloseResult, LiquidationResult, OpenResult, TokenQuote } from "../../../sdk/model";
import { PIPS } from "../../../sdk/units";
import { splitFee } from "../../../sdk/model";
import type { BookTerms } from "../setting";
import type { Request } from "../traders";
import type { Held } from "./held";
import type { Ending, IncomeKind, Outcome } from "./outcome";
import { LATENESS_CLASSES, emptyOutcome, emptyTally, leverageClass } from "./outcome";

/** Of a margin token that is a dollar throughout, whole tokens are USD. */
export class Ledger {
  readonly outcome: Outcome;
  private readonly unit: number;
  /** The LPs' result of all that is settled, in token units. */
  realised = 0n;
  private peak = 0;

  constructor(
    regime: string,
    private readonly token: TokenQuote,
  ) {
    this.outcome = emptyOutcome(regime);
    this.unit = 10 ** token.decimals;
  }

  opened(book: BookTerms, request: Request, opened: OpenResult): void {
    const fee = splitFee(opened.openFee, book.alpSharePips, 0n).alp;
    const mode = this.outcome.modes[book.mode];
    mode.trades += 1;
    mode.margin += this.usd(opened.margin);
    for (const tally of this.talliesOf(request)) {
      tally.trades += 1;
      tally.notional += Number(opened.notional) / 1e18;
      tally.margin += this.usd(opened.margin);
    }
    this.take(request, "openFee", fee);
  }

  /** Fees, carry and price of a close; the parts add up to what the LPs get of it, to the unit. */
  closed(book: BookTerms, held: Held, result: CloseResult, carryOwedUsd: bigint, ending: Ending): void {
    const { request, position } = held;
    const onNotional = this.closeFeeOnNotional(held, result.exit);
    const least = result.closeFee < onNotional ? result.closeFee : onNotional;
    const kept = splitFee(result.closeFee, book.alpSharePips, 0n).alp;
    const ofNotional = splitFee(least, book.alpSharePips, 0n).alp;
    this.take(request, "closeFee", ofNotional);
    this.take(request, "profitShare", kept - ofNotional);
    // A dollar token's units of a USD amount, never more than the position could owe.
    const scale = 10n ** BigInt(18 - this.token.decimals);
    const owed = carryOwedUsd / scale;
    const carry = owed > position.margin ? position.margin : owed;
    this.take(request, "carry", carry);
    this.take(request, "price", result.lossCollected - result.gainPaid - carry);
    this.outcome.endings[ending] += 1;
  }

  liquidated(held: Held, result: LiquidationResult, lateSeconds: number): void {
    const mode = this.outcome.modes[held.mode];
    this.take(held.request, "liquidation", result.toVault);
    this.outcome.endings.liquidated += 1;
    mode.liquidations += 1;
    if (result.badDebt > 0n) mode.short += 1;
    mode.badDebt += this.usd(result.badDebt);
    this.outcome.lateness[Math.min(lateSeconds, LATENESS_CLASSES - 1)] += 1;
  }

  /** The LPs' result with what open positions would bring, USD. */
  mark(unrealised: number): number {
    const equity = this.usd(this.realised) + unrealised;
    this.peak = Math.max(this.peak, equity);
    this.outcome.drawdown = Math.max(this.outcome.drawdown, this.peak - equity);
    return equity;
  }

  finish(): Outcome {
    this.outcome.lp = this.usd(this.realised);
    return this.outcome;
  }

  private closeFeeOnNotional({ position }: Held, exit: bigint): bigint {
    const scale = 10n ** BigInt(18 - this.token.decimals);
    const owed = position.size * exit * position.closeFeePips;
    return (owed + PIPS * scale - 1n) / (PIPS * scale);
  }

  private take(request: Request, kind: IncomeKind, amount: bigint): void {
    this.realised += amount;
    const value = this.usd(amount);
    this.outcome.modes[request.mode].income[kind] += value;
    for (const tally of this.talliesOf(request)) tally.lp += value;
  }

  private talliesOf({ mode, leverage, behaviour }: Request) {
    const { byLeverage, byBehaviour } = this.outcome;
    return [byLeverage[leverageClass(mode, leverage)], (byBehaviour[behaviour] ??= emptyTally())];
  }

  private usd(amount: bigint): number {
    return Number(amount) / this.unit;
  }
}
