import { useState } from "react";
import type { ReactNode } from "react";

export interface Column<T> {
  readonly name: string;
  readonly cell: (row: T) => ReactNode;
  /** Numbers stand to the right. */
  readonly isNumber?: boolean;
}

interface TableProps<T> {
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  /** What stands there while there are none. */
  readonly none: string;
}

/** So many rows are on the page at once, however many there are. */
const PAGE_ROWS = 25;

export function Table<T>({ label, columns, rows, keyOf, none }: TableProps<T>) {
  const [page, setPage] = useState(0);
  const pages = Math.max(1, Math.ceil(rows.length / PAGE_ROWS));
  const at = Math.min(page, pages - 1);
  if (rows.length === 0) return <p className="quiet none">{none}</p>;
  return (
    <>
      <div className="scroll" tabIndex={0} role="region" aria-label={label}>
        <table>
          <thead>
            <tr>
              {columns.map(({ name, isNumber }) => (
                <th key={name} scope="col" className={isNumber ? "number" : undefined}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(at * PAGE_ROWS, (at + 1) * PAGE_ROWS).map((row) => (
              <tr key={keyOf(row)}>
                {columns.map(({ name, cell, isNumber }) => (
                  <td key={name} className={isNumber ? "number" : undefined} data-name={name}>
                    {cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {pages > 1 && (
        <nav className="pages" aria-label={`Pages of ${label}`}>
          <button type="button" disabled={at === 0} onClick={() => setPage(at - 1)}>
            Earlier
          </button>
          <span>
            {at + 1} of {pages}, {rows.length} in all
          </span>
          <button type="button" disabled={at === pages - 1} onClick={() => setPage(at + 1)}>
            Later
          </button>
        </nav>
      )}
    </>
  );
}
