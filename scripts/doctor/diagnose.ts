import { execFileSync } from "node:child_process";
import { totalmem } from "node:os";
import { examineDeployment, examineMachine, examineNode } from "../../deploy/doctor";
import type { Diagnosis } from "../../deploy/doctor";
import { URL_VARIABLES } from "../../deploy/environment";
import { PROFILES } from "../../deploy/profiles";
import { readRecord } from "../../deploy/record";
import type { ChainKey } from "../demo/options";

export interface DoctorArguments {
  chain?: ChainKey;
  rpc?: string;
  deployment?: string;
}

const SUBJECT_WIDTH = 28;

/** Looks at this machine, at a node if one is named, and at a deployment if its record is. */
export async function diagnose(options: DoctorArguments): Promise<Diagnosis[]> {
  const record = options.deployment === undefined ? undefined : readRecord(options.deployment);
  const chain =
    record?.chain.key ?? options.chain ?? PROFILES.find(({ key }) => key === process.env.ASTERISM_CHAIN)?.key;
  const profile = PROFILES.find(({ key }) => key === chain);
  const url = options.rpc ?? (chain === undefined ? undefined : process.env[URL_VARIABLES[chain]]);

  const machine = { node: process.version, npm: npmVersion(), memoryBytes: totalmem() };
  const diagnoses: Diagnosis[] = examineMachine(machine);
  if (profile === undefined || url === undefined || url === "") {
    const problem = record === undefined ? undefined : "a node is needed to look at a deployment";
    return [...diagnoses, { subject: "node", found: "none named", problem }];
  }
  const node = await examineNode(url, profile.chainId, Math.floor(Date.now() / 1_000));
  diagnoses.push(...node);
  if (record === undefined || node.some(({ problem }) => problem !== undefined)) return diagnoses;
  process.env.ASTERISM_CHAIN = profile.key;
  process.env.HARDHAT_NETWORK = "hardhat";
  const hre = await import("hardhat");
  return [...diagnoses, ...(await examineDeployment(hre, url, record))];
}

/** A line for each thing that was looked at, and a sum. */
export function diagnosisLines(diagnoses: readonly Diagnosis[]): string[] {
  const lines = diagnoses.map(
    ({ subject, found, problem }) =>
      `  ${subject.padEnd(SUBJECT_WIDTH)}  ${found}${problem === undefined ? "" : `  MISSING: ${problem}`}`,
  );
  const missing = missingOf(diagnoses);
  return [
    ...lines,
    missing === 0 ? "nothing is missing" : missing === 1 ? "1 thing is missing" : `${missing} things are missing`,
  ];
}

export function missingOf(diagnoses: readonly Diagnosis[]): number {
  return diagnoses.filter(({ problem }) => problem !== undefined).length;
}

function npmVersion(): string {
  try {
    return execFileSync("npm", ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "";
  }
}
