/** What an audit compares: values as text, by what they are of. */

/** A number, a name, a list or a struct by the names of its fields. */
export type Value = string | number | boolean | bigint | readonly Value[] | { readonly [field: string]: Value };

export interface Finding {
  /** Contract, view and field: `Trading.book(BTC/USD standard).slippagePips`. */
  readonly what: string;
  readonly expected: string;
  readonly found: string;
}

/** What stands where there should be something, or is where nothing should be. */
export const NONE = "none";

export function isDifferent({ expected, found }: Finding): boolean {
  return expected !== found;
}

/** One finding for each value in `expected` or `found`: structs field by field, lists item by item. */
export function findingsOf(what: string, expected: Value, found: Value): Finding[] {
  const [wanted, seen] = [leavesOf(what, expected), leavesOf(what, found)];
  return [...new Set([...wanted.keys(), ...seen.keys()])].map((path) => ({
    what: path,
    expected: wanted.get(path) ?? NONE,
    found: seen.get(path) ?? NONE,
  }));
}

function leavesOf(what: string, value: Value): Map<string, string> {
  if (typeof value !== "object") return new Map([[what, String(value)]]);
  const parts = isList(value)
    ? value.map((item, index) => [`${what}[${index}]`, item] as const)
    : Object.entries(value).map(([field, inner]) => [`${what}.${field}`, inner] as const);
  return new Map(parts.flatMap(([path, inner]) => [...leavesOf(path, inner)]));
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}
