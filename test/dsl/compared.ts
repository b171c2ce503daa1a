import { appendFileSync } from "node:fs";

/** Names a file that whoever counts over several runs reads. */
export const COMPARED_VARIABLE = "ASTERISM_COMPARED";

/** Steps between two looks at the whole state, in between at what has changed; 1 but in long runs. */
export const LOOK_EVERY = Number(process.env.LOOK_EVERY ?? 1);

/** Tells how many actions were compared with the model, each to the unit, and none differed. */
export function tellCompared(actions: number): void {
  console.log(`      ${actions} actions compared`);
  const path = process.env[COMPARED_VARIABLE];
  if (path !== undefined) appendFileSync(path, `${actions}\n`);
}
