import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import { Runner, reporters } from "mocha";
import type { MochaOptions, Suite } from "mocha";

/** Where a run is to leave its {@link Tally}; absent, it leaves none. */
export const TALLY_VARIABLE = "ASTERISM_TALLY";

export interface Seconds {
  /** Of this process, whatever else the machine does meanwhile. */
  cpu: number;
  wall: number;
}

/** What a run of mocha came to. */
export interface Tally {
  passed: number;
  /** Failed hooks among them. */
  failed: number;
  skipped: number;
  /** What each file took, its hooks included, by path from the project's root. */
  seconds: Record<string, Seconds>;
}

/** Mocha's `spec`, which also writes the tally to the file named by {@link TALLY_VARIABLE}. */
export class TallyReporter extends reporters.Spec {
  constructor(runner: Runner, options?: MochaOptions) {
    super(runner, options);
    const path = process.env[TALLY_VARIABLE];
    if (path === undefined) return;
    const seconds = new Map<string, Seconds>();
    let start = now();
    const isOutermost = (suite: Suite) => suite.parent?.root === true;
    runner.on(Runner.constants.EVENT_SUITE_BEGIN, (suite) => {
      if (isOutermost(suite)) start = now();
    });
    runner.on(Runner.constants.EVENT_SUITE_END, (suite) => {
      if (!isOutermost(suite) || suite.file === undefined) return;
      const file = relative(process.cwd(), suite.file);
      const { cpu, wall } = seconds.get(file) ?? { cpu: 0, wall: 0 };
      const end = now();
      seconds.set(file, { cpu: cpu + end.cpu - start.cpu, wall: wall + end.wall - start.wall });
    });
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      const tally: Tally = { passed: passes, failed: failures, skipped: pending, seconds: Object.fromEntries(seconds) };
      writeFileSync(path, JSON.stringify(tally));
    });
  }
}

function now(): Seconds {
  const { user, system } = process.cpuUsage();
  return { cpu: (user + system) / 1_000_000, wall: performance.now() / 1_000 };
}
