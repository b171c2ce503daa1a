/** A block of code; its fence is longer than any in it. */
export function fence(language: string, code: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([run]) => run.length));
  const line = "`".repeat(longest + 1);
  return `${line}${language}\n${code}\n${line}`;
}

/** The anchor of a heading, as code hosts make it: small letters, no punctuation, a dash for each space. */
export function slug(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
    .replace(/ /g, "-");
}

/** Anchors of the headings of one page in their order: a repeated one is numbered. */
export function anchorsOf(headings: readonly string[]): string[] {
  const taken = new Map<string, number>();
  return headings.map((heading) => {
    const base = slug(heading);
    const count = taken.get(base);
    taken.set(base, (count ?? 0) + 1);
    return count === undefined ? base : `${base}-${count}`;
  });
}
