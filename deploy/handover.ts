import type { ContractTransactionReceipt, Signer } from "ethers";
import type { AccessManager, Breaker } from "../typechain-types";
import type { HandoverNote } from "./handoverNote";
import { ROLES } from "./roles";

/** The level a system is born at: nothing opens, no ALP is minted. */
export const BIRTH_LEVEL = 1n;

/**
 * Opens a finished system and ends the deployer's power, in one transaction; a raise of the breaker meanwhile makes all of it
 * fail. Does nothing where the deployer has no role any more.
 *
 * @param note Kept of it where the deployment has a folder, so that a run that is killed loses nothing.
 */
export async function handOver(
  manager: AccessManager,
  breaker: Breaker,
  deployer: Signer,
  note?: HandoverNote,
): Promise<ContractTransactionReceipt | null> {
  const address = await deployer.getAddress();
  const [isInCharge] = await manager.hasRole(ROLES.ADMIN.id, address);
  if (!isInCharge) return null;
  const [level, raisedAt] = [await breaker.level(), await breaker.raisedAt()];
  if (level !== BIRTH_LEVEL) {
    throw new Error(
      `the breaker is at level ${level.toString()}, raised since the system was deployed: it stays closed`,
    );
  }
  const calls = await handoverCalls(manager, breaker, address, raisedAt);
  const [nonce, to] = [await deployer.getNonce("pending"), await manager.getAddress()];
  note?.announce(nonce, to);
  const response = await manager.connect(deployer).multicall(calls, { nonce });
  note?.noteSent(nonce, to, response.hash);
  const receipt = await response.wait();
  note?.noteMined(nonce, to, response.hash);
  return receipt;
}

/**
 * The deployer becomes risk manager without a delay, lowers the breaker naming its last raise, and gives up both of its roles.
 *
 * @param raisedAt What the breaker says of the raise that is to be undone.
 */
export async function handoverCalls(
  { interface: abi }: AccessManager,
  breaker: Breaker,
  deployer: string,
  raisedAt: bigint,
): Promise<string[]> {
  const lowering = breaker.interface.encodeFunctionData("lower", [0, raisedAt]);
  return [
    abi.encodeFunctionData("grantRole", [ROLES.RISK_MANAGER.id, deployer, 0]),
    abi.encodeFunctionData("execute", [await breaker.getAddress(), lowering]),
    abi.encodeFunctionData("renounceRole", [ROLES.RISK_MANAGER.id, deployer]),
    abi.encodeFunctionData("renounceRole", [ROLES.ADMIN.id, deployer]),
  ];
}
