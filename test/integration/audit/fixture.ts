import { loadFixture, setCode, time } from "@nomicfoundation/hardhat-network-helpers";
import { artifacts, ethers } from "hardhat";
import { interfaceOf } from "../../../deploy/audit/question";
import { ROLES, ROLE_TABLE } from "../../../deploy/roles";
import type { FunctionRole } from "../../../deploy/roles";
import { MULTICALL3 } from "../../../sdk/reading";
import { recordedSystemFixture } from "../../fixtures/recorded";
import type { GovernanceCall, Strangers } from "./changes";

/** The recorded system on a chain with Multicall3, and contracts that it does not know. */
export async function auditedFixture() {
  const base = await loadFixture(recordedSystemFixture);
  const { deployedBytecode } = await artifacts.readArtifact("StandInMulticall3");
  await setCode(MULTICALL3, deployedBytecode);
  const addressOf = async (contract: Promise<{ getAddress(): Promise<string> }>) => (await contract).getAddress();
  const strangers: Strangers = {
    account: ethers.Wallet.createRandom().address,
    contract: await addressOf(ethers.deployContract("StandInMulticall3")),
    token: await addressOf(ethers.deployContract("NoReturnToken")),
    feed: base.profile.chainlink.BNB?.address ?? "",
  };
  return { ...base, strangers };
}

type Audited = Awaited<ReturnType<typeof auditedFixture>>;

/** Makes a call as its role has to: scheduled, and executed when its delay is over. */
export async function govern({ record, signers, replica, system }: Audited, call: GovernanceCall): Promise<void> {
  const { contract, address } = record.contracts[call.on];
  const role = ROLES[roleOf(contract, call.name)];
  const signer = signers[role.holder];
  // A breaker is lowered by whoever knows of its last raise.
  const args = call.name === "lower" ? [...call.args, await system.breaker.raisedAt()] : call.args;
  const data = interfaceOf(contract).encodeFunctionData(call.name, args);
  if (role.delaySeconds > 0) {
    await system.accessManager.connect(signer).schedule(address, data, 0);
    await time.increase(role.delaySeconds);
  } else {
    await replica.refreshPushPrices();
  }
  await signer.sendTransaction({ to: address, data });
}

function roleOf(contract: string, name: string): Exclude<FunctionRole, "PUBLIC"> | "ADMIN" {
  const row = ROLE_TABLE[contract] as (typeof ROLE_TABLE)[string] | undefined;
  const role = row?.[name] ?? "ADMIN";
  if (role === "PUBLIC") throw new Error(`${contract}.${name} is open to everyone`);
  return role;
}
