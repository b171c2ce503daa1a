import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
