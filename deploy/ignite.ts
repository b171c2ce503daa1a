import { HardhatArtifactResolver } from "@nomicfoundation/hardhat-ignition/helpers";
import { DeploymentResultType, FutureType, deploy, isDeploymentFuture } from "@nomicfoundation/ignition-core";
import type {
  BuildInfo,
  DeploymentParameters,
  DeploymentResult,
  EIP1193Provider,
  ExecutionEventListener,
  Future,
  IgnitionModule,
  SuccessfulDeploymentResult,
} from "@nomicfoundation/ignition-core";
import type { HardhatRuntimeEnvironment } from "hardhat/types";
import { forgetFailures, settleInterrupted } from "./journal";

/** Told after every transaction of a deployment. */
export type Progress = (done: number, total: number, what: string) => void;

export interface IgnitionOptions {
  /** Sends everything; one of the network's accounts, or one that the network impersonates. */
  deployer: string;
  parameters: DeploymentParameters;
  /** Folder of what has been sent, so that an interrupted deployment goes on where it stopped; without it nothing is kept. */
  journal?: string;
  onProgress?: Progress;
  /** Takes the place of the network's own. */
  provider?: EIP1193Provider;
}

export interface Ignited {
  /** Every contract and library, by the id of its future. */
  contracts: SuccessfulDeploymentResult["contracts"];
  /** Hashes of what this run sent, in order. */
  hashes: string[];
}

/** Build infos are tens of megabytes, read and stored for each contract, and can be had from a compilation. */
class LeanArtifactResolver extends HardhatArtifactResolver {
  override getBuildInfo(): Promise<BuildInfo | undefined> {
    return Promise.resolve(undefined);
  }
}

/** A deployment stopped; what it had sent stays sent. */
export class StoppedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "StoppedError";
  }
}

/** Runs an Ignition module. Throws {@link StoppedError} when it does not come to its end. */
export async function ignite(
  hre: HardhatRuntimeEnvironment,
  ignitionModule: IgnitionModule,
  { deployer, parameters, journal, onProgress, provider }: IgnitionOptions,
): Promise<Ignited> {
  const artifactResolver = new LeanArtifactResolver(hre);
  const chain = provider ?? hre.network.provider;
  if (journal !== undefined) {
    await settleInterrupted(journal, artifactResolver, chain, deployer);
    await forgetFailures(journal, artifactResolver);
  }
  const hashes: string[] = [];
  const done = new Set<string>();
  const total = futuresOf(ignitionModule).filter(isSent).length;
  const executionEventListener = listenTo({
    // Told before anything is sent. What is done is done: beside it this run would do the same by another way.
    reconciliationWarnings: ({ warnings }) => {
      throw new StoppedError(`an earlier run did what is no part of this one: ${warnings.join("; ")}`);
    },
    transactionConfirm: ({ futureId, hash }) => {
      hashes.push(hash);
      done.add(futureId);
      onProgress?.(done.size, total, futureId);
    },
    deploymentExecutionStateComplete: ({ futureId }) => done.add(futureId),
    callExecutionStateComplete: ({ futureId }) => done.add(futureId),
  });
  const result = await deploy({
    config: hre.config.ignition,
    provider: chain,
    deploymentDir: journal,
    executionEventListener,
    artifactResolver,
    ignitionModule,
    deploymentParameters: parameters,
    accounts: [deployer],
    defaultSender: deployer,
  });
  if (result.type !== DeploymentResultType.SUCCESSFUL_DEPLOYMENT) throw new StoppedError(describe(result));
  return { contracts: result.contracts, hashes };
}

function futuresOf(ignitionModule: IgnitionModule, seen = new Set<IgnitionModule>()): Future[] {
  if (seen.has(ignitionModule)) return [];
  seen.add(ignitionModule);
  return [...ignitionModule.futures, ...[...ignitionModule.submodules].flatMap((child) => futuresOf(child, seen))];
}

function isSent(future: Future): boolean {
  return isDeploymentFuture(future) || future.type === FutureType.CONTRACT_CALL;
}

/** Ignition tells of some thirty kinds of events; all but a few are let go by. */
function listenTo(heard: Partial<ExecutionEventListener>): ExecutionEventListener {
  const ignore = () => undefined;
  return new Proxy(heard, {
    get: (listener, name) => listener[name as keyof ExecutionEventListener] ?? ignore,
  }) as ExecutionEventListener;
}

function describe(result: Exclude<DeploymentResult, SuccessfulDeploymentResult>): string {
  switch (result.type) {
    case DeploymentResultType.EXECUTION_ERROR:
      return [
        ...result.failed.map(({ futureId, error }) => `${futureId} failed: ${error}`),
        ...result.timedOut.map(({ futureId }) => `${futureId} was sent and is not mined yet`),
        ...result.held.map(({ futureId, reason }) => `${futureId} is held: ${reason}`),
      ].join("; ");
    case DeploymentResultType.PREVIOUS_RUN_ERROR:
    case DeploymentResultType.RECONCILIATION_ERROR:
    case DeploymentResultType.VALIDATION_ERROR:
      return Object.entries(result.errors)
        .map(([futureId, errors]) => `${futureId}: ${errors.join(", ")}`)
        .join("; ");
  }
}
