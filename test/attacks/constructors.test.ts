import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { ethers } from "hardhat";
import { delegate } from "../dsl/delegation";
import { deployLinked, linksOf } from "../dsl/linked";
import { deskFixture } from "../fixtures/desk";

const UINT256 = 2n ** 256n - 1n;
const UINT32 = 2n ** 32n - 1n;
const UINT64 = 2n ** 64n - 1n;
const UINT24 = 2n ** 24n - 1n;
const HOUR = 3_600n;

const TRADING_LIBRARIES = [
  "AmendLogic",
  "AttemptLogic",
  "CloseLogic",
  "OpenLogic",
  "PreviewLogic",
  "SettingsLogic",
  "ValuationLogic",
] as const;

/** A number's bounds, and the error with its arguments for a value outside them. */
interface Bounds {
  min: bigint;
  max: bigint;
  /** Largest value of its type. */
  top: bigint;
  error: string;
  args: (value: bigint) => unknown[];
  /** The contract that has the error, where the one that is built creates it. */
  thrower?: string;
}

interface Blueprint {
  /** Every argument, at a value that is accepted. */
  good: Record<string, unknown>;
  /** The arguments as the constructor takes them; in their order unless told otherwise. */
  arrange?: (values: Record<string, unknown>) => unknown[];
  /** Names of the arguments that have to be contracts. */
  contracts: readonly string[];
  /** The error of one that isn't; `Code_NotAContract` unless told otherwise. */
  notAContract?: Readonly<Record<string, string>>;
  numbers?: Readonly<Record<string, Bounds>>;
}

const outOfRange = (error: string, min: bigint, max: bigint, top: bigint): Bounds => ({
  ...{ min, max, top, error },
  args: (value) => [value, min, max],
});
const beyond = (error: string, max: bigint, top: bigint): Bounds => ({
  ...{ min: 0n, max, top, error },
  args: (value) => [value, max],
});

const DELAY = outOfRange("Product_DelayOutOfRange", 2n, 60n, UINT32);
const EXECUTION = {
  executionWindow: outOfRange("Product_WindowOutOfRange", 15n, 300n, UINT32),
  executionFeeUsd: beyond("Product_ExecutionFeeOutOfRange", 5n * 10n ** 18n, UINT256),
};
const FEE = beyond("AlpManager_FeeOutOfRange", 10_000n, UINT24);

async function blueprintsFixture() {
  const fixture = await loadFixture(deskFixture);
  const { vault, priceAggregator, breaker, accessManager, brokerRegistry, profile, treasury, stranger } = fixture;
  const { tradingConfigurator, predictionConfigurator, pro, proConfigurator, executor, trading, alpManager } = fixture;
  const libraries: Record<string, string> = {};
  for (const name of TRADING_LIBRARIES) libraries[name] = await (await ethers.deployContract(name)).getAddress();
  const proLibraries: Record<string, string> = {};
  await deployLinked(
    "Pro",
    [vault, priceAggregator, breaker, proConfigurator, profile.tokens[0].address],
    proLibraries,
  );
  const addressOf = async (contract: { getAddress(): Promise<string> }) => contract.getAddress();
  const [vaultAt, aggregator, breakerAt, manager] = await Promise.all(
    [vault, priceAggregator, breaker, accessManager].map(addressOf),
  );
  const restricted: Blueprint = { good: { accessManager: manager }, contracts: ["accessManager"] };
  const priced: Blueprint = { good: { aggregator }, contracts: ["aggregator"] };
  const seeing: Blueprint = { good: { aggregator, breaker: breakerAt }, contracts: ["aggregator", "breaker"] };
  const stands = { vault: vaultAt, aggregator, breaker: breakerAt };
  const execution = { executionWindow: 30n, executionFeeUsd: 5n * 10n ** 17n };
  const sequencerFeed = await (await ethers.deployContract("StandInSequencerFeed")).getAddress();
  const source = { accessManager: manager, pyth: profile.pyth.address };
  const NOT_A_CONTRACT = "PriceAggregator_NotAContract";
  const blueprints: Record<string, Blueprint> = {
    Breaker: restricted,
    BrokerRegistry: restricted,
    TradingConfigurator: restricted,
    PredictionConfigurator: restricted,
    ProConfigurator: restricted,
    Executor: priced,
    Liquidator: priced,
    ProKeeper: priced,
    KeeperLens: priced,
    PredictionLens: priced,
    TradingLens: priced,
    TradingRecords: { good: { trading: await trading.getAddress() }, contracts: ["trading"] },
    MarketLens: seeing,
    AlpLens: { good: { manager: await alpManager.getAddress() }, contracts: ["manager"] },
    Router: { good: { vault: vaultAt }, contracts: ["vault"] },
    Vault: {
      good: { accessManager: manager, wrappedNative: await vault.wrappedNative() },
      contracts: ["accessManager", "wrappedNative"],
    },
    FeeDistributor: {
      good: {
        ...{ accessManager: manager, vault: vaultAt, brokers: await brokerRegistry.getAddress() },
        treasury: treasury.address,
      },
      contracts: ["accessManager", "vault", "brokers"],
    },
    AlpManager: {
      good: {
        ...{ accessManager: manager, ...stands, coolingSeconds: 48n * HOUR, basePips: 2_500n, taxPips: 500n },
        shareFloorUsd: 1_000_000n,
      },
      arrange: ({ basePips, taxPips, shareFloorUsd, ...values }) => [
        ...Object.values(values),
        { basePips, taxPips },
        shareFloorUsd,
      ],
      contracts: ["accessManager", "vault", "aggregator", "breaker"],
      numbers: {
        coolingSeconds: { ...outOfRange("Alp_CoolingOutOfRange", HOUR, 14n * 24n * HOUR, UINT256), thrower: "Alp" },
        basePips: FEE,
        taxPips: FEE,
        shareFloorUsd: beyond("AlpManager_ShareFloorOutOfRange", 100_000_000n, UINT64),
      },
    },
    Trading: {
      good: {
        ...{ ...stands, configurator: await tradingConfigurator.getAddress() },
        trustedExecutor: await executor.getAddress(),
        ...{ standardDelay: 2n, degenDelay: 3n, ...execution },
      },
      arrange: (values) => [values],
      contracts: ["vault", "aggregator", "breaker", "configurator", "trustedExecutor"],
      numbers: { standardDelay: DELAY, degenDelay: DELAY, ...EXECUTION },
    },
    Prediction: {
      good: {
        ...{ ...stands, configurator: await predictionConfigurator.getAddress() },
        ...{ executionDelay: 3n, ...execution },
      },
      arrange: (values) => [values],
      contracts: ["vault", "aggregator", "breaker", "configurator"],
      numbers: { executionDelay: DELAY, ...EXECUTION },
    },
    Pro: {
      good: { ...stands, configurator: await proConfigurator.getAddress(), token: profile.tokens[0].address },
      contracts: ["vault", "aggregator", "breaker", "configurator", "token"],
    },
    ProTriggers: {
      good: { pro: await pro.getAddress(), executionDelay: 3n },
      contracts: ["pro"],
      numbers: { executionDelay: { ...DELAY, top: UINT256 } },
    },
    GridBook: {
      good: { pro: await pro.getAddress() },
      contracts: ["pro"],
    },
    "PriceAggregator without a sequencer": {
      good: { ...source, sequencerFeed: ZeroAddress, graceSeconds: 0n },
      contracts: ["accessManager", "pyth"],
      notAContract: { accessManager: NOT_A_CONTRACT, pyth: NOT_A_CONTRACT },
      numbers: { graceSeconds: outOfRange("PriceAggregator_GraceOutOfRange", 0n, HOUR, UINT256) },
    },
    "PriceAggregator with a sequencer": {
      good: { ...source, sequencerFeed, graceSeconds: 300n },
      contracts: ["accessManager", "pyth"],
      notAContract: { accessManager: NOT_A_CONTRACT, pyth: NOT_A_CONTRACT },
      numbers: { graceSeconds: outOfRange("PriceAggregator_GraceOutOfRange", 60n, HOUR, UINT256) },
    },
  };

  const delegated = ethers.Wallet.createRandom().address;
  await delegate(delegated, vaultAt);
  // Of all libraries those that Pro is linked to itself.
  const proLinks = await linksOf("Pro", proLibraries);
  const build = async (name: string, changes: Record<string, unknown> = {}) => {
    const { good, arrange = Object.values } = blueprints[name];
    const [contractName] = name.split(" ");
    const linked: Record<string, Record<string, string>> = { Trading: libraries, Pro: proLinks };
    const factory = await ethers.getContractFactory(contractName, { libraries: linked[contractName] ?? {} });
    const request = await factory.getDeployTransaction(...arrange({ ...good, ...changes }));
    const [deployer] = await ethers.getSigners();
    return { factory, send: () => deployer.sendTransaction(request) };
  };
  return { ...fixture, blueprints, build, accounts: { nobody: ZeroAddress, account: stranger.address, delegated } };
}

const NAMES = [
  "Breaker",
  "BrokerRegistry",
  "TradingConfigurator",
  "PredictionConfigurator",
  "ProConfigurator",
  "Executor",
  "Liquidator",
  "ProKeeper",
  "KeeperLens",
  "PredictionLens",
  "TradingLens",
  "TradingRecords",
  "MarketLens",
  "AlpLens",
  "Router",
  "Vault",
  "FeeDistributor",
  "AlpManager",
  "Trading",
  "Prediction",
  "Pro",
  "ProTriggers",
  "GridBook",
  "PriceAggregator without a sequencer",
  "PriceAggregator with a sequencer",
] as const;

describe("attacks: what contracts are built with", () => {
  it("A27: knows every contract of the deployment", async () => {
    const { blueprints, system } = await loadFixture(blueprintsFixture);
    expect(Object.keys(blueprints)).to.deep.equal([...NAMES]);
    const built = new Set(NAMES.map((name) => name.split(" ")[0].toLowerCase()));
    // ALP is built by its manager, the access manager is OpenZeppelin's own, the lenses of Pro take nothing.
    const others = Object.keys(system).filter((key) => !built.has(key.toLowerCase()));
    expect(others.sort()).to.deep.equal(["accessManager", "alp", "gridBookLens", "proLens", "proTriggersLens"]);
  });

  for (const name of NAMES) {
    it(`A27 A38: ${name} takes contracts where it needs them, and no account, delegated or not`, async () => {
      const { blueprints, build, accounts } = await loadFixture(blueprintsFixture);
      await (await build(name)).send();
      const { contracts, notAContract = {} } = blueprints[name];
      for (const argument of contracts) {
        for (const given of Object.values(accounts)) {
          const { factory, send } = await build(name, { [argument]: given });
          await expect(send(), `${argument} ${given}`)
            .to.be.revertedWithCustomError(factory, notAContract[argument] ?? "Code_NotAContract")
            .withArgs(given);
        }
      }
    });
  }

  for (const name of ["AlpManager", "Trading", "Prediction", ...NAMES.slice(-3)]) {
    it(`A27: ${name} takes every number at 0, its bounds, beyond them and at its type's end, or says what it takes`, async () => {
      const { blueprints, build } = await loadFixture(blueprintsFixture);
      for (const [argument, bounds] of Object.entries(blueprints[name].numbers ?? {})) {
        const { min, max, top, error, args, thrower } = bounds;
        for (const value of new Set([0n, min === 0n ? 0n : min - 1n, min, max, max + 1n, top])) {
          const { factory, send } = await build(name, { [argument]: value });
          if (value >= min && value <= max) {
            await (await send()).wait();
          } else {
            const refusing = thrower === undefined ? factory : await ethers.getContractFactory(thrower);
            await expect(send(), `${argument} ${value.toString()}`)
              .to.be.revertedWithCustomError(refusing, error)
              .withArgs(...args(value));
          }
        }
      }
    });
  }

  it("A27 A38: the aggregator takes a sequencer feed that is a contract, or none", async () => {
    const { build, accounts } = await loadFixture(blueprintsFixture);
    for (const given of [accounts.account, accounts.delegated]) {
      const { factory, send } = await build("PriceAggregator with a sequencer", { sequencerFeed: given });
      await expect(send()).to.be.revertedWithCustomError(factory, "PriceAggregator_NotAContract").withArgs(given);
    }
  });

  it("A27: the treasury is an account or a contract, and somebody", async () => {
    const { build, accounts, alp } = await loadFixture(blueprintsFixture);
    for (const given of [accounts.account, accounts.delegated, await alp.getAddress()]) {
      await (await build("FeeDistributor", { treasury: given })).send();
    }
    const { factory, send } = await build("FeeDistributor", { treasury: ZeroAddress });
    await expect(send()).to.be.revertedWithCustomError(factory, "FeeDistributor_ZeroAddress");
  });

  it("A27 A38: the Vault is initialised with contracts, lists contracts and adds contracts", async () => {
    const { accounts, governor, vault: deployed, alp, replica } = await loadFixture(blueprintsFixture);
    const manager = await ethers.deployContract("AccessManager", [governor]);
    const vault = (await ethers.deployContract("Vault", [manager, await deployed.wrappedNative()])).connect(governor);
    const token = await replica.token("USDT").getAddress();
    for (const given of Object.values(accounts)) {
      for (const call of [
        () => vault.initialise(given, alp),
        () => vault.initialise(alp, given),
        () => vault.addProduct(given),
        () => vault.listToken(given, 800_000n),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(vault, "Code_NotAContract").withArgs(given);
      }
    }
    const MAX = 950_000n;
    for (const pips of [0n, MAX + 1n, UINT24]) {
      await expect(vault.listToken(token, pips))
        .to.be.revertedWithCustomError(vault, "Vault_UtilizationOutOfRange")
        .withArgs(pips, MAX);
    }
    await vault.listToken(token, MAX);
    await vault.initialise(alp, alp);
    await vault.addProduct(alp);
  });
});
