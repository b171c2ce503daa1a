/** A recorded deployment with other code of some contracts: everything else, addresses too, stays as it was. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Contract } from "../proof/mutation/base";
import { StepKind } from "./recording";
import type { Recorded, Step } from "./recording";

const linksSchema = z.record(
  z.string(),
  z.record(z.string(), z.array(z.object({ start: z.number(), length: z.number() }))),
);
const artifactSchema = z.object({ bytecode: z.string(), linkReferences: linksSchema });
type Artifact = z.infer<typeof artifactSchema>;

/** Hexadecimal digits before the first byte, and of a byte. */
const PREFIX = 2;
const DIGITS = 2;

/** Throws where one of them is not created in the record by a transaction of its own. */
export function exchanged(record: Recorded, contracts: readonly Contract[]): Recorded {
  const steps = contracts.reduce<readonly Step[]>(withCodeOf, record.steps);
  return { ...record, steps };
}

function withCodeOf(steps: readonly Step[], { bytecode, name, source }: Contract): readonly Step[] {
  const path = join("artifacts", source, `${name}.json`);
  const former = artifactSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  let count = 0;
  const later = steps.map((step) => {
    const libraries = step.kind === StepKind.Create ? librariesIn(step.data, former) : undefined;
    if (libraries === undefined) return step;
    count++;
    const code = linked({ bytecode: `0x${bytecode.object}`, linkReferences: bytecode.linkReferences }, libraries);
    // What follows the code are the arguments of the constructor.
    return { ...step, data: `${code}${step.data.slice(former.bytecode.length)}` };
  });
  if (count === 0) throw new Error(`${name} is not created by a recorded transaction`);
  return later;
}

/** Places of libraries in a code, by their names. */
function placesIn({ linkReferences }: Artifact): { name: string; from: number; to: number }[] {
  return Object.values(linkReferences).flatMap((libraries) =>
    Object.entries(libraries).flatMap(([name, places]) =>
      places.map(({ length, start }) => {
        const from = PREFIX + start * DIGITS;
        return { name, from, to: from + length * DIGITS };
      }),
    ),
  );
}

/** Addresses of the libraries that a creation is linked to; nothing where it creates another contract. */
function librariesIn(data: string, artifact: Artifact): ReadonlyMap<string, string> | undefined {
  const places = placesIn(artifact);
  const blank = (text: string) =>
    places.reduce((left, { from, to }) => `${left.slice(0, from)}${"0".repeat(to - from)}${left.slice(to)}`, text);
  const begin = data.slice(0, artifact.bytecode.length);
  if (begin.length < artifact.bytecode.length || blank(begin) !== blank(artifact.bytecode)) return undefined;
  return new Map(places.map(({ from, name, to }) => [name, data.slice(from, to)]));
}

function linked(artifact: Artifact, libraries: ReadonlyMap<string, string>): string {
  return placesIn(artifact).reduce((code, { from, name, to }) => {
    const address = libraries.get(name);
    if (address === undefined) throw new Error(`the former code was not linked to ${name}`);
    return `${code.slice(0, from)}${address}${code.slice(to)}`;
  }, artifact.bytecode);
}
