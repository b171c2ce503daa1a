import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import execa from "execa";
import * as solc from "solc";
import { z } from "zod";

const EXAMPLE = join("examples", "roundTrip.ts");
const README = join("sdk", "README.md");
const ENTRIES = ["@asterism/sdk", "@asterism/sdk/abis", "@asterism/sdk/model"] as const;
/** How the keeper ends without settings, and how long it may take to begin. */
const BAD_CONFIGURATION = 2;
const KEEPS_MS = 60_000;
/** Of the command line: how it ends well, and where it refuses. */
const [FINE, REFUSED] = [0, 2];
/** What an account of the replica asks the installed command line for, and what is then printed; the first few on every Node. */
const COMMANDS: readonly (readonly [command: string, printed: RegExp])[] = [
  ["quote long BTC 50x 100 USDT", /liquidated at/],
  ["open long BTC 50x 100 USDT --dry-run", /nothing was sent/],
  ["audit --no-code", /is as expected: \d+ values/],
  ["open long BTC 50x 100 USDT", /\d/],
  ["orders", /BTC/],
  ["positions", /./],
  ["market", /BTC\/USD/],
  ["bet up BTC 5m 50 USDT", /\d/],
  ["bet list", /BTC/],
  ["alp", /worth/],
  ["alp mint 1000 USDT", /\d/],
  ["claim", /./],
  ["pro deposit 1000", /\d/],
  ["pro positions", /./],
  ["pro market", /BTC/],
  ["propose list", /./],
  ["propose calls", /TradingConfigurator\.setFees/],
  ["guardian raise 2 --safe guardian.json", /Breaker\.raise stops what level 1 stops[^]*written: guardian\.json/],
  ["propose AlpManager.setFees(0.2%,5bp) --safe proposal.json", /written: proposal\.json/],
  ["keeper --help", /--hermes/],
  ["completion bash", /complete -o default/],
];
const ON_EVERY_NODE = 3;
/** What needs the repository says so. */
const REFUSALS = ["deploy", "doctor", "audit"] as const;
/** May find something, and says what. */
const WATCH = "watch --once";
const PROBE = "{ count: Object.keys(it).length, isFunction: typeof (it.Asterism ?? it.tradingAbi ?? it.openTrade) }";

const manifestSchema = z.object({ devDependencies: z.record(z.string(), z.string()) });

/** A project of somebody else's, outside of the repository, with the packed SDK installed. */
export class FreshProject {
  constructor(readonly folder: string) {}

  /** Installs the tarballs, their peer and the types of Node from the registry; nothing runs while it does. */
  async install(...tarballs: readonly string[]): Promise<void> {
    this.write("package.json", JSON.stringify({ name: "fresh", private: true, type: "module" }));
    const { devDependencies } = manifestSchema.parse(JSON.parse(readFileSync("package.json", "utf8")));
    const versions = ["ethers", "@types/node"].map((name) => `${name}@${devDependencies[name]}`);
    await execa("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", ...tarballs, ...versions], {
      cwd: this.folder,
    });
  }

  /** Every entry of the package by `import` and by `require`, with the same names in both. */
  async loads(node: string): Promise<void> {
    for (const entry of ENTRIES) {
      this.write("load.mjs", `import * as it from "${entry}"; console.log(JSON.stringify(${PROBE}));\n`);
      this.write("load.cjs", `const it = require("${entry}"); console.log(JSON.stringify(${PROBE}));\n`);
      const [esm, cjs] = [await this.run(node, "load.mjs"), await this.run(node, "load.cjs")];
      if (esm !== cjs || !/"count":\d{2}/.test(esm)) throw new Error(`${entry}: ${esm} by import, ${cjs} by require`);
    }
  }

  /** The example and the README as strict programs, checked against the types of the package, and a CommonJS one. */
  async compile(): Promise<void> {
    copyFileSync(EXAMPLE, join(this.folder, "roundTrip.ts"));
    this.write("readme.ts", snippets(readFileSync(README, "utf8")));
    this.write("common.cts", 'import { px } from "@asterism/sdk";\nconsole.log(px("1"));\n');
    const strict = {
      module: "NodeNext",
      target: "ES2022",
      strict: true,
      exactOptionalPropertyTypes: true,
      types: ["node"],
    };
    this.write(
      "tsconfig.json",
      JSON.stringify({ compilerOptions: strict, files: ["roundTrip.ts", "readme.ts", "common.cts"] }),
    );
    await execa("tsc", ["-p", this.folder], { preferLocal: true });
  }

  /** A contract that imports from the package, with the compiler of the repository. */
  compileSolidity(): void {
    const own = createRequire(join(this.folder, "package.json"));
    const source = [
      "// SPDX-License-Identifier: MIT",
      "pragma solidity ^0.8.28;",
      'import {TradingAccount} from "@asterism/sdk/contracts/examples/TradingAccount.sol";',
      'import {IRouter} from "@asterism/sdk/contracts/interfaces/IRouter.sol";',
      'import {ITrading} from "@asterism/sdk/contracts/interfaces/ITrading.sol";',
      'import {IPro} from "@asterism/sdk/contracts/pro/interfaces/IPro.sol";',
      "contract Own is TradingAccount {",
      "  IRouter public router;",
      "  constructor(ITrading t) TradingAccount(t) {}",
      "  function deposit(IPro pro, uint256 amount) external returns (uint40) {",
      "    return pro.deposit(address(this), 0, amount);",
      "  }",
      "}",
    ].join("\n");
    const input = {
      language: "Solidity",
      sources: { "Own.sol": { content: source } },
      settings: { evmVersion: "cancun", outputSelection: { "*": { Own: ["evm.bytecode.object"] } } },
    };
    const find = (path: string) => {
      const file = path.startsWith("@asterism/") ? own.resolve(path) : require.resolve(path);
      return { contents: readFileSync(file, "utf8") };
    };
    const output = JSON.parse(solc.compile(JSON.stringify(input), { import: find })) as {
      errors?: { severity: string; formattedMessage: string }[];
      contracts?: Record<string, Record<string, { evm: { bytecode: { object: string } } }>>;
    };
    const errors = (output.errors ?? []).filter(({ severity }) => severity === "error");
    if (errors.length > 0) throw new Error(errors.map(({ formattedMessage }) => formattedMessage).join("\n"));
    if (!output.contracts?.["Own.sol"]?.Own.evm.bytecode.object) throw new Error("the contract has no code");
  }

  /** Starts the installed keeper on a node for a look, until it says that it keeps; it has to end well when it is told to. */
  async keeps(
    node: string,
    chain: string,
    urls: { readonly rpc: string; readonly hermes: string; readonly deployment: string },
  ) {
    const program = join("node_modules", "@asterism", "keeper", "bin", "asterism-keeper.js");
    const refused = await execa(node, [program], { cwd: this.folder, reject: false });
    if (refused.exitCode !== BAD_CONFIGURATION || !refused.stderr.includes("chain: write"))
      throw new Error(refused.stderr);
    const options = ["--chain", chain, "--rpc", urls.rpc, "--hermes", urls.hermes, "--deployment", urls.deployment];
    const keeper = execa(node, [program, ...options, "--dry-run"], { cwd: this.folder, all: true, reject: false });
    const timer = setTimeout(() => keeper.kill("SIGKILL"), KEEPS_MS);
    keeper.all?.on("data", (lines: Buffer) => {
      if (String(lines).includes('"keeping"')) keeper.kill("SIGTERM");
    });
    const { all, exitCode } = await keeper;
    clearTimeout(timer);
    // 5: something was wrong when it was told to end, such as prices that had not come yet.
    if (exitCode !== 0 && exitCode !== 5) throw new Error(`the keeper ended with ${exitCode}: ${all ?? ""}`);
  }

  /** Runs the installed command line: a few commands, or all and those that need the repository. */
  async commands(
    node: string,
    chain: string,
    urls: { readonly rpc: string; readonly hermes: string; readonly deployment: string },
    key: string,
    areAll: boolean,
  ) {
    const program = join("node_modules", "@asterism", "cli", "bin", "asterism.js");
    const env = {
      ...{ ASTERISM_CHAIN: chain, ASTERISM_DEPLOYMENT: urls.deployment, ASTERISM_HERMES_URL: urls.hermes },
      ASTERISM_PRIVATE_KEY: key,
    };
    const ask = (command: string) =>
      execa(node, [program, ...command.split(" "), ...(command.startsWith("keeper") ? [] : ["--rpc", urls.rpc])], {
        ...{ cwd: this.folder, env, reject: false },
      });
    for (const [command, printed] of areAll ? COMMANDS : COMMANDS.slice(0, ON_EVERY_NODE)) {
      const { exitCode, stderr, stdout } = await ask(command);
      if (exitCode !== FINE || !printed.test(stdout)) throw new Error(`${command}: ${exitCode} ${stdout}\n${stderr}`);
    }
    const watched = areAll ? await ask(WATCH) : undefined;
    if (watched !== undefined && !/^block \d+: /m.test(watched.stdout)) throw new Error(watched.stderr);
    for (const command of areAll ? REFUSALS : []) {
      const { exitCode, stderr } = await ask(command);
      const isTold = stderr.includes("needs the repository, and this program was installed by itself\n  next: ");
      if (exitCode !== REFUSED || !isTold) throw new Error(`${command}: ${exitCode} ${stderr}`);
    }
  }

  async run(node: string, file: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
    const { stdout } = await execa(node, [file], { cwd: this.folder, env });
    return stdout;
  }

  private write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }
}

/** The README's TypeScript, in its order, as one program. */
function snippets(readme: string): string {
  return [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code).join("\n");
}
