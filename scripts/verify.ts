/**
 * Has an explorer verify every contract and library of a deployment, from its record and the build in `artifacts/`:
 *
 *   npm run verify -- --deployment deployments/chain-56.json
 *
 * Needs `ASTERISM_EXPLORER_KEY`; `ASTERISM_EXPLORER_URL` names another explorer of the same interface. What is verified already
 * is left alone, so that an interrupted run may be repeated. Ends with a code other than 0 when anything is refused.
 */
import { execFileSync } from "node:child_process";
import { Etherscan } from "@nomicfoundation/hardhat-verify/etherscan";
import { Command } from "commander";
import { z } from "zod";
import { RecordError, readRecord } from "../deploy/record";
import type { DeploymentRecord } from "../deploy/record";
import { SubmissionError, submissionsOf } from "../deploy/verification";
import type { Submission } from "../deploy/verification";
import { runMain } from "./lib/main";

/** One interface for both chains, told apart by the chain's number. */
const API_URL = "https://api.etherscan.io/v2/api";
const BROWSER_URLS = { bnb: "https://bscscan.com", arbitrum: "https://arbiscan.io" } as const;
const NAME_WIDTH = 64;

const ENVIRONMENT = z.object({
  ASTERISM_EXPLORER_KEY: z
    .string({ error: "ASTERISM_EXPLORER_KEY is not set" })
    .min(1, "ASTERISM_EXPLORER_KEY is empty"),
  ASTERISM_EXPLORER_URL: z.url({ error: "ASTERISM_EXPLORER_URL is no URL" }).default(API_URL),
});

async function main(): Promise<number> {
  const program = new Command("verify")
    .description("Has an explorer verify every contract and library of a deployment.")
    .requiredOption("--deployment <file>", "record of the deployment")
    .exitOverride();
  const { deployment } = program.parse(process.argv.slice(2), { from: "user" }).opts<{ deployment: string }>();
  const record = readRecord(deployment);
  const environment = ENVIRONMENT.safeParse(process.env);
  if (!environment.success) throw new RecordError(environment.error.issues.map(({ message }) => message).join("; "));
  warnOfCommit(record);
  process.env.ASTERISM_CHAIN = record.chain.key;
  process.env.HARDHAT_NETWORK = "hardhat";
  const { artifacts } = await import("hardhat");
  const submissions = await submissionsOf(artifacts, record);

  const { ASTERISM_EXPLORER_KEY: key, ASTERISM_EXPLORER_URL: url } = environment.data;
  const explorer = new Etherscan(key, url, BROWSER_URLS[record.chain.key], record.chain.id);
  // Given a chain's number it takes its own address, whatever it is told.
  explorer.apiUrl = url;
  let refused = 0;
  for (const submission of submissions) {
    const { isVerified, told } = await verify(explorer, submission);
    console.log(`  ${submission.name.padEnd(NAME_WIDTH)}  ${submission.address}  ${told}`);
    if (!isVerified) refused += 1;
  }
  console.log(`${submissions.length - refused} of ${submissions.length} verified`);
  return refused === 0 ? 0 : 1;
}

async function verify(explorer: Etherscan, submission: Submission): Promise<{ isVerified: boolean; told: string }> {
  const { address, input, name, compiler, constructorArguments } = submission;
  try {
    if (await explorer.isVerified(address)) return { isVerified: true, told: "verified before" };
    const { message: guid } = await explorer.verify(address, input, name, compiler, constructorArguments);
    const status = await explorer.getVerificationStatus(guid);
    const isVerified = status.isSuccess() || status.isAlreadyVerified();
    return { isVerified, told: isVerified ? "verified" : status.message };
  } catch (error) {
    return { isVerified: false, told: error instanceof Error ? error.message : String(error) };
  }
}

/** Another commit has other metadata, and so another code. */
function warnOfCommit({ commit }: DeploymentRecord): void {
  try {
    const head = execFileSync("git", ["rev-parse", "HEAD"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
    if (head !== commit.hash)
      console.log(`deployed from commit ${commit.hash}, this is ${head}: check that one out and compile`);
  } catch {
    console.log(`deployed from commit ${commit.hash}; this is no repository`);
  }
}

runMain(main, [], [RecordError, SubmissionError]);
