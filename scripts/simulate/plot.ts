/** Plots of one or more series of equal length over the number of bets settled. */
export interface Series {
  name: string;
  /** One character in the text, a colour in the drawing. */
  mark: string;
  colour: string;
  values: readonly number[];
}

const [WIDTH, HEIGHT] = [72, 16];
const [SVG_WIDTH, SVG_HEIGHT, MARGIN] = [800, 420, 60];

interface Range {
  low: number;
  high: number;
}

/** For a terminal; later series are drawn over earlier ones. */
export function plotText(series: readonly Series[]): string {
  const range = rangeOf(series);
  const rows = Array.from({ length: HEIGHT }, () => Array.from({ length: WIDTH }, () => " "));
  const rowOf = (value: number) => Math.round((1 - shareOf(value, range)) * (HEIGHT - 1));
  rows[rowOf(0)].fill("-");
  for (const { mark, values } of series) {
    for (let column = 0; column < WIDTH; column++) {
      const at = Math.round((column / (WIDTH - 1)) * (values.length - 1));
      rows[rowOf(values[at])][column] = mark;
    }
  }
  const labels = rows.map((_, row) => (row === 0 ? range.high : row === HEIGHT - 1 ? range.low : undefined));
  labels[rowOf(0)] ??= 0;
  const lines = rows.map((row, index) => `${labelOf(labels[index]).padStart(12)} |${row.join("")}`);
  const legend = series.map(({ mark, name }) => `${mark} ${name}`).join("   ");
  return [...lines, `${" ".repeat(14)}${legend}`].join("\n");
}

export function plotSvg(title: string, series: readonly Series[]): string {
  const range = rangeOf(series);
  const x = (index: number, count: number) => MARGIN + (index / Math.max(1, count - 1)) * (SVG_WIDTH - 2 * MARGIN);
  const y = (value: number) => MARGIN + (1 - shareOf(value, range)) * (SVG_HEIGHT - 2 * MARGIN);
  const line = (value: number, colour: string) =>
    `<line x1="${MARGIN}" x2="${SVG_WIDTH - MARGIN}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}" ` +
    `stroke="${colour}"/>`;
  const label = (value: number) =>
    `<text x="${MARGIN - 6}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${labelOf(value)}</text>`;
  const paths = series.map(({ values, colour }) => {
    const points = values.map((value, index) => `${x(index, values.length).toFixed(1)},${y(value).toFixed(1)}`);
    return `<polyline fill="none" stroke="${colour}" stroke-width="1.5" points="${points.join(" ")}"/>`;
  });
  const names = series.map(
    ({ name, colour }, index) =>
      `<text x="${MARGIN + 160 * index}" y="${SVG_HEIGHT - 20}" fill="${colour}">${escaped(name)}</text>`,
  );
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SVG_WIDTH} ${SVG_HEIGHT}" font-family="sans-serif" `;
  return [
    `${head}font-size="12">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text x="${MARGIN}" y="30" font-size="16">${escaped(title)}</text>`,
    ...[line(range.low, "#ddd"), line(range.high, "#ddd"), line(0, "#888")],
    ...[...new Set([range.low, 0, range.high])].map(label),
    ...paths,
    ...names,
    "</svg>\n",
  ].join("\n");
}

/** Always with 0 in it. */
function rangeOf(series: readonly Series[]): Range {
  let [low, high] = [0, 0];
  for (const { values } of series) {
    for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  }
  return low === high ? { low, high: low + 1 } : { low, high };
}

function shareOf(value: number, { low, high }: Range): number {
  return (value - low) / (high - low);
}

function labelOf(value: number | undefined): string {
  return value === undefined ? "" : value.toFixed(2);
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
}
