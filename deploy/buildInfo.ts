import { HardhatArtifactResolver } from "@nomicfoundation/hardhat-ignition/helpers";
import type { HardhatRuntimeEnvironment } from "hardhat/types";

/**
 * Runs a deployment. In-process Ignition keeps nothing of a deployment, and yet reads the build info of every contract,
 * tens of megabytes each time; there it is spared that.
 */
export async function withLeanArtifacts<T>(hre: HardhatRuntimeEnvironment, deploy: () => Promise<T>): Promise<T> {
  if (hre.network.name !== "hardhat") return deploy();
  const { prototype } = HardhatArtifactResolver;
  const original = Object.getOwnPropertyDescriptor(prototype, "getBuildInfo");
  if (original === undefined) throw new Error("Ignition's artifact resolver reads no build info any more");
  Object.defineProperty(prototype, "getBuildInfo", { ...original, value: () => Promise.resolve(undefined) });
  try {
    return await deploy();
  } finally {
    Object.defineProperty(prototype, "getBuildInfo", original);
  }
}
