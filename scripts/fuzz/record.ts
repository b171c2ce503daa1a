/**
 * Deploys the production system on the embedded chain and writes down every transaction of it, so that another machine can
 * play them again: `record.ts <file>`. Reads the artifacts: compile first.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { serialize } from "node:v8";
import { Interface, ZeroAddress } from "ethers";
import type { BaseContract, InterfaceAbi } from "ethers";
import hre from "hardhat";
import { deployWithRecord } from "../../deploy/deploySystem";
import type { System } from "../../deploy/deploySystem";
import { bookIdOf } from "../../deploy/arguments/books";
import { assetIdOf } from "../../deploy/arguments/oracle";
import { WRAPPED_ASSETS, profileFor } from "../../deploy/profiles";
import type { AssetKey } from "../../deploy/profiles";
import { ROLES } from "../../deploy/roles";
import { usedAssets } from "../../deploy/sources";
import { Desk, confirmed } from "../../kit/desk/Desk";
import { LocalPublisher } from "../../kit/pyth/publisher";
import { DEFAULT_PRICES, HOSTILE_TOKEN_CONTRACTS, installReplica, localPyth } from "../../kit/replica";
import type { Replica, RpcProvider } from "../../kit/replica";
import { SINGLE_SIGNER_NETWORK } from "../../sdk/pyth/networks";
import { fund } from "../replica/fund";
import { standStill } from "../deploy/stillness";
import { runMain } from "../lib/main";
import { StepKind } from "./recording";
import type { Recorded, Step } from "./recording";

/** Accounts after those of the roles: an LP and four traders. */
const FIRST_ACTOR = 5;
const ACTORS = ["lp", "alice", "bob", "carol", "dave"] as const;
/** Whom the system pays, or is called by, beside plain accounts. */
const RECEIVERS = ["RevertingReceiver", "ReentrantReceiver", "GasBurningReceiver", "ReturnBombReceiver"] as const;
const DAY_SECONDS = 86_400;
const BROKER_SHARE = 250_000;

/** What a development node was told beside transactions. */
interface Told {
  readonly block: number;
  readonly address: string;
  readonly code: string;
}

runMain(async () => {
  const [file] = process.argv.slice(2);
  const record = await recordDeployment();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, serialize(record));
  console.log(`${record.steps.length} steps of chain ${record.chainId} written to ${file}`);
});

async function recordDeployment(): Promise<Recorded> {
  standStill();
  const { artifacts, ethers, network } = hre;
  const profile = profileFor(network.config.chainId ?? 0);
  const signers = await ethers.getSigners();
  const [deployer, governor, riskManager, guardian, treasury] = signers;
  const told: Told[] = [];
  const provider = noting(told);
  const publisher = new LocalPublisher({ ...SINGLE_SIGNER_NETWORK, updateFeeWei: 1n });
  const pyth = localPyth(deployer.address, publisher);
  const replica = await installReplica({ profile, provider, signer: deployer, artifacts, pyth });
  const accounts = {
    governor: governor.address,
    riskManager: riskManager.address,
    guardian: guardian.address,
    treasury: treasury.address,
  };
  const { system } = await deployWithRecord(hre, profile, {
    ...accounts,
    beforeOpening: () => replica.refreshPushPrices(),
  });
  const actors = signers.slice(FIRST_ACTOR, FIRST_ACTOR + ACTORS.length);
  await fund(system, replica, publisher, actors);
  await grantWithoutDelay(system, { governor: governor.address, riskManager: riskManager.address });
  const desk = new Desk(ethers.provider, profile, replica, publisher, system);
  for (const asset of usedAssets(profile)) await desk.setPrice(asset, DEFAULT_PRICES[asset]);
  await confirmed(system.brokerRegistry.connect(riskManager).addBroker(actors[4], actors[4], BROKER_SHARE));

  const places = new Map<string, string>(
    await Promise.all(
      contractsOf(system).map(async ([name, contract]) => [name, await contract.getAddress()] as [string, string]),
    ),
  );
  for (const [index, name] of ACTORS.entries()) places.set(name, actors[index].address);
  for (const [name, address] of Object.entries(accounts)) places.set(name, address);
  places.set("pyth", profile.pyth.address);
  places.set("settlement", await replica.token(profile.pro.settlementSymbol).getAddress());
  for (const name of RECEIVERS) places.set(name, await (await ethers.deployContract(name)).getAddress());
  for (const name of HOSTILE_TOKEN_CONTRACTS) places.set(name, await (await ethers.deployContract(name)).getAddress());
  if (replica.sequencer !== null) places.set("sequencer", await (await replica.sequencerFeed()).getAddress());

  const { emitter, emitterChain, guardianSetIndex } = publisher.network;
  return {
    chainId: BigInt(profile.chainId),
    steps: await stepsOf(told),
    names: [...places.keys()],
    places: [...places.values()],
    tokens: await Promise.all(
      profile.tokens.map(async ({ address, assetKey, decimals }) => ({
        ...{ token: address, assetId: BigInt(assetIdOf(assetKey)), decimals: BigInt(decimals) },
        code: await ethers.provider.getCode(address),
      })),
    ),
    assets: await Promise.all(usedAssets(profile).map((asset) => assetOf(replica, asset))),
    books: profile.markets.flatMap(({ books }, market) => books.map(({ mode }) => BigInt(bookIdOf(market, mode)))),
    offers: profile.prediction.markets.flatMap(({ periods }, market) =>
      profile.prediction.stakeTokens.flatMap(({ symbol }) =>
        periods.map(({ periodSeconds }) => ({
          ...{ marketId: BigInt(market), periodSeconds: BigInt(periodSeconds) },
          token: profile.tokens.find((token) => token.symbol === symbol)?.address ?? ZeroAddress,
        })),
      ),
    ),
    errors: errorsOf(system),
    pyth: {
      ...{ emitter, emitterChain: BigInt(emitterChain), guardianSetIndex: BigInt(guardianSetIndex) },
      key: publisher.guardianKeys[0].privateKey,
    },
  };
}

function contractsOf(system: System): [string, BaseContract][] {
  return Object.entries(system) as [string, BaseContract][];
}

/** A provider that notes what code it puts where. */
function noting(told: Told[]): RpcProvider {
  const { provider } = hre.ethers;
  return {
    getNetwork: () => provider.getNetwork(),
    getBlock: (tag) => provider.getBlock(tag),
    send: async (method, params) => {
      if (method === "hardhat_setCode") {
        const [address, code] = params as [string, string];
        told.push({ block: await provider.getBlockNumber(), address, code });
      }
      return provider.send(method, params) as Promise<unknown>;
    },
  };
}

/** Everything that happened, in its order. */
async function stepsOf(told: readonly Told[]): Promise<Step[]> {
  const { provider } = hre.ethers;
  const steps: Step[] = [];
  const last = await provider.getBlockNumber();
  for (let number = 0; number <= last; number++) {
    const block = await provider.getBlock(number, true);
    if (block === null) throw new Error(`there is no block ${number}`);
    const time = BigInt(block.timestamp);
    for (const { data, from, hash, to, value } of block.prefetchedTransactions) {
      const receipt = await provider.getTransactionReceipt(hash);
      if (receipt?.status !== 1) throw new Error(`transaction ${hash} failed`);
      const kind = to === null ? StepKind.Create : StepKind.Call;
      steps.push({ ...{ kind, time, from, value, data }, to: to ?? receipt.contractAddress ?? ZeroAddress });
    }
    for (const { address, block: after, code } of told) {
      if (after !== number) continue;
      steps.push({ ...{ kind: StepKind.Code, time, from: ZeroAddress, to: address, value: 0n, data: code } });
    }
  }
  return steps;
}

/** Governor and risk manager may act at once: what delays are for is tested elsewhere. */
async function grantWithoutDelay(
  { accessManager }: System,
  holders: { governor: string; riskManager: string },
): Promise<void> {
  const { ethers, network } = hre;
  const governor = await ethers.getSigner(holders.governor);
  const grants = [
    [ROLES.GOVERNOR.id, holders.governor, 0],
    [ROLES.RISK_MANAGER.id, holders.riskManager, 0],
  ] as const;
  const target = await accessManager.getAddress();
  const datas = grants.map((grant) => accessManager.interface.encodeFunctionData("grantRole", [...grant]));
  for (const data of datas) await confirmed(accessManager.connect(governor).schedule(target, data, 0));
  await network.provider.send("evm_increaseTime", [2 * DAY_SECONDS]);
  for (const data of datas) await (await governor.sendTransaction({ to: target, data })).wait();
  // The former delay holds for as long as it was.
  await network.provider.send("evm_increaseTime", [2 * DAY_SECONDS]);
}

async function assetOf(replica: Replica, asset: AssetKey) {
  const { profile } = replica;
  const aggregators = [await replica.aggregator(asset)];
  if (profile.binance?.atlas[asset]) aggregators.push(await replica.aggregator(asset, "atlas"));
  const feeds = aggregators.map(async (aggregator) => ({
    aggregator: await aggregator.getAddress(),
    decimals: BigInt(await aggregator.decimals()),
  }));
  return {
    assetId: BigInt(assetIdOf(asset)),
    pythId: profile.pyth.priceIds[asset],
    price: DEFAULT_PRICES[WRAPPED_ASSETS[asset] ?? asset],
    feeds: await Promise.all(feeds),
  };
}

/** Errors of the contracts, of their interfaces and libraries, and of what stands in for tokens and feeds. */
function errorsOf(system: System): string[] {
  const abis: InterfaceAbi[] = contractsOf(system).map(([, contract]) => contract.interface.fragments);
  for (const folder of ["contracts", "@openzeppelin"]) {
    const root = join("artifacts", folder);
    if (!existsSync(root)) continue;
    for (const path of readdirSync(root, { recursive: true, encoding: "utf8" })) {
      if (!path.endsWith(".json") || path.endsWith(".dbg.json") || path.startsWith("test/harness")) continue;
      abis.push((JSON.parse(readFileSync(join(root, path), "utf8")) as { abi: InterfaceAbi }).abi);
    }
  }
  const selectors = new Set<string>();
  for (const abi of abis) new Interface(abi).forEachError(({ selector }) => selectors.add(selector));
  return [...selectors];
}
