import { computeAddress, getAddress, isAddress } from "ethers";
import { z } from "zod";
import type { SystemAccounts } from "./deploySystem";
import { PROFILES } from "./profiles";
import type { ChainProfile } from "./profiles";

/** Where each account of the system comes from. */
export const ACCOUNT_VARIABLES = {
  governor: "ASTERISM_GOVERNOR",
  riskManager: "ASTERISM_RISK_MANAGER",
  guardian: "ASTERISM_GUARDIAN",
  treasury: "ASTERISM_TREASURY",
} as const satisfies Record<keyof SystemAccounts, string>;

export const URL_VARIABLES = { bnb: "BNB_RPC_URL", arbitrum: "ARBITRUM_RPC_URL" } as const;

const KEY_DIGITS = /^(0x)?[0-9a-fA-F]{64}$/;
const ID = /^[A-Za-z][A-Za-z0-9-]*$/;

/** A value is never repeated in the message of a problem where it may be a secret. */
const url = z.url({ protocol: /^https?$/, error: "is no http or https URL" });
const address = z
  .string({ error: "is not set" })
  .refine((text) => isAddress(text), { error: ({ input }) => `is "${String(input)}", not an address` })
  .refine((text) => !isAddress(text) || BigInt(text) !== 0n, { error: "is the zero address" })
  .transform((text) => getAddress(text));
const key = z
  .string()
  .refine((text) => isPrivateKey(text), { error: "is no private key: 64 hexadecimal digits are expected" })
  .transform((text) => (text.startsWith("0x") ? text : `0x${text}`));

/** Every variable that a deployment reads. Unset and empty are the same. */
const SCHEMA = z.object({
  ASTERISM_CHAIN: z.enum(["bnb", "arbitrum"], { error: 'is not "bnb" or "arbitrum"' }),
  BNB_RPC_URL: url.optional(),
  ARBITRUM_RPC_URL: url.optional(),
  DEPLOYER_PRIVATE_KEY: key.optional(),
  ASTERISM_DEPLOYER: address.optional(),
  ASTERISM_GOVERNOR: address,
  ASTERISM_RISK_MANAGER: address,
  ASTERISM_GUARDIAN: address,
  ASTERISM_TREASURY: address,
  ASTERISM_DEPLOYMENT_ID: z
    .string()
    .regex(ID, { error: "is no id: letters, digits and dashes are expected, a letter first" })
    .optional(),
});

export interface Settings {
  profile: ChainProfile;
  url: string;
  accounts: SystemAccounts;
  deployer: string;
  /** Only where it is needed: for the chain itself. */
  privateKey: string | undefined;
  deploymentId: string;
}

/** Something is wrong; all of it is told at once. */
export class RefusedError extends Error {
  constructor(
    readonly problems: readonly string[],
    what = "refused",
  ) {
    super(`${what}:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
    this.name = "RefusedError";
  }
}

/**
 * The settings of a deployment. Throws {@link RefusedError} with everything that is wrong.
 * @param network the chain itself by its name, or nothing for a rehearsal on a fork of it.
 */
export function readSettings(environment: NodeJS.ProcessEnv, network?: string): Settings {
  const given = Object.fromEntries(
    Object.keys(SCHEMA.shape).map((name) => [name, environment[name] === "" ? undefined : environment[name]]),
  );
  const parsed = SCHEMA.safeParse(given);
  const problems = (parsed.error?.issues ?? []).map(({ path, message }) => `${String(path[0])} ${message}`);
  problems.push(...relationProblems(given, network));
  if (problems.length > 0 || !parsed.success) throw new RefusedError(problems);

  const { data } = parsed;
  const profile = PROFILES.find((candidate) => candidate.key === data.ASTERISM_CHAIN);
  const chainUrl = data[URL_VARIABLES[data.ASTERISM_CHAIN]];
  if (profile === undefined || chainUrl === undefined) throw new RefusedError(["no profile or URL of the chain"]);
  const privateKey = data.DEPLOYER_PRIVATE_KEY;
  return {
    profile,
    url: chainUrl,
    accounts: {
      governor: data.ASTERISM_GOVERNOR,
      riskManager: data.ASTERISM_RISK_MANAGER,
      guardian: data.ASTERISM_GUARDIAN,
      treasury: data.ASTERISM_TREASURY,
    },
    deployer: privateKey === undefined ? (data.ASTERISM_DEPLOYER ?? "") : computeAddress(privateKey),
    privateKey,
    deploymentId: data.ASTERISM_DEPLOYMENT_ID ?? `chain-${profile.chainId}`,
  };
}

/** What is wrong between variables, as far as each is something by itself. */
function relationProblems(given: Record<string, string | undefined>, network: string | undefined): string[] {
  const problems: string[] = [];
  const chain = given.ASTERISM_CHAIN;
  if (chain === "bnb" || chain === "arbitrum") {
    if (given[URL_VARIABLES[chain]] === undefined) problems.push(`${URL_VARIABLES[chain]} is not set`);
    if (network !== undefined && network !== chain) {
      problems.push(`--network is ${network}, ASTERISM_CHAIN is ${chain}: they must be the same`);
    }
  }
  const { DEPLOYER_PRIVATE_KEY: privateKey, ASTERISM_DEPLOYER: named } = given;
  if (network !== undefined && privateKey === undefined) problems.push("DEPLOYER_PRIVATE_KEY is not set");
  if (network === undefined && privateKey === undefined && named === undefined) {
    problems.push(
      "neither ASTERISM_DEPLOYER nor DEPLOYER_PRIVATE_KEY is set: a rehearsal needs the address that will pay",
    );
  }
  const deployer = isPrivateKey(privateKey ?? "") ? computeAddress(withPrefix(privateKey ?? "")) : undefined;
  if (deployer !== undefined && named !== undefined && isAddress(named) && getAddress(named) !== deployer) {
    problems.push(`ASTERISM_DEPLOYER is ${getAddress(named)}, the key belongs to ${deployer}`);
  }
  problems.push(
    ...sharedAccountProblems(
      given,
      deployer ?? (named !== undefined && isAddress(named) ? getAddress(named) : undefined),
    ),
  );
  return problems;
}

/** One account in two roles, or a deployer with one, would undo the separation the roles are there for. */
function sharedAccountProblems(given: Record<string, string | undefined>, deployer: string | undefined): string[] {
  const problems: string[] = [];
  const holders = new Map<string, string>();
  if (deployer !== undefined) holders.set(deployer, "the deployer");
  for (const name of [ACCOUNT_VARIABLES.governor, ACCOUNT_VARIABLES.riskManager, ACCOUNT_VARIABLES.guardian]) {
    const text = given[name];
    if (text === undefined || !isAddress(text)) continue;
    const account = getAddress(text);
    const other = holders.get(account);
    if (other !== undefined) problems.push(`${name} is ${account}, which is ${other}: another account is expected`);
    else holders.set(account, name);
  }
  return problems;
}

function isPrivateKey(text: string): boolean {
  if (!KEY_DIGITS.test(text)) return false;
  try {
    computeAddress(withPrefix(text));
    return true;
  } catch {
    // Zero, or beyond the order of the curve.
    return false;
  }
}

function withPrefix(text: string): string {
  return text.startsWith("0x") ? text : `0x${text}`;
}
