/**
 * Tries the SDK, the keeper and the command line as somebody else would: packs them, installs the tarballs in a fresh project outside of
 * the repository, loads the SDK as ESM and as CommonJS, compiles the example, the README and a contract against it, and runs both
 * programs, the keeper and commands against a replica in another process.
 *
 *   ts-node scripts/sdk/try.ts [--chain bnb|arbitrum] [--node 22,24]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { HDNodeWallet } from "ethers";
import execa from "execa";
import { CHAINS, parseChain } from "../demo/options";
import type { ChainKey } from "../demo/options";
import { runMain } from "../lib/main";
import { pack, packCli, packKeeper } from "./pack";
import { FreshProject } from "./project";
import { ReplicaProcess } from "./replicaProcess";

/** Accounts that a replica funds, one for each Node; everybody knows their keys. */
const MNEMONIC = "test test test test test test test test test test test junk";
const FUNDED = 5;

runMain(async () => {
  const { chain, node } = new Command("try")
    .option("--chain <chain>", CHAINS.join(" or "), parseChain, "bnb" as ChainKey)
    .option("--node <versions>", "major versions of Node beside the one that runs this", "")
    .exitOverride()
    .parse()
    .opts<{ chain: ChainKey; node: string }>();
  const scratch = mkdtempSync(join(tmpdir(), "asterism-sdk-"));
  const replica = new ReplicaProcess(chain, join(scratch, "record.json"));
  try {
    const tarball = await told("packed the SDK", () => pack(scratch));
    const keeper = await told("packed the keeper", () => packKeeper(scratch));
    const cli = await told("packed the command line", () => packCli(scratch));
    const project = new FreshProject(mkdtempSync(join(scratch, "project-")));
    await told("installed from the tarballs", () => project.install(tarball, keeper, cli));
    await told("compiled the example and the README", () => project.compile());
    await told("compiled a contract against the interfaces", () => Promise.resolve(project.compileSolidity()));
    await told("a replica is ready", () => replica.ready());
    const versions = node.split(",").filter((version) => version !== "");
    const binaries = [process.execPath, ...(await Promise.all(versions.map((version) => nodeOf(version, scratch))))];
    for (const [index, binary] of binaries.entries()) {
      const { stdout: version } = await execa(binary, ["--version"]);
      await told(`loaded by import and by require on Node ${version}`, () => project.loads(binary));
      const { DEPLOYMENT: deployment, HERMES_URL: hermes, RPC_URL: rpc } = replica.environment;
      await told(`started the keeper on Node ${version}`, () =>
        project.keeps(binary, chain, { rpc, hermes, deployment }),
      );
      await told(`ran commands on Node ${version}`, () =>
        project.commands(binary, chain, { rpc, hermes, deployment }, keyAt(FUNDED + index), index === 0),
      );
      const env = { ...replica.environment, PRIVATE_KEY: keyAt(FUNDED + index) };
      for (const program of ["roundTrip.js", "readme.js"]) {
        const output = await told(`ran ${program} on Node ${version}`, () => project.run(binary, program, env));
        if (program === "roundTrip.js" && !/^opening: Opened\n[^\n]+\nclosing: Closed$/.test(output))
          throw new Error(output);
      }
    }
    return 0;
  } finally {
    await replica.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
});

function keyAt(index: number): string {
  return HDNodeWallet.fromPhrase(MNEMONIC, "", `m/44'/60'/0'/0/${index}`).privateKey;
}

async function told<T>(what: string, work: () => Promise<T>): Promise<T> {
  const startedAt = Date.now();
  const result = await work();
  console.log(`${what} (${Math.round((Date.now() - startedAt) / 1_000)} s)`);
  return result;
}

/** Another Node, from the package registry. */
async function nodeOf(version: string, scratch: string): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`;
  const prefix = join(scratch, `node-${version}`);
  await execa("npm", ["install", "--prefix", prefix, "--no-save", "--ignore-scripts", `${name}@${version}`]);
  return join(prefix, "node_modules", name, "bin", "node");
}
