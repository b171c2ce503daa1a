/** Rooms of the contracts, each of which has its part of every sample. */
import type { Mutant } from "./operators";

/** What decides over money: everything but interfaces, probes, views and stand-ins. By folder; those of libraries are one room. */
const ROOM_OF: Readonly<Record<string, string>> = {
  ...{ access: "access", keeper: "periphery", oracle: "oracle", periphery: "periphery", prediction: "prediction" },
  ...{ pro: "pro", product: "libraries", trading: "trading", types: "libraries", utils: "libraries", vault: "vault" },
};
/** A room is drawn from as if it had at least this part of all mutants. */
const LEAST_SHARE = 0.07;

export function isProduction(file: string): boolean {
  const isView = file.includes("/interfaces/") || file.includes("/lens/") || file.endsWith("StateLib.sol");
  return file.split("/")[1] in ROOM_OF && !isView;
}

export function roomOf(file: string): string {
  return ROOM_OF[file.split("/")[1]] ?? "others";
}

/**
 * All mutants in the order that a seed draws, each room's spread evenly over it, so that the first of them are a sample that leaves
 * out none.
 */
export function drawnOrder(mutants: readonly Mutant[], seed: number): Mutant[] {
  const next = drawn(seed);
  const rooms = new Map<string, [number, Mutant][]>();
  for (const mutant of mutants) {
    const room = roomOf(mutant.file);
    rooms.set(room, [...(rooms.get(room) ?? []), [next(), mutant]]);
  }
  const placed = [...rooms.values()].flatMap((room) => {
    const weight = Math.max(room.length / mutants.length, LEAST_SHARE);
    const shuffled = room.sort(([a], [b]) => a - b);
    return shuffled.map(([, mutant], index) => [(index + 0.5) / weight, mutant] as const);
  });
  return placed.sort(([a], [b]) => a - b).map(([, mutant]) => mutant);
}

/** A linear congruential generator's numbers below 1; good enough to draw an order. */
function drawn(seed: number): () => number {
  let state = BigInt(seed) * 2_862_933_555_777_941_757n + 3_037_000_493n;
  return () => {
    state = BigInt.asUintN(64, state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n);
    return Number(state >> 11n) / 2 ** 53;
  };
}
