import {
  impersonateAccount,
  loadFixture,
  setBalance,
  setStorageAt,
  takeSnapshot,
} from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { ContractTransactionReceipt, Result } from "ethers";
import { mkdirSync, readFileSync, writeFileSync } from "fs";
import { ethers, network } from "hardhat";
import { assetIdOf } from "../../deploy/arguments/oracle";
import type { AssetKey, Mode } from "../../deploy/profiles";
import type { Desk, Pending } from "../../kit/desk/Desk";
import { confirmed } from "../../kit/desk/Desk";
import { betRequest, executeBets, fundPlayer, requestBet } from "../../kit/desk/bets";
import { requestLimit, requestPartialClose, trigger } from "../../kit/desk/orders";
import { singleSignerDeskFixture } from "../fixtures/desk";
import { measurePro } from "./pro";
import { measureTriggers } from "./proTriggers";

/**
 * Gas of every operation in its steady state: user, keeper and both sides of the book have been used, the margin is an
 * ERC-20, keepers are credited; one guardian signs Pyth's updates, and each price has its fee. Gas used net of refunds, as
 * receipts state it. Writes `snapshots/gas.json`.
 */

const SNAPSHOT = "snapshots/gas.json";

/** Timestamps are calldata, and their zero bytes are cheaper: two runs differ by a few hundred gas. */
const TOLERANCE = { share: 0.01, gas: 600 };

const BATCH = 50;
const ASSETS: AssetKey[] = ["BTC", "ETH", "USDT"];

type Fixture = Awaited<ReturnType<typeof singleSignerDeskFixture>>;

const measured: Record<string, bigint> = {};

function record(name: string, gas: bigint): void {
  const before = measured[name] ?? 0n;
  measured[name] = gas > before ? gas : before;
}

/** Against the committed snapshot; throws where an operation has become dearer or cheaper than it says. */
function compare(numbers: Record<string, number>): void {
  const committed = JSON.parse(readFileSync(SNAPSHOT, "utf8")) as Record<string, number>;
  expect(Object.keys(numbers).sort(), "operations").to.deep.equal(Object.keys(committed).sort());
  for (const [name, gas] of Object.entries(numbers)) {
    const tolerance = Math.max(TOLERANCE.gas, committed[name] * TOLERANCE.share);
    expect(gas, `${name}: run \`npm run gas\` and commit the snapshot`).to.be.closeTo(committed[name], tolerance);
  }
}

function gasOf({ gasUsed }: ContractTransactionReceipt): bigint {
  return gasUsed;
}

/** Three tokens with liquidity: dollars, bitcoin and ether. */
function pooledTokens({ profile }: Fixture): string[] {
  return ["USDT", profile.chainId === 56 ? "BTCB" : "WBTC", profile.chainId === 56 ? "ETH" : "WETH"];
}

/** Below the size from which shares of assets are limited, on either chain. */
const POOL: Record<string, bigint> =
  network.config.chainId === 56 ? { USDT: 4_000_000n, BTCB: 40n, ETH: 500n } : { USDT: 400_000n, WBTC: 4n, WETH: 50n };

/** Liquidity in three tokens, and a position on each side of every book, opened and closed before. */
async function steadyFixture() {
  const fixture = await loadFixture(singleSignerDeskFixture);
  const { desk, lp, trader, keeper } = fixture;
  for (const symbol of pooledTokens(fixture)) {
    await desk.mint(lp, symbol, desk.tokenUnits(symbol, POOL[symbol]), { assets: ASSETS });
  }
  await desk.warp(fixture.profile.vault.cooldownSeconds);
  await desk.refresh();
  await desk.fund(trader, "USDT", desk.tokenUnits("USDT", 1_000_000n));
  for (const mode of ["degen", "standard"] as const) {
    for (const isLong of [true, false]) {
      const options = { mode, isLong, amount: desk.tokenUnits("USDT", 20n) };
      await desk.open(trader, keeper, options);
      await desk.close(trader, keeper, await desk.open(trader, keeper, options));
    }
  }
  return fixture;
}

async function settled(desk: Desk, fixture: Fixture, pending: Pending[]): Promise<bigint> {
  const target = pending[pending.length - 1].target;
  await desk.warpTo(target + 1);
  await desk.refresh();
  const proofs = [desk.firstTick("BTC", target)];
  const { receipt, results } = await desk.execute(
    fixture.keeper,
    pending.map(({ id }) => id),
    proofs,
  );
  for (const result of results) expect(result.outcome).to.be.oneOf(["Opened", "Closed"]);
  return gasOf(receipt);
}

/** Sends all of them into one block. */
async function inOneBlock<T>(count: number, send: (index: number) => Promise<T>): Promise<void> {
  await ethers.provider.send("evm_setAutomine", [false]);
  for (let i = 0; i < count; i++) await send(i);
  await ethers.provider.send("evm_mine", []);
  await ethers.provider.send("evm_setAutomine", [true]);
}

async function openBatch(fixture: Fixture, count: number): Promise<{ ids: bigint[]; gas: bigint }> {
  const { desk, trader, trading } = fixture;
  const first = await trading.nextTradeId();
  const request = await desk.openRequest(trader, { amount: desk.tokenUnits("USDT", 10n) });
  await inOneBlock(count, () => trading.connect(trader).requestOpen(request));
  const target = (await desk.now()) + desk.delayOf("degen");
  const ids = Array.from({ length: count }, (_, index) => first + BigInt(index));
  const pending = ids.map((id) => ({ id, asset: "BTC", target }) as Pending);
  return { ids, gas: await settled(desk, fixture, pending) };
}

async function closeBatch(fixture: Fixture, ids: bigint[]): Promise<bigint> {
  const { desk, trader, trading } = fixture;
  const deadline = (await desk.now()) + 3_600;
  await inOneBlock(ids.length, (index) => trading.connect(trader).requestClose(ids[index], 0n, deadline));
  const target = (await desk.now()) + desk.delayOf("degen");
  return settled(
    desk,
    fixture,
    ids.map((id) => ({ id, asset: "BTC", target }) as Pending),
  );
}

/** Bets in one block, struck at one tick and settled, won, at another. */
async function betBatch(fixture: Fixture, count: number, stake: bigint): Promise<{ strike: bigint; settle: bigint }> {
  const { desk, trader, keeper, prediction } = fixture;
  const first = await prediction.nextBetId();
  const request = await betRequest(desk, trader, { stake });
  await inOneBlock(count, () => prediction.connect(trader).requestBet(request));
  const target = (await desk.now()) + Number(await prediction.executionDelay());
  const bets = Array.from({ length: count }, (_, index) => ({
    id: first + BigInt(index),
    asset: "BTC" as const,
    target,
  }));
  const strike = await executeBets(desk, keeper, bets);
  const due = bets.map((bet) => ({ ...bet, target: target + 300 }));
  const settle = await executeBets(desk, keeper, due, { price: desk.priceOf("BTC") + 10n ** 12n });
  for (const { outcome } of strike.results) expect(outcome).to.equal("Opened");
  for (const { outcome } of settle.results) expect(outcome).to.equal("Closed");
  return { strike: gasOf(strike.receipt), settle: gasOf(settle.receipt) };
}

function marginal(gasOfBatch: bigint, gasOfOne: bigint): bigint {
  return (gasOfBatch - gasOfOne) / BigInt(BATCH - 1);
}

describe("gas benchmark", () => {
  for (const mode of ["degen", "standard"] as Mode[]) {
    it(`measures a market round trip, ${mode}`, async () => {
      const fixture = await loadFixture(steadyFixture);
      const { desk, trader } = fixture;
      const opening = await desk.requestOpen(trader, { mode, amount: desk.tokenUnits("USDT", 20n) });
      const openExecute = await settled(desk, fixture, [opening]);
      const closing = await desk.requestClose(trader, opening.id);
      const closeExecute = await settled(desk, fixture, [closing]);
      record("openRequest", gasOf(opening.receipt));
      record("openExecute", openExecute);
      record("closeRequest", gasOf(closing.receipt));
      record("closeExecute", closeExecute);
      record("roundTrip", gasOf(opening.receipt) + openExecute + gasOf(closing.receipt) + closeExecute);
    });
  }

  it("measures batches of openings and closes at one tick", async () => {
    const fixture = await loadFixture(steadyFixture);
    const one = await openBatch(fixture, 1);
    const many = await openBatch(fixture, BATCH);
    record("openExecuteMarginal50", marginal(many.gas, one.gas));
    const closeOne = await closeBatch(fixture, one.ids);
    record("closeExecuteMarginal50", marginal(await closeBatch(fixture, many.ids), closeOne));
  });

  it("measures liquidations, one and in a batch", async () => {
    const fixture = await loadFixture(steadyFixture);
    const { desk, keeper } = fixture;
    const { ids: first } = await openBatch(fixture, 1);
    const { ids: second } = await openBatch(fixture, 1);
    const { ids: many } = await openBatch(fixture, BATCH);
    await desk.setPrice("BTC", (desk.priceOf("BTC") * 9_993n) / 10_000n);
    await desk.liquidate(keeper, first, "BTC");
    const one = await desk.liquidate(keeper, second, "BTC");
    const batch = await desk.liquidate(keeper, many, "BTC");
    for (const { outcome } of [...one.results, ...batch.results]) expect(outcome).to.equal("Liquidated");
    record("liquidate", gasOf(one.receipt));
    record("liquidateMarginal50", marginal(gasOf(batch.receipt), gasOf(one.receipt)));
  });

  it("measures limits, request and fill", async () => {
    const fixture = await loadFixture(steadyFixture);
    const { desk, trader, keeper } = fixture;
    const limit = desk.priceOf("BTC");
    for (const mode of ["degen", "standard"] as Mode[]) {
      const options = { mode, amount: desk.tokenUnits("USDT", 20n), acceptablePrice: limit };
      const { id, receipt } = await requestLimit(desk, trader, options);
      await desk.warp(5);
      await desk.setPrice("BTC", (limit * 99_985n) / 100_000n);
      await desk.refresh();
      const filled = await trigger(desk, keeper, [id]);
      expect(filled.results[0].outcome).to.equal("Opened");
      record("limitRequest", gasOf(receipt));
      record("limitExecute", gasOf(filled.receipt));
      await desk.setPrice("BTC", limit);
    }
  });

  it("measures what owners change: margin, take profit and stop, size", async () => {
    const fixture = await loadFixture(steadyFixture);
    const { desk, trader, keeper, trading, tradingRecords } = fixture;
    const amount = desk.tokenUnits("USDT", 100n);
    const id = await desk.open(trader, keeper, { mode: "standard", amount });
    const connected = trading.connect(trader);
    await confirmed(connected.addMargin(id, amount));
    record("addMargin", gasOf(await confirmed(connected.addMargin(id, amount))));
    const price = desk.priceOf("BTC");
    const prices = (pips: bigint): [bigint, bigint] => [
      price + (price * pips) / 10_000n,
      price - (price * pips) / 10_000n,
    ];
    await confirmed(connected.updateTpSl(id, ...prices(10n)));
    record("updateTpSl", gasOf(await confirmed(connected.updateTpSl(id, ...prices(20n)))));
    const { size } = await tradingRecords.position(id);
    const pending = await requestPartialClose(desk, trader, id, size / 2n);
    const { receipt, results } = await desk.settle(keeper, pending);
    expect(results[0].outcome).to.equal("Reduced");
    record("partialClose", gasOf(receipt));
  });

  it("measures take profits and stops, one and in a batch", async () => {
    const fixture = await loadFixture(steadyFixture);
    const { desk, keeper, trader, trading } = fixture;
    const price = desk.priceOf("BTC");
    const target = (price * 10_005n) / 10_000n;
    const arm = async (ids: bigint[], takeProfit: bigint, stopLoss: bigint) =>
      inOneBlock(ids.length, (index) => trading.connect(trader).updateTpSl(ids[index], takeProfit, stopLoss));
    const measure = async (outcome: string, takeProfit: bigint, stopLoss: bigint) => {
      const { ids: warm } = await openBatch(fixture, 1);
      const { ids: single } = await openBatch(fixture, 1);
      const { ids: many } = await openBatch(fixture, BATCH);
      for (const ids of [warm, single, many]) await arm(ids, takeProfit, stopLoss);
      await desk.warp(5);
      await desk.setPrice("BTC", takeProfit === 0n ? stopLoss : takeProfit);
      await desk.refresh();
      await trigger(desk, keeper, warm);
      const one = await trigger(desk, keeper, single);
      const batch = await trigger(desk, keeper, many);
      for (const result of [...one.results, ...batch.results]) expect(result.outcome).to.equal(outcome);
      record("triggerExecute", gasOf(one.receipt));
      record("triggerExecuteMarginal50", marginal(gasOf(batch.receipt), gasOf(one.receipt)));
      await desk.setPrice("BTC", price);
      await desk.refresh();
    };
    await measure("Closed", target, 0n);
    await measure("Armed", 0n, (price * 9_998n) / 10_000n);
  });

  it("measures minting and burning ALP, and what markets add", async () => {
    const fixture = await loadFixture(steadyFixture);
    const { desk, lp, trader, keeper, alp } = fixture;
    const amount = desk.tokenUnits("USDT", 1_000n);
    // Two markets with open interest: bitcoin's books stand already. The degen ones are closed, one book each remains.
    await desk.open(trader, keeper, { asset: "ETH", mode: "standard", amount: desk.tokenUnits("USDT", 20n) });
    await desk.mint(lp, "USDT", amount, { assets: ASSETS });
    // Each from the same state of the LP: a mint while others cool keeps a record of them, and may write a fresh slot for it.
    const mint = async (): Promise<bigint> => {
      const before = await takeSnapshot();
      const gas = gasOf(await desk.mint(lp, "USDT", amount, { assets: ASSETS }));
      await before.restore();
      return gas;
    };
    const withTwo = await mint();
    record("alpMint", withTwo);

    await listMarket(fixture, 2);
    const withIdle = await mint();
    record("alpMintPerIdleMarket", withIdle > withTwo ? withIdle - withTwo : 0n);
    await openOn(fixture, 2);
    record("alpMintPerActiveMarket", (await mint()) - withIdle);

    await desk.warp(fixture.profile.vault.cooldownSeconds);
    const share = (await alp.balanceOf(lp)) / 1_000n;
    await desk.burn(lp, "USDT", share, { assets: ASSETS });
    record("alpBurn", gasOf(await desk.burn(lp, "USDT", share, { assets: ASSETS })));

    const burn = async (): Promise<bigint> => {
      const before = await takeSnapshot();
      const gas = gasOf(await desk.burn(lp, "USDT", share, { assets: ASSETS }));
      await before.restore();
      return gas;
    };
    const withPro = [await mint(), await burn()];
    await leaveOutPro(fixture);
    const added = [withPro[0] - (await mint()), withPro[1] - (await burn())];
    record(
      "proOnMint",
      added.reduce((most, gas) => (gas > most ? gas : most), 0n),
    );
  });

  it("measures what a further margin token adds to a close", async () => {
    const fixture = await loadFixture(steadyFixture);
    const { desk, trader, keeper, trading, vault } = fixture;
    const options = { amount: desk.tokenUnits("USDT", 20n) };
    const before = (await desk.close(trader, keeper, await desk.open(trader, keeper, options))).receipt;
    const [settings] = await asConfigurator(fixture);
    const token = await ethers.deployContract("StandInToken");
    await token.initialize("Further", "FUR", 18);
    await asVaultGovernor(fixture, await token.getAddress());
    await trading.connect(settings).setMarginToken(token, assetIdOf("USDT"), true);
    expect((await vault.tokens()).length).to.be.greaterThan(1);
    const after = (await desk.close(trader, keeper, await desk.open(trader, keeper, options))).receipt;
    const added = gasOf(after) - gasOf(before);
    record("closePerMarginToken", added > 0n ? added : 0n);
  });

  it("measures bets: request, strike and settlement in a batch", async () => {
    const fixture = await loadFixture(steadyFixture);
    const { desk, trader } = fixture;
    await fundPlayer(desk, trader, "USDT", desk.tokenUnits("USDT", 100_000n));
    const stake = desk.tokenUnits("USDT", 10n);
    const first = await betBatch(fixture, 1, stake);
    await betBatch(fixture, 1, stake);
    const one = await betBatch(fixture, 1, stake);
    const many = await betBatch(fixture, BATCH, stake);
    expect(first.strike).to.be.greaterThan(0n);
    record("betRequest", gasOf((await requestBet(desk, trader, { stake })).receipt));
    record("betStrikeMarginal50", marginal(many.strike, one.strike));
    record("betSettleMarginal50", marginal(many.settle, one.settle));
  });

  measurePro(record);
  measureTriggers(record);

  after(() => {
    const numbers = Object.fromEntries(Object.entries(measured).map(([name, gas]) => [name, Number(gas)]));
    if (process.env.GAS_CHECK === "true") return compare(numbers);
    mkdirSync("snapshots", { recursive: true });
    writeFileSync(SNAPSHOT, `${JSON.stringify(numbers, null, 2)}\n`);
  });
});

/** The configurator's own account: what it may write, without waiting for governance. */
async function asConfigurator({ tradingConfigurator }: Fixture) {
  const address = await tradingConfigurator.getAddress();
  await impersonateAccount(address);
  await setBalance(address, 10n ** 18n);
  return [await ethers.getSigner(address)];
}

/** Takes Pro, the last of the Vault's products, out of their number, which is packed over the liquidity manager. */
async function leaveOutPro({ alpManager, pro, vault }: Fixture): Promise<void> {
  const products = await vault.products();
  expect(products[products.length - 1]).to.equal(await pro.getAddress());
  const [at, manager] = [await vault.getAddress(), BigInt(await alpManager.getAddress())];
  for (let slot = 0; slot < 20; slot++) {
    const word = BigInt(await ethers.provider.getStorage(at, slot));
    if ((word & (2n ** 160n - 1n)) === manager) await setStorageAt(at, slot, word - (1n << 160n));
  }
  expect(await vault.products()).to.deep.equal(products.slice(0, -1));
}

/** Lists a token in the vault through governance, delay and all. */
async function asVaultGovernor({ accessManager, vault, governor, profile, desk }: Fixture, token: string) {
  const data = vault.interface.encodeFunctionData("listToken", [token, profile.vault.maxUtilizationPips]);
  await confirmed(accessManager.connect(governor).schedule(vault, data, 0));
  await desk.warp(2 * 86_400);
  await confirmed(accessManager.connect(governor).execute(vault, data));
}

/** A further market on bitcoin's feed, with the Standard book's configuration. */
async function listMarket(fixture: Fixture, marketId: number): Promise<void> {
  const { trading, tradingRecords, desk } = fixture;
  const [settings] = await asConfigurator(fixture);
  const from = desk.bookId("BTC", "standard");
  const [config, openConfig] = await tradingRecords.bookConfig(from);
  const tiers = await tradingRecords.tiers(from);
  const connected = trading.connect(settings);
  await connected.setBookConfig(2 * marketId, structOf(config));
  await connected.setOpenConfig(2 * marketId, structOf(openConfig));
  await connected.setTiers(
    2 * marketId,
    tiers.map((tier) => ({ ...structOf(tier), terms: structOf(tier.terms) })),
  );
}

async function openOn(fixture: Fixture, marketId: number): Promise<void> {
  const { desk, trader, trading } = fixture;
  const request = await desk.openRequest(trader, { mode: "standard", amount: desk.tokenUnits("USDT", 20n) });
  const id = await trading.nextTradeId();
  await confirmed(trading.connect(trader).requestOpen({ ...request, bookId: 2 * marketId }));
  const target = (await desk.now()) + desk.delayOf("standard");
  await settled(desk, fixture, [{ id, asset: "BTC", target } as Pending]);
}

/** A struct that a view returned, as an argument. */
function structOf<T extends object>(returned: T): T {
  return { ...(returned as unknown as Result).toObject() } as T;
}
