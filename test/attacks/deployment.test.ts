import { setBalance, setCode, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { problemsOf } from "../../deploy/preflight";
import { WRAPPED_ASSETS } from "../../deploy/profiles";
import type { AssetKey, ChainProfile, FeedProfile, TokenProfile } from "../../deploy/profiles";
import { MAX_ANSWER, MIN_ANSWER } from "../../kit/replica";
import type { Replica } from "../../kit/replica";
import { usedAssets } from "../../deploy/sources";
import { px } from "../../sdk/units";
import { StandInAggregator__factory } from "../../typechain-types";
import { freshChain } from "../deploy/chainFixture";

const DELEGATE = "0x1111111111111111111111111111111111111111";
const DELEGATION = `0xef0100${DELEGATE.slice(2)}`;

/** Half a year of the wrong kind of feed: nothing that a chain's noise explains. */
const DAY = 86_400;

type Context = Awaited<ReturnType<typeof freshChain>>;

function feedOf({ chainlink }: ChainProfile, asset: AssetKey): FeedProfile {
  const feed = chainlink[asset];
  if (feed === undefined) throw new Error(`no feed of ${asset}`);
  return feed;
}

function withFeed(profile: ChainProfile, asset: AssetKey, change: Partial<FeedProfile>): ChainProfile {
  return { ...profile, chainlink: { ...profile.chainlink, [asset]: { ...feedOf(profile, asset), ...change } } };
}

function withToken(profile: ChainProfile, symbol: string, change: Partial<TokenProfile>): ChainProfile {
  const tokens = profile.tokens.map((token) => (token.symbol === symbol ? { ...token, ...change } : token));
  return { ...profile, tokens };
}

function labelOf(profile: ChainProfile, asset: AssetKey): string {
  const { address, description } = feedOf(profile, asset);
  return `Chainlink ${description} at ${address}`;
}

/** The proxy of a feed gets another aggregator behind it. */
async function putBehind(replica: Replica, asset: AssetKey, decimals: number, description: string, answer: bigint) {
  const proxy = replica.feeds[asset];
  if (proxy === undefined) throw new Error(`no feed of ${asset}`);
  const [deployer] = await ethers.getSigners();
  const aggregator = await new StandInAggregator__factory(deployer).deploy(
    decimals,
    description,
    MIN_ANSWER,
    MAX_ANSWER,
  );
  await (await aggregator.addAccess(proxy)).wait();
  await (await aggregator.pushAnswer(answer)).wait();
  await (await proxy.proposeAggregator(aggregator)).wait();
  await (await proxy.confirmAggregator(aggregator)).wait();
  return aggregator;
}

async function nowOf(): Promise<number> {
  return time.latest();
}

describe("attacks: deploying on a chain that is not what the profile says", () => {
  let context: Context;

  beforeEach(async () => {
    context = await freshChain();
  });

  /** The one problem that a change of the profile or of the chain brings; ages are blotted out. */
  async function onlyProblem(profile: ChainProfile = context.profile): Promise<string> {
    const problems = await problemsOf(ethers.provider, profile);
    expect(problems, problems.join("\n")).to.have.lengthOf(1);
    return problems[0].replace(/\d+ s (old|ahead|ago|only)/g, "N s $1");
  }

  describe("A28: feeds", () => {
    for (const asset of ["BTC", "ETH", "BNB", "USDT", "USDC"] as const) {
      it(`names a missing feed of ${asset}`, async () => {
        await setCode(feedOf(context.profile, asset).address, "0x");
        expect(await onlyProblem()).to.equal(`${labelOf(context.profile, asset)}: no code, a contract is expected`);
      });

      it(`names a feed of ${asset} that lets no contract read it, though accounts may`, async () => {
        const { profile, replica, deployer } = context;
        const aggregator = await replica.aggregator(asset);
        await (await aggregator.removeAccess(feedOf(profile, asset).address)).wait();
        // Read directly by an account, as scripts do, it answers: the original lets every sender of a transaction in.
        expect((await aggregator.connect(deployer).latestRoundData.staticCall())[1]).to.be.greaterThan(0n);
        const problems = await problemsOf(ethers.provider, profile);
        expect(problems.some((text) => text.includes("refuses to be read by a contract"))).to.equal(true);
      });

      it(`names a feed of ${asset} that was last heard of longer ago than its heartbeat and grace`, async () => {
        const { profile, replica } = context;
        const { heartbeatSeconds, graceSeconds } = feedOf(profile, asset);
        const maxAge = heartbeatSeconds + graceSeconds;
        const price = asset === "USDT" || asset === "USDC" ? px("1") : await answerOf(replica, asset);
        await replica.setPushPrice(asset, price, (await nowOf()) - maxAge - DAY, ["chainlink"]);
        expect(await onlyProblem()).to.equal(
          `${labelOf(profile, asset)}: its answer is N s old, at most ${maxAge} s are accepted`,
        );
      });

      it(`names a feed of ${asset} that is dated ahead of the chain`, async () => {
        const { profile, replica } = context;
        await replica.setPushPrice(asset, await answerOf(replica, asset), (await nowOf()) + DAY, ["chainlink"]);
        expect(await onlyProblem()).to.equal(`${labelOf(profile, asset)}: its answer is dated N s ahead of the chain`);
      });

      it(`names a feed of ${asset} with other decimals than the profile's, told rightly or not`, async () => {
        const { profile, replica } = context;
        const price = await answerOf(replica, asset);
        await putBehind(replica, asset, 18, feedOf(profile, asset).description, price * 10n ** 8n);
        expect(await onlyProblem()).to.equal(`${labelOf(profile, asset)}: 18 decimals, 8 are expected`);
        // Eight decimals told, eighteen used.
        await putBehind(replica, asset, 8, feedOf(profile, asset).description, price * 10n ** 8n);
        const problem = await onlyProblem();
        const isBeyondRange = problem.includes("is outside the range of a price");
        expect(isBeyondRange || problem.startsWith(`prices of ${asset} disagree`), problem).to.equal(true);
      });

      it(`names a feed of ${asset} that answers nothing, or less`, async () => {
        const { profile, replica } = context;
        for (const answer of [0n, -1n]) {
          await (await (await replica.aggregator(asset)).pushAnswer(answer)).wait();
          expect(await onlyProblem()).to.equal(
            `${labelOf(profile, asset)}: its answer is ${answer.toString()}, a positive one is expected`,
          );
        }
      });

      it(`names a feed of ${asset} whose round is not complete, or carries another's answer`, async () => {
        const { profile, replica } = context;
        const aggregator = await replica.aggregator(asset);
        const answer = await aggregator.latestAnswer();
        const now = await nowOf();
        await (await aggregator.setRound(9, answer, now, 0, 9)).wait();
        expect(await onlyProblem()).to.equal(`${labelOf(profile, asset)}: its latest round is not complete`);
        await (await aggregator.setRound(9, answer, now, now, 8)).wait();
        expect(await onlyProblem()).to.match(/: round \d+ carries the answer of round \d+, its own is expected$/);
      });

      it(`names a feed of ${asset} that describes itself as another`, async () => {
        const { profile, replica } = context;
        await putBehind(replica, asset, 8, "XAU / USD", (await answerOf(replica, asset)) / 100n);
        expect(await onlyProblem()).to.equal(
          `${labelOf(profile, asset)}: describes itself as "XAU / USD", "${asset} / USD" is expected`,
        );
      });

      it(`names a feed of ${asset} whose price is no other source's`, async () => {
        const { replica } = context;
        await replica.setPushPrice(asset, ((await answerOf(replica, asset)) * 103n) / 100n, undefined, ["chainlink"]);
        expect(await onlyProblem()).to.match(
          new RegExp(`^prices of ${asset} disagree: Chainlink ${asset} / USD at 0x`),
        );
      });

      it(`names a feed of ${asset} that is pinned at its bound`, async () => {
        const { profile, replica, deployer } = context;
        const proxy = replica.feeds[asset];
        if (proxy === undefined) throw new Error("no feed");
        const answer = (await answerOf(replica, asset)) / 100n;
        const { description } = feedOf(profile, asset);
        const pinned = await new StandInAggregator__factory(deployer).deploy(8, description, answer, 10n ** 20n);
        await (await pinned.addAccess(proxy)).wait();
        await (await pinned.pushAnswer(answer)).wait();
        await (await proxy.proposeAggregator(pinned)).wait();
        await (await proxy.confirmAggregator(pinned)).wait();
        expect(await onlyProblem()).to.match(/is pinned at a bound of the feed/);
      });
    }

    it("names both feeds where two of them are exchanged", async () => {
      for (const [a, b] of [
        ["BTC", "ETH"],
        ["USDT", "USDC"],
      ] as const) {
        const { profile } = context;
        const [first, second] = [feedOf(profile, a), feedOf(profile, b)];
        const swapped = withFeed(withFeed(profile, a, { address: second.address }), b, { address: first.address });
        const problems = await problemsOf(ethers.provider, swapped);
        expect(problems).to.include.members([
          `Chainlink ${a} / USD at ${second.address}: describes itself as "${b} / USD", "${a} / USD" is expected`,
          `Chainlink ${b} / USD at ${first.address}: describes itself as "${a} / USD", "${b} / USD" is expected`,
        ]);
      }
    });

    it("names a token's address in place of a feed's", async () => {
      const { profile } = context;
      const [{ address }] = profile.tokens;
      const problems = await problemsOf(ethers.provider, withFeed(profile, "BTC", { address }));
      expect(problems.join("\n")).to.contain(`Chainlink BTC / USD at ${address}: `);
    });

    it("names the feed of the coin in place of the wrapped coin's", async function () {
      const { profile } = context;
      const wrapped = usedAssets(profile).find((asset) => WRAPPED_ASSETS[asset] !== undefined);
      if (wrapped === undefined) this.skip();
      const { address } = feedOf(profile, "BTC");
      expect(await onlyProblem(withFeed(profile, wrapped, { address }))).to.equal(
        `Chainlink WBTC / USD at ${address}: describes itself as "BTC / USD", "WBTC / USD" is expected`,
      );
    });
  });

  describe("A28: Binance's prices", () => {
    beforeEach(function () {
      if (context.profile.binance === null) this.skip();
    });

    /** Atlas fails, so that the registry is read. */
    async function failAtlas(asset: AssetKey) {
      await context.replica.setPushPrice(asset, await answerOf(context.replica, asset), 1, ["atlas"]);
    }

    it("names Binance's ETH in place of BTC: by its description, and by its price", async () => {
      const { profile, replica } = context;
      const { binance } = profile;
      if (binance?.pairs.BTC === undefined || binance.pairs.ETH === undefined) throw new Error("pairs expected");
      await failAtlas("BTC");
      const pairs = { ...binance.pairs, BTC: { ...binance.pairs.BTC, base: "ETH" } };
      const byName = await problemsOf(ethers.provider, { ...profile, binance: { ...binance, pairs } });
      expect(byName.join("\n")).to.match(
        /prices of BTC disagree: .*; Binance ETH \/ USD at 0x\w+, adapter 0x\w+ should be/,
      );
      expect(byName.join("\n")).to.contain("3000 is a price of ETH");
      await (await (await replica.binanceAggregator("BTC")).pushAnswer(3_000n * 10n ** 8n)).wait();
      const byPrice = await problemsOf(ethers.provider, profile);
      expect(byPrice.join("\n")).to.match(
        /prices of BTC disagree: .*; Binance BTC \/ USD at 0x\w+, adapter 0x\w+ should be/,
      );
    });

    it("names a pair the registry does not know, and one that is closed to contracts", async () => {
      const { profile, replica } = context;
      const { binance } = profile;
      if (binance?.pairs.ETH === undefined) throw new Error("a pair expected");
      await failAtlas("ETH");
      const pairs = { ...binance.pairs, ETH: { ...binance.pairs.ETH, base: "DOGE" } };
      const unknown = await problemsOf(ethers.provider, { ...profile, binance: { ...binance, pairs } });
      expect(unknown[1]).to.match(
        /^Binance DOGE \/ USD at 0x\w+: (its adapter 0x0+ has no code|names no adapter of DOGE\/USD)/,
      );
      const controller = await replica.binanceAccessController();
      await (await (await replica.binanceAdapter("ETH")).setAccessController(controller)).wait();
      await (await controller.setClosed(binance.pairs.ETH.baseAsset, binance.pairs.ETH.quoteAsset, true)).wait();
      const closed = await problemsOf(ethers.provider, profile);
      expect(closed[1]).to.match(/^Binance ETH \/ USD at .*: refuses to be read by a contract/);
    });

    it("names Chainlink's feed and not Binance's where it is the one that is wrong", async () => {
      const { replica } = context;
      await replica.setPushPrice("BTC", px("3000"), undefined, ["chainlink"]);
      expect(await onlyProblem()).to.match(
        /^prices of BTC disagree: .*; Chainlink BTC \/ USD at 0x\w+ should be within the spread of the others \(3000 is a price of ETH\)$/,
      );
    });
  });

  describe("A28: Pyth", () => {
    it("names ids that are exchanged, of coins and of dollars", async () => {
      for (const [a, b] of [
        ["BTC", "ETH"],
        ["USDT", "USDC"],
      ] as const) {
        const { profile } = context;
        const ids = profile.pyth.priceIds;
        const priceIds = { ...ids, [a]: ids[b], [b]: ids[a] };
        const problems = await problemsOf(ethers.provider, { ...profile, pyth: { ...profile.pyth, priceIds } });
        expect(problems).to.include.members([
          `Pyth id of ${a}: ${ids[b]} is known as ${b}'s, ${ids[a]} is expected`,
          `Pyth id of ${b}: ${ids[a]} is known as ${a}'s, ${ids[b]} is expected`,
        ]);
      }
    });

    it("names an id whose stored price is another asset's, also one that nobody knows", async () => {
      const { profile, publisher } = context;
      const unknown = `0x${"ab".repeat(32)}`;
      const now = BigInt(await nowOf());
      const price = { feedId: unknown, price: 3_000n * 10n ** 8n, conf: 1n, expo: -8 };
      const update = publisher.update([{ ...price, publishTime: now, prevPublishTime: now - 1n }]);
      const pyth = await ethers.getContractAt("IPyth", profile.pyth.address);
      const value = await pyth.getUpdateFee([update]);
      await (await pyth.updatePriceFeeds([update], { value })).wait();
      const priceIds = { ...profile.pyth.priceIds, BTC: unknown };
      const problem = await onlyProblem({ ...profile, pyth: { ...profile.pyth, priceIds } });
      expect(problem).to.match(
        /^prices of BTC disagree: .*Pyth, stored N s ago says 3000; .*\(.*3000 is a price of ETH\)$/,
      );
    });

    it("names a Pyth that is missing", async () => {
      await setCode(context.profile.pyth.address, "0x");
      expect(await onlyProblem()).to.equal(`Pyth at ${context.profile.pyth.address}: no code, a contract is expected`);
    });
  });

  describe("A28: tokens", () => {
    it("names every token that is missing, another, or scaled otherwise", async () => {
      for (const { symbol, address, decimals, name } of context.profile.tokens) {
        context = await freshChain();
        const { profile } = context;
        const other = profile.tokens.find((token) => token.address !== address && token.name !== name);
        if (other === undefined) throw new Error("another token expected");
        expect(await problemsOf(ethers.provider, withToken(profile, symbol, { decimals: decimals + 1 }))).to.include(
          `token ${symbol} at ${address}: ${decimals} decimals, ${decimals + 1} are expected`,
        );
        expect(await problemsOf(ethers.provider, withToken(profile, symbol, { address: other.address }))).to.include(
          `token ${symbol} at ${other.address}: is named "${other.name}", "${name}" is expected`,
        );
        await setCode(address, "0x");
        expect(await problemsOf(ethers.provider, profile)).to.include(
          `token ${symbol} at ${address}: no code, a contract is expected`,
        );
      }
    });

    it("names a wrapped native coin that is another token, or wraps nothing", async () => {
      const { profile } = context;
      const other = profile.tokens.find(({ address }) => address !== profile.wrappedNative);
      if (other === undefined) throw new Error("another token expected");
      const label = `wrapped ${profile.nativeSymbol} at`;
      const problems = await problemsOf(ethers.provider, { ...profile, wrappedNative: other.address });
      expect(problems.slice(0, 2)).to.deep.equal([
        `${label} ${other.address}: the profile has no token ${profile.wrappedNativeSymbol} of this address`,
        `${label} ${other.address}: its symbol is "${other.symbol === "USDT" ? symbolOf(other) : other.symbol}", ` +
          `"${profile.wrappedNativeSymbol}" is expected`,
      ]);
      expect(problems).to.have.lengthOf(3);
      expect(problems[2]).to.contain(`${label} ${other.address}: does not wrap and unwrap the native coin`);
    });

    it("names a wrapped native coin of the right name and symbol that wraps nothing", async () => {
      const { profile, replica } = context;
      const plain = await ethers.deployContract("StandInToken");
      await setCode(profile.wrappedNative, await ethers.provider.getCode(plain));
      await setBalance(profile.wrappedNative, 10n ** 18n);
      expect(await replica.token(profile.wrappedNativeSymbol).symbol()).to.equal(profile.wrappedNativeSymbol);
      expect(await onlyProblem()).to.contain("does not wrap and unwrap the native coin");
    });
  });

  describe("A28: the sequencer's uptime feed", () => {
    beforeEach(function () {
      if (context.profile.sequencer === null) this.skip();
    });

    const label = () => `sequencer's uptime feed at ${context.profile.sequencer?.address ?? ""}`;

    it("names one that is missing, down, or just up", async () => {
      const { profile, replica } = context;
      await replica.setSequencer(false);
      expect(await onlyProblem()).to.equal(`${label()}: the sequencer is down`);
      await replica.setSequencer(true);
      expect(await onlyProblem()).to.equal(
        `${label()}: the sequencer is up for N s only, ${profile.sequencer?.graceSeconds ?? 0} s are asked for`,
      );
      await setCode(profile.sequencer?.address ?? "", "0x");
      expect(await onlyProblem()).to.equal(`${label()}: no code, a contract is expected`);
    });

    it("names a price feed in its place", async () => {
      const { profile } = context;
      const sequencer = { address: feedOf(profile, "BTC").address, graceSeconds: 300 };
      expect(await onlyProblem({ ...profile, sequencer })).to.contain(
        "0 (up) or 1 (down) is expected: it is another feed",
      );
    });
  });

  it("A38: takes an account that is delegated to a contract for an account, wherever a contract is expected", async () => {
    const { profile } = await freshChain();
    const addresses = [
      profile.pyth.address,
      ...profile.tokens.map(({ address }) => address),
      ...usedAssets(profile).map((asset) => feedOf(profile, asset).address),
      ...(profile.sequencer ? [profile.sequencer.address] : []),
    ];
    for (const address of addresses) {
      await freshChain();
      await setCode(address, DELEGATION);
      const problems = await problemsOf(ethers.provider, profile);
      expect(problems.length, address).to.be.greaterThan(0);
      for (const problem of problems) {
        expect(problem).to.contain(
          `${address}: an account that is delegated to ${DELEGATE}, a contract is expected: its key can change what it does`,
        );
      }
    }
  });

  it("A28: tells all that is wrong in one list", async () => {
    const { profile, replica } = context;
    const [token] = profile.tokens;
    await setCode(profile.pyth.address, "0x");
    await (await (await replica.aggregator("USDC")).pushAnswer(0n)).wait();
    const wrong = withToken(withFeed(profile, "USDT", { decimals: 6 }), token.symbol, { decimals: 7 });
    expect(await problemsOf(ethers.provider, wrong)).to.deep.equal([
      `Pyth at ${profile.pyth.address}: no code, a contract is expected`,
      `token ${token.symbol} at ${token.address}: ${token.decimals} decimals, 7 are expected`,
      `${labelOf(profile, "USDT")}: 8 decimals, 6 are expected`,
      `${labelOf(profile, "USDC")}: its answer is 0, a positive one is expected`,
    ]);
  });
});

function symbolOf({ symbol }: TokenProfile): string {
  return symbol;
}

/** What the feed of an asset says, USD with 10 decimals. */
async function answerOf(replica: Replica, asset: AssetKey): Promise<bigint> {
  return (await (await replica.aggregator(asset)).latestAnswer()) * 100n;
}
