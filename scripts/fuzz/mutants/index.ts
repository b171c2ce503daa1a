import { CORE_MUTANTS } from "./core";
import type { Mutant } from "./mutant";
import { PRO_MUTANTS } from "./pro";

export type { Mutant } from "./mutant";
export const MUTANTS: readonly Mutant[] = [...CORE_MUTANTS, ...PRO_MUTANTS];

/** So many of those that are found soon, other ones with every seed, campaigns' and tests' in turns. */
export function sampleOf(mutants: readonly Mutant[], count: number, seed: number): Mutant[] {
  const quick = mutants.filter(({ by }) => !("campaign" in by && by.isLong));
  const kinds = [true, false].map((isDrawn) => quick.filter(({ by }) => "campaign" in by === isDrawn));
  const turned = kinds.map((kind) => kind.map((_, place) => kind[(place + seed) % kind.length]));
  const longest = Math.max(...turned.map(({ length }) => length));
  const inTurns = Array.from({ length: longest }, (_, place) => turned.flatMap((kind) => kind.slice(place, place + 1)));
  return inTurns.flat().slice(0, count);
}
