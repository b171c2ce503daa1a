import { setCode } from "@nomicfoundation/hardhat-network-helpers";
import type { AddressLike } from "ethers";
import { ethers } from "hardhat";

/** Makes an account one that delegates to a contract (EIP-7702): it has code, and is still its owner's. */
export async function delegate(account: AddressLike, to: AddressLike): Promise<string> {
  const [address, target] = [await ethers.resolveAddress(account), await ethers.resolveAddress(to)];
  await setCode(address, `0xef0100${target.slice(2)}`);
  return address;
}
