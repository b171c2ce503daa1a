import { loadFixture, setCode, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { problemsOf } from "../../deploy/preflight";
import { PROFILES } from "../../deploy/profiles";
import { systemFixture } from "../fixtures/system";

describe("preflight", () => {
  it("has nothing to say where the profile fits the chain", async () => {
    const { profile, replica } = await loadFixture(systemFixture);
    await replica.refreshPushPrices();
    expect(await problemsOf(ethers.provider, profile)).to.deep.equal([]);
  });

  it("refuses the profile of another chain", async () => {
    const { profile } = await loadFixture(systemFixture);
    const other = PROFILES.find(({ chainId }) => chainId !== profile.chainId) ?? profile;
    expect(await problemsOf(ethers.provider, other)).to.deep.equal([
      `the profile is for chain ${other.chainId}, the network is chain ${profile.chainId}`,
    ]);
  });

  it("names contracts that are missing", async () => {
    const { profile, replica } = await loadFixture(systemFixture);
    await replica.refreshPushPrices();
    const [{ symbol, address }] = profile.tokens;
    await setCode(address, "0x");
    await setCode(profile.pyth.address, "0x");
    expect(await problemsOf(ethers.provider, profile)).to.deep.equal([
      `Pyth: no code at ${profile.pyth.address}`,
      `${symbol}: no code at ${address}`,
    ]);
  });

  it("names decimals, descriptions and ages that differ from the profile", async () => {
    const { profile, replica } = await loadFixture(systemFixture);
    await replica.refreshPushPrices();
    const [token, ...tokens] = profile.tokens;
    const { BTC, ETH } = profile.chainlink;
    if (BTC === undefined || ETH === undefined) throw new Error("feeds of BTC and ETH expected");
    const swapped = { ...profile.chainlink, BTC: { ...BTC, address: ETH.address } };
    const wrong = { ...profile, tokens: [{ ...token, decimals: 7 }, ...tokens], chainlink: swapped };
    expect(await problemsOf(ethers.provider, wrong)).to.deep.equal([
      `${token.symbol} at ${token.address}: ${token.decimals} decimals, expected 7`,
      `BTC / USD at ${ETH.address}: it is "ETH / USD"`,
    ]);

    await time.increase(BTC.heartbeatSeconds + BTC.graceSeconds + 60);
    const problems = await problemsOf(ethers.provider, profile);
    expect(problems.join()).to.match(/BTC \/ USD at 0x\w+: its answer is \d+ s old, at most \d+ are accepted/);
  });

  it("names a sequencer that is down", async function () {
    const { profile, replica } = await loadFixture(systemFixture);
    if (profile.sequencer === null) this.skip();
    await replica.setSequencer(false);
    expect(await problemsOf(ethers.provider, profile)).to.deep.equal([
      `the sequencer's uptime feed at ${profile.sequencer.address}: the sequencer is down`,
    ]);
  });
});
