import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { LIMITS, accountOf, deployPro } from "../../unit/pro/proFixture";
import { Comparison } from "./compare";
import { RecordedExchange } from "./recorded";
import type { Call } from "./recorded";
import { ownerOf, replay, subOf } from "./replay";
import { ACCOUNTS, CONFIGS, KEEPER_OWNER, OWNERS, newWorld } from "./world";

/** Contracts with every owner's wallet full and allowed. */
export async function exchangeFixture() {
  const context = await deployPro(18, "StandInToken", { ...LIMITS, interestPips: 100n });
  const signers = (await ethers.getSigners()).slice(1, KEEPER_OWNER + 2);
  for (const signer of signers) {
    await context.token.mint(signer, 10n ** 27n);
    await context.token.connect(signer).approve(context.pro, ethers.MaxUint256);
  }
  // Owners count from 1 in the order in which they come.
  for (const signer of signers) await context.pro.connect(signer).deposit(signer, 0, 1n);
  const ids = [...Array(ACCOUNTS + 1).keys()].map((account) =>
    accountOf(BigInt(ownerOf(account)) + 1n, BigInt(subOf(account))),
  );
  const callReader = await ethers.deployContract("CallReader");
  return { context: { ...context, callReader, keeper: signers[KEEPER_OWNER] }, owners: { signers, ids } };
}

/** A new world of the model, and what makes its calls on new contracts and compares the two to the unit. */
export async function beginExchange(cash: bigint, fund: bigint) {
  const { context, owners } = await loadFixture(exchangeFixture);
  const comparison = new Comparison(context, owners);
  const exchange = new RecordedExchange(CONFIGS, BigInt(await time.latest()) + 10n);
  // The unit that made each an owner.
  const world = newWorld(cash, fund, exchange);
  const first = [...new Set(OWNERS)].map((owner) => OWNERS.indexOf(owner));
  for (const account of [...first, ACCOUNTS]) {
    exchange.state.accounts[account].cash += 1n;
    exchange.state.collateral += 1n;
  }
  /** Makes the calls asked of the model since the last time; how many. In a brief look only accounts are compared that they name. */
  const follow = async (name: string, withBooks: boolean, isBrief = false): Promise<number> => {
    const calls = exchange.take();
    for (const call of calls) {
      const refused = await replay(context, owners, call);
      // What a keeper calls is not reverted: that it was refused is its answer.
      if (call.answer === undefined) expect(refused, `${name}, ${call.kind}`).to.equal(call.refused);
    }
    const differences = await comparison.differences(exchange.state, withBooks, isBrief ? namedIn(calls) : undefined);
    expect(differences, name).to.deep.equal([]);
    return calls.length;
  };
  await follow("the beginning", false);
  return { world, exchange, follow };
}

function namedIn(calls: readonly Call[]): Set<number> {
  return new Set(
    calls.flatMap((call) => [
      ...("account" in call ? [call.account] : []),
      ...("scope" in call ? [call.scope.account, ACCOUNTS] : []),
      ...("other" in call ? [call.other] : []),
      ...("id" in call ? [call.id.account] : []),
    ]),
  );
}
