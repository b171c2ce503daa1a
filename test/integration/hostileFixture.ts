import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import type { ContractTransactionReceipt, Signer } from "ethers";
import { artifacts, ethers } from "hardhat";
import { installReplica } from "../../kit/replica";
import type { BatchOutcome, Pending } from "../../kit/desk/Desk";
import { deskFixture } from "../fixtures/desk";

export const TOKEN = "USDT";

/** Two traders hold a 1001x long each. */
export async function openFixture() {
  const fixture = await loadFixture(deskFixture);
  const { desk, keeper, other, system, trader } = fixture;
  const id = await desk.open(trader, keeper);
  const otherId = await desk.open(other, keeper);
  const token = desk.replica.token(TOKEN);
  const vault = system.vault;
  const claimableOf = (account: Signer) => vault.claimableOf(token, account);

  /** Exchanges the token's code; what it holds stays. */
  const become = async (contractName: string, symbol = TOKEN) => {
    const { deployer, profile } = fixture;
    const tokenContracts = { [symbol]: contractName };
    await installReplica({ profile, provider: ethers.provider, signer: deployer, artifacts, tokenContracts });
    return desk.replica.token(symbol).getAddress();
  };

  /** Both ask to close, and one batch executes both at one tick, the hostile one first. */
  const closeBoth = async () => {
    const pending: Pending[] = [await desk.requestClose(trader, id), await desk.requestClose(other, otherId)];
    const at = pending[1].target;
    await desk.warpTo(at + 1);
    await desk.refresh();
    return desk.execute(keeper, [id, otherId], [desk.firstTick("BTC", pending[0].target, { at })]);
  };

  return { ...fixture, id, otherId, token, claimableOf, become, closeBoth };
}

/** What became of each item. */
export const outcomes = (results: BatchOutcome[]) =>
  results.map(({ outcome, isFailed }) => (isFailed ? "Failed" : outcome));

export type OpenFixture = Awaited<ReturnType<typeof openFixture>>;

/** What the position's closing says it pays. */
export function payoutOf({ trading }: OpenFixture, receipt: ContractTransactionReceipt, id: bigint): bigint {
  for (const log of receipt.logs) {
    const event = trading.interface.parseLog(log);
    if (event?.name === "TradeClosed" && event.args.id === id) return event.args.payout as bigint;
  }
  throw new Error(`trade ${id.toString()} was not closed`);
}

/** Closed, in spite of the token: the payout is the owner's to claim. */
export async function expectClaimable(
  fixture: OpenFixture,
  receipt: ContractTransactionReceipt,
  id: bigint,
  owner: Signer,
) {
  const { claimableOf, desk, token, vault } = fixture;
  const payout = payoutOf(fixture, receipt, id);
  expect(payout).to.be.greaterThan(0n);
  await expect(receipt)
    .to.emit(vault, "PaymentRefused")
    .withArgs(await token.getAddress(), await owner.getAddress(), payout);
  expect(await claimableOf(owner)).to.equal(payout);
  expect(await desk.statusOf(id)).to.equal("None");
  expect(await desk.isBalanced()).to.equal(true);
  return payout;
}

/** The other trader, whose token is no worse than before, was paid. */
export async function expectPaid(fixture: OpenFixture, receipt: ContractTransactionReceipt, id: bigint, held: bigint) {
  const { claimableOf, other, token } = fixture;
  expect((await token.balanceOf(other)) - held).to.equal(payoutOf(fixture, receipt, id));
  expect(await claimableOf(other)).to.equal(0n);
}

/** The claim pays once the token does. */
export async function expectClaims(fixture: OpenFixture, owner: Signer, amount: bigint) {
  const { desk, token, vault } = fixture;
  const claim = vault.connect(owner).claim(token, owner, false);
  await expect(claim).to.changeTokenBalance(token, owner, amount);
  expect(await desk.isBalanced()).to.equal(true);
}
