import { Contract, ZeroAddress } from "ethers";
import type { Signer } from "ethers";

import type { LocalPublisher } from "../pyth/publisher";
import type { ChainProfile } from "../../deploy/profiles";
import type { ArtifactSource } from "./code";

/** The local Pyth to install: a contract with `owner()` and a one-time `initialize(...initArgs)`. */
export interface PythInstallation {
  contractName: string;
  initArgs: readonly unknown[];
}

/** The stand-in of Pyth that believes a publisher, administered by `owner`. */
export function localPyth(owner: string, publisher: LocalPublisher): PythInstallation {
  return { contractName: "LocalPyth", initArgs: [owner, publisher.setup] };
}

/** Initialises the local Pyth whose code was placed at the profile's address; does nothing the second time. */
export async function installPyth(
  profile: ChainProfile,
  signer: Signer,
  artifacts: ArtifactSource,
  { contractName, initArgs }: PythInstallation,
): Promise<void> {
  const { abi } = await artifacts.readArtifact(contractName);
  const pyth = new Contract(profile.pyth.address, abi, signer);
  const owner: unknown = await pyth.getFunction("owner").staticCall();
  if (owner !== ZeroAddress) return;
  const response = await pyth.getFunction("initialize").send(...initArgs);
  await response.wait();
}
