import type { Provider, Signer } from "ethers";
import { chainById } from "./chains";
import { DeploymentError, deploymentOn, readDeployment } from "./chains/deployment";
import { AlpClient } from "./clients/alp";
import { BetClient } from "./clients/bets";
import { BreakerClient } from "./clients/breaker";
import { BrokerClient } from "./clients/brokers";
import { KeeperClient } from "./clients/keeper";
import { PermitClient } from "./clients/permits";
import { ProClient } from "./clients/pro";
import { ProGridClient } from "./clients/proGrids";
import { ProTriggerClient } from "./clients/proTriggers";
import { TradeClient } from "./clients/trade";
import { VaultClient } from "./clients/vault";
import type { Connection } from "./connection";
import type { PriceSource } from "./pyth/source";
import { Reader } from "./reading";

export interface ConnectOptions {
  /** The record of the deployment, its JSON parsed; the one that this version of the package knows by default. */
  readonly deployment?: unknown;
  /** Needed to execute, to liquidate, to mint and to burn. */
  readonly prices?: PriceSource;
  /** For who asks the same again and again: the last answers to so many questions are kept, and decoded anew where they changed. */
  readonly remembered?: number;
}

/** Everything that traders, players, liquidity providers, keepers and brokers do. */
export class Asterism {
  readonly trade: TradeClient;
  readonly bets: BetClient;
  readonly pro: ProClient;
  readonly proTriggers: ProTriggerClient;
  readonly alp: AlpClient;
  readonly vault: VaultClient;
  readonly permits: PermitClient;
  readonly keeper: KeeperClient;
  readonly proGrids: ProGridClient;
  readonly brokers: BrokerClient;
  readonly breaker: BreakerClient;

  private constructor(
    readonly connection: Connection,
    prices: PriceSource | null,
  ) {
    this.trade = new TradeClient(connection);
    this.bets = new BetClient(connection);
    this.pro = new ProClient(connection, prices);
    this.proTriggers = new ProTriggerClient(connection, this.pro);
    this.alp = new AlpClient(connection, prices);
    this.vault = new VaultClient(connection);
    this.permits = new PermitClient(connection);
    this.keeper = new KeeperClient(connection, prices);
    this.proGrids = new ProGridClient(connection, this.pro);
    this.brokers = new BrokerClient(connection);
    this.breaker = new BreakerClient(connection);
  }

  /**
   * Connects to the chain of a signer, or of a provider for reading alone. Throws `UnknownNameError` for a chain that has no
   * deployment, `DeploymentError` for a record that is of another chain, or none.
   */
  static async connect(
    to: Signer | Provider,
    { deployment, prices, remembered }: ConnectOptions = {},
  ): Promise<Asterism> {
    const signer = "signTransaction" in to ? to : null;
    const provider = signer === null ? (to as Provider) : signer.provider;
    if (provider === null) throw new Error("the signer has no provider: connect it to one");
    const { chainId } = await provider.getNetwork();
    const chain = chainById(chainId);
    const found = deployment === undefined ? deploymentOn(chainId) : readDeployment(deployment);
    if (BigInt(found.chainId) !== chainId) {
      throw new DeploymentError(`the record is of chain ${found.chainId}, the node of ${chainId.toString()}`);
    }
    const { contracts } = found;
    if ((await provider.getCode(contracts.trading)) === "0x") {
      throw new DeploymentError(
        `no contract at ${contracts.trading} on chain ${chainId.toString()}: the record is of another chain`,
      );
    }
    const reader = new Reader(provider, remembered);
    const { startBlock } = found;
    return new Asterism({ provider, signer, chain, contracts, startBlock, reader }, prices ?? null);
  }
}
