import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { balanceProblem, costOf, describeCost } from "../../deploy/cost";
import { LockedError, takeLock } from "../../deploy/lock";
import { RecordError, readRecord } from "../../deploy/record";

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
      // No process has this number: it is above the largest there is.
      const owner = { pid: 2 ** 30, host: hostname(), since: "2026-01-01T00:00:00.000Z" };
      writeFileSync(path, JSON.stringify(owner));
      const release = takeLock(path);
      expect((JSON.parse(readFileSync(path, "utf8")) as { pid: number }).pid).to.equal(process.pid);
      release();
      writeFileSync(path, JSON.stringify({ ...owner, host: "elsewhere" }));
      expect(() => takeLock(path)).to.throw(
        LockedError,
        `process ${2 ** 30} on elsewhere has been deploying since 2026-01-01`,
      );
    });

    it("leaves none behind where the disk takes nothing", function () {
      if (process.platform !== "linux") this.skip();
      const path = join(folder, "run.lock");
      // As a full disk: this process may write to no file.
      const mostBytes = (limit: string) =>
        execFileSync("prlimit", ["--pid", String(process.pid), `--fsize=${limit}:unlimited`]);
      mostBytes("0");
      try {
        expect(() => takeLock(path)).to.throw("EFBIG");
      } finally {
        mostBytes("unlimited");
      }
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
