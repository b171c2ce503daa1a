import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { audit, buildIn, isDifferent, parametersOf, readParameters } from "../../../deploy/audit";
import type { Audit } from "../../../deploy/audit";
import { EXIT } from "../lib/exit";
import { table } from "../lib/output";
import type { Define } from "../lib/program";
import { connectTo, recordFor, repositoryFor, withNode } from "../lib/world";
import type { Surroundings } from "../lib/world";

interface Options {
  parameters?: string;
  writeParameters?: string;
  witness?: string;
  all?: boolean;
  code: boolean;
}

export const defineAudit: Define = (program, run) => {
  program
    .command("audit")
    .description("read a running system back and compare it with profile, record and build")
    .option("--parameters <file>", "what governance has changed since the profile was written")
    .option("--write-parameters <file>", "write all differences as such a file, for review")
    .option("--witness <url>", "a second node that everything is asked of too")
    .option("--all", "print what is as expected too")
    .option("--no-code", "leave the code out: no build is needed")
    .action((options: Options, command: Command) => run(command, (surroundings) => runAudit(surroundings, options)));
};

async function runAudit(surroundings: Surroundings, options: Options): Promise<number> {
  const { output } = surroundings;
  const record = recordFor(surroundings);
  const parameters = options.parameters === undefined ? undefined : readParameters(options.parameters);
  const instead = "give --no-code, which compares everything but the code, or ";
  const artifacts = options.code ? buildIn(repositoryFor(surroundings, "the code", instead)) : undefined;
  const result = await withNode(surroundings, record, async (provider) => {
    const witness = options.witness === undefined ? undefined : await connectTo(options.witness, record.chain);
    try {
      return await audit(provider, record, { artifacts, parameters, witness, onProgress: output.progress() });
    } finally {
      witness?.destroy();
    }
  });
  if (options.writeParameters !== undefined) {
    const values = { ...parameters?.values, ...parametersOf(record.chain.key, result.differences).values };
    writeFileSync(
      options.writeParameters,
      `${JSON.stringify({ format: 1, chain: record.chain.key, values }, null, 2)}\n`,
    );
  }
  const { id, block, findings, differences } = result;
  output.result({ id, block, compared: findings.length, differences, ...(options.all ? { findings } : {}) }, () =>
    shown(result, options),
  );
  return differences.length === 0 ? EXIT.fine : EXIT.found;
}

function shown({ id, block, findings, differences }: Audit, { all }: Options): string {
  const rows = (all ? findings : differences).map((finding) => [
    ...(all ? [isDifferent(finding) ? "DIFFERENT" : ""] : []),
    ...[finding.what, finding.expected, finding.found],
  ]);
  const head = [...(all ? [""] : []), "what", "expected", "found"];
  const sum =
    differences.length === 0
      ? `${id} is as expected: ${findings.length} values at block ${block.number}`
      : `${id} differs in ${differences.length} of ${findings.length} values at block ${block.number}`;
  return rows.length === 0 ? sum : `${table(head, rows)}\n${sum}`;
}
