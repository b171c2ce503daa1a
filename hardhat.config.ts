import "@nomicfoundation/hardhat-chai-matchers";
import "@nomicfoundation/hardhat-ethers";
import "@nomicfoundation/hardhat-ignition-ethers";
import "@nomicfoundation/hardhat-verify";
import "@typechain/hardhat";
import "hardhat-gas-reporter";
import type { HardhatUserConfig } from "hardhat/config";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { SOLC_VERSION } from "./toolchain/compiler";
import { TESTS_BEGIN } from "./toolchain/tasks";
import { TallyReporter } from "./toolchain/tallyReporter";

// A build asks no questions.
process.env.HARDHAT_DISABLE_TELEMETRY_PROMPT ??= "true";

// The coverage plugin instruments sources and rewires the network: it is loaded only when it is asked for.
const coverage = process.env.ASTERISM_COVERAGE === "true";
if (coverage) {
  require("solidity-coverage");
  require("./toolchain/coverage");
}

// `ASTERISM_PIPELINE=legacy` compiles everything by the legacy pipeline: a minute less, for work in progress. Gas and sizes
// are those of the default.
const isLegacyOnly = coverage || process.env.ASTERISM_PIPELINE === "legacy";

const CHAIN_IDS = { bnb: 56, arbitrum: 42161 } as const;
const chain = (process.env.ASTERISM_CHAIN ?? "bnb") as keyof typeof CHAIN_IDS;
if (!(chain in CHAIN_IDS)) throw new Error(`ASTERISM_CHAIN is "${chain}", expected "bnb" or "arbitrum"`);

// With a URL the embedded chain forks the real one; `--network bnb` or `--network arbitrum` is the real one itself.
const rpcUrl = chain === "bnb" ? process.env.BNB_RPC_URL : process.env.ARBITRUM_RPC_URL;
const deployerKey = process.env.DEPLOYER_PRIVATE_KEY;

// A property stops drawing cases after FUZZ_SECONDS; the test around it gets a minute more to shrink and report.
const fuzzSeconds = Number(process.env.FUZZ_SECONDS ?? 0);
// Instrumented code runs many times slower.
const leastTimeout = coverage ? 900_000 : 120_000;

// What runs for every trade, bet, mint and burn comes from the IR pipeline, optimised for many runs: a tenth less gas than
// from the legacy one, and several times as long to compile. So does the lens that keepers search with. Everything else is compiled by the legacy pipeline: what only
// governance calls, views, test contracts. Coverage can instrument the legacy pipeline only.
const LOGICS = ["contracts/trading/logic", "contracts/pro/logic"];
const HOT_SOURCES = [
  "contracts/access/Breaker.sol",
  "contracts/keeper/Executor.sol",
  "contracts/keeper/Liquidator.sol",
  "contracts/keeper/ProKeeper.sol",
  "contracts/oracle/PriceAggregator.sol",
  "contracts/periphery/ProTriggers.sol",
  "contracts/periphery/lens/KeeperLens.sol",
  "contracts/prediction/Prediction.sol",
  "contracts/pro/Pro.sol",
  "contracts/trading/Trading.sol",
  "contracts/vault/Vault.sol",
  ...LOGICS.flatMap((logic) => readdirSync(join(__dirname, logic)).map((name) => `${logic}/${name}`)),
].filter((source) => !source.endsWith("/ConfigLogic.sol"));

// Through IR too, but for fewer runs: for more AlpManager would fill its size ceiling. Alp, which it creates, goes with it: what
// is deployed of it is what is compiled on its own.
const LARGE_SOURCES = ["contracts/vault/Alp.sol", "contracts/vault/AlpManager.sol"];

interface Optimizer {
  runs: number;
  viaIR: boolean;
}

function overridesFor(sources: readonly string[], optimizer: Optimizer) {
  return Object.fromEntries(sources.map((source) => [source, compiler(optimizer)]));
}

function compiler(optimizer: Optimizer) {
  const { runs, viaIR } = optimizer;
  // Beside what Hardhat needs, for the snapshots.
  const outputSelection = { "*": { "*": ["storageLayout", "transientStorageLayout"] } };
  const optimized = { optimizer: { enabled: true, runs }, viaIR };
  return { version: SOLC_VERSION, settings: { evmVersion: "cancun", ...optimized, outputSelection } };
}

const overrides = {
  ...overridesFor(HOT_SOURCES, { runs: 3_000, viaIR: true }),
  ...overridesFor(LARGE_SOURCES, { runs: 1_000, viaIR: true }),
};

const config: HardhatUserConfig = {
  solidity: {
    compilers: [compiler({ runs: 200, viaIR: false })],
    overrides: isLegacyOnly ? {} : overrides,
  },
  networks: {
    hardhat: {
      chainId: CHAIN_IDS[chain],
      hardfork: "cancun",
      allowUnlimitedContractSize: isLegacyOnly,
      blockGasLimit: 120_000_000,
      // Above any base fee of a chain of small blocks; the node is not asked for one before every transaction.
      gasPrice: 10_000_000_000,
      // Coverage has its chain running before its tests are set up.
      ...(coverage ? { initialDate: TESTS_BEGIN } : {}),
      ...(rpcUrl ? { forking: { url: rpcUrl } } : {}),
    },
    ...(rpcUrl
      ? { [chain]: { url: rpcUrl, chainId: CHAIN_IDS[chain], accounts: deployerKey ? [deployerKey] : [] } }
      : {}),
  },
  paths: { ignition: "deploy" },
  // Blocks come every quarter to three quarters of a second on these chains.
  ignition: { blockPollingInterval: 250 },
  typechain: { outDir: "typechain-types", target: "ethers-v6" },
  gasReporter: { enabled: process.env.REPORT_GAS === "true", offline: true },
  mocha: {
    timeout: Math.max(leastTimeout, (fuzzSeconds + 60) * 1_000),
    forbidOnly: process.env.CI === "true",
    reporter: TallyReporter,
  },
};

export default config;
