import { impersonateAccount, setBalance } from "@nomicfoundation/hardhat-network-helpers";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import { ethers } from "hardhat";

/** A contract that takes native coin and does what the test tells it, for places where no other account is accepted. */
export async function contractSigner(): Promise<HardhatEthersSigner> {
  const contract = await ethers.deployContract("CallProxy");
  const address = await contract.getAddress();
  await impersonateAccount(address);
  await setBalance(address, 10n ** 18n);
  return ethers.getSigner(address);
}
