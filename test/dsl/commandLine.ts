import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HDNodeWallet } from "ethers";
import { ethers } from "hardhat";
import { runCommandLine } from "../../cli/src/main";
import { writeRecord } from "../../deploy/record";
import type { DeploymentRecord } from "../../deploy/record";
import { NodeStub } from "../deploy/nodeStub";
import type { Answers } from "../deploy/nodeStub";

/** What a command has written, and what it ended with. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The embedded chain served over HTTP, a record of its system, and a folder; `stop` takes all of it away. */
export class CommandLine {
  private constructor(
    readonly folder: string,
    readonly url: string,
    readonly recordPath: string,
    private readonly node: NodeStub,
  ) {}

  /** @param answers What the node says otherwise than the chain. */
  static async start(record: DeploymentRecord, answers: Answers = {}): Promise<CommandLine> {
    const folder = mkdtempSync(join(tmpdir(), "asterism-"));
    const recordPath = join(folder, "record.json");
    writeRecord(recordPath, record);
    const node = await NodeStub.start(chainAnswers(answers));
    return new CommandLine(folder, node.url, recordPath, node);
  }

  async stop(): Promise<void> {
    await this.node.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Runs with the record, the node and nothing else of the environment. */
  run(args: readonly string[], environment: Record<string, string> = {}, signal?: AbortSignal): Promise<Ran> {
    const own = ["--rpc", this.url, "--deployment", this.recordPath];
    return runBare([...own, ...args], environment, signal);
  }
}

/** Runs a command line as it stands. */
export async function runBare(
  args: readonly string[],
  environment: Record<string, string> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<Ran> {
  let [out, err] = ["", ""];
  const streams = {
    out: { write: (text: string) => (out += text) },
    err: { write: (text: string) => (err += text) },
  };
  const code = await runCommandLine(args, { streams, environment, signal });
  return { code, out, err };
}

/** Whatever the embedded chain answers, but for some methods. */
export function chainAnswers(answers: Answers): Answers {
  return new Proxy(answers, {
    has: () => true,
    get: (own, method) =>
      own[String(method)] ?? ((params: unknown[]) => ethers.provider.send(String(method), params) as Promise<unknown>),
  });
}

const MNEMONIC = "test test test test test test test test test test test junk";

/** The places of the fixture's accounts among those of the embedded chain. */
const ACCOUNTS = { deployer: 0, governor: 1, riskManager: 2, guardian: 3, treasury: 4, other: 5 } as const;

/** An environment with the key of one of the fixture's accounts. */
export function keyOf(account: keyof typeof ACCOUNTS): { ASTERISM_PRIVATE_KEY: string } {
  return keyAt(ACCOUNTS[account]);
}

/** An environment with the key of one of the embedded chain's accounts. */
export function keyAt(index: number): { ASTERISM_PRIVATE_KEY: string } {
  return { ASTERISM_PRIVATE_KEY: HDNodeWallet.fromPhrase(MNEMONIC, "", `m/44'/60'/0'/0/${index}`).privateKey };
}
