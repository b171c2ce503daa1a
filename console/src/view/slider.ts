/** The slider of leverage: as fine at 2x as at 400x, so its steps are of the logarithm. */

export interface LeverageRange {
  readonly min: number;
  readonly max: number;
}

export const SLIDER_STEPS = 1_000;

/** The leverage at a position of the slider, whole. */
export function leverageAt(position: number, { min, max }: LeverageRange): number {
  const share = Math.min(Math.max(position, 0), SLIDER_STEPS) / SLIDER_STEPS;
  return Math.round(min * (max / min) ** share);
}

/** The position that shows a leverage. */
export function positionOf(leverage: number, range: LeverageRange): number {
  const { min, max } = range;
  const held = within(leverage, range);
  return Math.round((Math.log(held / min) / Math.log(max / min)) * SLIDER_STEPS);
}

/** The next leverage up or down: a key moves by at least one. */
export function nextLeverage(leverage: number, direction: 1 | -1, range: LeverageRange): number {
  const moved = leverageAt(positionOf(leverage, range) + direction * 10, range);
  return within(moved === leverage ? leverage + direction : moved, range);
}

/** What is written, as a leverage of the range; undefined for what is no whole number of it. */
export function readLeverage(text: string, { min, max }: LeverageRange): number | undefined {
  if (!/^\d{1,4}$/.test(text)) return undefined;
  const leverage = Number(text);
  return leverage >= min && leverage <= max ? leverage : undefined;
}

/** The marks below the slider. */
export function marksOf({ min, max }: LeverageRange): number[] {
  return [1, 5, 10, 25, 50, 100, 250, 500, 600, 750, 850, 1001].filter((mark) => mark >= min && mark <= max);
}

function within(leverage: number, { min, max }: LeverageRange): number {
  return Math.min(Math.max(leverage, min), max);
}
