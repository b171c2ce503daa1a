import { time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { preflight, problemsOf } from "../../deploy/preflight";
import { PROFILES } from "../../deploy/profiles";
import { pushSourcesOf, usedAssets } from "../../deploy/sources";
import { mineAfterFork } from "../../scripts/deploy/stillness";
import { px } from "../../sdk/units";
import { freshChain } from "./chainFixture";

describe("preflight", () => {
  it("has nothing to say where the profile fits the chain, and compares every id", async () => {
    const { profile } = await freshChain();
    const { problems, remarks } = await preflight(ethers.provider, profile);
    expect(problems).to.deep.equal([]);
    expect(remarks.filter((remark) => remark.startsWith("Pyth"))).to.deep.equal([]);
  });

  it("refuses the profile of another chain", async () => {
    const { profile } = await freshChain();
    const other = PROFILES.find(({ chainId }) => chainId !== profile.chainId) ?? profile;
    expect(await problemsOf(ethers.provider, other)).to.deep.equal([
      `the profile is for chain ${other.chainId}, the network is chain ${profile.chainId}`,
    ]);
  });

  it("says which ids it could not compare", async () => {
    const { profile } = await freshChain();
    const unknown = `0x${"ab".repeat(32)}`;
    const wrong = { ...profile, pyth: { ...profile.pyth, priceIds: { ...profile.pyth.priceIds, BTC: unknown } } };
    const { problems, remarks } = await preflight(ethers.provider, wrong);
    expect(problems).to.deep.equal([]);
    expect(remarks).to.include.members([
      `Pyth id of BTC: ${unknown} is not a known one`,
      "Pyth has no price of BTC stored: its id was not compared with other prices",
    ]);
  });

  describe("Binance's prices", () => {
    it("come from Atlas, in 18 decimals, and never from both", async function () {
      const { profile } = await freshChain();
      if (profile.binance === null) this.skip();
      const { profile: chosen, remarks } = await preflight(ethers.provider, profile);
      expect(chosen.binance?.registryAssets).to.deep.equal([]);
      for (const asset of ["BTC", "ETH", "BNB"] as const) {
        expect(remarks).to.include(`Binance's price of ${asset} comes from Atlas`);
        expect(pushSourcesOf(chosen, asset).map(({ name, decimals }) => [name, decimals])).to.deep.equal([
          ["chainlink", 8],
          ["atlas", 18],
        ]);
      }
    });

    it("come from the registry for an asset whose Atlas feed fails, and it says why", async function () {
      const { profile, replica } = await freshChain();
      if (profile.binance === null) this.skip();
      await replica.setPushPrice("ETH", px("3000"), (await time.latest()) - 1_000, ["atlas"]);
      const { problems, remarks, profile: chosen } = await preflight(ethers.provider, profile);
      expect(problems).to.deep.equal([]);
      expect(chosen.binance?.registryAssets).to.deep.equal(["ETH"]);
      const address = profile.binance.atlas.ETH?.address ?? "";
      const remark = "Binance's price of ETH comes from the registry: ";
      const [told] = remarks.filter((text) => text.startsWith(remark));
      expect(told.slice(remark.length).replace(/ \d{4} s old/, " N s old")).to.equal(
        `Atlas ETH / USD at ${address}: its answer is N s old, at most 120 s are accepted`,
      );
      expect(pushSourcesOf(chosen, "ETH").map(({ name }) => name)).to.deep.equal(["chainlink", "registry"]);
      expect(pushSourcesOf(chosen, "BTC").map(({ name }) => name)).to.deep.equal(["chainlink", "atlas"]);
    });

    it("come from neither where both fail, and both are told", async function () {
      const { profile, replica } = await freshChain();
      if (profile.binance === null) this.skip();
      await replica.setPushPrice("ETH", px("3000"), (await time.latest()) - 1_000, ["atlas", "binance"]);
      const problems = await problemsOf(ethers.provider, profile);
      expect(problems).to.have.lengthOf(2);
      expect(problems[0]).to.match(
        /^Atlas ETH \/ USD at 0x\w+: its answer is \d{4} s old, at most 120 s are accepted$/,
      );
      expect(problems[1]).to.match(
        /^Binance ETH \/ USD at 0x\w+, adapter 0x\w+: its answer is \d{4} s old, at most 120 s are accepted$/,
      );
    });
  });

  describe("a feed's time", () => {
    /** Seconds from a fork's newest block to the answer, and what is said of it once the fork has a block of its own. */
    const cases = [
      [0, []],
      [1, []],
      [2, ["its answer is dated 1 s ahead of the chain"]],
    ] as const;
    for (const [ahead, expected] of cases) {
      it(`is held against the block after a fork's newest, ${ahead} s after that one`, async () => {
        const { profile, replica } = await freshChain();
        const [{ feed }] = pushSourcesOf(profile, "BTC");
        const newest = (await time.latest()) + 10;
        await time.setNextBlockTimestamp(newest);
        await replica.setPushPrice("BTC", px("60000"), newest + ahead, ["chainlink"]);
        expect(await time.latest()).to.equal(newest);
        await mineAfterFork();
        expect(await time.latest()).to.equal(newest + 1);
        expect(await problemsOf(ethers.provider, profile)).to.deep.equal(
          expected.map((problem) => `Chainlink BTC / USD at ${feed}: ${problem}`),
        );
      });
    }
  });

  describe("a feed's own history", () => {
    async function reportEvery(gapSeconds: number, rounds: number) {
      const context = await freshChain();
      const { profile, replica } = context;
      const [source] = pushSourcesOf(profile, "BTC");
      const now = await time.latest();
      for (let i = rounds; i >= 0; --i) {
        await replica.setPushPrice("BTC", px("60000"), now - i * gapSeconds, ["chainlink"]);
      }
      return { ...context, source, result: await preflight(ethers.provider, profile) };
    }

    it("is told beside the heartbeat it is configured with", async () => {
      const { result, source } = await reportEvery(17, 30);
      expect(result.problems).to.deep.equal([]);
      expect(result.remarks).to.include(
        `Chainlink BTC / USD at ${source.feed}: between its last 24 rounds lay up to 17 s; it is configured with a ` +
          `heartbeat of ${source.heartbeatSeconds} s, accepted up to ${source.maxAgeSeconds} s`,
      );
    });

    it("refuses a heartbeat that the feed does not keep, and takes one outage for an outage", async () => {
      const { maxAgeSeconds } = pushSourcesOf((await freshChain()).profile, "BTC")[0];
      const { result, source } = await reportEvery(maxAgeSeconds + 1, 30);
      expect(result.problems).to.deep.equal([
        `Chainlink BTC / USD at ${source.feed}: between its last 24 rounds lay up to ${maxAgeSeconds + 1} s, 23 times ` +
          `more than the ${maxAgeSeconds} s that are accepted: its heartbeat is another`,
      ]);
      const { replica, profile } = await freshChain();
      const now = await time.latest();
      for (const ago of [5 * maxAgeSeconds, 40, 30, 20, 10, 0]) {
        await replica.setPushPrice("BTC", px("60000"), now - ago, ["chainlink"]);
      }
      expect(await problemsOf(ethers.provider, profile)).to.deep.equal([]);
    });
  });

  it("reads every asset that a token, a market or a prediction needs", async () => {
    const { profile } = await freshChain();
    const wanted = ["BTC", "ETH", "BNB", "USDT", "USDC"];
    expect(usedAssets(profile)).to.deep.equal(profile.key === "arbitrum" ? [...wanted, "WBTC"] : wanted);
  });
});
