import { HardhatArtifactResolver } from "@nomicfoundation/hardhat-ignition/helpers";
import { ZeroAddress, getAddress } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types";
import type {
  AccessManager,
  Alp,
  AlpLens,
  AlpManager,
  Breaker,
  Executor,
  FeeDistributor,
  GridBook,
  GridBookLens,
  KeeperLens,
  Liquidator,
  MarketLens,
  PriceAggregator,
  Trading,
  TradingConfigurator,
  TradingLens,
  TradingRecords,
  Router,
  BrokerRegistry,
  Prediction,
  PredictionConfigurator,
  PredictionLens,
  Pro,
  ProConfigurator,
  ProKeeper,
  ProLens,
  ProTriggers,
  ProTriggersLens,
  Vault,
} from "../typechain-types";
import { assertHandedOver, assertHasCode, assertPrepared, readWirings } from "./checks";
import { handOver } from "./handover";
import { HandoverNote } from "./handoverNote";
import { ignite } from "./ignite";
import type { Ignited, IgnitionOptions, Progress } from "./ignite";
import { readJournal } from "./journal";
import { buildHandoverModule } from "./modules/handover";
import { buildSystemModule } from "./modules/system";
import type { ChainProfile } from "./profiles";
import { readinessProblems } from "./readiness";
import type { RoleHolders } from "./roles";

export interface SystemAccounts extends RoleHolders {
  /** Receives the treasury's share of the fees. */
  treasury: string;
}

export interface DeployOptions extends SystemAccounts {
  /** Pays, and has no power afterwards; the first account of the network by default. */
  deployer?: string;
  /**
   * Folder in which is kept what has been sent, so that an interrupted deployment goes on where it stopped. A folder belongs
   * to one chain: on a node that may have been restarted give a fresh one, or nothing would be sent.
   */
  journal?: string;
  onProgress?: Progress;
  /** Takes the place of the network's own for what is deployed and configured. */
  provider?: IgnitionOptions["provider"];
  /** Runs when everything is deployed and before prices are looked at: on a replica feeds report again. */
  beforeOpening?: () => Promise<void>;
}

/** The deployed contracts. */
export interface System {
  accessManager: AccessManager;
  breaker: Breaker;
  vault: Vault;
  priceAggregator: PriceAggregator;
  alpManager: AlpManager;
  alp: Alp;
  alpLens: AlpLens;
  feeDistributor: FeeDistributor;
  tradingConfigurator: TradingConfigurator;
  trading: Trading;
  tradingRecords: TradingRecords;
  executor: Executor;
  liquidator: Liquidator;
  tradingLens: TradingLens;
  marketLens: MarketLens;
  keeperLens: KeeperLens;
  router: Router;
  brokerRegistry: BrokerRegistry;
  prediction: Prediction;
  predictionConfigurator: PredictionConfigurator;
  predictionLens: PredictionLens;
  pro: Pro;
  proConfigurator: ProConfigurator;
  proKeeper: ProKeeper;
  proLens: ProLens;
  proTriggers: ProTriggers;
  proTriggersLens: ProTriggersLens;
  gridBook: GridBook;
  gridBookLens: GridBookLens;
}

/** A system with what only its deployment knows. */
export interface Deployment {
  system: System;
  deployer: string;
  /** Every contract and library by the id of its future, and the hashes of this run's transactions. */
  ignited: Ignited;
}

/**
 * Deploys and configures everything and hands it over to its governance; the one way in which the system comes to be, for
 * scripts, tests and demonstrations alike. It is born closed: when every role, delay and parameter stands and its sources are
 * fresh, one transaction opens it and ends the deployer's power.
 */
export async function deploySystem(
  hre: HardhatRuntimeEnvironment,
  profile: ChainProfile,
  options: DeployOptions,
): Promise<System> {
  return (await deployWithRecord(hre, profile, options)).system;
}

/** The same, with what a record of the deployment is made of. */
export async function deployWithRecord(
  hre: HardhatRuntimeEnvironment,
  profile: ChainProfile,
  options: DeployOptions,
): Promise<Deployment> {
  const { governor, riskManager, guardian, treasury, journal, onProgress, beforeOpening, provider } = options;
  const accounts = { governor, riskManager, guardian, treasury };
  const deployer = options.deployer ?? (await hre.ethers.getSigners())[0].address;
  const { chainId } = await hre.ethers.provider.getNetwork();
  if (chainId !== BigInt(profile.chainId)) {
    throw new Error(`the profile is for chain ${profile.chainId}, the network is chain ${chainId.toString()}`);
  }
  checkAccounts(accounts, deployer);

  const systemModule = buildSystemModule(profile);
  const wirings = await readWirings(hre, systemModule);
  const handoverModule = buildHandoverModule(systemModule, wirings);
  const parameters = { $global: { ...accounts } };
  const note = journal === undefined ? undefined : await settledNote(hre, journal, deployer);
  const ignited = await ignite(hre, handoverModule, { deployer, parameters, journal, onProgress, provider });

  const addresses = new Map<string, string>();
  for (const [key, { id }] of Object.entries(handoverModule.results)) addresses.set(key, ignited.contracts[id].address);
  await assertHasCode(hre, addresses, journal);
  const system = await connect(hre, addresses);
  await beforeOpening?.();
  const problems = await readinessProblems(system, profile);
  if (problems.length > 0) throw new NotReadyError(problems);
  const manager = system.accessManager;
  await assertPrepared(manager, addresses, wirings, accounts);
  const receipt = await handOver(manager, system.breaker, await hre.ethers.getSigner(deployer), note);
  if (receipt !== null) ignited.hashes.push(receipt.hash);
  await assertHandedOver(system, addresses, wirings, accounts, deployer);
  return { system, deployer, ignited };
}

/** What the folder says of the handover, with what a run that was killed has left out. */
async function settledNote(hre: HardhatRuntimeEnvironment, journal: string, deployer: string): Promise<HandoverNote> {
  const note = new HandoverNote(journal);
  const { confirmed } = await readJournal(journal, new HardhatArtifactResolver(hre));
  await note.settle(hre.network.provider, deployer, confirmed.at(-1));
  return note;
}

/** The contracts stand, and lack something to open. */
export class NotReadyError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`deployed and closed, it can't be opened: ${problems.join("; ")}`);
    this.name = "NotReadyError";
  }
}

async function connect(hre: HardhatRuntimeEnvironment, addresses: ReadonlyMap<string, string>): Promise<System> {
  const at = (key: keyof System) => addresses.get(key) ?? ZeroAddress;
  return {
    accessManager: await hre.ethers.getContractAt("AccessManager", at("accessManager")),
    breaker: await hre.ethers.getContractAt("Breaker", at("breaker")),
    vault: await hre.ethers.getContractAt("Vault", at("vault")),
    priceAggregator: await hre.ethers.getContractAt("PriceAggregator", at("priceAggregator")),
    alpManager: await hre.ethers.getContractAt("AlpManager", at("alpManager")),
    alp: await hre.ethers.getContractAt("Alp", at("alp")),
    alpLens: await hre.ethers.getContractAt("AlpLens", at("alpLens")),
    feeDistributor: await hre.ethers.getContractAt("FeeDistributor", at("feeDistributor")),
    tradingConfigurator: await hre.ethers.getContractAt("TradingConfigurator", at("tradingConfigurator")),
    trading: await hre.ethers.getContractAt("Trading", at("trading")),
    tradingRecords: await hre.ethers.getContractAt("TradingRecords", at("tradingRecords")),
    executor: await hre.ethers.getContractAt("Executor", at("executor")),
    liquidator: await hre.ethers.getContractAt("Liquidator", at("liquidator")),
    tradingLens: await hre.ethers.getContractAt("TradingLens", at("tradingLens")),
    marketLens: await hre.ethers.getContractAt("MarketLens", at("marketLens")),
    keeperLens: await hre.ethers.getContractAt("KeeperLens", at("keeperLens")),
    router: await hre.ethers.getContractAt("Router", at("router")),
    brokerRegistry: await hre.ethers.getContractAt("BrokerRegistry", at("brokerRegistry")),
    prediction: await hre.ethers.getContractAt("Prediction", at("prediction")),
    predictionConfigurator: await hre.ethers.getContractAt("PredictionConfigurator", at("predictionConfigurator")),
    predictionLens: await hre.ethers.getContractAt("PredictionLens", at("predictionLens")),
    pro: await hre.ethers.getContractAt("Pro", at("pro")),
    proConfigurator: await hre.ethers.getContractAt("ProConfigurator", at("proConfigurator")),
    proKeeper: await hre.ethers.getContractAt("ProKeeper", at("proKeeper")),
    proLens: await hre.ethers.getContractAt("ProLens", at("proLens")),
    proTriggers: await hre.ethers.getContractAt("ProTriggers", at("proTriggers")),
    proTriggersLens: await hre.ethers.getContractAt("ProTriggersLens", at("proTriggersLens")),
    gridBook: await hre.ethers.getContractAt("GridBook", at("gridBook")),
    gridBookLens: await hre.ethers.getContractAt("GridBookLens", at("gridBookLens")),
  };
}

/** One account in two roles, or a deployer with one, would undo the separation the roles are there for. */
function checkAccounts(accounts: SystemAccounts, deployer: string): void {
  const { treasury, ...holders } = accounts;
  if (getAddress(treasury) === ZeroAddress) throw new Error("the treasury is the zero address");
  const taken = new Map([
    [ZeroAddress, "nobody"],
    [getAddress(deployer), "the deployer"],
  ]);
  for (const [role, account] of Object.entries(holders)) {
    const address = getAddress(account);
    const other = taken.get(address);
    if (other !== undefined) throw new Error(`${role} is ${address}, which is ${other}`);
    taken.set(address, role);
  }
}
