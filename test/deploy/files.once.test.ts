import { spawn, spawnSync } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import fs, { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { expect } from "chai";
import { balanceProblem, costOf, describeCost } from "../../deploy/cost";
import { LockedError, takeLock } from "../../deploy/lock";
import { RecordError, readRecord } from "../../deploy/record";

/** Who held a lock and has ended: no process has this number, it is above the largest there is. */
const ENDED = { pid: 2 ** 30, host: hostname(), since: "2026-01-01T00:00:00.000Z" };
const ROUNDS = 200;
const TAKERS = 6;
const ROUND_MS = 5;

/** A process that tries the lock of each round at its moment, and lives on with those that it got. */
class Taker {
  private constructor(private readonly child: ChildProcessByStdio<Writable, Readable, null>) {}

  static async start(folder: string): Promise<Taker> {
    const script = `
      const { takeLock } = require("./deploy/lock");
      process.stdin.once("data", (beginning) => {
        const taken = [];
        for (let round = 0; round < ${ROUNDS}; round++) {
          while (Date.now() < Number(beginning) + round * ${ROUND_MS});
          try {
            takeLock(process.argv[1] + "/" + round + ".lock");
            taken.push(round);
          } catch (error) {
            if (error.name !== "LockedError") throw error;
          }
        }
        console.log(JSON.stringify(taken));
      });
      console.log("ready");`;
    const args = ["-r", "ts-node/register/transpile-only", "-e", script, folder];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    await once(child.stdout, "data");
    return new Taker(child);
  }

  /** The rounds whose locks it got. */
  async take(beginning: number): Promise<number[]> {
    this.child.stdin.write(String(beginning));
    const [line] = (await once(this.child.stdout, "data")) as [Buffer];
    return JSON.parse(line.toString("utf8")) as number[];
  }

  async end(): Promise<void> {
    const closed = once(this.child, "close");
    this.child.stdin.end();
    await closed;
  }
}

describe("files of a deployment", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "asterism-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  describe("takeLock", () => {
    it("lets one run in at a time, and the next when it has ended", () => {
      const path = join(folder, "deep", "run.lock");
      const release = takeLock(path);
      expect(() => takeLock(path)).to.throw(
        LockedError,
        `process ${process.pid} on ${hostname()} has been deploying since`,
      );
      release();
      takeLock(path)();
    });

    it("takes over the lock of a process that has ended, of this machine and of no other", () => {
      const path = join(folder, "run.lock");
      writeFileSync(path, JSON.stringify(ENDED));
      const release = takeLock(path);
      expect((JSON.parse(readFileSync(path, "utf8")) as { pid: number }).pid).to.equal(process.pid);
      release();
      writeFileSync(path, JSON.stringify({ ...ENDED, host: "elsewhere" }));
      expect(() => takeLock(path)).to.throw(
        LockedError,
        `process ${ENDED.pid} on elsewhere has been deploying since 2026-01-01`,
      );
    });

    it("leaves a lock that is being taken over to whoever is at it", () => {
      const path = join(folder, "run.lock");
      writeFileSync(path, JSON.stringify(ENDED));
      const { rmSync: remove } = fs;
      const others: unknown[] = [];
      // Another comes as the dead process's lock is about to be removed.
      fs.rmSync = (...args) => {
        fs.rmSync = remove;
        try {
          others.push(takeLock(path));
        } catch (error) {
          others.push(error);
        }
        remove(...args);
      };
      const release = takeLock(path);
      expect(others).to.have.lengthOf(1);
      expect(others[0]).to.be.instanceOf(LockedError);
      expect((others[0] as LockedError).message).to.contain(`has been taking over ${path} since`);
      release();
      expect(readdirSync(folder)).to.deep.equal([]);
    });

    it("is taken over by one of many processes that try it in the same instant, and by one whose own take-over was cut short", async () => {
      for (let round = 0; round < ROUNDS; round++) {
        writeFileSync(join(folder, `${round}.lock`), JSON.stringify(ENDED));
        if (round % 2 === 1) writeFileSync(join(folder, `${round}.lock.takeover`), JSON.stringify(ENDED));
      }
      const takers = await Promise.all(Array.from({ length: TAKERS }, () => Taker.start(folder)));
      try {
        const beginning = Date.now() + 100;
        const taken = await Promise.all(takers.map((taker) => taker.take(beginning)));
        const rounds = taken.flat().sort((a, b) => a - b);
        expect(rounds).to.deep.equal(Array.from({ length: ROUNDS }, (_, round) => round));
      } finally {
        await Promise.all(takers.map((taker) => taker.end()));
      }
    });

    it("leaves none behind where the disk takes nothing", function () {
      if (process.platform === "win32") this.skip();
      const path = join(folder, "run.lock");
      // As on a full disk: a process that may write to no file, of its own, since others of this one's threads may write as well.
      const script = 'require("./deploy/lock").takeLock(process.argv[1]);';
      const node = [process.execPath, "-r", "ts-node/register", "-e", script, path];
      const { status, stderr } = spawnSync("sh", ["-c", 'ulimit -f 0; exec "$0" "$@"', ...node], { encoding: "utf8" });
      expect(stderr).to.contain("EFBIG");
      expect(status).to.equal(1);
      expect(existsSync(path)).to.equal(false);
      takeLock(path)();
    });

    it("does not take over a lock that was created this very moment", () => {
      const path = join(folder, "run.lock");
      writeFileSync(path, "");
      expect(() => takeLock(path)).to.throw(LockedError, "since a moment");
    });
  });

  describe("readRecord", () => {
    it("names a file that is missing, no JSON, or no record", () => {
      const path = join(folder, "record.json");
      expect(() => readRecord(path)).to.throw(RecordError, `${path} does not exist`);
      writeFileSync(path, "{");
      expect(() => readRecord(path)).to.throw(RecordError, `${path} is not JSON`);
      writeFileSync(path, JSON.stringify({ format: 2, contracts: { vault: { address: "0x12" } } }));
      expect(() => readRecord(path)).to.throw(RecordError, "contracts.vault.address is not an address");
    });
  });

  describe("cost", () => {
    it("asks for half as much again as the gas costs now, to the wei", () => {
      const cost = costOf(60_000_000n, 10n ** 9n);
      expect(cost.neededWei).to.equal(9n * 10n ** 16n);
      expect(describeCost(cost, "BNB")).to.equal(
        "60000000 gas at 1.0 gwei; 0.09 BNB are needed, a third of it headroom",
      );
      expect(balanceProblem("0xAB", 9n * 10n ** 16n, cost, "BNB")).to.equal(undefined);
      expect(balanceProblem("0xAB", 9n * 10n ** 16n - 1n, cost, "BNB")).to.equal(
        "the deployer 0xAB has 0.089999999999999999 BNB, 0.09 are needed",
      );
    });
  });
});
