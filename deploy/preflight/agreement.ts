import type { AssetKey, ChainProfile } from "../profiles";
import { formatPrice } from "./feeds";
import type { SourceReading } from "./feeds";
import type { PythReading } from "./pyth";

/** One price of an asset, and how far it may be from the others. */
interface Statement {
  label: string;
  price: bigint;
  /** Beyond the spread that is allowed between push sources: a stored price may be old. */
  allowancePips: bigint;
}

const PIPS = 1_000_000n;
const HOUR_SECONDS = 3_600;
/** What an asset may have moved by in each hour since a price of Pyth was stored, at most as much as the last line. */
const ALLOWANCE_PIPS_PER_HOUR = 10_000;
const MAX_ALLOWANCE_PIPS = 500_000;

/** Which prices of an asset are too far from the others: of three the odd one is named, of two both are. */
export function agreementProblems(
  profile: ChainProfile,
  readings: readonly SourceReading[],
  pyth: readonly PythReading[],
): string[] {
  const spreadPips = BigInt(profile.oracle.maxReferenceSpreadPips);
  const assets = [...new Set(readings.map(({ asset }) => asset))];
  return assets.flatMap((asset) => {
    const statements = statementsOf(asset, readings, pyth);
    const apart = (a: Statement, b: Statement) => isApart(a, b, spreadPips);
    const odd = statements.filter(
      (one) => statements.filter((other) => apart(one, other)).length * 2 >= statements.length,
    );
    return odd.length === 0 ? [] : [describe(asset, statements, odd, readings)];
  });
}

function statementsOf(asset: AssetKey, readings: readonly SourceReading[], pyth: readonly PythReading[]): Statement[] {
  const pushed = readings
    .filter((reading) => reading.asset === asset && reading.price !== 0n)
    .map(({ label, price }) => ({ label, price, allowancePips: 0n }));
  const stored = pyth
    .filter((reading) => reading.asset === asset)
    .map(({ price, ageSeconds }) => {
      const moved = Math.floor((ageSeconds / HOUR_SECONDS) * ALLOWANCE_PIPS_PER_HOUR);
      return {
        label: `Pyth, stored ${ageSeconds} s ago`,
        price,
        allowancePips: BigInt(Math.min(moved, MAX_ALLOWANCE_PIPS)),
      };
    });
  return [...pushed, ...stored];
}

function isApart(a: Statement, b: Statement, spreadPips: bigint): boolean {
  const [low, high] = a.price < b.price ? [a.price, b.price] : [b.price, a.price];
  return (high - low) * PIPS > low * (spreadPips + a.allowancePips + b.allowancePips);
}

/** Says of each odd price whose price it is, where it is another asset's. */
function describe(
  asset: AssetKey,
  statements: readonly Statement[],
  odd: readonly Statement[],
  readings: readonly SourceReading[],
): string {
  const said = statements.map(({ label, price }) => `${label} says ${formatPrice(price)}`).join("; ");
  const guesses = odd.flatMap((statement) => {
    const other = readings.find(
      (reading) =>
        reading.asset !== asset &&
        reading.price !== 0n &&
        !isApart(statement, { ...statement, price: reading.price }, 20_000n),
    );
    return other === undefined ? [] : [`${formatPrice(statement.price)} is a price of ${other.asset}`];
  });
  const names = odd.map(({ label }) => label).join(" and ");
  const guess = guesses.length === 0 ? "" : ` (${[...new Set(guesses)].join(", ")})`;
  return `prices of ${asset} disagree: ${said}; ${names} should be within the spread of the others${guess}`;
}
