import type { Estimate } from "../statistics";

/** Whole numbers in groups, small ones with as many decimals as say something. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "none" : "unbounded";
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.001 || size === 0 ? 3 : 6;
  const text = value.toLocaleString("en-US", { minimumFractionDigits: 0, maximumFractionDigits: digits });
  return (text === "-0" ? "0" : text).replace("-", "−");
}

export function percent(share: number): string {
  return `${number(share * 100)}%`;
}

/** An estimate with its interval; by `show` for shares. */
export function estimate({ value, low, high }: Estimate, show: (value: number) => string = number): string {
  if (low === high) return show(value);
  return `${show(value)} (${show(low)} to ${show(high)})`;
}

export function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

/** Rows of a table, the first of them its head. The first column is text, the others numbers. */
export function table(rows: readonly (readonly string[])[]): string {
  const [head, ...body] = rows.map((row) => row.map(escaped));
  const heads = head.map((cell) => `<th scope="col">${cell}</th>`).join("");
  const lines = body.map(([name, ...cells]) => {
    return `<tr><th scope="row">${name}</th>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  });
  return `<div class="scroll"><table><thead><tr>${heads}</tr></thead><tbody>${lines.join("")}</tbody></table></div>`;
}
