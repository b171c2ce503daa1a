import type { Artifacts, CompilerInput } from "hardhat/types";
import type { ContractRecord, DeploymentRecord } from "./record";

/** What an explorer is given of one contract. */
export interface Submission {
  address: string;
  /** `contracts/vault/Vault.sol:Vault`. */
  name: string;
  /** Standard JSON, as the compiler takes it. */
  input: string;
  /** `v0.8.37+commit.…`. */
  compiler: string;
  /** Hexadecimal digits without a prefix. */
  constructorArguments: string;
}

/** The artifacts are not those of the deployment. */
export class SubmissionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SubmissionError";
  }
}

/** A submission for every contract and library of a deployment; those that others link come first. */
export async function submissionsOf(artifacts: Artifacts, record: DeploymentRecord): Promise<Submission[]> {
  const all = [...Object.values(record.libraries), ...Object.values(record.contracts)];
  return Promise.all(all.map((contract) => submissionOf(artifacts, record, contract)));
}

async function submissionOf(
  artifacts: Artifacts,
  record: DeploymentRecord,
  { address, contract, source, constructorArguments }: ContractRecord,
): Promise<Submission> {
  const name = `${source}:${contract}`;
  const [info, artifact] = [await artifacts.getBuildInfo(name), await artifacts.readArtifact(name)];
  if (info === undefined) throw new SubmissionError(`${name} was not compiled here`);
  const libraries: Record<string, Record<string, string>> = {};
  for (const [file, links] of Object.entries(artifact.linkReferences)) {
    for (const library of Object.keys(links)) {
      const linked = record.libraries[library] as ContractRecord | undefined;
      if (linked === undefined)
        throw new SubmissionError(`the record has no address of ${library}, which ${contract} links`);
      libraries[file] = { ...libraries[file], [library]: linked.address };
    }
  }
  const { metadata } = info.output.contracts[source][contract] as unknown as { metadata: string };
  const sources = neededSources(info.input, metadata);
  const input = { ...info.input, sources, settings: { ...info.input.settings, libraries } };
  return {
    ...{ address, name, input: JSON.stringify(input) },
    compiler: compilerVersion(info.solcLongVersion),
    constructorArguments: constructorArguments.slice(2),
  };
}

/** Explorers know the native compilers: what the one for this machine adds to its version is left out. */
export function compilerVersion(longVersion: string): string {
  return `v${longVersion.replace(/\.Emscripten\.clang$/, "")}`;
}

/**
 * The sources that a contract is made of, by the metadata in its code. The IR pipeline's code may depend on what is compiled
 * beside a contract, so there all of the job go along.
 */
function neededSources(input: CompilerInput, metadata: string): CompilerInput["sources"] {
  if (input.settings.viaIR === true) return input.sources;
  const { sources } = JSON.parse(metadata) as { sources: Record<string, unknown> };
  return Object.fromEntries(Object.entries(input.sources).filter(([file]) => file in sources));
}
