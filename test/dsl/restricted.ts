import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types";

/** The parts of the compiler's syntax tree that are read here. */
interface AstNode {
  id: number;
  nodeType: string;
  name?: string;
  contractKind?: string;
  abstract?: boolean;
  linearizedBaseContracts?: number[];
  functionSelector?: string;
  modifiers?: { modifierName: { name: string } }[];
  nodes?: AstNode[];
}

interface AstSource {
  ast: AstNode;
}

const TEST_CODE = ["contracts/examples/", "contracts/test/", "contracts/replica/"];

/**
 * Every contract of the system, outside the test code, with the names of its functions that carry `restricted`, inherited
 * ones included; read from the syntax tree, so that nothing can be forgotten. Contracts without any are left out.
 */
export async function restrictedFunctions(hre: HardhatRuntimeEnvironment): Promise<Map<string, string[]>> {
  const result = new Map<string, string[]>();
  // Many contracts share a build info, which is large.
  const contractsOf = new Map<string, AstNode[]>();
  for (const qualifiedName of await hre.artifacts.getAllFullyQualifiedNames()) {
    const [sourceName, contractName] = qualifiedName.split(":");
    if (!sourceName.startsWith("contracts/") || TEST_CODE.some((folder) => sourceName.startsWith(folder))) continue;
    const path = await buildInfoPath(hre, qualifiedName);
    const contracts = contractsOf.get(path) ?? (await readContracts(path));
    contractsOf.set(path, contracts);
    const names = restrictedIn(contracts, contractName);
    if (names.length > 0) result.set(contractName, names.sort());
  }
  return result;
}

async function buildInfoPath(hre: HardhatRuntimeEnvironment, qualifiedName: string): Promise<string> {
  const artifactPath = hre.artifacts.formArtifactPathFromFullyQualifiedName(qualifiedName);
  const debugPath = artifactPath.replace(/\.json$/, ".dbg.json");
  const { buildInfo } = JSON.parse(await readFile(debugPath, "utf8")) as { buildInfo: string };
  return resolve(dirname(debugPath), buildInfo);
}

async function readContracts(path: string): Promise<AstNode[]> {
  const { output } = JSON.parse(await readFile(path, "utf8")) as { output: { sources: Record<string, AstSource> } };
  const nodes = Object.values(output.sources).flatMap(({ ast }) => ast.nodes ?? []);
  return nodes.filter(({ nodeType }) => nodeType === "ContractDefinition");
}

function restrictedIn(contracts: AstNode[], contractName: string): string[] {
  const contract = contracts.find(({ name }) => name === contractName);
  if (contract === undefined || contract.contractKind !== "contract" || contract.abstract === true) return [];
  const byId = new Map(contracts.map((node) => [node.id, node]));
  const names: string[] = [];
  const seen = new Set<string>();
  // From the contract itself to its bases: the first definition of a selector is the one that runs.
  for (const id of contract.linearizedBaseContracts ?? []) {
    for (const node of byId.get(id)?.nodes ?? []) {
      if (node.nodeType !== "FunctionDefinition" || node.functionSelector === undefined) continue;
      if (seen.has(node.functionSelector)) continue;
      seen.add(node.functionSelector);
      if (node.modifiers?.some(({ modifierName }) => modifierName.name === "restricted")) names.push(node.name ?? "");
    }
  }
  return names;
}
