import { AbiCoder, formatEther } from "ethers";
import type { Provider } from "ethers";
import { interfaceOf } from "../../deploy/audit/question";
import { readable } from "../../deploy/governance/operations";
import type { ContractRecord, DeploymentRecord } from "../../deploy/record";
import { namedValues } from "../../sdk/plain";
import type { PlainValue } from "../../sdk/plain";

/** A transaction of a deployment. */
export interface DeploymentCall {
  /** `create Vault`, or `Vault.listToken`. */
  readonly name: string;
  readonly args: Readonly<Record<string, PlainValue>>;
  readonly gas: bigint;
}

/** What each transaction of a deployment does, in their order. */
export async function readCalls(
  provider: Provider,
  record: DeploymentRecord,
  hashes: readonly string[],
): Promise<DeploymentCall[]> {
  const created = new Map(
    [...Object.values(record.libraries), ...Object.values(record.contracts)].map((contract) => [
      contract.address,
      contract,
    ]),
  );
  const calls: DeploymentCall[] = [];
  for (const hash of hashes) {
    const [transaction, receipt] = await Promise.all([
      provider.getTransaction(hash),
      provider.getTransactionReceipt(hash),
    ]);
    if (transaction === null || receipt === null) throw new Error(`${hash} is not mined`);
    const gas = receipt.gasUsed;
    const contract = created.get(receipt.contractAddress ?? "");
    if (contract !== undefined) calls.push({ name: `create ${contract.contract}`, args: constructorOf(contract), gas });
    else calls.push({ ...readable(record, transaction.to ?? "", transaction.data), gas });
  }
  return calls;
}

/** A line for each call: its place, gas, cost, and what it does with which arguments. */
export function describeCalls(calls: readonly DeploymentCall[], gasPriceWei: bigint, nativeSymbol: string): string[] {
  return calls.map(({ name, args, gas }, index) => {
    const place = String(index + 1).padStart(4);
    const cost = `${formatEther(gas * gasPriceWei)} ${nativeSymbol}`;
    const shown = Object.entries(args).map(([param, value]) => `${param}: ${textOf(value)}`);
    return `${place}  ${gas.toString().padStart(8)} gas  ${cost}  ${name}(${shown.join(", ")})`;
  });
}

function constructorOf({ contract, constructorArguments }: ContractRecord): Record<string, PlainValue> {
  if (constructorArguments === "0x") return {};
  const { inputs } = interfaceOf(contract).deploy;
  return namedValues(inputs, AbiCoder.defaultAbiCoder().decode(inputs, constructorArguments));
}

function textOf(value: PlainValue): string {
  if (typeof value === "string" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return `[${value.map(textOf).join(", ")}]`;
  return `{${Object.entries(value)
    .map(([field, inner]) => `${field}: ${textOf(inner)}`)
    .join(", ")}}`;
}
