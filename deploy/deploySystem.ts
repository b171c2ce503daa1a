import { ZeroAddress, getAddress } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types";
import type {
  AccessManager,
  Alp,
  AlpManager,
  Breaker,
  Executor,
  FeeDistributor,
  KeeperLens,
  Liquidator,
  MarketLens,
  PriceAggregator,
  Trading,
  TradingConfigurator,
  TradingLens,
  Router,
  BrokerRegistry,
  Prediction,
  PredictionConfigurator,
  PredictionLens,
  Vault,
} from "../typechain-types";
import { withLeanArtifacts } from "./buildInfo";
import { assertHandedOver, assertHasCode, readWirings } from "./checks";
import { buildHandoverModule } from "./modules/handover";
import { buildSystemModule } from "./modules/system";
import type { ChainProfile } from "./profiles";
import type { RoleHolders } from "./roles";

export interface SystemAccounts extends RoleHolders {
  /** Receives the treasury's share of the fees. */
  treasury: string;
}

export interface DeployOptions extends SystemAccounts {
  /**
   * Under this name Ignition keeps what it has sent, so that an interrupted deployment goes on where it stopped. Not used
   * in-process. On a node that may have been restarted give a fresh one: with an old one nothing would be sent.
   */
  deploymentId?: string;
}

/** The deployed contracts. */
export interface System {
  accessManager: AccessManager;
  breaker: Breaker;
  vault: Vault;
  priceAggregator: PriceAggregator;
  alpManager: AlpManager;
  alp: Alp;
  feeDistributor: FeeDistributor;
  tradingConfigurator: TradingConfigurator;
  trading: Trading;
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
}

/**
 * Deploys and configures everything and hands it over to its governance; the one way in which the system comes to be, for
 * scripts, tests and demonstrations alike. The deployer is the first account of the network and has no power afterwards.
 */
export async function deploySystem(
  hre: HardhatRuntimeEnvironment,
  profile: ChainProfile,
  options: DeployOptions,
): Promise<System> {
  const { deploymentId, ...accounts } = options;
  const [deployer] = await hre.ethers.getSigners();
  const { chainId } = await hre.ethers.provider.getNetwork();
  if (chainId !== BigInt(profile.chainId)) {
    throw new Error(`the profile is for chain ${profile.chainId}, the network is chain ${chainId.toString()}`);
  }
  checkAccounts(accounts, deployer.address);

  const systemModule = buildSystemModule(profile);
  const wirings = await readWirings(hre, systemModule);
  const deployed = await withLeanArtifacts(hre, () =>
    hre.ignition.deploy(buildHandoverModule(systemModule, wirings), {
      parameters: { $global: { ...accounts } },
      defaultSender: deployer.address,
      deploymentId,
    }),
  );

  const addresses = new Map<string, string>();
  for (const [key, contract] of Object.entries(deployed)) addresses.set(key, await contract.getAddress());
  await assertHasCode(hre, addresses, deploymentId);

  const at = (key: keyof System) => addresses.get(key) ?? ZeroAddress;
  const system: System = {
    accessManager: await hre.ethers.getContractAt("AccessManager", at("accessManager")),
    breaker: await hre.ethers.getContractAt("Breaker", at("breaker")),
    vault: await hre.ethers.getContractAt("Vault", at("vault")),
    priceAggregator: await hre.ethers.getContractAt("PriceAggregator", at("priceAggregator")),
    alpManager: await hre.ethers.getContractAt("AlpManager", at("alpManager")),
    alp: await hre.ethers.getContractAt("Alp", at("alp")),
    feeDistributor: await hre.ethers.getContractAt("FeeDistributor", at("feeDistributor")),
    tradingConfigurator: await hre.ethers.getContractAt("TradingConfigurator", at("tradingConfigurator")),
    trading: await hre.ethers.getContractAt("Trading", at("trading")),
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
  };
  await assertHandedOver(system.accessManager, addresses, wirings, accounts, deployer.address);
  return system;
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
