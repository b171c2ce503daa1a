import { loadFixture, takeSnapshot } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { artifacts, ethers, network } from "hardhat";

import { profileFor } from "../../../deploy/profiles";
import type { AssetKey } from "../../../deploy/profiles";
import {
  DEFAULT_PRICES,
  HOSTILE_TOKEN_CONTRACTS,
  ReplicaError,
  installReplica,
  placements,
} from "../../../kit/replica";
import type { ReplicaOptions } from "../../../kit/replica";

const profile = profileFor(network.config.chainId ?? 0);

async function optionsOf(): Promise<ReplicaOptions> {
  const [signer] = await ethers.getSigners();
  return { profile, provider: ethers.provider, signer, artifacts };
}

async function replicaFixture() {
  const replica = await installReplica(await optionsOf());
  for (const [asset, price] of Object.entries(DEFAULT_PRICES)) await replica.setPushPrice(asset as AssetKey, price);
  return replica;
}

async function reasonOf(promise: Promise<unknown>): Promise<string> {
  const outcome: unknown = await promise.catch((error: unknown) => error);
  return outcome instanceof ReplicaError ? outcome.reason : "none";
}

describe("Replica", () => {
  it("occupies every canonical address with tokens and feeds as the profile describes them", async () => {
    const replica = await loadFixture(replicaFixture);
    expect(replica.kind).to.equal("replica");
    for (const token of profile.tokens) {
      const contract = replica.token(token.symbol);
      expect(await contract.symbol()).to.equal(token.symbol);
      expect(await contract.name()).to.equal(token.name);
      expect(await contract.decimals()).to.equal(token.decimals);
    }
    for (const [asset, feed] of Object.entries(profile.chainlink)) {
      const proxy = replica.feeds[asset as AssetKey];
      expect(await proxy?.description()).to.equal(feed.description);
      expect(await proxy?.decimals()).to.equal(feed.decimals);
      expect(await proxy?.latestAnswer()).to.equal(DEFAULT_PRICES[asset as AssetKey] / 100n);
    }
  });

  it("reports a push price by every source of the chain in its own decimals", async () => {
    const replica = await loadFixture(replicaFixture);
    const updatedAt = 1_900_000_000;
    await replica.setPushPrice("BTC", 61_234_5678901234n, updatedAt);
    const [roundId, answer, , at] = await replica.feeds.BTC!.latestRoundData();
    expect([roundId >> 64n, answer, at]).to.deep.equal([1n, 61_234_56789012n, BigInt(updatedAt)]);
    if (replica.registry === null || profile.binance === null) return;
    const atlas = await replica.atlasFeeds.BTC!.latestRoundData();
    expect([atlas.answer, atlas.updatedAt]).to.deep.equal([61_234_567890123400000000n, at]);
    expect(await replica.atlasFeeds.BTC!.decimals()).to.equal(18);
    const byName = await replica.registry.latestRoundDataByName("BTC", "USD");
    expect([byName.at(1), byName.at(3)]).to.deep.equal([answer, at]);
    const adapter = await replica.binanceAdapter("BTC");
    expect(await adapter.latestRoundData()).to.deep.equal(byName);
    expect(await adapter.decimals()).to.equal(8);
  });

  it("moves a single source, and refreshes all without changing a price", async () => {
    const replica = await loadFixture(replicaFixture);
    const before = await replica.feeds.ETH!.latestAnswer();
    if (profile.binance) {
      await replica.setPushPrice("ETH", 1n, undefined, ["binance"]);
      expect(await replica.feeds.ETH!.latestAnswer()).to.equal(before);
    }
    await ethers.provider.send("evm_increaseTime", [200_000]);
    await replica.refreshPushPrices();
    const [, answer, , updatedAt] = await replica.feeds.ETH!.latestRoundData();
    expect(answer).to.equal(before);
    const now = (await ethers.provider.getBlock("latest"))!.timestamp;
    expect(now - Number(updatedAt)).to.be.lt(60);
  });

  it("leaves Binance's pairs open to contracts until a test closes one, refreshing it all the same", async () => {
    const replica = await loadFixture(replicaFixture);
    if (profile.binance === null) {
      expect(await reasonOf(replica.binanceAdapter("BTC"))).to.equal("unknown-feed");
      expect(await reasonOf(replica.binanceAccessController())).to.equal("unknown-feed");
      return;
    }
    const adapter = await replica.binanceAdapter("BTC");
    const reader = await ethers.deployContract("CallProxy");
    const read = adapter.interface.encodeFunctionData("latestRoundData");
    await reader.execute(adapter, 0, read);
    const controller = await replica.binanceAccessController();
    const { baseAsset, quoteAsset } = profile.binance.pairs.BTC!;
    await controller.setClosed(baseAsset, quoteAsset, true);
    await reader.execute(adapter, 0, read);
    await adapter.setAccessController(controller);
    await expect(reader.execute(adapter, 0, read)).to.be.revertedWith("No read access");
    await replica.refreshPushPrices();
    await controller.setPairAccess(reader, baseAsset, quoteAsset, true);
    await reader.execute(adapter, 0, read);
  });

  it("switches the sequencer where the chain has one", async () => {
    const replica = await loadFixture(replicaFixture);
    if (replica.sequencer === null) {
      expect(await reasonOf(replica.sequencerFeed())).to.equal("unknown-feed");
      return;
    }
    await replica.setSequencer(true);
    expect(await replica.sequencer.latestAnswer()).to.equal(0);
    await replica.setSequencer(false, 1_900_000_000);
    const [, answer, startedAt] = await replica.sequencer.latestRoundData();
    expect([answer, startedAt]).to.deep.equal([1n, 1_900_000_000n]);
  });

  it("mints tokens and keeps the wrapped native coin backed", async () => {
    const replica = await loadFixture(replicaFixture);
    const [signer] = await ethers.getSigners();
    for (const token of profile.tokens) {
      await replica.mintToken(token.symbol, signer.address, 5n);
      expect(await replica.token(token.symbol).balanceOf(signer.address)).to.equal(5);
    }
    await expect(replica.wrappedNative.withdraw(5n)).to.changeEtherBalance(signer, 5n);
    expect(await reasonOf(replica.mintToken("NONE", signer.address, 1n))).to.equal("unknown-symbol");
  });

  it("sends nothing when installed again, on the chain or a fork of it", async () => {
    await loadFixture(replicaFixture);
    const [signer] = await ethers.getSigners();
    const nonce = await signer.getNonce();
    const again = await installReplica(await optionsOf());
    expect(again.kind).to.equal("replica");
    expect(await signer.getNonce()).to.equal(nonce);
    await again.setPushPrice("BTC", 7_0000000000n);
    expect(await again.feeds.BTC!.latestAnswer()).to.equal(7_00000000n);
  });

  it("writes nothing where real code stands and refuses to change anything there", async () => {
    const snapshot = await takeSnapshot();
    for (const item of placements(profile, {})) {
      await ethers.provider.send("hardhat_setCode", [item.address, "0x60016002"]);
    }
    const live = await installReplica(await optionsOf());
    expect(live.kind).to.equal("live");
    expect(await ethers.provider.getCode(profile.wrappedNative)).to.equal("0x60016002");
    expect(await reasonOf(live.setPushPrice("BTC", 1n))).to.equal("not-a-replica");
    await snapshot.restore();
  });

  it("refuses a mixture of stand-ins and foreign code, and another chain", async () => {
    await loadFixture(replicaFixture);
    const snapshot = await takeSnapshot();
    await ethers.provider.send("hardhat_setCode", [profile.wrappedNative, "0x60016002"]);
    expect(await reasonOf(installReplica(await optionsOf()))).to.equal("mixed-code");
    const other = profileFor(profile.chainId === 56 ? 42161 : 56);
    expect(await reasonOf(installReplica({ ...(await optionsOf()), profile: other }))).to.equal("wrong-chain");
    await snapshot.restore();
  });

  it("exchanges the contract at a token's address on request, balances kept", async () => {
    const replica = await loadFixture(replicaFixture);
    const [signer] = await ethers.getSigners();
    const usdt = replica.token("USDT");
    await replica.mintToken("USDT", signer.address, 5n);
    const before = await usdt.balanceOf(signer);
    for (const contractName of ["NoReturnToken", ...HOSTILE_TOKEN_CONTRACTS]) {
      await installReplica({ ...(await optionsOf()), tokenContracts: { USDT: contractName } });
      expect([await usdt.symbol(), await usdt.balanceOf(signer)]).to.deep.equal(["USDT", before]);
      const data = usdt.interface.encodeFunctionData("transfer", [signer.address, 1n]);
      const answer = await signer.call({ to: usdt, data });
      expect(answer.length, contractName).to.equal(contractName === "NoReturnToken" ? 2 : 66);
    }
    await installReplica(await optionsOf());
    expect(await usdt.transfer.staticCall(signer, 1n)).to.equal(true);
  });
});
