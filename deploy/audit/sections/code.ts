import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AbiCoder, concat, id, keccak256 } from "ethers";
import type { ContractRecord } from "../../record";
import type { AuditContext } from "../context";
import type { Finding } from "../finding";

/** Of a compiled contract. */
export interface Artifact {
  readonly bytecode: string;
  readonly linkReferences: Readonly<
    Record<string, Readonly<Record<string, readonly { start: number; length: number }[]>>>
  >;
}

export interface ArtifactSource {
  /** By source and name, `contracts/vault/Vault.sol:Vault`. */
  readArtifact(name: string): Promise<Artifact>;
}

/** The build in a project's `artifacts/`. Its reading throws {@link BuildError}. */
export function buildIn(root: string): ArtifactSource {
  return {
    readArtifact(name) {
      const [source, contract] = name.split(":");
      const path = join(root, "artifacts", source, `${contract}.json`);
      if (!existsSync(path)) return Promise.reject(new BuildError(name));
      return Promise.resolve(JSON.parse(readFileSync(path, "utf8")) as Artifact);
    },
  };
}

/** A contract of the record was not compiled here. */
export class BuildError extends Error {
  constructor(name: string) {
    super(`${name} is not in the build: check out the record's commit and compile`);
    this.name = "BuildError";
  }
}

const DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";

/**
 * The hash of each contract's and library's code against what the build's creation code returns for the arguments of the
 * record: so the values that it was built with are compared too. What a contract keeps of its own address, or of what it
 * creates itself, is left out on both sides.
 */
export async function codeFindings(
  context: AuditContext,
  artifacts: ArtifactSource,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<Finding[]> {
  const { record } = context;
  const all = [...Object.entries(record.libraries), ...Object.entries(record.contracts)];
  const findings: Finding[] = [];
  for (const [key, contract] of all) {
    const own = await ownWords(context, key, contract);
    const found = digits(await context.provider.getCode(contract.address, context.blockTag));
    const input = await creationInput(context, artifacts, contract);
    // ALP keeps who created it.
    const from = key === "alp" ? context.at("alpManager") : record.accounts.deployer;
    const expected = await construct(context, from, input);
    findings.push({
      what: `code of ${contract.contract} at ${contract.address}`,
      expected: hashWithout(own, found, expected),
      found: found === "" ? "no code" : hashWithout(own, found, found),
    });
    onProgress(findings.length, all.length);
  }
  return findings;
}

async function creationInput(
  { record }: AuditContext,
  artifacts: ArtifactSource,
  { contract, source, constructorArguments }: ContractRecord,
): Promise<string> {
  const name = `${source}:${contract}`;
  const artifact = await artifacts.readArtifact(name);
  let code = artifact.bytecode;
  for (const [file, links] of Object.entries(artifact.linkReferences)) {
    for (const [library, places] of Object.entries(links)) {
      const linked = record.libraries[library] as ContractRecord | undefined;
      if (linked === undefined) throw new BuildError(`${file}:${library}`);
      for (const { start, length } of places) {
        const end = 2 + (start + length) * 2;
        code = code.slice(0, 2 + start * 2) + digits(linked.address) + code.slice(end);
      }
    }
  }
  return concat([code, constructorArguments]);
}

/** Runs the creation without sending it; a constructor that refuses its arguments returns nothing. */
async function construct({ provider, blockTag }: AuditContext, from: string, data: string): Promise<string> {
  try {
    return digits(await provider.call({ from, data, blockTag }));
  } catch (error) {
    if ((error as { code?: string }).code === "CALL_EXCEPTION") return "";
    throw error;
  }
}

/** What differs with the address at which a contract comes to stand, as it is in the code that stands. */
async function ownWords(
  { provider, blockTag, record }: AuditContext,
  key: string,
  { address }: ContractRecord,
): Promise<string[]> {
  if (key === "alpManager") return [digits(address), digits(record.contracts.alp.address)];
  if (key !== "alp") return [digits(address)];
  const chainId = (await provider.getNetwork()).chainId;
  const [name, version] = await domainOf(provider, address, blockTag);
  const separator = keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ["bytes32", "bytes32", "bytes32", "uint256", "address"],
      [id(DOMAIN_TYPE), id(name), id(version), chainId, address],
    ),
  );
  return [digits(address), digits(separator)];
}

async function domainOf(
  provider: AuditContext["provider"],
  address: string,
  blockTag: string,
): Promise<[name: string, version: string]> {
  // `eip712Domain()` of ERC-5267.
  const answer = await provider.call({ to: address, data: id("eip712Domain()").slice(0, 10), blockTag });
  if (answer === "0x") return ["", ""];
  const types = ["bytes1", "string", "string", "uint256", "address", "bytes32", "uint256[]"];
  const [, name, version] = AbiCoder.defaultAbiCoder().decode(types, answer) as unknown as [string, string, string];
  return [name, version];
}

/** The hash of a code without what stands at the places that these words have in the code that stands. */
function hashWithout(words: readonly string[], standing: string, code: string): string {
  if (code === "") return "nothing: the constructor refuses the arguments of the record";
  let rest = code;
  for (const word of words) {
    for (let at = standing.indexOf(word); at >= 0; at = standing.indexOf(word, at + word.length)) {
      rest = rest.slice(0, at) + "0".repeat(word.length) + rest.slice(at + word.length);
    }
  }
  return keccak256(`0x${rest.length % 2 === 0 ? rest : `${rest}0`}`);
}

function digits(hex: string): string {
  return hex.slice(2).toLowerCase();
}
