import { spawn } from "node:child_process";
import { openSync, closeSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { EXIT } from "../../../cli/src/lib/exit";
import { writeRecord } from "../../../deploy/record";
import { NodeStub } from "../../deploy/nodeStub";
import { IS_INSTRUMENTED } from "../../dsl/instrumented";
import { auditedFixture } from "../audit/fixture";

const TIMEOUT_MS = 200_000;
const PROGRAM = join("cli", "bin", "asterism.js");

describe("asterism as a process", function () {
  this.timeout(TIMEOUT_MS);

  before(function () {
    if (IS_INSTRUMENTED) this.skip();
  });

  /** Runs it until it ends. */
  async function run(
    args: readonly string[],
    out: number | "pipe",
    onStart: (kill: () => void) => void = () => undefined,
  ) {
    const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ["ignore", out, "pipe"] });
    let err = "";
    child.stderr?.on("data", (chunk: Buffer) => (err += String(chunk)));
    onStart(() => void child.kill("SIGINT"));
    const code = await new Promise<number | null>((resolve) => void child.once("close", resolve));
    return { code, err };
  }

  it("ends with 8 where what it prints can't be written", async () => {
    const full = openSync("/dev/full", "w");
    try {
      const { code, err } = await run(["propose", "calls"], full);
      expect(err).to.match(/^ENOSPC: .*\n {2}next: make room or write elsewhere/);
      expect(code).to.equal(EXIT.disk);
    } finally {
      closeSync(full);
    }
  });

  it("ends at an interrupt where nothing is on its way", async () => {
    const { record } = await loadFixture(auditedFixture);
    const folder = mkdtempSync(join(tmpdir(), "asterism-"));
    let asked: () => void = () => undefined;
    const node = await NodeStub.start({
      eth_chainId: () => {
        asked();
        return new Promise(() => undefined);
      },
    });
    try {
      const path = join(folder, "record.json");
      writeRecord(path, record);
      const args = ["audit", "--no-code", "--deployment", path, "--rpc", node.url];
      const { code } = await run(args, "pipe", (kill) => (asked = kill));
      expect(code).to.equal(EXIT.interrupted);
    } finally {
      await node.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
