import { loadFixture, setBalance, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import fc from "fast-check";
import { ethers } from "hardhat";
import * as actions from "../../dsl/proActions";
import { ORDER_TYPE, SELF_TRADE, ask, bid, orderIdOf, resultOf, soft } from "../../dsl/proActions";
import { revertData } from "../../../sdk/errors";
import { ALICE, BOB, PRICE, USD, act, deployFunded, setPrices } from "./proFixture";

const SEED = 20_200_312;

async function deploy() {
  const context = await deployFunded();
  const lens = await ethers.deployContract("ProLens");
  const { pro, bob, carol, keeper, alice } = context;
  await act(context, bob, [ask(100_010n, 40n), ask(100_500n, 400n), bid(99_990n, 40n), bid(99_500n, 400n)]);
  await act(context, alice, [bid(99_900n, 30n), ask(100_200n, 30n)]);
  await pro.connect(alice).setDelegate(ALICE, carol, 2, 2n ** 40n - 1n);
  await pro.connect(alice).setDelegate(ALICE, keeper, 4, 2n ** 40n - 1n);
  return { ...context, lens };
}

const place = fc
  .record({
    isBid: fc.boolean(),
    isReduceOnly: fc.constantFrom(false, false, true),
    market: fc.constantFrom(0n, 0n, 0n, 1n, 2n),
    type: fc.constantFrom(...Object.values(ORDER_TYPE), 4n),
    selfTrade: fc.constantFrom(...Object.values(SELF_TRADE)),
    maxFills: fc.constantFrom(0n, 1n, 2n, 100n, 101n),
    tick: fc.constantFrom(0n, 90_000n, 99_000n, 99_990n, 100_000n, 100_010n, 100_500n, 110_000n),
    lots: fc.constantFrom(0n, 1n, 3n, 40n, 100n, 1_000n, 500_000n),
    expiry: fc.constantFrom(0n, 1n, 4_000_000_000n),
  })
  .map((fields) => actions.place(fields));

const action = fc
  .oneof(
    { weight: 4, arbitrary: place.map((word) => [word]) },
    fc.constantFrom(0n, 1n, 7n).map((slot) => [actions.cancel(orderIdOf(ALICE, slot, 1n))]),
    fc.constantFrom(0n, 1n, 10n, 60n).map((lots) => [actions.lower(orderIdOf(ALICE, 0n, 1n), lots)]),
    fc.constantFrom(0n, 1n, 20n, 50n, 201n).map((leverage) => [actions.setLeverage(0n, leverage)]),
    fc.boolean().map((isIsolated) => [actions.setMode(1n, isIsolated)]),
    fc.constantFrom(0n, 1n, 1_000n * USD, 10n ** 30n).map((amount) => [actions.transfer(0n, 0n, amount, 1n)]),
    fc
      .constantFrom(0n, 1n, 1_000n * USD, 10n ** 30n)
      .map((amount) => actions.withdraw("0x00000000000000000000000000000000000000Aa", amount)),
    fc
      .constantFrom(0n, 1n, 10n ** 17n, 3n * 10n ** 17n)
      .map((amount) => [actions.tip("0x00000000000000000000000000000000000000bB", amount)]),
    fc.constantFrom(0n, 99n).map((kind) => [kind]),
  )
  .chain(([head, ...rest]) => fc.boolean().map((isSoft) => [isSoft ? soft(head) : head, ...rest]));

describe("ProLens: previewAct", () => {
  it("Pro 27: is what act comes to, results and errors, for owners, delegates and strangers", async () => {
    const context = await loadFixture(deploy);
    const { pro, lens, alice, carol, keeper, stranger } = context;
    const seen = { done: 0, refused: 0, skipped: 0 };
    const callers = fc.constantFrom(alice, alice, alice, carol, keeper, stranger);
    await fc.assert(
      fc.asyncProperty(callers, fc.array(action, { minLength: 1, maxLength: 4 }), async (caller, parts) => {
        const list = parts.flat();
        const by = pro.connect(caller);
        const [isDone, results, refusal] = await lens.previewAct.staticCall(pro, caller, ALICE, [], list);
        const outcome = await by.act.staticCall(ALICE, [], list).then(
          (words) => ({ words: [...words], data: "0x" }),
          (error: unknown) => ({ words: [] as bigint[], data: revertData(error) }),
        );
        expect({ words: [...results], data: refusal }).to.deep.equal(outcome);
        expect(isDone).to.equal(outcome.data === "0x");
        if (!isDone) return void seen.refused++;
        seen.done++;
        if (results.some((word) => resultOf(word).reason !== 0n)) seen.skipped++;
        // Every other one is sent, so that the next finds another state.
        if (seen.done % 2 === 0) await by.act(ALICE, [], list);
        if (seen.done % 8 === 0) await setPrices(context, 100_000n, 4_000n);
      }),
      { seed: SEED, numRuns: 250 },
    );
    for (const [name, count] of Object.entries(seen)) expect(count, name).to.be.greaterThan(20);
  });

  it("brings prices, gives all coin back, and changes nothing", async () => {
    const context = await loadFixture(deploy);
    const { pro, lens, reader, oracle, alice, stranger } = context;
    const before = await reader.market(pro, 0);
    await oracle.setFee(5);
    await oracle.setPrice(1, 100_300n * PRICE, BigInt(await time.latest()) + 1n);
    const proofs = [{ assetIds: [1n], minPublishTime: 0n, isUnique: false, updateData: ["0x01"] }];
    const list = [actions.refresh(0n)];
    const args = [pro, alice, ALICE, proofs, list] as const;
    const [isDone, results] = await lens.connect(stranger).previewAct.staticCall(...args, { value: 9 });
    expect([isDone, [...results]]).to.deep.equal([true, [0n]]);
    await expect(lens.connect(stranger).previewAct(...args, { value: 9 })).to.changeEtherBalances(
      [stranger, lens, oracle],
      [0, 0, 0],
    );
    // A contract that takes no coin can't be given it back.
    const oracleAddress = await oracle.getAddress();
    await setBalance(oracleAddress, 1_000n);
    await expect(lens.connect(ethers.provider).previewAct.staticCall(...args, { value: 9, from: oracleAddress }))
      .to.be.revertedWithCustomError(lens, "ProLens_RefundRefused")
      .withArgs(oracleAddress, 9);
    expect((await reader.market(pro, 0)).price).to.equal(before.price);
    expect((await reader.party(pro, 0, BOB)).lots).to.equal(0n);
    await expect(stranger.sendTransaction({ to: lens, value: 1 }))
      .to.be.revertedWithCustomError(lens, "ProLens_NativeNotExpected")
      .withArgs(stranger);
  });

  it("has nothing to say of what is no Pro", async () => {
    const { lens, oracle, alice } = await loadFixture(deploy);
    const [isDone, results, refusal] = await lens.previewAct.staticCall(oracle, alice, ALICE, [], []);
    expect([isDone, [...results], refusal]).to.deep.equal([false, [], "0x"]);
  });
});
