import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonFragment, JsonFragmentType } from "ethers";
import { productionContracts } from "../lib/artifacts";

/** Called while the system is deployed, and never again. */
const ONLY_WHILE_DEPLOYING = "contracts/deployment/";

/** What the SDK speaks to or decodes, and what is not compiled from here: by the name that it gets, its artifact. */
const FOREIGN: Readonly<Record<string, string>> = {
  AccessManager: "@openzeppelin/contracts/access/manager/AccessManager.sol/AccessManager.json",
  Erc20: "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol/ERC20Permit.json",
  PythErrors: "@pythnetwork/pyth-sdk-solidity/PythErrors.sol/PythErrors.json",
};

/** The text of every file of `sdk/abis/`, by its name. Reads the artifacts: compile first. */
export function abiFiles(): Map<string, string> {
  const own = productionContracts().filter(({ source }) => !source.startsWith(ONLY_WHILE_DEPLOYING));
  const abis = new Map(own.map(({ name, abi }) => [name, abi]));
  for (const [name, path] of Object.entries(FOREIGN)) {
    const artifact = JSON.parse(readFileSync(join("artifacts", path), "utf8")) as { abi: JsonFragment[] };
    abis.set(name, artifact.abi);
  }
  const names = [...abis.keys()].sort();
  const files = new Map(names.map((name) => [`${name}.ts`, fileOf(name, abis.get(name) ?? [])]));
  files.set("index.ts", names.map((name) => `export { ${constantOf(name)} } from "./${name}";\n`).join(""));
  return files;
}

/** `tradingConfiguratorAbi` of `TradingConfigurator`. */
function constantOf(name: string): string {
  return `${name[0].toLowerCase()}${name.slice(1)}Abi`;
}

function fileOf(name: string, abi: readonly JsonFragment[]): string {
  const lines = abi.filter(isCallable).map((fragment) => `  ${JSON.stringify(withoutInternalTypes(fragment))},\n`);
  return `/** ABI of ${name}; generated. */\nexport const ${constantOf(name)} = [\n${lines.join("")}] as const;\n`;
}

/** A linked library's functions take storage, which no client has. */
function isCallable({ type, inputs = [] }: JsonFragment): boolean {
  return type !== "function" || inputs.every((input) => !/ storage$/.test(input.type ?? ""));
}

/** Names of Solidity's own types say nothing to a client. */
function withoutInternalTypes(fragment: JsonFragment): JsonFragment {
  const stripped = (params: readonly JsonFragmentType[] | undefined): JsonFragmentType[] | undefined =>
    params?.map(({ internalType: _, components, ...param }) =>
      components === undefined ? param : { ...param, components: stripped(components) },
    );
  const { inputs, outputs, ...rest } = fragment;
  return { ...rest, ...(inputs && { inputs: stripped(inputs) }), ...(outputs && { outputs: stripped(outputs) }) };
}
