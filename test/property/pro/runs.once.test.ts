import { loadFixture, mine, takeSnapshot, time } from "@nomicfoundation/hardhat-network-helpers";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import { expect } from "chai";
import type { ContractTransactionResponse } from "ethers";
import fc from "fast-check";
import { ethers, network } from "hardhat";
import { revertData } from "../../../sdk/errors";
import { ProReason } from "../../../sdk/enums";
import { Budget } from "../../dsl/budget";
import * as words from "../../dsl/proActions";
import { ORDER_TYPE } from "../../dsl/proActions";
import type { ProContext } from "../../unit/pro/proFixture";
import { ALICE, BOB, CAROL, PRICE, USD, accountOf, act, deployFunded } from "../../unit/pro/proFixture";
import { rawWords } from "./rawWords";

const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const FUZZ_SECONDS = Number(process.env.FUZZ_SECONDS ?? 0);
const NUM_RUNS = Number(process.env.FUZZ_RUNS ?? 4);
/** Of a usual run: no further case is begun after. */
const USUAL_SECONDS = 10;

const [BTC, ETH] = [0n, 1n];
/** The second of Alice's accounts, isolated in BTC. */
const BESIDE = accountOf(1n, 1n);
const ACCOUNTS = [ALICE, BESIDE, BOB, CAROL];
const IOC = { type: ORDER_TYPE.immediateOrCancel };
/** Ticks of the indices, and furthest that an order is from them: less than eight levels, so that a deep level is what the book says. */
const MIDDLE = [100_000n, 40_000n];
const MOST_APART = 3;
const GAS = { gasLimit: 4_000_000n };
const RIGHTS = { cancel: 1, reduce: 3, trade: 7 };

/** Owner, and delegates who may cancel, reduce and trade. */
type Caller = "alice" | "governor" | "keeper" | "stranger";

/** Kinds of actions from this number on are orders. */
const ORDERS_FROM = 8;

/** Numbers that an action is made of. */
interface Spec {
  readonly kind: number;
  readonly market: bigint;
  readonly isBid: boolean;
  readonly isSoft: boolean;
  readonly isReduceOnly?: boolean;
  readonly numbers: readonly [number, number, number, number];
}

/**
 * Traders with positions and an empty book: no basis has gathered, so that the mark is the index whatever is placed in the next second.
 * Alice's accounts have delegates of all rights.
 */
async function deployHolding() {
  const context = await deployFunded();
  const { pro, alice, bob, carol, governor, keeper, stranger, unit } = context;
  await pro.connect(alice).deposit(alice, 1, 100_000n * unit);
  for (const market of [BTC, ETH]) await pro.connect(bob).addToFund(market, 20_000n * unit);
  await act(context, carol, [words.ask(MIDDLE[0], 100n)]);
  await act(context, alice, [words.bid(MIDDLE[0], 50n, IOC)]);
  await act(
    context,
    alice,
    [words.setMode(BTC, true), words.transfer(0n, 1n, 30_000n * USD, 1n), words.bid(MIDDLE[0], 50n, IOC)],
    1n,
  );
  await act(context, bob, [words.bid(MIDDLE[1], 100n, { market: ETH })]);
  await act(context, alice, [words.ask(MIDDLE[1], 100n, { market: ETH, ...IOC })]);
  for (const account of [ALICE, BESIDE]) {
    await pro.connect(alice).setDelegate(account, governor, RIGHTS.cancel, words.FOREVER);
    await pro.connect(alice).setDelegate(account, keeper, RIGHTS.reduce, words.FOREVER);
    await pro.connect(alice).setDelegate(account, stranger, RIGHTS.trade, words.FOREVER);
  }
  return context;
}

/** An order near the index, of a size from too small to a part of what the account bears. */
function orderOf({ market, isBid, isReduceOnly, numbers: [where, size, kind, flags] }: Spec): bigint {
  const tick = MIDDLE[Number(market)] + BigInt((where % (2 * MOST_APART + 1)) - MOST_APART);
  const least = market === BTC ? 20n : 50n;
  const lots = size % 7 === 0 ? BigInt(size % 5) : least + BigInt(size % 100);
  const type = [ORDER_TYPE.limit, ORDER_TYPE.limit, ORDER_TYPE.postOnly, IOC.type, ORDER_TYPE.fillOrKill][kind % 5];
  return words.place({
    ...{ market, isBid, lots, type },
    tick: flags % 12 === 0 ? 0n : tick,
    isReduceOnly: isReduceOnly ?? flags % 4 === 1,
    selfTrade: BigInt(kind % 3),
    maxFills: BigInt([0, 1, 2, 50, 50, 50, 50, 50][flags % 8]),
    expiry: flags % 8 === 3 ? 2n ** 32n - 1n : 0n,
  });
}

/** An id that an order may have by then, of this account mostly. */
function idOf(account: bigint, { market, numbers: [slot, generation, other] }: Spec): bigint {
  const owner = other % 8 === 0 ? ACCOUNTS[other % ACCOUNTS.length] : account;
  return words.orderIdOf(owner, BigInt(slot % 3), BigInt([1, 1, 1, 2, 2, 3][generation % 6]), market);
}

/** What a caller mostly does: what he may. */
function within(caller: Caller, spec: Spec): Spec {
  const [, , , rare] = spec.numbers;
  if (caller === "alice" || rare % 25 === 0) return spec;
  const isOther = spec.kind > 2 && spec.kind < ORDERS_FROM;
  if (caller === "governor") return { ...spec, kind: spec.kind % 3 };
  return { ...spec, kind: isOther ? ORDERS_FROM : spec.kind, isReduceOnly: caller === "keeper" };
}

/** An action's words. */
function wordsOf(context: ProContext, account: bigint, spec: Spec): bigint[] {
  const { market, numbers } = spec;
  const [first, ...rest] = ((): bigint[] => {
    const id = idOf(account, spec);
    switch (spec.kind) {
      case 0:
      case 1:
        return [words.cancel(id)];
      case 2:
        return [words.lower(id, BigInt(numbers[3] % 120))];
      case 3:
        return [words.setLeverage(market, BigInt([5, 10, 20, 25][numbers[0] % 4]))];
      case 4:
        return [words.transfer(0n, 0n, BigInt(numbers[0] % 200) * USD, numbers[1] % 2 === 0 ? 0n : 1n)];
      case 5:
        // An amount that reads like an action is none.
        return words.withdraw(context.treasury.address, numbers[0] % 2 === 0 ? 5n : words.cancel(id));
      case 6:
        return [words.setMode(market, spec.isBid)];
      case 7:
        return numbers[0] % 3 === 0 ? [99n] : [words.cancel(id)];
      default:
        return [orderOf(spec)];
    }
  })();
  return [spec.isSoft ? words.soft(first) : first, ...rest];
}

/** What a call came to: its results, or the error. */
type Answer = readonly string[] | string;

function errorOf({ pro }: ProContext, thrown: unknown): Answer {
  const parsed = pro.interface.parseError(revertData(thrown) ?? "0x");
  if (parsed === null) throw thrown;
  if (parsed.name === "Pro_Simulated") return (parsed.args[0] as bigint[]).map(String);
  // Which action of the call it was differs.
  const args = parsed.name === "Pro_UnknownAction" ? parsed.args.slice(1) : parsed.args;
  return `${parsed.name}(${args.map(String).join()})`;
}

async function answerTo(context: ProContext, asked: () => Promise<unknown>): Promise<Answer> {
  try {
    return ((await asked()) as bigint[]).map(String);
  } catch (thrown) {
    return errorOf(context, thrown);
  }
}

/** What came of a list of calls in one second: what each answered, what all told, and all words that are stored. */
interface Came {
  readonly answers: readonly Answer[];
  readonly simulated: readonly Answer[];
  readonly told: readonly string[];
  readonly stored: readonly string[];
}

/** Makes the calls of one caller, and before them those that prepare the book, in one block. */
async function makeAll(
  context: ProContext,
  prepared: readonly (() => Promise<ContractTransactionResponse>)[],
  caller: HardhatEthersSigner,
  account: bigint,
  calls: readonly bigint[][],
): Promise<Came> {
  const { pro } = context;
  const [answers, simulated]: [Answer[], Answer[]] = [[], []];
  const sent: ContractTransactionResponse[] = [];
  await network.provider.send("evm_setAutomine", [false]);
  try {
    for (const prepare of prepared) await prepare();
    const own = pro.connect(caller);
    for (const list of calls) {
      const asked = { blockTag: "pending", gasLimit: 30_000_000n };
      simulated.push(await answerTo(context, () => own.simulate.staticCall(caller, account, [], list, asked)));
      answers.push(await answerTo(context, () => own.act.staticCall(account, [], list, asked)));
      sent.push(await own.act(account, [], list, GAS));
    }
    await mine(1);
  } finally {
    await network.provider.send("evm_setAutomine", [true]);
  }
  const told: string[] = [];
  for (const { hash } of sent) {
    const receipt = await ethers.provider.getTransactionReceipt(hash);
    for (const log of receipt?.logs ?? []) {
      const parsed = pro.interface.parseLog(log);
      // What an isolated scope has left returns at the end of each call.
      if (parsed === null || parsed.name === "IsolatedReturned") continue;
      told.push(`${parsed.name}(${parsed.args.map(String).join()})`);
    }
  }
  const ticks = MIDDLE.map((middle) =>
    [...Array(2 * MOST_APART + 1).keys()].map((step) => middle + BigInt(step - MOST_APART)),
  );
  return { answers, simulated, told, stored: await rawWords(pro, ACCOUNTS, ticks) };
}

/** Bids of Carol's and asks of Bob's at three prices of both markets. */
function quotes({ bob, carol, pro }: ProContext): (() => Promise<ContractTransactionResponse>)[] {
  const lists = [-1n, 1n].map((side) =>
    [BTC, ETH].flatMap((market) =>
      [1n, 2n, 3n].map((apart) =>
        words.place({ market, isBid: side < 0n, tick: MIDDLE[Number(market)] + side * apart, lots: 60n }),
      ),
    ),
  );
  return [() => pro.connect(carol).act(CAROL, [], lists[0], GAS), () => pro.connect(bob).act(BOB, [], lists[1], GAS)];
}

/** Whether an error is of the end of a call, which tests all that was done together. */
function isOfEnd(error: string): boolean {
  const reason = ProReason.indexOf("LeverageAboveTier");
  return /^Pro_(ScopeRefused|IndexRefused)/.test(error) || error.startsWith(`Pro_ActionRefused(${reason},`);
}

const anySpec: fc.Arbitrary<Spec> = fc.record({
  kind: fc.nat({ max: 16 }),
  market: fc.constantFrom(BTC, BTC, ETH),
  isBid: fc.boolean(),
  isSoft: fc.integer({ min: 0, max: 19 }).map((number) => number !== 0),
  numbers: fc.tuple(fc.nat(9_999), fc.nat(9_999), fc.nat(9_999), fc.nat(9_999)),
});
const anyCase = fc.record({
  before: fc.array(fc.record({ account: fc.nat({ max: 3 }), spec: anySpec }), { maxLength: 6, size: "max" }),
  list: fc.array(anySpec, { minLength: 4, maxLength: 10, size: "max" }),
  account: fc.nat({ max: 1 }),
  caller: fc.constantFrom<Caller>("alice", "alice", "alice", "alice", "governor", "keeper", "stranger"),
});

describe("Pro: one call of many actions and calls of one each", () => {
  it("come to the same in the same second, but for what the end of a call tests", async () => {
    await loadFixture(deployHolding);
    const budget = new Budget(FUZZ_SECONDS > 0 ? FUZZ_SECONDS : USUAL_SECONDS);
    const counts = { same: 0, fills: 0, refused: 0, ofEnd: 0 };
    await fc.assert(
      fc.asyncProperty(
        anyCase,
        budget.bound(async ({ account: place, before, caller, list }) => {
          const context = await loadFixture(deployHolding);
          const { alice, bob, carol, oracle, pro } = context;
          const account = ACCOUNTS[place];
          const signers = [alice, alice, bob, carol];
          const at = (await time.latest()) + 5;
          for (const [market, middle] of MIDDLE.entries()) {
            await oracle.setPrice(market + 1, (middle * PRICE) / (market === 0 ? 1n : 10n), at);
          }
          const proof = { assetIds: [1n, 2n], minPublishTime: 0n, isUnique: false, updateData: ["0x01"] };
          const prepared = [
            () => pro.connect(alice).act(ALICE, [proof], [words.refresh(BTC, 0n), words.refresh(ETH, 1n)], GAS),
            ...quotes(context),
            ...before.map(({ account: owner, spec }) => () => {
              const words = wordsOf(context, ACCOUNTS[owner], { ...spec, kind: ORDERS_FROM });
              return pro.connect(signers[owner]).act(ACCOUNTS[owner], [], words, GAS);
            }),
          ];
          const each = list.map((spec) => wordsOf(context, account, within(caller, spec)));

          const snapshot = await takeSnapshot();
          await time.setNextBlockTimestamp(at);
          const whole = await makeAll(context, prepared, context[caller], account, [each.flat()]);
          await snapshot.restore();
          await time.setNextBlockTimestamp(at);
          const parts = await makeAll(context, prepared, context[caller], account, each);

          expect(whole.simulated).to.deep.equal(whole.answers);
          expect(parts.simulated).to.deep.equal(parts.answers);
          const [came] = whole.answers;
          const refused = parts.answers.find((answer) => typeof answer === "string");
          if ((typeof refused === "string" && isOfEnd(refused)) || (typeof came === "string" && isOfEnd(came))) {
            counts.ofEnd++;
            return;
          }
          if (refused !== undefined) {
            counts.refused++;
            expect(came).to.equal(refused);
            expect(whole.told).to.deep.equal([]);
            return;
          }
          expect(came).to.deep.equal(parts.answers.flat());
          expect(whole.told).to.deep.equal(parts.told);
          expect(whole.stored).to.deep.equal(parts.stored);
          counts.same++;
          counts.fills += whole.told.filter((event) => event.startsWith("Taken(")).length;
        }),
      ),
      { seed: SEED, numRuns: NUM_RUNS },
    );
    const { fills, ofEnd, refused, same } = counts;
    console.log(`      ${same} did the same, with ${fills} fills, ${refused} were refused, ${ofEnd} at their end`);
    expect(same + refused).to.be.greaterThan(0);
  });
});
