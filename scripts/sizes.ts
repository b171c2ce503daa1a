/**
 * Writes the deployed size of every production contract to `snapshots/sizes.json`; with `--check` compares instead,
 * and fails when a size changed or a contract reaches the ceiling. Reads the artifacts: compile first.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const SNAPSHOT = join("snapshots", "sizes.json");
const SOURCES = join("artifacts", "contracts");
/** Below EIP-170's 24,576 bytes, so that a fix always fits. */
const CEILING_BYTES = 22_000;
/** A library with internal functions only leaves a stub of less than this. */
const STUB_BYTES = 100;

type Sizes = Record<string, number>;

function measure(): Sizes {
  const sizes: Sizes = {};
  if (!existsSync(SOURCES)) throw new Error(`${SOURCES} is missing: compile first`);
  for (const path of readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).sort()) {
    if (!path.endsWith(".json") || path.endsWith(".dbg.json") || /^(test|replica)\//.test(path)) continue;
    const artifact = JSON.parse(readFileSync(join(SOURCES, path), "utf8")) as {
      contractName: string;
      deployedBytecode: string;
    };
    const bytes = (artifact.deployedBytecode.length - 2) / 2;
    if (bytes <= STUB_BYTES) continue;
    if (artifact.contractName in sizes) throw new Error(`two contracts are named ${artifact.contractName}`);
    sizes[artifact.contractName] = bytes;
  }
  return Object.fromEntries(Object.entries(sizes).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** One line per difference between the committed sizes and the measured ones. */
function differences(committed: Sizes, measured: Sizes): string[] {
  const names = [...new Set([...Object.keys(committed), ...Object.keys(measured)])].sort();
  return names
    .filter((name) => committed[name] !== measured[name])
    .map((name) => `${name}: ${committed[name] ?? "absent"} -> ${measured[name] ?? "absent"}`);
}

function main(): number {
  const measured = measure();
  const committed = existsSync(SNAPSHOT) ? (JSON.parse(readFileSync(SNAPSHOT, "utf8")) as Sizes) : {};
  const changes = differences(committed, measured);
  const tooLarge = Object.entries(measured).filter(([, bytes]) => bytes >= CEILING_BYTES);
  changes.forEach((change) => console.log(change));
  tooLarge.forEach(([name, bytes]) => console.log(`${name}: ${bytes} bytes, the ceiling is ${CEILING_BYTES}`));

  if (process.argv.includes("--check")) {
    if (changes.length > 0)
      console.log(`${SNAPSHOT} is out of date: run "npm run sizes" and commit it with the reason`);
    return changes.length + tooLarge.length > 0 ? 1 : 0;
  }
  mkdirSync(dirname(SNAPSHOT), { recursive: true });
  writeFileSync(SNAPSHOT, `${JSON.stringify(measured, null, 2)}\n`);
  console.log(`${SNAPSHOT}: ${Object.keys(measured).length} contracts`);
  return 0;
}

process.exitCode = main();
