import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { ethers } from "hardhat";
import { DEFAULT_PRICES } from "../../kit/replica";
import { NO_TICK, confirmed } from "../../kit/desk/Desk";
import { px, usd } from "../../sdk/units";
import { quickRolesDeskFixture } from "../fixtures/trading";
import { CENT, expectBalanced, holdingOf, loadDesk } from "./support";

const START = px("60000");
const LEVERAGE = 10;
/** Loss at 10x of a tick 6.05% away: 60.5% of the margin, past the loss rate of 60%. */
const MOVE_PIPS = 60_500n;
const PIPS = 1_000_000n;

type Fixture = Awaited<ReturnType<typeof loadDesk>>;

/** A price that far from the start, in the direction in which the side loses. */
function losing(isLong: boolean, pips = MOVE_PIPS): bigint {
  return (START * (PIPS + (isLong ? -pips : pips))) / PIPS;
}

/** Positions of a side at 10x, of a fifth of the book's cap each. */
async function openMany(fixture: Fixture, isLong: boolean, count: number): Promise<bigint[]> {
  const { desk, trader, keeper, profile } = fixture;
  const book = profile.markets[0].books.find(({ mode }) => mode === "standard");
  const margin = (book?.maxOpenInterestUsd ?? 0n) / 5n / BigInt(LEVERAGE) / 10n ** 18n;
  const amount = desk.tokenUnits("USDT", margin);
  await desk.fund(trader, "USDT", amount * BigInt(count + 1));
  const ids: bigint[] = [];
  for (let i = 0; i < count; ++i) {
    ids.push(await desk.open(trader, keeper, { mode: "standard", leverage: LEVERAGE, isLong, amount }));
  }
  return ids;
}

/** Σ margins of positions, USD with 18 decimals. */
async function marginsOf({ desk, tradingRecords }: Fixture, ids: readonly bigint[]): Promise<bigint> {
  let sum = 0n;
  for (const id of ids) {
    const { margin } = await tradingRecords.position(id);
    const { addedMargin } = await tradingRecords.extraOf(id);
    sum += ((margin + addedMargin) * desk.priceOf("USDT") * 10n ** 8n) / desk.tokenUnits("USDT", 1n);
  }
  return sum;
}

/**
 * Mints a million USDT (Arbitrum: 200,000), has all that is due liquidated, and values what was minted at the price of ALP
 * afterwards; also what the deposit less the fee would have been worth without regard to what is due.
 */
async function mintBeforeLiquidation(fixture: Fixture, ids: readonly bigint[]) {
  const { desk, stranger, keeper, alp, alpLens } = fixture;
  const deposit = desk.profile.key === "bnb" ? 1_000_000n : 200_000n;
  const amount = desk.tokenUnits("USDT", deposit);
  const value = (amount * desk.priceOf("USDT") * 10n ** 8n) / desk.tokenUnits("USDT", 1n);
  await desk.refresh();
  const preview = await alpLens.previewMint(ZeroAddress, desk.replica.token("USDT"), amount);
  await desk.mint(stranger, "USDT", amount);
  const shares = await alp.balanceOf(stranger);
  const batch = await desk.liquidate(keeper, ids, "BTC");
  expect(batch.results.map(({ outcome }) => outcome)).to.deep.equal(ids.map(() => "Liquidated"));
  await desk.refresh();
  const { midPrice, supply } = await alpLens.nav(ZeroAddress);
  const worth = (of: bigint) => (of * midPrice) / 10n ** 18n;
  return {
    profit: worth(shares) - value,
    // At the price that those shares would have left.
    profitWithoutRule: (worth(preview.amountAfterFee) * supply) / (supply + preview.amountAfterFee - shares) - value,
    shares,
    supply,
    value,
  };
}

/** With the caps of BNB Chain there is something to take; with Arbitrum's the fee covers all but a few dollars. */
function expectWorthRule({ profile }: Fixture, profitUsd: bigint): void {
  if (profile.key === "bnb") expect(profitUsd, "worth a rule").to.be.greaterThan(usd("500"));
  else expect(profitUsd, "covered by the fee").to.be.below(usd("50"));
}

describe("attacks: minting before what is due", () => {
  for (const isLong of [true, false]) {
    it(`A17: a liquidation that is due is worth nothing to who mints before it (${isLong ? "longs" : "shorts"})`, async () => {
      const fixture = await loadDesk();
      const { desk, alp, stranger, profile, alpLens } = fixture;
      const ids = await openMany(fixture, isLong, 3);
      await desk.setPrice("BTC", losing(isLong));
      const { profit, profitWithoutRule, shares, value } = await mintBeforeLiquidation(fixture, ids);
      expect(profit).to.be.at.most(CENT);
      expectWorthRule(fixture, profitWithoutRule);
      // Two days later, when it has cooled, neither: there is nothing open any more.
      await desk.warp(profile.vault.cooldownSeconds);
      await desk.refresh();
      const before = await holdingOf(desk, "USDT", stranger);
      await desk.burn(stranger, "USDT", shares);
      const paid = (await holdingOf(desk, "USDT", stranger)) - before;
      expect(paid).to.be.below((value * desk.tokenUnits("USDT", 1n)) / (desk.priceOf("USDT") * 10n ** 8n));
      expect(await alp.balanceOf(stranger)).to.equal(0n);
      expect((await alpLens.nav(ZeroAddress)).dueUsd).to.equal(0n);
      await expectBalanced(desk);
    });
  }

  it("A17: nor where margin was added, which NAV does not count", async () => {
    const fixture = await loadDesk();
    const { desk, trader, trading, tradingRecords } = fixture;
    const ids = await openMany(fixture, true, 3);
    const { margin } = await tradingRecords.position(ids[0]);
    // Half as much again: it is due at a loss of 90% of the margin at opening.
    await desk.fund(trader, "USDT", margin * 3n);
    for (const id of ids) await confirmed(trading.connect(trader).addMargin(id, margin / 2n));
    await desk.setPrice("BTC", losing(true, 91_000n));
    const { profit, profitWithoutRule } = await mintBeforeLiquidation(fixture, ids);
    expect(profit).to.be.at.most(CENT);
    expectWorthRule(fixture, profitWithoutRule);
  });

  it("A17: of 1001x positions too, whose due is at most their margins", async () => {
    const fixture = await loadDesk();
    const { desk, trader, keeper, alpLens } = fixture;
    const ids: bigint[] = [];
    for (let i = 0; i < 3; ++i) {
      ids.push(await desk.open(trader, keeper, { leverage: 1001, amount: desk.tokenUnits("USDT", 100n) }));
    }
    const margins = await marginsOf(fixture, ids);
    await desk.setPrice("BTC", (START * 9_990n) / 10_000n);
    await desk.refresh();
    const { dueUsd, highUsd, lowUsd } = await alpLens.nav(ZeroAddress);
    // Beyond the margins nothing is left to come: all of them are counted already.
    expect(dueUsd).to.be.at.most(10n ** 10n);
    expect(highUsd - lowUsd).to.be.at.most(CENT);
    await desk.setPrice("BTC", (START * 9_993n) / 10_000n);
    await desk.refresh();
    const nav = await alpLens.nav(ZeroAddress);
    expect(nav.dueUsd).to.be.greaterThan(0n);
    expect(nav.dueUsd).to.be.at.most((margins * 40n) / 100n + CENT);
    expect((await mintBeforeLiquidation(fixture, ids)).profit).to.be.at.most(CENT);
  });

  it("A17: losers netted by winners of the same side are worth at most (1 − LLR) of the margins due", async () => {
    const fixture = await loadDesk();
    const { desk } = fixture;
    // Winners first, a tenth below.
    await desk.setPrice("BTC", (START * 9n) / 10n);
    await openMany(fixture, true, 2);
    await desk.setPrice("BTC", START);
    const ids = await openMany(fixture, true, 2);
    await desk.setPrice("BTC", losing(true));
    const bound = ((await marginsOf(fixture, ids)) * 40n) / 100n;
    const { profit, shares, supply } = await mintBeforeLiquidation(fixture, ids);
    expect(profit).to.be.at.most((bound * shares) / supply);
  });

  it("A17: in one transaction with a burn of cooled ALP, minting adds nothing to what liquidating alone gives", async () => {
    const fixture = await loadDesk();
    const { desk, alp, alpManager, alpLens, liquidator, trading, stranger, profile, replica } = fixture;
    const wallet = await ethers.deployContract("OracleProbe");
    const usdt = replica.token("USDT");
    const whole = desk.tokenUnits("USDT", 1n);
    const deposit = (profile.key === "bnb" ? 1_000_000n : 200_000n) * whole;
    const ticks = async () => {
      const { assetIds, updateData } = desk.referenceTicks(await desk.now());
      const value = await desk.updateFee([{ assetIds, minPublishTime: 0, isUnique: false, updateData }]);
      return { assetIds, updateData, value };
    };
    const run = async (calls: { target: { getAddress(): Promise<string> }; data: string; value?: bigint }[]) => {
      const list = await Promise.all(
        calls.map(async ({ target, data, value = 0n }) => ({ target: await target.getAddress(), data, value })),
      );
      const value = list.reduce((sum, call) => sum + call.value, 0n);
      return confirmed(wallet.connect(stranger).run(list, { value, gasLimit: 12_000_000n }));
    };
    const deadline = 2n ** 40n - 1n;
    const mint = async (amount: bigint) => {
      const { assetIds, updateData, value } = await ticks();
      const token = await usdt.getAddress();
      const data = alpManager.interface.encodeFunctionData("mint", [
        ...([token, amount, 0n, deadline] as const),
        assetIds,
        updateData,
      ]);
      return { target: alpManager, data, value };
    };
    await replica.mintToken("USDT", await wallet.getAddress(), deposit + 50_000n * whole);
    const approval = usdt.interface.encodeFunctionData("approve", [alpManager.target, 2n ** 255n]);
    await desk.refresh();
    await run([{ target: usdt, data: approval }, await mint(50_000n * whole)]);
    await desk.warp(profile.vault.cooldownSeconds);
    await desk.refresh();
    const cooled = await alp.balanceOf(wallet);
    const ids = await openMany(fixture, true, 3);
    await desk.setPrice("BTC", losing(true));

    const snapshot = (await ethers.provider.send("evm_snapshot", [])) as string;
    const wealthAfter = async (isMinting: boolean) => {
      await desk.refresh();
      const { assetIds, updateData, value } = await ticks();
      const proofs = [desk.anyTick("BTC", await desk.now())];
      const items = ids.map((tradeId) => ({ tradeId, tickIndex: 0, closeTickIndex: NO_TICK }));
      const [token, receiver] = [await usdt.getAddress(), await wallet.getAddress()];
      const burnData = alpManager.interface.encodeFunctionData("burn", [
        ...([token, cooled, 0n, deadline, receiver, false] as const),
        assetIds,
        updateData,
      ]);
      await run([
        ...(isMinting ? [await mint(deposit)] : []),
        {
          target: liquidator,
          data: liquidator.interface.encodeFunctionData("liquidate", [trading.target, proofs, items]),
          value: await desk.updateFee(proofs),
        },
        { target: alpManager, data: burnData, value },
      ]);
      expect(await desk.statusOf(ids[0])).to.equal("None");
      const { midPrice } = await alpLens.nav(ZeroAddress);
      const held = ((await holdingOf(desk, "USDT", wallet)) * desk.priceOf("USDT") * 10n ** 8n) / whole;
      return held + ((await alp.balanceOf(wallet)) * midPrice) / 10n ** 18n;
    };
    const alone = await wealthAfter(false);
    await ethers.provider.send("evm_revert", [snapshot]);
    const attacked = await wealthAfter(true);
    expect(attacked - alone).to.be.at.most(CENT);
    await expectBalanced(desk);
  });
});

describe("attacks: minting and burning while liquidations wait", () => {
  it("A18: nobody enters or leaves in the grace after a halt, though the breaker is down again", async () => {
    const { desk, stranger, lp, breaker, guardian, alpManager, quickRiskManager } = await loadQuick();
    const whole = desk.tokenUnits("USDT", 1n);
    await confirmed(breaker.connect(guardian).raise(3));
    await confirmed(breaker.connect(quickRiskManager).lower(0, await breaker.raisedAt()));
    const end = Number(await breaker.haltEndsAt());
    for (const wait of [6, 250]) {
      await desk.warpTo(end + wait - 5);
      for (const call of [() => desk.mint(stranger, "USDT", 100n * whole), () => desk.burn(lp, "USDT", 10n ** 20n)]) {
        await expect(call()).to.be.revertedWithCustomError(alpManager, "AlpManager_LiquidationsWait").withArgs(end);
      }
    }
    await desk.warpTo(end + 300);
    await desk.mint(stranger, "USDT", 100n * whole);
    await desk.burn(lp, "USDT", 10n ** 20n);
  });

  it("A18: nor while the sequencer is down, or just up; a feed that is retired can be replaced by none", async () => {
    const { desk, stranger, lp, replica, profile, priceAggregator, alpManager, quickGovernor } = await loadQuick();
    const whole = desk.tokenUnits("USDT", 1n);
    const calls = [() => desk.mint(stranger, "USDT", 100n * whole), () => desk.burn(lp, "USDT", 10n ** 20n)];
    const works = async () => {
      for (const call of calls) await call();
    };
    const { sequencer } = profile;
    if (sequencer === null) {
      expect(await priceAggregator.sequencerFeed()).to.equal(ZeroAddress);
      await works();
      return;
    }
    const waits = async () => {
      for (const call of calls) {
        await expect(call()).to.be.revertedWithCustomError(alpManager, "AlpManager_SequencerNotReady");
      }
    };
    await replica.setSequencer(false);
    await waits();
    await replica.setSequencer(true);
    await waits();
    await desk.warp(sequencer.graceSeconds);
    await works();
    // Retired: it answers no more.
    await confirmed((await replica.sequencerFeed()).forge(0, 0));
    await waits();
    await confirmed(priceAggregator.connect(quickGovernor).setSequencer(ZeroAddress, 0));
    await works();
  });
});

async function loadQuick() {
  const fixture = await loadFixture(quickRolesDeskFixture);
  await fixture.desk.setPrices(DEFAULT_PRICES);
  return fixture;
}
