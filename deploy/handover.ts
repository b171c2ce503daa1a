import type { ContractTransactionReceipt, Signer } from "ethers";
import type { AccessManager, Breaker } from "../typechain-types";
import { ROLES } from "./roles";

/** The level a system is born at: nothing opens, no ALP is minted. */
export const BIRTH_LEVEL = 1n;

/**
 * Opens a finished system and ends the deployer's power, in one transaction; a raise of the breaker meanwhile makes all of it
 * fail. Does nothing where the deployer has no role any more.
 */
export async function handOver(
  manager: AccessManager,
  breaker: Breaker,
  deployer: Signer,
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
  const response = await manager.connect(deployer).multicall(await handoverCalls(manager, breaker, address, raisedAt));
  return response.wait();
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
