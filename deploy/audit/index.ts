import type { Provider } from "ethers";
import { Reader } from "../../sdk/reading";
import { profileFor } from "../profiles";
import type { ChainProfile } from "../profiles";
import type { DeploymentRecord } from "../record";
import { AuditContext } from "./context";
import { isDifferent } from "./finding";
import type { Finding } from "./finding";
import { readHistory } from "./history";
import { expectParameters } from "./parameters";
import type { Parameters } from "./parameters";
import { accessFindings, accessQuestions } from "./sections/access";
import { alpQuestions } from "./sections/alp";
import { codeFindings } from "./sections/code";
import type { ArtifactSource } from "./sections/code";
import { oracleQuestions } from "./sections/oracle";
import { peripheryQuestions } from "./sections/periphery";
import { predictionQuestions } from "./sections/prediction";
import { proFindings, proQuestions } from "./sections/pro";
import { recordFindings } from "./sections/record";
import { tradingQuestions } from "./sections/trading";
import { vaultQuestions } from "./sections/vault";

export { isDifferent } from "./finding";
export type { Finding } from "./finding";
export { ParameterError, parametersOf, readParameters } from "./parameters";
export { BuildError, buildIn } from "./sections/code";
export { HistoryError } from "./history";

export interface AuditOptions {
  /** The build that code is compared with; without it code is not looked at. */
  readonly artifacts?: ArtifactSource;
  /** What governance has changed since the profile was written. */
  readonly parameters?: Parameters;
  /** A second node, that everything is asked of too: one of them alone could lie. */
  readonly witness?: Provider;
  readonly onProgress?: (what: string, done: number, total: number) => void;
}

export interface Audit {
  readonly id: string;
  readonly block: { readonly number: number; readonly hash: string };
  readonly findings: readonly Finding[];
  readonly differences: readonly Finding[];
}

/** The node is not of the record's chain. */
export class WrongChainError extends Error {
  constructor(record: DeploymentRecord, chainId: bigint) {
    super(`the record ${record.id} is of chain ${record.chain.id} (${record.chain.name}), the node of ${chainId}`);
    this.name = "WrongChainError";
  }
}

/** Two nodes say different things of the same block: one of them lies, or is on a fork. */
export class NodesDisagreeError extends Error {
  constructor(readonly differences: readonly Finding[]) {
    const [first] = differences;
    super(
      `two nodes disagree in ${differences.length} things, first in ${first.what}: ${first.expected} and ${first.found}; ask a third one`,
    );
    this.name = "NodesDisagreeError";
  }
}

/** Where a running system differs from its profile, its record and its build. */
export async function audit(provider: Provider, record: DeploymentRecord, options: AuditOptions = {}): Promise<Audit> {
  const { artifacts, parameters, witness, onProgress = () => undefined } = options;
  await assertChain(provider, record);
  const block = await blockOf(provider, "latest");
  const read = await readFindings(provider, record, block.number, { artifacts, onProgress });
  if (witness !== undefined) {
    await assertChain(witness, record);
    const other = await blockOf(witness, block.number);
    const heads = { what: `the hash of block ${block.number}`, expected: block.hash, found: other.hash };
    if (isDifferent(heads)) throw new NodesDisagreeError([heads]);
    assertSame(read, await readFindings(witness, record, block.number, { artifacts, onProgress }));
  }
  const findings = parameters === undefined ? read : expectParameters(read, parameters, record.chain.key);
  const { number, hash } = block;
  return { id: record.id, block: { number, hash }, findings, differences: findings.filter(isDifferent) };
}

/** The profile as the preflight left it: it may have chosen the registry for an asset. */
export function profileOf({ chain, assets }: DeploymentRecord): ChainProfile {
  const profile = profileFor(chain.id);
  if (profile.binance === null) return profile;
  const registryAssets = Object.keys(profile.binance.pairs).filter((key) => assets[key]?.sources.includes("registry"));
  return {
    ...profile,
    binance: { ...profile.binance, registryAssets: registryAssets as typeof profile.binance.registryAssets },
  };
}

async function readFindings(
  provider: Provider,
  record: DeploymentRecord,
  blockNumber: number,
  { artifacts, onProgress }: Pick<AuditOptions, "artifacts"> & Required<Pick<AuditOptions, "onProgress">>,
): Promise<Finding[]> {
  const block = await blockOf(provider, blockNumber);
  const history = await readHistory(provider, record, blockNumber, (done, total) =>
    onProgress("blocks of events", done, total),
  );
  const context = new AuditContext(provider, new Reader(provider), record, profileOf(record), history, block);
  const code =
    artifacts === undefined
      ? []
      : await codeFindings(context, artifacts, (done, total) => onProgress("contracts", done, total));
  return [...recordFindings(context), ...code, ...(await readSettings(context, { onProgress }))];
}

/** Every setting of a system, against its profile; without who may do what if that is of no interest. */
export async function readSettings(
  context: AuditContext,
  { onProgress = () => undefined, hasAccess = true }: Pick<AuditOptions, "onProgress"> & { hasAccess?: boolean } = {},
): Promise<Finding[]> {
  const questions = [
    ...(hasAccess ? accessQuestions(context) : []),
    ...(await vaultQuestions(context)),
    ...(await alpQuestions(context)),
    ...(await oracleQuestions(context)),
    ...tradingQuestions(context),
    ...predictionQuestions(context),
    ...proQuestions(context),
    ...peripheryQuestions(context),
  ];
  onProgress("settings", 0, questions.length);
  const answered = await context.findings(questions);
  onProgress("settings", questions.length, questions.length);
  return [...answered, ...(hasAccess ? accessFindings(context) : []), ...(await proFindings(context))];
}

function assertSame(mine: readonly Finding[], others: readonly Finding[]): void {
  const told = new Map(others.map(({ what, found }) => [what, found]));
  const seen = new Set(mine.map(({ what }) => what));
  const pairs = [
    ...mine.map(({ what, found }) => ({ what, expected: found, found: told.get(what) ?? "nothing" })),
    ...others.filter(({ what }) => !seen.has(what)).map(({ what, found }) => ({ what, expected: "nothing", found })),
  ];
  const differences = pairs.filter(isDifferent);
  if (differences.length > 0) throw new NodesDisagreeError(differences);
}

/** Throws {@link WrongChainError}. */
export async function assertChain(provider: Provider, record: DeploymentRecord): Promise<void> {
  const { chainId } = await provider.getNetwork();
  if (chainId !== BigInt(record.chain.id)) throw new WrongChainError(record, chainId);
}

/** Throws where the node does not have it. */
export async function blockOf(provider: Provider, tag: number | "latest") {
  const block = await provider.getBlock(tag);
  if (!block?.hash) throw new Error(`the node does not have block ${tag}`);
  return { number: block.number, hash: block.hash, timestamp: block.timestamp };
}
