import { ethers } from "hardhat";
import { remember } from "./memory";
import type { Restorable } from "./tree";

/** The chain together with what a model knows of it; `counts` tells what has come to pass. */
export function restorable(model: object, skipped: readonly object[], counts: ReadonlyMap<string, number>): Restorable {
  return {
    save: async () => {
      const put = remember(model, skipped);
      const snapshot = (await ethers.provider.send("evm_snapshot", [])) as string;
      return async () => {
        await ethers.provider.send("evm_revert", [snapshot]);
        put();
      };
    },
    seen: () => counts.keys(),
  };
}
