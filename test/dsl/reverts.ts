import { Interface } from "ethers";
import { artifacts } from "hardhat";
import { revertData } from "../../sdk/errors";

let known: Promise<Interface> | undefined;

/** Every error of every contract that is compiled here, and Solidity's own two. */
async function allErrors(): Promise<Interface> {
  const fragments = new Map<string, unknown>();
  for (const name of await artifacts.getAllFullyQualifiedNames()) {
    const { abi } = await artifacts.readArtifact(name);
    for (const item of abi as { type: string; name: string; inputs: unknown[] }[]) {
      if (item.type === "error") fragments.set(JSON.stringify([item.name, item.inputs]), item);
    }
  }
  return new Interface([...fragments.values()] as never[]);
}

/**
 * What an attempt reverted with, as `Name(argument,argument)`; `no reason` for empty revert data. For tables of refusals
 * whose errors are of several contracts. Throws if the attempt succeeds, or fails otherwise than by a revert.
 */
export async function revertOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
  } catch (error) {
    const data = revertData(error);
    if (data === undefined) throw error;
    if (data === "0x") return "no reason";
    known ??= allErrors();
    const parsed = (await known).parseError(data);
    if (parsed === null) throw new Error(`an error of no contract here: ${data}`, { cause: error });
    return `${parsed.name}(${parsed.args.map(String).join()})`;
  }
  throw new Error("expected a revert, but the attempt succeeded");
}
