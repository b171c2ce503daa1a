/**
 * Runs test files again and again in one process, over whatever artifacts lie on disk: a process of its own for each run would
 * cost more than most tests. Asked by messages `{ files, titles }`, answers `{ failure }`: the first failing test, or nothing.
 */
import { relative, sep } from "node:path";
import hre from "hardhat";
import { TASK_TEST_SETUP_TEST_ENVIRONMENT } from "hardhat/builtin-tasks/task-names";
import Mocha from "mocha";
import { clearSnapshots } from "@nomicfoundation/hardhat-network-helpers/dist/src/loadFixture";

export interface Ask {
  files: string[];
  /** Only of tests whose title has this regular expression. */
  titles?: string;
}

export interface Answer {
  failure?: { test: string; message: string; /** Where it stands; none while files are loaded. */ file?: string };
}

/** Folders whose modules hold fixtures, or what was deployed. */
const STATEFUL = ["test", "kit", "deploy"].map((folder) => `${process.cwd()}${sep}${folder}${sep}`);
/** The chain's clock wraps its provider once. */
const KEPT = /SteppedClock\.ts$/;

function forget(): void {
  for (const path of Object.keys(require.cache)) {
    if (STATEFUL.some((folder) => path.startsWith(folder)) && !KEPT.test(path)) delete require.cache[path];
  }
}

/** From the tree's root; a hook's own file is that of its suite. */
function fileOf(test: Mocha.Runnable): string | undefined {
  const path = test.file ?? test.parent?.file;
  return path === undefined ? undefined : relative(process.cwd(), path);
}

async function run({ files, titles }: Ask): Promise<Answer> {
  await hre.network.provider.send("hardhat_reset", []);
  await clearSnapshots();
  hre.artifacts.clearCache?.();
  forget();
  const mocha = new Mocha({
    timeout: 120_000,
    bail: true,
    reporter: class {} as unknown as typeof Mocha.reporters.Base,
  });
  if (titles !== undefined) mocha.grep(new RegExp(titles));
  for (const file of files) mocha.addFile(file);
  await mocha.loadFilesAsync();
  return new Promise((resolve) => {
    let failure: Answer["failure"];
    const runner = mocha.run(() => {
      mocha.dispose();
      resolve({ failure });
    });
    runner.on(Mocha.Runner.constants.EVENT_TEST_FAIL, (test, error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      failure ??= { test: test.fullTitle(), message: message.slice(0, 300), file: fileOf(test) };
    });
  });
}

async function main(): Promise<void> {
  await hre.run(TASK_TEST_SETUP_TEST_ENVIRONMENT);
  process.on("message", (ask: Ask) => {
    run(ask)
      .catch((error: unknown): Answer => ({ failure: { test: "loading", message: String(error).slice(0, 300) } }))
      .then((answer) => process.send?.(answer))
      .catch(() => process.exit(1));
  });
  process.send?.({});
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
