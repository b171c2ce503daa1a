/** From the price that sets a report off to the block that has it: an assumption, as in the replay. */
export const REPORT_SECONDS = 3;

/** How a push feed reports: when the price has moved by the deviation since, or the heartbeat is over. */
export interface AnchorTerms {
  deviationPips: number;
  heartbeatSeconds: number;
}

/** What push feeds say in every second. */
export function anchorsOf(price: Float64Array, terms: readonly AnchorTerms[]): Float64Array[] {
  return terms.map((feed) => followed(price, feed));
}

function followed(price: Float64Array, { deviationPips, heartbeatSeconds }: AnchorTerms): Float64Array {
  const said = new Float64Array(price.length);
  let answer = price[0];
  let updatedAt = 0;
  let report = 0;
  let dueAt = Infinity;
  for (let second = 0; second < price.length; second++) {
    if (second >= dueAt) {
      answer = report;
      updatedAt = second;
      dueAt = Infinity;
    }
    const isOver = second - updatedAt >= heartbeatSeconds - REPORT_SECONDS;
    if (dueAt === Infinity && (isOver || Math.abs(price[second] - answer) > (answer / 1e6) * deviationPips)) {
      report = price[second];
      dueAt = second + REPORT_SECONDS;
    }
    said[second] = answer;
  }
  return said;
}

/** 1% of an anchor is whole: prices carry 8 of their 10 decimals. So the ends of the band are the model's, without rounding. */
const BAND_PARTS = 100;

/** Prices moved to the nearer end of [0.99 × lowest, 1.01 × highest anchor] where they lie outside. */
export function holdInBand(
  price: Float64Array,
  anchors: readonly Float64Array[],
): { bounded: Float64Array; isHeld: boolean } {
  let isHeld = false;
  const bounded = price.map((tick, second) => {
    let [low, high] = [Infinity, 0];
    for (const anchor of anchors) {
      if (anchor[second] < low) low = anchor[second];
      if (anchor[second] > high) high = anchor[second];
    }
    const least = (low / BAND_PARTS) * (BAND_PARTS - 1);
    const most = (high / BAND_PARTS) * (BAND_PARTS + 1);
    const held = tick < least ? least : tick > most ? most : tick;
    if (held !== tick) isHeld = true;
    return held;
  });
  return { bounded, isHeld };
}
