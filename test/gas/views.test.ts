import { loadFixture, setStorageAt } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { requestLimit } from "../../kit/desk/orders";
import { tickOfNow } from "../../kit/desk/reading";
import type { LensTick } from "../../kit/desk/reading";
import { IS_EXHAUSTIVE } from "../dsl/extent";
import { deskFixture } from "../fixtures/desk";

/**
 * Gas of the keepers' views, measured on the deployed system. Records are those of trades made by hand, copied under further
 * ids: a view reads the same slots of each.
 */

/** What the views promise, on the build that is deployed; the legacy pipeline alone makes dearer code. */
const SLACK = process.env.ASTERISM_PIPELINE === "legacy" || process.env.ASTERISM_COVERAGE === "true" ? 2n : 1n;
const MOST_LIVE = 15_000n * SLACK;
const MOST_ENDED = 3_000n * SLACK;
const MOST_ENDED_OF_LIST = 3_100n * SLACK;
const MOST_FOUND = 35_000n * SLACK;

const SIZES = [256, 1_024, 2_048] as const;
const MOST = SIZES[SIZES.length - 1];

/** As many ids as one search may look at. */
const WALKED = 5_000;
/** What a keeper asks for at a time: the costliest ids stay below the gas that nodes give a call. */
const PAGE = 1_000;

/** Slots of Trading: the next id, and the mappings of a trade. */
const NEXT_ID = 0n;
const POSITIONS = 2n;
const CLOSES = 3n;
const EXTRAS = 4n;

type Fixture = Awaited<ReturnType<typeof scene>>;

function slotOf(id: bigint, mapping: bigint): bigint {
  return BigInt(ethers.solidityPackedKeccak256(["uint256", "uint256"], [id, mapping]));
}

/** One trade of each kind that waits: positions with and without triggers and added margin, of either book and side, a limit. */
async function scene() {
  const fixture = await deskFixture();
  const { desk, keeper, trader, trading } = fixture;
  const own = trading.connect(trader);
  const standard = { mode: "standard", leverage: 100 } as const;
  const plain = await desk.open(trader, keeper, { mode: "degen", leverage: 600 });
  const guarded = await desk.open(trader, keeper, { ...standard, asset: "ETH", isLong: false });
  const { price } = await tickOfNow(desk, "ETH");
  await own.updateTpSl(guarded, (price * 99n) / 100n, (price * 101n) / 100n);
  const added = await desk.open(trader, keeper, { ...standard });
  await own.addMargin(added, desk.tokenUnits("USDT", 20n));
  const closing = await desk.open(trader, keeper, { ...standard, isLong: false });
  const { price: btc } = await tickOfNow(desk, "BTC");
  const { id: resting } = await requestLimit(desk, trader, { ...standard, acceptablePrice: (btc * 99n) / 100n });
  const meter = await ethers.deployContract("CallMeter");
  return { ...fixture, kinds: { plain, guarded, added, closing, resting }, meter };
}

/** Copies the records of some trades, in turns, under so many further ids; the first of those. */
async function copied({ trading }: Fixture, ids: readonly bigint[], count: number): Promise<bigint> {
  const target = await trading.getAddress();
  const first = await trading.nextTradeId();
  const words = new Map<bigint, [bigint, bigint, bigint][]>();
  for (const id of ids) {
    const slots = [0n, 1n, 2n].map((offset) => [POSITIONS, offset, slotOf(id, POSITIONS) + offset] as const);
    const all = [...slots, [CLOSES, 0n, slotOf(id, CLOSES)] as const, [EXTRAS, 0n, slotOf(id, EXTRAS)] as const];
    const values = await Promise.all(all.map(([, , slot]) => ethers.provider.getStorage(target, slot)));
    const read = all.map(([mapping, offset], place): [bigint, bigint, bigint] => [
      mapping,
      offset,
      BigInt(values[place]),
    ]);
    words.set(
      id,
      read.filter(([, , value]) => value !== 0n),
    );
  }
  for (let i = 0; i < count; i++) {
    for (const [mapping, offset, value] of words.get(ids[i % ids.length]) ?? []) {
      await setStorageAt(target, slotOf(first + BigInt(i), mapping) + offset, value);
    }
  }
  await grow({ trading }, count);
  return first;
}

/** So many further ids are given out; of nothing, unless it is copied. */
async function grow({ trading }: Pick<Fixture, "trading">, count: number): Promise<void> {
  const target = await trading.getAddress();
  const word = BigInt(await ethers.provider.getStorage(target, NEXT_ID));
  await setStorageAt(target, NEXT_ID, word + BigInt(count));
}

/** Gas of a search over so many ids from one on, and how much it finds. */
async function dueGas({ keeper, keeperLens, meter, trading }: Fixture, from: bigint, count: number, ticks: LensTick[]) {
  const data = keeperLens.interface.encodeFunctionData("due", [
    ...[await trading.getAddress(), keeper.address, from, BigInt(count)],
    ticks,
  ] as never);
  const { gasUsed, answer } = await meter.measure(keeperLens, data);
  const [trades, next] = keeperLens.interface.decodeFunctionResult("due", answer) as unknown as [unknown[], bigint];
  expect(next).to.equal(from + BigInt(count));
  return { gas: gasUsed, found: trades.length };
}

/** Walks `WALKED` ids from one on by the cursor that each page answers with: gas of an id, page by page, and how much is found. */
async function walked(fixture: Fixture, from: bigint, ticks: LensTick[]) {
  const pages: bigint[] = [];
  let found = 0;
  for (let cursor = 0; cursor < WALKED; cursor += PAGE) {
    const page = await dueGas(fixture, from + BigInt(cursor), PAGE, ticks);
    pages.push(page.gas / BigInt(PAGE));
    found += page.found;
  }
  return { pages, found };
}

/** Walks ids of one kind, of which all or none are found, none of them for more than its bound. */
async function expectWalk(
  name: string,
  fixture: Fixture,
  from: bigint,
  ticks: LensTick[],
  isFound: boolean,
  most: bigint,
): Promise<void> {
  const { pages, found } = await walked(fixture, from, ticks);
  console.log(`      ${name}, ${WALKED} by pages of ${PAGE}: ${pages.join(", ")} gas an id`);
  expect(found, name).to.equal(isFound ? WALKED : 0);
  for (const page of pages) {
    expect(page, name).to.be.at.most(most);
    // Flat: the fifth page as cheap as the first.
    expect(page, name).to.be.closeTo(pages[0], pages[0] / 20n);
  }
}

/** Gas of asking which of so many ids from one on are liquidatable, and how many are. */
async function liquidatableGas({ liquidator, meter, trading }: Fixture, from: bigint, count: number, price: bigint) {
  const ids = Array.from({ length: count }, (_, index) => from + BigInt(index));
  const data = liquidator.interface.encodeFunctionData("liquidatable", [await trading.getAddress(), ids, price]);
  const { gasUsed, answer } = await meter.measure(liquidator, data);
  const [flags] = liquidator.interface.decodeFunctionResult("liquidatable", answer) as unknown as [boolean[]];
  expect(flags).to.have.lengthOf(count);
  return { gas: gasUsed, found: flags.filter((flag) => flag).length };
}

/** Measures a view at each size: what each further id costs, up to the next size. */
async function perId(
  name: string,
  measure: (count: number) => Promise<{ gas: bigint; found: number }>,
  share: number,
  most: bigint,
): Promise<void> {
  const steps: bigint[] = [];
  let last = 0n;
  for (const [index, size] of SIZES.entries()) {
    const { gas, found } = await measure(size);
    expect(found, `${name}: found of ${size}`).to.equal(Math.round(size * share));
    const before = index === 0 ? 0 : SIZES[index - 1];
    steps.push((gas - last) / BigInt(size - before));
    last = gas;
  }
  console.log(`      ${name}: ${steps.join(", ")} gas an id`);
  const [, ...further] = steps;
  for (const step of further) expect(step, name).to.be.at.most(most);
  // Flat: the last of thousands as cheap as the first of hundreds.
  expect(further[further.length - 1], name).to.be.closeTo(further[0], further[0] / 20n);
}

describe("gas of keepers' views", () => {
  it(`takes a bounded gas for each id, however many there are: live ones with nothing to do`, async () => {
    const fixture = await loadFixture(scene);
    const { desk, kinds } = fixture;
    await desk.warp(10);
    await desk.refresh();
    const first = await copied(fixture, [kinds.plain, kinds.guarded, kinds.added, kinds.closing], MOST);
    const ticks = [await tickOfNow(desk, "BTC"), await tickOfNow(desk, "ETH")];
    await perId("due, idle positions", (count) => dueGas(fixture, first, count, ticks), 0, MOST_LIVE);
    const { price } = ticks[0];
    const list = await copied(fixture, [kinds.plain, kinds.added, kinds.closing], MOST);
    await perId("liquidatable, none", (count) => liquidatableGas(fixture, list, count, price), 0, MOST_LIVE);
  });

  it("live ones that are all to be liquidated, and closes to be filled", async () => {
    const fixture = await loadFixture(scene);
    const { desk, kinds, trader } = fixture;
    const first = await copied(fixture, [kinds.plain], MOST);
    const pending = await desk.requestClose(trader, kinds.closing);
    await desk.warpTo(pending.target + 1);
    await desk.setPrice("BTC", (desk.priceOf("BTC") * 995n) / 1_000n);
    await desk.refresh();
    const ticks = [await tickOfNow(desk, "BTC")];
    const { price } = ticks[0];
    await perId("liquidatable, all", (count) => liquidatableGas(fixture, first, count, price), 1, MOST_FOUND);
    await perId("due, liquidations", (count) => dueGas(fixture, first, count, ticks), 1, MOST_FOUND);
    const closes = await copied(fixture, [kinds.closing], MOST);
    const of = [{ ...ticks[0], publishTime: await desk.now() }];
    await perId("due, closes", (count) => dueGas(fixture, closes, count, of), 1, MOST_FOUND);
  });

  it("limits that rest", async () => {
    const fixture = await loadFixture(scene);
    const { desk, kinds } = fixture;
    await desk.warp(10);
    await desk.refresh();
    const first = await copied(fixture, [kinds.resting], MOST);
    const ticks = [await tickOfNow(desk, "BTC")];
    await perId("due, resting limits", (count) => dueGas(fixture, first, count, ticks), 0, MOST_LIVE);
  });

  it("5,000 ids that ended, page by page and at once", async () => {
    const fixture = await loadFixture(scene);
    const { desk, trading } = fixture;
    await desk.refresh();
    const first = await trading.nextTradeId();
    await grow(fixture, WALKED + 1);
    const ticks = [await tickOfNow(desk, "BTC")];
    await expectWalk("due, ended ids", fixture, first, ticks, false, MOST_ENDED);
    const { gas } = await dueGas(fixture, first, WALKED, ticks);
    expect(gas).to.be.at.most(MOST_ENDED * BigInt(WALKED));
    // One more is left to the next page.
    const [, next] = await fixture.keeperLens.due(trading, fixture.keeper, first, WALKED + 1, ticks);
    expect(next).to.equal(first + BigInt(WALKED));
  });

  if (IS_EXHAUSTIVE) {
    it("5,000 live ids, page by page: idle, resting, to be liquidated, to be closed", async () => {
      const fixture = await loadFixture(scene);
      const { desk, kinds, trader } = fixture;
      await desk.warp(10);
      await desk.refresh();
      const idle = await copied(fixture, [kinds.plain, kinds.guarded, kinds.added, kinds.closing], WALKED);
      const resting = await copied(fixture, [kinds.resting], WALKED);
      const both = [await tickOfNow(desk, "BTC"), await tickOfNow(desk, "ETH")];
      await expectWalk("due, idle positions", fixture, idle, both, false, MOST_LIVE);
      await expectWalk("due, resting limits", fixture, resting, both, false, MOST_LIVE);
      const due = await copied(fixture, [kinds.plain], WALKED);
      const pending = await desk.requestClose(trader, kinds.closing);
      const closes = await copied(fixture, [kinds.closing], WALKED);
      await desk.warpTo(pending.target + 1);
      await desk.setPrice("BTC", (desk.priceOf("BTC") * 995n) / 1_000n);
      await desk.refresh();
      const ticks = [await tickOfNow(desk, "BTC")];
      await expectWalk("due, liquidations", fixture, due, ticks, true, MOST_FOUND);
      await expectWalk("due, closes", fixture, closes, ticks, true, MOST_FOUND);
    });
  }

  it("ids that ended", async () => {
    const fixture = await loadFixture(scene);
    const { desk, trading } = fixture;
    await desk.refresh();
    const first = await trading.nextTradeId();
    await grow(fixture, MOST);
    const ticks = [await tickOfNow(desk, "BTC")];
    await perId("due, ended ids", (count) => dueGas(fixture, first, count, ticks), 0, MOST_ENDED);
    const { price } = ticks[0];
    await perId(
      "liquidatable, ended ids",
      (count) => liquidatableGas(fixture, first, count, price),
      0,
      MOST_ENDED_OF_LIST,
    );
  });
});
