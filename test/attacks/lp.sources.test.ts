import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { ethers } from "hardhat";
import { assetIdOf } from "../../deploy/arguments/oracle";
import type { AssetKey } from "../../deploy/profiles";
import { pushSourcesOf } from "../../deploy/sources";
import { amountOut, burnFeePips, burnReference, max, targetUsd } from "../../sdk/model";
import type { ReferencePrice } from "../../sdk/model";
import { confirmed } from "../../kit/desk/Desk";
import { px, usd } from "../../sdk/units";
import { IS_EXHAUSTIVE } from "../dsl/extent";
import { CENT, expectBalanced, holdingOf, loadDesk } from "./support";

const PIPS = 1_000_000n;
const X34 = 10n ** 16n;
const DAY = 24 * 60 * 60;
/** A tick's confidence: a fiftieth of a percent, on the grid of Pyth's eight decimals. */
const CONFIDENCE_DIVISOR = 5_000n;
/** Far beyond the spread of 2%, and dead. */
const STALE_SECONDS = 2 * DAY;

type Fixture = Awaited<ReturnType<typeof loadDesk>>;
type SourceState = "fresh" | "stale" | "disputing";

/** All lists of so many of these. */
function listsOf<T>(options: readonly T[], length: number): T[][] {
  if (length === 0) return [[]];
  return listsOf(options, length - 1).flatMap((list) => options.map((option) => [...list, option]));
}

/** In the order of their numbers. */
function sourcesOf({ profile }: Fixture, asset: AssetKey) {
  return pushSourcesOf(profile, asset).map(({ name }) => (name === "registry" ? "binance" : name));
}

/** What a burn of `shares` for a token pays when only one asset's price is out of the ordinary: from the specification. */
async function modelBurn(
  { desk, profile, vault, alp }: Fixture,
  symbol: string,
  shares: bigint,
  references: ReadonlyMap<AssetKey, ReferencePrice | undefined>,
): Promise<bigint | undefined> {
  const supply = (await alp.totalSupply()) * X34;
  let [low, mid, subjectMid] = [0n, 0n, 0n];
  for (const { symbol: name, address, decimals, assetKey } of profile.tokens) {
    const { liquidity } = await vault.ledger(address);
    const scaled = liquidity * 10n ** BigInt(24 - decimals);
    const range = references.get(assetKey);
    low += scaled * (range?.low ?? 0n);
    mid += scaled * (range?.median ?? 0n);
    if (name === symbol) subjectMid = scaled * (range?.median ?? 0n);
  }
  const token = profile.tokens.find((candidate) => candidate.symbol === symbol);
  const range = token && references.get(token.assetKey);
  if (token === undefined || range === undefined) return undefined;
  const quote = { decimals: token.decimals, price: range.high };
  const gross = amountOut(shares, quote, 0n, low, supply);
  const feePips = burnFeePips({
    targetUsd: targetUsd(mid, BigInt(token.targetWeightPips)),
    beforeUsd: subjectMid,
    afterUsd: max(subjectMid - gross * range.median * 10n ** BigInt(24 - token.decimals), 0n),
    basePips: BigInt(profile.vault.mintFeePips),
    taxPips: BigInt(profile.vault.mintFeeTaxPips),
  });
  const paid = amountOut(shares, quote, feePips, low, supply);
  expect(desk.priceOf(token.assetKey)).to.be.greaterThan(0n);
  return paid;
}

/** Reference prices of a burn where nothing is amiss. */
function ordinary({ desk, profile }: Fixture): Map<AssetKey, ReferencePrice | undefined> {
  return new Map(
    profile.tokens.map(({ assetKey }) => {
      const price = desk.priceOf(assetKey);
      const confidence = (price / CONFIDENCE_DIVISOR / 100n) * 100n;
      return [assetKey, { low: price - confidence, median: price, high: price + confidence }];
    }),
  );
}

describe("attacks: sources that are dead, disabled or disputing, and liquidity", () => {
  it("A22: a burn pays what the model says under every set of sources, with and without a tick, now and 8 days later", async () => {
    const fixture = await loadDesk();
    const { desk, lp, replica, profile, alpManager, priceAggregator, guardian, deployer } = fixture;
    const asset: AssetKey = profile.key === "bnb" ? "BTC" : "ETH";
    const assetId = assetIdOf(asset);
    const names = sourcesOf(fixture, asset);
    const own = profile.tokens.find(({ assetKey }) => assetKey === asset)?.symbol ?? "";
    const price = desk.priceOf(asset);
    const quorum = BigInt(profile.oracle.referenceQuorums[asset] ?? 0);
    const maxSpreadPips = BigInt(profile.oracle.maxReferenceSpreadPips);
    const shares = 10n ** 20n;
    const others = desk.referenceAssets().filter((key) => key !== asset);
    const pyth = await ethers.getContractAt("LocalPyth", profile.pyth.address);
    const confidence = (price / CONFIDENCE_DIVISOR / 100n) * 100n;
    let checked = 0;
    const check = async (set: SourceState[], disabled: number | undefined, isBrought: boolean, isStored: boolean) => {
      await desk.refresh();
      const now = await desk.now();
      await replica.setPushPrices(
        names.map((name, index) => ({
          asset,
          priceX10: set[index] === "disputing" ? (price * 11n) / 10n : price,
          updatedAt: set[index] === "stale" ? now - STALE_SECONDS : now,
          sources: [name],
        })),
      );
      if (isStored) {
        const update = desk.referenceTicks(await desk.now(), [asset]).updateData;
        await confirmed(pyth.connect(deployer).updatePriceFeeds(update, { value: await pyth.getUpdateFee(update) }));
      }
      const fresh = names.flatMap((_, index) => {
        if (set[index] === "stale" || index === disabled) return [];
        return [set[index] === "disputing" ? (price * 11n) / 10n : price];
      });
      const reference = burnReference({
        fresh,
        quorum,
        maxSpreadPips,
        tick: isBrought ? { price, confidence } : undefined,
        hasRecentStoredPrice: isStored,
      });
      const references = ordinary(fixture).set(asset, reference);
      const brought = desk.referenceTicks(await desk.now(), isBrought ? [...others, asset] : others);
      const value = BigInt(brought.assetIds.length);
      const deadline = (await desk.now()) + 60;
      for (const symbol of ["USDT", own]) {
        const token = replica.token(symbol);
        const args = [token, shares, 0n, deadline, lp, false, brought.assetIds, brought.updateData, { value }] as const;
        const expected = await modelBurn(fixture, symbol, shares, references);
        const call = alpManager.connect(lp).burn.staticCall(...args);
        const say = `${symbol}: ${set.join()} disabled ${disabled} tick ${isBrought} stored ${isStored}`;
        if (expected === undefined) {
          await expect(call, say)
            .to.be.revertedWithCustomError(alpManager, "AlpManager_PriceNotValid")
            .withArgs(assetId);
        } else expect(await call, say).to.equal(expected);
        ++checked;
      }
    };
    let rounds = 0;
    const everything = async (disabled: number | undefined) => {
      const round = rounds++;
      for (const [index, set] of listsOf<SourceState>(["fresh", "stale", "disputing"], names.length).entries()) {
        for (const isBrought of [true, false]) {
          for (const isStored of [false, true]) {
            // After the first round each set meets half of these, and the other half in the next round.
            const isTurn = (index + round + Number(isBrought) + Number(isStored)) % 2 === 0;
            if (round > 0 && !isTurn && !IS_EXHAUSTIVE) continue;
            const snapshot = (await ethers.provider.send("evm_snapshot", [])) as string;
            await check(set, disabled, isBrought, isStored);
            await ethers.provider.send("evm_revert", [snapshot]);
          }
        }
      }
    };
    await everything(undefined);
    for (const index of names.keys()) {
      await desk.refresh();
      const disabling = priceAggregator.connect(guardian).disableSource(assetId, index);
      if (names.length === 1) {
        // The only one there is: the guardian can't take it.
        await expect(disabling)
          .to.be.revertedWithCustomError(priceAggregator, "PriceAggregator_NoOtherFreshSource")
          .withArgs(assetId, index);
        continue;
      }
      await confirmed(disabling);
      await everything(index);
      await desk.warp(8 * DAY);
      await everything(undefined);
      await desk.refresh();
    }
    const perRound = 9 * 4 * 2;
    const later = IS_EXHAUSTIVE ? perRound : perRound / 2;
    expect(checked).to.equal(names.length === 1 ? 3 * 4 * 2 : perRound + 4 * later);
    await expectBalanced(desk);
  });

  it("A22: the guardian can lift what it did at once; one dead source alone stops neither burn nor close", async () => {
    const { desk, lp, trader, keeper, priceAggregator, guardian, profile, replica } = await loadDesk();
    const id = await desk.open(trader, keeper, { leverage: 1001 });
    const assetId = assetIdOf("BTC");
    if (profile.binance !== null) {
      await desk.refresh();
      const asGuardian = priceAggregator.connect(guardian);
      await confirmed(asGuardian.disableSource(assetId, 0));
      await confirmed(asGuardian.restoreSource(assetId, 0));
      expect((await priceAggregator.pushPrice(assetId)).fresh).to.equal(2n);
      await confirmed(asGuardian.disableSource(assetId, 0));
      await expect(asGuardian.disableSource(assetId, 1))
        .to.be.revertedWithCustomError(priceAggregator, "PriceAggregator_NoOtherFreshSource")
        .withArgs(assetId, 1);
    }
    const before = await holdingOf(desk, "USDT", lp);
    await desk.burn(lp, "USDT", 10n ** 20n);
    expect(await holdingOf(desk, "USDT", lp)).to.be.greaterThan(before);
    await desk.close(trader, keeper, id);
    expect(await replica.token("USDT").getAddress()).to.equal(desk.replica.token("USDT").target);
    await expectBalanced(desk);
  });

  it("A19: a dollar that fell before its feed comes in at its tick, or not at all", async () => {
    const { desk, stranger, alp, alpManager, alpLens, replica } = await loadDesk();
    const amount = desk.tokenUnits("USDT", 100_000n);
    for (const [fallen, isTaken] of [
      [px("0.985"), true],
      [px("0.97"), false],
    ] as const) {
      await desk.setPrice("USDT", fallen);
      // The feed has not followed; the desk refreshes it with the fallen price, so it is set again in the mint itself.
      await replica.mintToken("USDT", stranger.address, amount);
      await confirmed(replica.token("USDT").connect(stranger).approve(alpManager, amount));
      await desk.refresh();
      await replica.setPushPrice("USDT", px("1"));
      const now = await desk.now();
      const { assetIds, updateData } = desk.referenceTicks(now);
      const value = BigInt(assetIds.length);
      const args = [replica.token("USDT"), amount, 0n, now + 60, assetIds, updateData, { value }] as const;
      const sent = alpManager.connect(stranger).mint(...args);
      if (!isTaken) {
        await expect(sent)
          .to.be.revertedWithCustomError(alpManager, "AlpManager_PriceNotValid")
          .withArgs(assetIdOf("USDT"));
        continue;
      }
      await confirmed(sent);
      await desk.refresh();
      await replica.setPushPrice("USDT", fallen);
      const { midPrice } = await alpLens.nav(ZeroAddress);
      const worth = ((await alp.balanceOf(stranger)) * midPrice) / 10n ** 18n;
      expect(worth).to.be.at.most((usd("100000") * 985n) / 1_000n);
    }
  });

  it("A19: without the dollar's tick nothing is minted", async () => {
    const { desk, stranger, alpManager } = await loadDesk();
    const amount = desk.tokenUnits("USDC", 1_000n);
    for (const missing of ["USDT", "USDC"] as const) {
      const assets = desk.referenceAssets().filter((asset) => asset !== missing);
      await expect(desk.mint(stranger, "USDC", amount, { assets }))
        .to.be.revertedWithCustomError(alpManager, "AlpManager_PriceNotValid")
        .withArgs(assetIdOf(missing));
    }
    await desk.mint(stranger, "USDC", amount);
  });

  it("A19: no asset is minted beyond its share, so that a discounted one can't be swapped into the rest of the vault", async () => {
    const { desk, stranger, vault, profile, alpManager } = await loadDesk();
    for (const { symbol, address, assetKey, decimals, maxSharePips } of profile.tokens) {
      const unit = desk.tokenUnits(symbol, 1n);
      let total = 0n;
      for (const token of profile.tokens) {
        const { liquidity } = await vault.ledger(token.address);
        total += (liquidity * desk.priceOf(token.assetKey)) / 10n ** BigInt(token.decimals);
      }
      const { liquidity } = await vault.ledger(address);
      const held = (liquidity * desk.priceOf(assetKey)) / 10n ** BigInt(decimals);
      // held + x = share · (total + x)
      const room = (BigInt(maxSharePips) * total - PIPS * held) / (PIPS - BigInt(maxSharePips));
      const most = (room * unit) / desk.priceOf(assetKey);
      await expect(desk.mint(stranger, symbol, (most * 1_001n) / 1_000n))
        .to.be.revertedWithCustomError(alpManager, "AlpManager_ShareTooLarge")
        .withArgs(address, (share: bigint) => share > BigInt(maxSharePips), maxSharePips);
      await desk.mint(stranger, symbol, (most * 999n) / 1_000n);
    }
  });

  it("A26: wide ticks of a dust burn cost a later minter of the same transaction nothing", async () => {
    const { desk, alp, alpManager, replica, stranger, profile } = await loadDesk();
    const wallet = await ethers.deployContract("OracleProbe");
    const usdt = replica.token("USDT");
    const whole = desk.tokenUnits("USDT", 1n);
    await replica.mintToken("USDT", await wallet.getAddress(), 3_000n * whole);
    const deadline = 2n ** 40n - 1n;
    const target = await alpManager.getAddress();
    const value = BigInt(desk.referenceAssets().length);
    const data = async (wide: boolean) => {
      const now = await desk.now();
      const ordinaryTicks = desk.referenceTicks(now);
      if (!wide) return ordinaryTicks;
      const prices = desk.referenceAssets().map((asset) => {
        const tick = desk.anyTick(asset, now, { confidence: (desk.priceOf(asset) / 110n / 100n) * 100n });
        return { assetIds: tick.assetIds, updateData: tick.updateData };
      });
      return {
        assetIds: prices.flatMap(({ assetIds }) => assetIds),
        updateData: prices.flatMap(({ updateData }) => updateData),
      };
    };
    const mintCall = async (amount: bigint) => {
      const { assetIds, updateData } = await data(false);
      const encoded = alpManager.interface.encodeFunctionData("mint", [
        await usdt.getAddress(),
        amount,
        0n,
        deadline,
        assetIds,
        updateData,
      ]);
      return { target, value, data: encoded };
    };
    const approve = {
      target: await usdt.getAddress(),
      value: 0n,
      data: usdt.interface.encodeFunctionData("approve", [target, 2n ** 255n]),
    };
    await desk.refresh();
    const run = async (calls: { target: string; value: bigint; data: string }[]) =>
      confirmed(
        wallet
          .connect(stranger)
          .run(calls, { value: calls.reduce((sum, call) => sum + call.value, 0n), gasLimit: 9_000_000n }),
      );
    await run([approve, await mintCall(1_000n * whole)]);
    await desk.warp(profile.vault.cooldownSeconds);
    const snapshot = (await ethers.provider.send("evm_snapshot", [])) as string;
    const minted = async (hasDust: boolean) => {
      await desk.refresh();
      const before = await alp.balanceOf(wallet);
      const { assetIds, updateData } = await data(true);
      const dust = alpManager.interface.encodeFunctionData("burn", [
        await usdt.getAddress(),
        10n ** 15n,
        0n,
        deadline,
        await wallet.getAddress(),
        false,
        assetIds,
        updateData,
      ]);
      await run([...(hasDust ? [{ target, value, data: dust }] : []), await mintCall(1_000n * whole)]);
      return (await alp.balanceOf(wallet)) - before + (hasDust ? 10n ** 15n : 0n);
    };
    const alone = await minted(false);
    await ethers.provider.send("evm_revert", [snapshot]);
    // What the dust's own fee moved, at most.
    expect(await minted(true)).to.be.closeTo(alone, CENT / 1_000n);
  });
});
