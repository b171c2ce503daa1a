import type { Signer } from "ethers";
import type { System } from "../deploy/deploySystem";
import { Asterism } from "../sdk/Asterism";
import { CONTRACT_NAMES } from "../sdk/chains/deployment";
import type { Desk } from "./desk/Desk";
import { DeskPrices } from "./desk/prices";

/** The record of a deployed system, as far as clients read it. */
export async function recordOf(system: System, chainId: number): Promise<unknown> {
  const addresses = await Promise.all(
    CONTRACT_NAMES.map(async (name) => [name, { address: await system[name].getAddress() }] as const),
  );
  return { format: 1, chain: { id: chainId }, startBlock: 0, contracts: Object.fromEntries(addresses) as object };
}

/** The SDK on a desk's chain, with the desk's prices. */
export async function connectTo(desk: Desk, signer: Signer): Promise<Asterism> {
  const deployment = await recordOf(desk.system, desk.profile.chainId);
  return Asterism.connect(signer, { deployment, prices: new DeskPrices(desk) });
}
