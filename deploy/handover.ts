import type { ContractTransactionReceipt, Signer } from "ethers";
import type { AccessManager, Breaker } from "../typechain-types";
import { ROLES } from "./roles";

/** The level a system is born at: nothing opens, no ALP is minted. */
export const BIRTH_LEVEL = 1n;

/**
 * Opens a finished system and ends the deployer's power, in one transaction: the deployer becomes risk manager without a
 * delay, lowers the breaker and gives up both of its roles. Does nothing where the deployer has no role any more.
 */
export async function handOver(
  manager: AccessManager,
  breaker: Breaker,
  deployer: Signer,
): Promise<ContractTransactionReceipt | null> {
  const address = await deployer.getAddress();
  const [isInCharge] = await manager.hasRole(ROLES.ADMIN.id, address);
  if (!isInCharge) return null;
  const level = await breaker.level();
  if (level !== BIRTH_LEVEL) {
    throw new Error(
      `the breaker is at level ${level.toString()}, raised since the system was deployed: it stays closed`,
    );
  }
  const { interface: abi } = manager;
  const calls = [
    abi.encodeFunctionData("grantRole", [ROLES.RISK_MANAGER.id, address, 0]),
    abi.encodeFunctionData("execute", [await breaker.getAddress(), encodeLowering(breaker)]),
    abi.encodeFunctionData("renounceRole", [ROLES.RISK_MANAGER.id, address]),
    abi.encodeFunctionData("renounceRole", [ROLES.ADMIN.id, address]),
  ];
  const response = await manager.connect(deployer).multicall(calls);
  return response.wait();
}

/** Lowers the breaker to level 0. */
function encodeLowering(breaker: Breaker): string {
  return breaker.interface.encodeFunctionData("lower", [0]);
}
