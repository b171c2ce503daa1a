/** Rooms of the contracts, each of which has its part of every sample. */
import { createHash } from "node:crypto";
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

export const ROOMS: readonly string[] = [...new Set([...Object.values(ROOM_OF), "others"])].sort();

/**
 * All mutants in the order that a seed draws, each room's spread evenly over it, so that the first of them are a sample that leaves
 * out none. A mutant's draw is of the seed and its id alone: what changes elsewhere leaves it where it stands in its room.
 */
export function drawnOrder(mutants: readonly Mutant[], seed: number): Mutant[] {
  const rooms = new Map<string, [string, Mutant][]>();
  for (const mutant of mutants) {
    const room = roomOf(mutant.file);
    rooms.set(room, [...(rooms.get(room) ?? []), [drawn(seed, mutant.id), mutant]]);
  }
  const placed = [...rooms.values()].flatMap((room) => {
    const weight = Math.max(room.length / mutants.length, LEAST_SHARE);
    const shuffled = room.sort(([a], [b]) => (a < b ? -1 : 1));
    return shuffled.map(([, mutant], index) => [(index + 0.5) / weight, mutant] as const);
  });
  return placed.sort(([a], [b]) => a - b).map(([, mutant]) => mutant);
}

function drawn(seed: number, id: string): string {
  return createHash("sha256").update(`${seed}\n${id}`).digest("hex");
}
