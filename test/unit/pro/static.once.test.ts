import { expect } from "chai";
import { id } from "ethers";
import { artifacts } from "hardhat";

/** Pro and everything that is linked to it, directly or not. */
async function linkedTo(name: string, found = new Set<string>()): Promise<Set<string>> {
  if (found.has(name)) return found;
  found.add(name);
  const { linkReferences } = await artifacts.readArtifact(name);
  for (const references of Object.values(linkReferences)) {
    for (const library of Object.keys(references)) await linkedTo(library, found);
  }
  return found;
}

async function selectorOf(signature: RegExp): Promise<string> {
  const { abi } = await artifacts.readArtifact("IVault");
  const { Interface } = await import("ethers");
  const fragment = new Interface(abi).fragments.find((each) => signature.test(each.format("sighash")));
  if (fragment === undefined) throw new Error(`no function ${String(signature)} of IVault`);
  return id(fragment.format("sighash")).slice(2, 10);
}

describe("Pro: no path to the liquidity", () => {
  it("neither its code nor its libraries' contains a selector of the Vault that reserves", async () => {
    const forbidden = [await selectorOf(/^open\(/), await selectorOf(/^depositAndReserve\(/)];
    const settle = await selectorOf(/^settle\(/);
    const names = await linkedTo("Pro");
    expect([...names]).to.include.members(["Pro", "MatchLogic", "PlaceLogic", "CashLogic", "MarkLogic", "ConfigLogic"]);
    let settling = 0;
    for (const name of names) {
      const { deployedBytecode } = await artifacts.readArtifact(name);
      for (const selector of forbidden) expect(deployedBytecode, name).not.to.include(selector);
      if (deployedBytecode.includes(settle)) settling++;
    }
    // The search finds what is there: withdrawals and fees settle.
    expect(settling).to.be.greaterThan(0);
  });
});
