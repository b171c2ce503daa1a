import Table from "cli-table3";

/** Columns without lines between them; the first to the left, the others to the right. */
export function plainTable(rows: readonly (readonly string[])[]): string {
  const none = ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"];
  const lines = [...none, "left", "left-mid", "mid", "mid-mid", "right", "right-mid"];
  const columns = Math.max(...rows.map((row) => row.length));
  const table = new Table({
    chars: { ...Object.fromEntries(lines.map((name) => [name, ""])), middle: "  " },
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
    colAligns: Array.from({ length: columns }, (_, column) => (column === 0 ? "left" : "right")),
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}
