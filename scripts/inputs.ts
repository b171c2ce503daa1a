/**
 * Prints how much each compilation job gives the compiler, and how long the answer is: `ts-node scripts/inputs.ts`. Reads
 * the build infos: compile first.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { runMain } from "./lib/main";
import { plainTable } from "./lib/table";

const FOLDER = join("artifacts", "build-info");

const jobSchema = z.object({
  solcLongVersion: z.string(),
  input: z.looseObject({
    sources: z.record(z.string(), z.unknown()),
    settings: z.looseObject({ optimizer: z.object({ runs: z.number() }), viaIR: z.boolean().optional() }),
  }),
  output: z.unknown(),
});

runMain(() => {
  const jobs = readdirSync(FOLDER).map((file) => {
    const { solcLongVersion, input, output } = jobSchema.parse(JSON.parse(readFileSync(join(FOLDER, file), "utf8")));
    const { optimizer, viaIR } = input.settings;
    return [
      `${solcLongVersion}, ${viaIR ? "IR" : "legacy"}, ${optimizer.runs} runs`,
      String(Object.keys(input.sources).length),
      String(JSON.stringify(input).length),
      String(JSON.stringify(output).length),
    ];
  });
  console.log(plainTable([["job", "sources", "characters given", "answered"], ...jobs.sort()]));
});
