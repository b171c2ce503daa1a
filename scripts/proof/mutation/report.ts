/** What a record says of the tests, and which of its survivors are told of in the document. */
import { existsSync, readFileSync } from "node:fs";
import { OUTCOMES, isJudged, shareOf } from "./record";
import type { Entries, Entry, Share } from "./record";
import type { Mutant } from "./operators";
import { roomOf } from "./rooms";

/** Ids that the document shows to change nothing that can be observed, and all that it names. */
export interface Explained {
  equivalent: ReadonlySet<string>;
  named: ReadonlySet<string>;
}

const ID = /`([0-9a-f]{10})`/g;
const EQUIVALENT = /^## Equivalent$([\s\S]*?)(?=^## |(?![\s\S]))/m;

export function explainedIn(document: string): Explained {
  const text = existsSync(document) ? readFileSync(document, "utf8") : "";
  const idsIn = (part: string) => new Set([...part.matchAll(ID)].map(([, id]) => id));
  return { equivalent: idsIn(EQUIVALENT.exec(text)?.[1] ?? ""), named: idsIn(text) };
}

export function isAlive({ outcome }: Entry): boolean {
  return outcome === "survived" || outcome === "uncovered";
}

/** One line for each room, and the whole as its rooms' sizes weigh them. */
export function reportOf(mutants: readonly Mutant[], entries: Entries, { equivalent }: Explained): string[] {
  const sizes = new Map<string, number>();
  for (const { file } of mutants) sizes.set(roomOf(file), (sizes.get(roomOf(file)) ?? 0) + 1);
  const strata = [...sizes].sort().map(([room, population]) => {
    const own = [...entries].filter(([, { file }]) => roomOf(file) === room);
    const judged = own.filter(([id, entry]) => isJudged(entry) && !(isAlive(entry) && equivalent.has(id)));
    return { room, population, own: own.map(([, entry]) => entry), entries: judged.map(([, entry]) => entry) };
  });
  const isKilled = (entry: Entry) => !isAlive(entry);
  const lines = strata.map((stratum) => {
    const told = OUTCOMES.map((outcome) => [stratum.own.filter((entry) => entry.outcome === outcome).length, outcome]);
    const counts = told.filter(([count]) => count !== 0).map((part) => part.join(" "));
    const share = shareOf([stratum], isKilled);
    return `${stratum.room}: ${counts.join(", ")} of ${stratum.population}${share ? `: ${written(share)} killed` : ""}`;
  });
  const now = shareOf(strata, isKilled);
  const first = shareOf(strata, (entry) => isKilled(entry) && entry.hadSurvived !== true);
  const judged = strata.reduce((sum, own) => sum + own.entries.length, 0);
  lines.push(`all: ${judged} judged of ${mutants.length}, rooms by their sizes`);
  if (first !== undefined) lines.push(`killed when they were drawn: ${written(first)}`);
  if (now !== undefined) lines.push(`killed now: ${written(now)}`);
  return lines;
}

function written({ share, low, high }: Share): string {
  const percent = (part: number) => `${(part * 100).toFixed(1)}%`;
  return `${percent(share)} (95%: ${percent(low)} to ${percent(high)})`;
}
