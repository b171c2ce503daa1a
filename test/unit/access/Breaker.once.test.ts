import { loadFixture, mine, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import type { Breaker } from "../../../typechain-types";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const GUARDIAN_ROLE = 3n;
const RISK_MANAGER_ROLE = 2n;

interface Powers {
  level: bigint;
  canOpen: boolean;
  canClose: boolean;
  canLiquidate: boolean;
  canBurn: boolean;
}

const AT_LEVEL: readonly Powers[] = [
  { level: 0n, canOpen: true, canClose: true, canLiquidate: true, canBurn: true },
  { level: 1n, canOpen: false, canClose: true, canLiquidate: true, canBurn: true },
  { level: 2n, canOpen: false, canClose: true, canLiquidate: true, canBurn: false },
  { level: 3n, canOpen: false, canClose: false, canLiquidate: false, canBurn: false },
];

/** Level 2 in the five minutes after a level 3. */
const IN_GRACE: Powers = { ...AT_LEVEL[2], canLiquidate: false };

async function powersOf(breaker: Breaker): Promise<Powers> {
  return {
    level: await breaker.level(),
    canOpen: await breaker.canOpen(),
    canClose: await breaker.canClose(),
    canLiquidate: await breaker.canLiquidate(),
    canBurn: await breaker.canBurn(),
  };
}

/** What the views say in a block at that second. */
async function powersAt(breaker: Breaker, timestamp: number): Promise<Powers> {
  await time.setNextBlockTimestamp(timestamp);
  await mine();
  return powersOf(breaker);
}

/** The AccessManager with the two roles but without delays: those are tested with the deployment. */
async function bornBreaker() {
  const [admin, guardian, riskManager, other] = await ethers.getSigners();
  const manager = await ethers.deployContract("AccessManager", [admin.address]);
  const breaker = await ethers.deployContract("Breaker", [await manager.getAddress()]);
  const target = await breaker.getAddress();
  const selectorOf = (name: "raise" | "lower") => breaker.interface.getFunction(name).selector;
  await manager.setTargetFunctionRole(target, [selectorOf("raise")], GUARDIAN_ROLE);
  await manager.setTargetFunctionRole(target, [selectorOf("lower")], RISK_MANAGER_ROLE);
  await manager.grantRole(GUARDIAN_ROLE, guardian.address, 0);
  await manager.grantRole(RISK_MANAGER_ROLE, riskManager.address, 0);
  return { breaker, manager, admin, guardian, riskManager, other };
}

/** The same, opened. */
async function deployBreaker() {
  const base = await loadFixture(bornBreaker);
  const { breaker, guardian, riskManager } = base;
  await breaker.connect(riskManager).lower(0, await breaker.raisedAt());
  const start = (await time.latest()) + DAY;

  const at = async (timestamp: number) => time.setNextBlockTimestamp(timestamp);
  const raiseAt = async (timestamp: number, level: number) => {
    await at(timestamp);
    return breaker.connect(guardian).raise(level);
  };
  const lowerAt = async (timestamp: number, level: number) => {
    const raisedAt = await breaker.raisedAt();
    await at(timestamp);
    return breaker.connect(riskManager).lower(level, raisedAt);
  };
  return { ...base, start, raiseAt, lowerAt };
}

describe("Breaker", () => {
  describe("constructor", () => {
    it("is born at level 1, and says so", async () => {
      const { breaker, manager, admin } = await loadFixture(bornBreaker);
      expect(await powersOf(breaker)).to.deep.equal(AT_LEVEL[1]);
      const birth = breaker.deploymentTransaction();
      const bornAt = (await birth?.getBlock())?.timestamp;
      await expect(birth).to.emit(breaker, "BreakerRaised").withArgs(0, 1, bornAt, admin.address);
      expect(await breaker.raisedAt()).to.equal(bornAt);
      expect(await breaker.authority()).to.equal(await manager.getAddress());
      expect(await breaker.haltEndsAt()).to.equal(0n);
      expect(await breaker.burnAllowedFrom()).to.equal(0n);
      expect(await breaker.liquidationsAllowedFrom()).to.equal(0n);
    });
  });

  describe("raise", () => {
    for (let from = 0; from <= 2; from++) {
      for (let to = from + 1; to <= 3; to++) {
        it(`raises from ${from} to ${to}`, async () => {
          const { breaker, guardian, start, raiseAt } = await loadFixture(deployBreaker);
          if (from > 0) await raiseAt(start, from);
          await expect(raiseAt(start + 1, to))
            .to.emit(breaker, "BreakerRaised")
            .withArgs(from, to, start + 1, guardian.address);
          expect(await powersOf(breaker)).to.deep.equal(AT_LEVEL[to]);
          expect(await breaker.raisedAt()).to.equal(start + 1);
        });
      }
    }

    for (let from = 0; from <= 3; from++) {
      for (let to = 0; to <= from; to++) {
        it(`refuses ${to} at level ${from}`, async () => {
          const { breaker, start, raiseAt } = await loadFixture(deployBreaker);
          if (from > 0) await raiseAt(start, from);
          await expect(raiseAt(start + 1, to))
            .to.be.revertedWithCustomError(breaker, "Breaker_NotHigher")
            .withArgs(to, from);
        });
      }
    }

    for (const level of [4, 255]) {
      it(`refuses level ${level}, which there is not`, async () => {
        const { breaker, start, raiseAt } = await loadFixture(deployBreaker);
        await expect(raiseAt(start, level))
          .to.be.revertedWithCustomError(breaker, "Breaker_LevelOutOfRange")
          .withArgs(level, 3);
      });
    }

    it("refuses everyone but the guardian", async () => {
      const { breaker, riskManager, other } = await loadFixture(deployBreaker);
      for (const account of [riskManager, other]) {
        await expect(breaker.connect(account).raise(1))
          .to.be.revertedWithCustomError(breaker, "AccessManagedUnauthorized")
          .withArgs(account.address);
      }
    });
  });

  describe("lower", () => {
    for (let from = 1; from <= 3; from++) {
      for (let to = 0; to < from; to++) {
        it(`lowers from ${from} to ${to}`, async () => {
          const { breaker, riskManager, start, raiseAt, lowerAt } = await loadFixture(deployBreaker);
          await raiseAt(start, from);
          await expect(lowerAt(start + 1, to))
            .to.emit(breaker, "BreakerLowered")
            .withArgs(from, to, riskManager.address);
          expect(await powersOf(breaker)).to.deep.equal({ ...AT_LEVEL[to], canLiquidate: from < 3 });
        });
      }
    }

    for (let from = 0; from <= 3; from++) {
      for (const to of [from, from + 1, 255]) {
        it(`refuses ${to} at level ${from}`, async () => {
          const { breaker, start, raiseAt, lowerAt } = await loadFixture(deployBreaker);
          if (from > 0) await raiseAt(start, from);
          await expect(lowerAt(start + 1, to))
            .to.be.revertedWithCustomError(breaker, "Breaker_NotLower")
            .withArgs(to, from);
        });
      }
    }

    it("refuses to undo a raise that it does not name, whatever the level", async () => {
      const { breaker, riskManager, start, raiseAt } = await loadFixture(deployBreaker);
      const birth = await breaker.raisedAt();
      const asRiskManager = breaker.connect(riskManager);
      await raiseAt(start, 1);
      for (const named of [0, birth, start - 1, start + 1]) {
        await expect(asRiskManager.lower(0, named))
          .to.be.revertedWithCustomError(breaker, "Breaker_RaisedMeanwhile")
          .withArgs(named, start);
      }
      await raiseAt(start + HOUR, 3);
      await expect(asRiskManager.lower(0, start))
        .to.be.revertedWithCustomError(breaker, "Breaker_RaisedMeanwhile")
        .withArgs(start, start + HOUR);
      await expect(asRiskManager.lower(0, start + HOUR)).to.emit(breaker, "BreakerLowered");
    });

    it("tells two raises of one second apart", async () => {
      const { breaker, guardian, riskManager, start } = await loadFixture(deployBreaker);
      const data = [1, 2].map((level) => breaker.interface.encodeFunctionData("raise", [level]));
      await ethers.provider.send("evm_setAutomine", [false]);
      await time.setNextBlockTimestamp(start);
      const sent = [];
      for (const each of data) {
        sent.push(await guardian.sendTransaction({ to: breaker, data: each, gasLimit: 200_000 }));
      }
      await ethers.provider.send("evm_mine", []);
      await ethers.provider.send("evm_setAutomine", [true]);
      await expect(sent[0]).to.emit(breaker, "BreakerRaised").withArgs(0, 1, start, guardian.address);
      await expect(sent[1])
        .to.emit(breaker, "BreakerRaised")
        .withArgs(1, 2, start + 1, guardian.address);
      await expect(breaker.connect(riskManager).lower(0, start))
        .to.be.revertedWithCustomError(breaker, "Breaker_RaisedMeanwhile")
        .withArgs(start, start + 1);
      await expect(breaker.connect(riskManager).lower(0, start + 1)).to.emit(breaker, "BreakerLowered");
    });

    it("refuses everyone but the risk manager, the guardian included", async () => {
      const { breaker, guardian, other, start, raiseAt } = await loadFixture(deployBreaker);
      await raiseAt(start, 2);
      for (const account of [guardian, other]) {
        await expect(breaker.connect(account).lower(0, start))
          .to.be.revertedWithCustomError(breaker, "AccessManagedUnauthorized")
          .withArgs(account.address);
      }
    });
  });

  describe("level 3", () => {
    it("falls to 2 by itself after 24 hours, to the second", async () => {
      const { breaker, start, raiseAt } = await loadFixture(deployBreaker);
      await raiseAt(start, 3);
      expect(await breaker.haltEndsAt()).to.equal(BigInt(start + DAY));
      expect(await powersAt(breaker, start + DAY - 1)).to.deep.equal(AT_LEVEL[3]);
      expect(await powersAt(breaker, start + DAY)).to.deep.equal(IN_GRACE);
    });

    it("lets liquidations wait 5 minutes after it fell, to the second", async () => {
      const { breaker, start, raiseAt } = await loadFixture(deployBreaker);
      await raiseAt(start, 3);
      const end = start + DAY;
      expect(await breaker.liquidationsAllowedFrom()).to.equal(BigInt(end + 5 * MINUTE));
      expect(await powersAt(breaker, end + 5 * MINUTE - 1)).to.deep.equal(IN_GRACE);
      expect(await powersAt(breaker, end + 5 * MINUTE)).to.deep.equal(AT_LEVEL[2]);
    });

    for (const to of [0, 1, 2]) {
      it(`lets liquidations wait 5 minutes after it was lowered to ${to}, to the second`, async () => {
        const { breaker, start, raiseAt, lowerAt } = await loadFixture(deployBreaker);
        await raiseAt(start, 3);
        const end = start + HOUR;
        await lowerAt(end, to);
        expect(await breaker.haltEndsAt()).to.equal(BigInt(end));
        expect(await powersAt(breaker, end + 5 * MINUTE - 1)).to.deep.equal({ ...AT_LEVEL[to], canLiquidate: false });
        expect(await powersAt(breaker, end + 5 * MINUTE)).to.deep.equal(AT_LEVEL[to]);
      });
    }

    it("keeps the grace period when the level changes within it", async () => {
      const { breaker, start, raiseAt, lowerAt } = await loadFixture(deployBreaker);
      await raiseAt(start, 3);
      const end = start + DAY;
      await lowerAt(end + 1, 1);
      await raiseAt(end + 2, 2);
      await lowerAt(end + 3, 0);
      expect(await powersAt(breaker, end + 5 * MINUTE - 1)).to.deep.equal({ ...AT_LEVEL[0], canLiquidate: false });
      expect(await powersAt(breaker, end + 5 * MINUTE)).to.deep.equal(AT_LEVEL[0]);
    });

    it("can't be set again for 24 hours after it fell, to the second", async () => {
      const { breaker, guardian, start, raiseAt } = await loadFixture(deployBreaker);
      await raiseAt(start, 3);
      const allowedFrom = start + 2 * DAY;
      for (const timestamp of [start + DAY, allowedFrom - 1]) {
        await expect(raiseAt(timestamp, 3))
          .to.be.revertedWithCustomError(breaker, "Breaker_HaltCoolingDown")
          .withArgs(allowedFrom);
      }
      await expect(raiseAt(allowedFrom, 3))
        .to.emit(breaker, "BreakerRaised")
        .withArgs(2, 3, allowedFrom, guardian.address);
      expect(await powersAt(breaker, allowedFrom + DAY - 1)).to.deep.equal(AT_LEVEL[3]);
      expect(await powersAt(breaker, allowedFrom + DAY)).to.deep.equal(IN_GRACE);
    });

    it("can't be set again for 24 hours after it was lowered, to the second", async () => {
      const { breaker, guardian, start, raiseAt, lowerAt } = await loadFixture(deployBreaker);
      await raiseAt(start, 3);
      const end = start + HOUR;
      await lowerAt(end, 0);
      await expect(raiseAt(end + DAY - 1, 3))
        .to.be.revertedWithCustomError(breaker, "Breaker_HaltCoolingDown")
        .withArgs(end + DAY);
      await expect(raiseAt(end + DAY, 3))
        .to.emit(breaker, "BreakerRaised")
        .withArgs(0, 3, end + DAY, guardian.address);
    });

    it("keeps cooling while lower levels come and go", async () => {
      const { breaker, start, raiseAt, lowerAt } = await loadFixture(deployBreaker);
      await raiseAt(start, 3);
      await lowerAt(start + DAY + 1, 0);
      await raiseAt(start + DAY + 2, 1);
      await raiseAt(start + DAY + 3, 2);
      await expect(raiseAt(start + 2 * DAY - 1, 3))
        .to.be.revertedWithCustomError(breaker, "Breaker_HaltCoolingDown")
        .withArgs(start + 2 * DAY);
      await raiseAt(start + 2 * DAY, 3);
      expect(await breaker.level()).to.equal(3n);
    });

    it("counts as level 2 once it fell: 2 is not higher, 2 is not lower", async () => {
      const { breaker, riskManager, start, raiseAt, lowerAt } = await loadFixture(deployBreaker);
      await raiseAt(start, 3);
      await expect(raiseAt(start + DAY, 2))
        .to.be.revertedWithCustomError(breaker, "Breaker_NotHigher")
        .withArgs(2, 2);
      await expect(lowerAt(start + DAY + 1, 2))
        .to.be.revertedWithCustomError(breaker, "Breaker_NotLower")
        .withArgs(2, 2);
      await expect(lowerAt(start + DAY + 2, 1))
        .to.emit(breaker, "BreakerLowered")
        .withArgs(2, 1, riskManager.address);
      expect(await breaker.haltEndsAt()).to.equal(BigInt(start + DAY));
    });

    it("is still level 3, and 3 not higher, in its last second", async () => {
      const { breaker, riskManager, start, raiseAt, lowerAt } = await loadFixture(deployBreaker);
      await raiseAt(start, 3);
      await expect(raiseAt(start + DAY - 2, 3))
        .to.be.revertedWithCustomError(breaker, "Breaker_NotHigher")
        .withArgs(3, 3);
      await expect(lowerAt(start + DAY - 1, 2))
        .to.emit(breaker, "BreakerLowered")
        .withArgs(3, 2, riskManager.address);
      expect(await breaker.haltEndsAt()).to.equal(BigInt(start + DAY - 1));
    });
  });

  describe("canBurn", () => {
    const WEEK = 7 * DAY;
    const AFTER_BLOCK: Powers = { ...AT_LEVEL[2], canBurn: true };

    it("allows burning again after 7 days of level 2, to the second", async () => {
      const { breaker, start, raiseAt } = await loadFixture(deployBreaker);
      await raiseAt(start, 2);
      expect(await breaker.burnAllowedFrom()).to.equal(BigInt(start + WEEK));
      expect(await powersAt(breaker, start + WEEK - 1)).to.deep.equal(AT_LEVEL[2]);
      expect(await powersAt(breaker, start + WEEK)).to.deep.equal(AFTER_BLOCK);
    });

    it("counts the time at level 3 when it was raised there directly", async () => {
      const { breaker, start, raiseAt } = await loadFixture(deployBreaker);
      await raiseAt(start, 3);
      expect(await powersAt(breaker, start + WEEK - 1)).to.deep.equal(AT_LEVEL[2]);
      expect(await powersAt(breaker, start + WEEK)).to.deep.equal(AFTER_BLOCK);
    });

    it("doesn't count anew when 2 is raised to 3 and falls back", async () => {
      const { breaker, start, raiseAt } = await loadFixture(deployBreaker);
      await raiseAt(start, 2);
      await raiseAt(start + 3 * DAY, 3);
      await raiseAt(start + 5 * DAY, 3);
      expect(await powersAt(breaker, start + WEEK - 1)).to.deep.equal(AT_LEVEL[2]);
      expect(await powersAt(breaker, start + WEEK)).to.deep.equal(AFTER_BLOCK);
    });

    it("doesn't count anew when 3 is lowered to 2", async () => {
      const { breaker, start, raiseAt, lowerAt } = await loadFixture(deployBreaker);
      await raiseAt(start, 3);
      await lowerAt(start + HOUR, 2);
      expect(await powersAt(breaker, start + WEEK - 1)).to.deep.equal(AT_LEVEL[2]);
      expect(await powersAt(breaker, start + WEEK)).to.deep.equal(AFTER_BLOCK);
    });

    it("never allows burning at level 3, and allows it the second that falls", async () => {
      const { breaker, start, raiseAt } = await loadFixture(deployBreaker);
      await raiseAt(start, 2);
      await raiseAt(start + WEEK, 3);
      expect(await powersAt(breaker, start + WEEK + 1)).to.deep.equal(AT_LEVEL[3]);
      expect(await powersAt(breaker, start + WEEK + DAY - 1)).to.deep.equal(AT_LEVEL[3]);
      expect(await powersAt(breaker, start + WEEK + DAY)).to.deep.equal({ ...AFTER_BLOCK, canLiquidate: false });
    });

    it("does not count time spent at level 1", async () => {
      const { breaker, start, raiseAt } = await loadFixture(deployBreaker);
      await raiseAt(start, 1);
      await raiseAt(start + WEEK, 2);
      expect(await powersAt(breaker, start + 2 * WEEK - 1)).to.deep.equal(AT_LEVEL[2]);
      expect(await powersAt(breaker, start + 2 * WEEK)).to.deep.equal(AFTER_BLOCK);
    });

    it("counts anew after the level was lowered below 2", async () => {
      const { breaker, start, raiseAt, lowerAt } = await loadFixture(deployBreaker);
      await raiseAt(start, 2);
      await lowerAt(start + WEEK, 1);
      expect(await powersOf(breaker)).to.deep.equal(AT_LEVEL[1]);
      expect(await breaker.burnAllowedFrom()).to.equal(0n);
      await raiseAt(start + WEEK + HOUR, 2);
      expect(await powersAt(breaker, start + 2 * WEEK + HOUR - 1)).to.deep.equal(AT_LEVEL[2]);
      expect(await powersAt(breaker, start + 2 * WEEK + HOUR)).to.deep.equal(AFTER_BLOCK);
    });

    it("counts anew after a level 3 that fell was lowered to 1", async () => {
      const { breaker, start, raiseAt, lowerAt } = await loadFixture(deployBreaker);
      await raiseAt(start, 3);
      await lowerAt(start + 2 * DAY, 1);
      await raiseAt(start + 3 * DAY, 3);
      expect(await powersAt(breaker, start + 3 * DAY + WEEK - 1)).to.deep.equal(AT_LEVEL[2]);
      expect(await powersAt(breaker, start + 3 * DAY + WEEK)).to.deep.equal(AFTER_BLOCK);
    });
  });

  describe("gas", () => {
    it("answers every hot question from one storage slot", async () => {
      const { breaker, start, raiseAt } = await loadFixture(deployBreaker);
      await raiseAt(start, 3);
      for (const name of ["level", "canOpen", "canClose", "canLiquidate", "canBurn"]) {
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
