import { loadFixture, mine, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import type { Halt } from "../../../sdk/model";
import { clockAt } from "../../../sdk/model";

const HOUR = 3_600;
const DAY = 24 * HOUR;

/** A breaker whose levels the first account sets. */
async function deploy() {
  const [admin] = await ethers.getSigners();
  const manager = await ethers.deployContract("AccessManager", [admin.address]);
  const breaker = await ethers.deployContract("Breaker", [await manager.getAddress()]);
  // Born at level 1.
  await breaker.lower(0, await breaker.raisedAt());
  const start = (await time.latest()) + DAY;
  const raiseAt = async (at: number, level: number) => {
    await time.setNextBlockTimestamp(at);
    await breaker.raise(level);
  };
  const lowerAt = async (at: number, level: number) => {
    const raisedAt = await breaker.raisedAt();
    await time.setNextBlockTimestamp(at);
    await breaker.lower(level, raisedAt);
  };
  /** The clock is the model's, in a block at that second. */
  const expectClock = async (at: number, halts: readonly Halt[]) => {
    if (at > (await time.latest())) {
      await time.setNextBlockTimestamp(at);
      await mine();
    }
    expect(await breaker.clock(), `after ${at - start} s`).to.equal(clockAt(BigInt(at), halts));
  };
  return { breaker, start, raiseAt, lowerAt, expectClock };
}

const halt = (from: number, to: number): Halt => ({ from: BigInt(from), to: BigInt(to) });

describe("Breaker", () => {
  describe("clock", () => {
    it("is the time where nothing was ever halted, whatever the lower levels do", async () => {
      const { start, raiseAt, lowerAt, expectClock } = await loadFixture(deploy);
      await expectClock(start, []);
      await raiseAt(start + 1, 1);
      await raiseAt(start + 100, 2);
      await expectClock(start + 5 * DAY, []);
      await lowerAt(start + 6 * DAY, 0);
      await expectClock(start + 7 * DAY, []);
    });

    it("stands still from the second a level 3 begins to the second it ends by itself", async () => {
      const { start, raiseAt, expectClock } = await loadFixture(deploy);
      await raiseAt(start, 3);
      const halts = [halt(start, start + DAY)];
      for (const after of [0, 1, HOUR, DAY - 1, DAY, DAY + 1, 3 * DAY]) await expectClock(start + after, halts);
    });

    for (const seconds of [1, 59, HOUR, DAY - 1]) {
      it(`gives back ${seconds} s of a level 3 that is lowered then`, async () => {
        const { start, raiseAt, lowerAt, expectClock } = await loadFixture(deploy);
        await raiseAt(start, 3);
        await lowerAt(start + seconds, 0);
        const halts = [halt(start, start + seconds)];
        for (const after of [seconds, seconds + 1, DAY, 2 * DAY]) await expectClock(start + after, halts);
      });
    }

    for (const [first, second] of [
      [1, DAY],
      [DAY, 1],
      [DAY, DAY],
      [HOUR, 7],
    ]) {
      it(`adds up two of them, of ${first} and ${second} s`, async () => {
        const { start, raiseAt, lowerAt, expectClock } = await loadFixture(deploy);
        const again = start + first + DAY;
        const halts = [halt(start, start + first), halt(again, again + second)];
        await raiseAt(start, 3);
        if (first < DAY) await lowerAt(start + first, 1);
        await expectClock(start + first + HOUR, halts);
        await raiseAt(again, 3);
        await expectClock(again, halts);
        if (second < DAY) await lowerAt(again + second, 2);
        for (const after of [second, second + 1, DAY + 1, 30 * DAY]) await expectClock(again + after, halts);
      });
    }

    it("counts the seconds of a level 3 once, however its remains are lowered afterwards", async () => {
      const { start, raiseAt, lowerAt, expectClock } = await loadFixture(deploy);
      await raiseAt(start, 3);
      await lowerAt(start + 10, 2);
      await lowerAt(start + 20, 1);
      await raiseAt(start + 30, 2);
      await lowerAt(start + 40, 0);
      await expectClock(start + 50, [halt(start, start + 10)]);
    });

    it("never runs backwards", async () => {
      const { breaker, start, raiseAt, lowerAt } = await loadFixture(deploy);
      let last = 0n;
      for (const act of [
        async () => raiseAt(start, 3),
        async () => lowerAt(start + 1, 0),
        async () => raiseAt(start + 1 + DAY, 3),
        async () => time.increaseTo(start + 2 * DAY + 5),
        async () => raiseAt(start + 1 + 3 * DAY, 3),
        async () => lowerAt(start + 2 + 3 * DAY, 2),
      ]) {
        await act();
        const now = await breaker.clock();
        expect(now >= last).to.equal(true);
        last = now;
      }
    });
  });

  describe("status", () => {
    it("says what clock, canOpen, canClose and canLiquidate say, from one storage slot", async () => {
      const { breaker, start, raiseAt, lowerAt } = await loadFixture(deploy);
      const check = async () => {
        const word = await breaker.status();
        const isSet = (bit: bigint) => ((word >> bit) & 0xffn) === 1n;
        expect(word & ((1n << 40n) - 1n)).to.equal(await breaker.clock());
        expect([isSet(40n), isSet(48n), isSet(56n)]).to.deep.equal([
          await breaker.canOpen(),
          await breaker.canClose(),
          await breaker.canLiquidate(),
        ]);
        expect(word >> 64n).to.equal(0n);
      };
      await check();
      for (const level of [1, 2, 3]) {
        await raiseAt(start + level, level);
        await check();
      }
      await lowerAt(start + 100, 0);
      await check();
      await time.increaseTo(start + 100 + 300);
      await check();
      for (const name of ["status", "clock"]) {
        const call = { to: await breaker.getAddress(), data: ethers.id(`${name}()`).slice(0, 10) };
        const trace = (await ethers.provider.send("debug_traceCall", [call, "latest"])) as {
          structLogs: { op: string; stack: string[] }[];
        };
        const slots = trace.structLogs.filter(({ op }) => op === "SLOAD").map(({ stack }) => stack.at(-1));
        expect(new Set(slots).size, name).to.equal(1);
      }
    });
  });
});
