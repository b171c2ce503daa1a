import { expect } from "chai";
import type { BaseContract } from "ethers";
import { confirmed } from "../../kit/desk/Desk";

/** What a call is refused with. */
export interface Fault {
  readonly contract: BaseContract;
  readonly error: string;
  readonly args: readonly unknown[];
}

type Sent = Parameters<typeof confirmed>[0];

/** The call is done, or refused with just this error; whether it was done. */
export async function doneOrRefused(sent: Sent, fault: Fault | undefined): Promise<boolean> {
  if (fault === undefined) {
    await confirmed(sent);
    return true;
  }
  await expect(sent)
    .to.be.revertedWithCustomError(fault.contract, fault.error)
    .withArgs(...fault.args);
  return false;
}
