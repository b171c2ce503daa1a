import { artifacts, ethers } from "hardhat";

/** Addresses of libraries by their names. */
export type Libraries = Record<string, string>;

/** Of the libraries at hand those that a contract is linked to. */
export async function linksOf(name: string, libraries: Readonly<Libraries>): Promise<Libraries> {
  const { linkReferences } = await artifacts.readArtifact(name);
  const names = Object.values(linkReferences).flatMap((references) => Object.keys(references));
  return Object.fromEntries(names.map((library) => [library, libraries[library]]));
}

/** Deploys a contract with the libraries that it and they are linked to, each of them once. */
export async function deployLinked(name: string, args: unknown[], libraries: Libraries = {}) {
  const { linkReferences } = await artifacts.readArtifact(name);
  for (const references of Object.values(linkReferences)) {
    for (const library of Object.keys(references)) {
      libraries[library] ??= await (await deployLinked(library, [], libraries)).getAddress();
    }
  }
  return ethers.deployContract(name, args, { libraries: await linksOf(name, libraries) });
}
