import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { JsonFragment } from "ethers";

const SOURCES = join("artifacts", "contracts");
/** Rooms that are no part of the system: examples, stand-ins of the embedded chains, and what only tests use. */
const NOT_IN_PRODUCTION = ["examples/", "replica/", "test/"];
/** A library with internal functions only leaves a stub of less than this; an interface nothing. */
const STUB_BYTES = 100;

export interface ProductionContract {
  name: string;
  /** Path of the source from the project's root. */
  source: string;
  abi: JsonFragment[];
  deployedBytes: number;
  /** Path of the build info that it comes from. */
  buildInfo: string;
}

/** Every contract and linked library of the system itself, by name. Reads the artifacts: compile first. */
export function productionContracts(): ProductionContract[] {
  if (!existsSync(SOURCES)) throw new Error(`${SOURCES} is missing: compile first`);
  const contracts = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".json") && !path.endsWith(".dbg.json"))
    .filter((path) => !NOT_IN_PRODUCTION.some((room) => path.startsWith(room)))
    .map((path) => read(join(SOURCES, path)))
    .filter(({ deployedBytes }) => deployedBytes > STUB_BYTES)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const twin = contracts.find(({ name }, index) => contracts[index + 1]?.name === name);
  if (twin) throw new Error(`two contracts are named ${twin.name}`);
  return contracts;
}

function read(path: string): ProductionContract {
  const artifact = JSON.parse(readFileSync(path, "utf8")) as {
    contractName: string;
    sourceName: string;
    abi: JsonFragment[];
    deployedBytecode: string;
  };
  const debug = path.replace(/\.json$/, ".dbg.json");
  const { buildInfo } = JSON.parse(readFileSync(debug, "utf8")) as { buildInfo: string };
  return {
    name: artifact.contractName,
    source: artifact.sourceName,
    abi: artifact.abi,
    deployedBytes: (artifact.deployedBytecode.length - 2) / 2,
    buildInfo: join(dirname(debug), buildInfo),
  };
}
