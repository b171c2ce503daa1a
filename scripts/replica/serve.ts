import { HDNodeWallet } from "ethers";
import hre from "hardhat";
import { TASK_NODE_CREATE_SERVER } from "hardhat/builtin-tasks/task-names";
import type { HttpNetworkHDAccountsConfig, JsonRpcServer } from "hardhat/types";
import { deployWithRecord } from "../../deploy/deploySystem";
import { profileFor } from "../../deploy/profiles";
import { installReplica, localPyth } from "../../kit/replica";
import { buildRecord, writeRecord } from "../../deploy/record";
import { LocalPublisher } from "../../kit/pyth/publisher";
import { standStill } from "../deploy/stillness";
import { fund } from "./fund";
import { Market } from "./market";
import { PriceService } from "./priceService";

const HOST = "127.0.0.1";
const BLOCK_MS = 1_000;
const NAME_WIDTH = 24;
const ROLE_NAMES = ["deployer", "governor", "riskManager", "guardian", "treasury"] as const;

export interface ServeOptions {
  port: number;
  pricePort: number;
  record?: string;
}

/** Serves until an interrupt. */
export async function serve({ port, pricePort, record }: ServeOptions): Promise<{ closed: Promise<void> }> {
  await hre.run("compile", { quiet: true });
  // Time goes on as outside, however many transactions there are in a second.
  standStill();
  const { ethers, artifacts, network } = hre;
  const profile = profileFor(network.config.chainId ?? 0);
  const signers = await ethers.getSigners();
  const [deployer, governor, riskManager, guardian, treasury] = signers;
  const publisher = new LocalPublisher(profile.pyth.network);
  const pyth = localPyth(deployer.address, publisher);
  const replica = await installReplica({ profile, provider: ethers.provider, signer: deployer, artifacts, pyth });
  const accounts = {
    governor: governor.address,
    riskManager: riskManager.address,
    guardian: guardian.address,
    treasury: treasury.address,
  };
  const beforeOpening = () => replica.refreshPushPrices();
  const deployment = await deployWithRecord(hre, profile, { ...accounts, beforeOpening });
  const { hashes } = deployment.ignited;
  const commit = { hash: "replica", isModified: false };
  const written = await buildRecord(hre, deployment, { id: "replica", profile, accounts, commit, hashes });
  if (record !== undefined) writeRecord(record, written);

  const market = await Market.open(replica, deployer);
  const funded = await fund(deployment.system, replica, publisher, signers.slice(ROLE_NAMES.length));
  await market.storePythPrices(publisher);
  await network.provider.send("evm_setIntervalMining", [BLOCK_MS]);
  market.keepFresh();

  const server = (await hre.run(TASK_NODE_CREATE_SERVER, {
    hostname: HOST,
    port,
    provider: network.provider,
  })) as JsonRpcServer;
  await server.listen();
  const prices = new PriceService(market, publisher);
  await prices.listen(pricePort, HOST);

  console.log(`${profile.name}, chain ${profile.chainId}`);
  row("node", `http://${HOST}:${port}`);
  row("prices", `http://${HOST}:${pricePort}`);
  for (const [name, { address }] of Object.entries(written.contracts)) row(name, address);
  for (const { symbol, address } of profile.tokens) row(symbol, address);
  const { mnemonic } = network.config.accounts as HttpNetworkHDAccountsConfig;
  for (const [index, { address }] of signers.entries()) {
    const name =
      ROLE_NAMES[index] ?? (index < ROLE_NAMES.length + funded ? `account ${index}, funded` : `account ${index}`);
    const { privateKey } = HDNodeWallet.fromPhrase(mnemonic, "", `m/44'/60'/0'/0/${index}`);
    row(name, `${address}  ${privateKey}`);
  }
  console.log("ready; everybody knows these keys");
  return {
    closed: untilInterrupted(async () => {
      market.stop();
      await network.provider.send("evm_setIntervalMining", [0]);
      await Promise.all([server.close(), prices.close()]);
      console.log("stopped");
    }),
  };
}

function untilInterrupted(stop: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => void stop().then(resolve, reject);
    process.once("SIGINT", end);
    process.once("SIGTERM", end);
  });
}

function row(name: string, value: string): void {
  console.log(`  ${name.padEnd(NAME_WIDTH)}  ${value}`);
}
