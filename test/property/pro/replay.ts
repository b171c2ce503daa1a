import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import { expect } from "chai";
import type { BaseContract } from "ethers";
import { network } from "hardhat";
import { revertData } from "../../../sdk/errors";
import { orderIdOf, scopeIdOf, wordsOf } from "../../../kit/pro/words";
import { ProOutcome, ProReason, nameOf } from "../../../sdk/enums";
import { refresh, resultOf } from "../../../sdk/pro/words";
import type { ProContext } from "../../unit/pro/proFixture";
import type { Call } from "./recorded";
import { ACCOUNTS, KEEPER_OWNER, OWNERS } from "./world";

const GAS = "0x3938700";

/** What the second word of a withdrawal comes to. */
const NOTHING = { reason: "None", filled: 0n, tickLots: 0n, orderId: 0n, cause: "none" };
/** `StopCause` of the contracts. */
const STOP_CAUSES = ["none", "filled", "noPrice", "maxFills", "selfTrade"];

/** The accounts of a run on the chain: ids by the model's numbers, and who owns them. */
export interface Owners {
  readonly signers: readonly HardhatEthersSigner[];
  /** By the model's account number, the keeper's last. */
  readonly ids: readonly bigint[];
}

/** Sub-number of an account: how many accounts its owner had before. */
export function subOf(account: number): number {
  return account === ACCOUNTS ? 0 : OWNERS.slice(0, account).filter((owner) => owner === OWNERS[account]).length;
}

export function ownerOf(account: number): number {
  return account === ACCOUNTS ? KEEPER_OWNER : OWNERS[account];
}

/** A call as one account makes it. */
interface Request {
  readonly from: string;
  readonly contract: BaseContract;
  readonly name: string;
  readonly args: readonly unknown[];
}

function requestOf(context: ProContext, owners: Owners, call: Call): Request {
  const { breaker, governor, keeper, pro } = context;
  const { ids, signers } = owners;
  const by = (from: HardhatEthersSigner, name: string, ...args: unknown[]): Request => ({
    from: from.address,
    contract: pro,
    name,
    args,
  });
  const byKeeper = (name: string, ...args: unknown[]) => by(governor, name, ...args);
  switch (call.kind) {
    case "deposit": {
      const owner = signers[ownerOf(call.account)];
      return by(owner, "deposit", owner.address, subOf(call.account), call.amount);
    }
    case "addToFund":
      return by(signers[0], "addToFund", call.market, call.amount);
    case "sweepFees":
      return by(signers[0], "sweepFees", call.market, []);
    case "refresh": {
      const proof = { assetIds: [BigInt(call.market) + 1n], minPublishTime: 0n, isUnique: false, updateData: ["0x01"] };
      return by(signers[0], "act", ids[0], [proof], [refresh(BigInt(call.market), 0n)]);
    }
    case "act": {
      const owner = signers[ownerOf(call.account)];
      const { address: receiver } = owner;
      const addressOf = (account: number) => signers[ownerOf(account)].address;
      const list = call.actions.flatMap((action) => wordsOf({ addressOf, ids, receiver }, action));
      return by(owner, "act", ids[call.account], [], list);
    }
    case "cancelDead":
      return byKeeper("cancelDead", [orderIdOf(ids, call.id)]);
    case "cancelStretched": {
      const list = call.ids.map((id) => orderIdOf(ids, id));
      return byKeeper("cancelStretched", scopeIdOf(ids, call.scope), list, keeper.address);
    }
    case "liquidate":
      return byKeeper("liquidate", scopeIdOf(ids, call.scope), call.market, call.most, keeper.address);
    case "deleverage":
      return byKeeper("deleverage", scopeIdOf(ids, call.scope), call.market, ids[call.other], keeper.address);
    case "shareLoss":
      return byKeeper("shareLoss", scopeIdOf(ids, call.scope), call.market, ids[call.other]);
    case "setBreaker":
      return { from: governor.address, contract: breaker, name: "raise", args: [call.level] };
  }
}

/** Has it mined, or answered as if in the next block, with nothing asked before or after: throws with the revert's data. */
async function make(method: "eth_call" | "eth_sendTransaction", request: Request): Promise<string> {
  const { args, contract, from, name } = request;
  const data = contract.interface.encodeFunctionData(name, args);
  const transaction = { from, to: contract.target, data, gas: GAS };
  const params = method === "eth_call" ? [transaction, "pending"] : [transaction];
  return (await network.provider.request({ method, params })) as string;
}

/** What the model should have answered by `answer` and `results`. */
function expectAnswer(request: Request, data: string, { ids }: Owners, call: Call): void {
  const decoded = request.contract.interface.decodeFunctionResult(request.name, data);
  if (call.answer !== undefined) {
    const [first, reason] = decoded as unknown as [bigint, bigint?];
    const found = reason === undefined ? String(first) : `${nameOf(ProOutcome, first)} ${nameOf(ProReason, reason)}`;
    expect(found, `answer to ${call.kind}`).to.equal(call.answer);
  }
  if (call.kind !== "act" || call.results === undefined) return;
  const words = [...(decoded[0] as bigint[])].map((word) => {
    const { cause, filled, orderId, reason, tickLots } = resultOf(word);
    return { reason: nameOf(ProReason, reason), filled, tickLots, orderId, cause: STOP_CAUSES[Number(cause)] };
  });
  const { actions } = call;
  const expected = call.results.flatMap(({ placed, reason = "None" }, place) => {
    const { cause = "none", filled = 0n, id, tickLots = 0n } = placed ?? {};
    const result = { reason, filled, tickLots, orderId: id === undefined ? 0n : orderIdOf(ids, id), cause };
    return actions[place].kind === "withdraw" ? [result, NOTHING] : [result];
  });
  expect(words, "results of act").to.deep.equal(expected);
}

/** Makes a call on the contracts in the second that the model made it; what they answer must be what the model did. */
async function send(context: ProContext, owners: Owners, call: Call): Promise<void> {
  if (call.kind === "refresh") {
    const { price, publishTime } = call.tick;
    // The next proof of its asset takes this one.
    const args = [call.market + 1, price, publishTime];
    await make("eth_sendTransaction", {
      from: context.governor.address,
      contract: context.oracle,
      name: "setPrice",
      args,
    });
  }
  const request = requestOf(context, owners, call);
  await network.provider.request({ method: "evm_setNextBlockTimestamp", params: [Number(call.at)] });
  const isAnswered = call.kind === "act" || call.answer !== undefined;
  if (isAnswered) expectAnswer(request, await make("eth_call", request), owners, call);
  await make("eth_sendTransaction", request);
}

/** Makes a call on the contracts; why it was refused, by the name that the model has for it. */
export async function replay(context: ProContext, owners: Owners, call: Call): Promise<string | undefined> {
  try {
    await send(context, owners, call);
    return undefined;
  } catch (error) {
    const data = revertData(error);
    const parsed = data === undefined ? null : context.pro.interface.parseError(data);
    if (parsed === null) throw error;
    switch (parsed.name) {
      case "Pro_ActionRefused":
        return nameOf(ProReason, parsed.args[0] as bigint);
      case "Pro_ScopeRefused":
      case "Pro_IndexRefused":
        return nameOf(ProReason, parsed.args[1] as bigint);
      case "Pro_BreakerRaised":
        return "BreakerRaised";
      default:
        return `${parsed.name}(${parsed.args.map(String).join()})`;
    }
  }
}
