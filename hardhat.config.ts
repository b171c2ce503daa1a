import "@nomicfoundation/hardhat-chai-matchers";
import "@nomicfoundation/hardhat-ethers";
import "@nomicfoundation/hardhat-ignition-ethers";
import "@nomicfoundation/hardhat-verify";
import "@typechain/hardhat";
import "hardhat-gas-reporter";
import { TASK_COMPILE_SOLIDITY_GET_SOLC_BUILD } from "hardhat/builtin-tasks/task-names";
import { subtask } from "hardhat/config";
import type { HardhatUserConfig } from "hardhat/config";
import type { SolcBuild } from "hardhat/types";

// A build asks no questions.
process.env.HARDHAT_DISABLE_TELEMETRY_PROMPT ??= "true";

// The coverage plugin instruments sources and rewires the network: it is loaded only when it is asked for.
if (process.env.ASTERISM_COVERAGE === "true") require("solidity-coverage");

const SOLC_VERSION = "0.8.28";

// The compiler comes from npm, so that a build needs no download beside the package registry.
subtask(TASK_COMPILE_SOLIDITY_GET_SOLC_BUILD, async (args: { solcVersion: string }, _hre, runSuper) => {
  if (args.solcVersion !== SOLC_VERSION) return runSuper() as Promise<SolcBuild>;
  const solc = await import("solc");
  return {
    version: args.solcVersion,
    longVersion: solc.version(),
    compilerPath: require.resolve("solc/soljson.js"),
    isSolcJs: true,
  };
});

const CHAIN_IDS = { bnb: 56, arbitrum: 42161 } as const;
const chain = (process.env.ASTERISM_CHAIN ?? "bnb") as keyof typeof CHAIN_IDS;
if (!(chain in CHAIN_IDS)) throw new Error(`ASTERISM_CHAIN is "${chain}", expected "bnb" or "arbitrum"`);

// With a URL the embedded chain forks the real one; `--network bnb` or `--network arbitrum` is the real one itself.
const rpcUrl = chain === "bnb" ? process.env.BNB_RPC_URL : process.env.ARBITRUM_RPC_URL;
const deployerKey = process.env.DEPLOYER_PRIVATE_KEY;

// A property stops drawing cases after FUZZ_SECONDS; the test around it gets a minute more to shrink and report.
const fuzzSeconds = Number(process.env.FUZZ_SECONDS ?? 0);

// What is deployed comes from the IR pipeline. The legacy one is several times faster to compile, and the only one that
// coverage can instrument; it costs some 10k gas per trade.
// The IR pipeline saves a tenth of the gas and takes six times as long to compile: for releases, not for every test.
const viaIR = process.env.ASTERISM_VIA_IR === "true" && process.env.ASTERISM_COVERAGE !== "true";

const config: HardhatUserConfig = {
  solidity: {
    version: SOLC_VERSION,
    settings: { evmVersion: "cancun", optimizer: { enabled: true, runs: 200 }, viaIR },
  },
  networks: {
    hardhat: {
      chainId: CHAIN_IDS[chain],
      hardfork: "cancun",
      allowUnlimitedContractSize: false,
      blockGasLimit: 120_000_000,
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
  mocha: { timeout: Math.max(120_000, (fuzzSeconds + 60) * 1_000), forbidOnly: process.env.CI === "true" },
};

export default config;
