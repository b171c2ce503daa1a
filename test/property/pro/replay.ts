import { time } from "@nomicfoundation/hardhat-network-helpers";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import type { Action, OrderId, Scope, Tick } from "../../../sdk/model/pro";
import { revertData } from "../../../sdk/errors";
import * as words from "../../dsl/proActions";
import { ORDER_TYPE, REASON, SELF_TRADE } from "../../dsl/proActions";
import type { ProContext } from "../../unit/pro/proFixture";
import type { Call } from "./recorded";
import { ACCOUNTS, KEEPER_OWNER, OWNERS } from "./steps";

const REASON_NAMES = Object.fromEntries(Object.entries(REASON).map(([name, index]) => [String(index), name]));
const GAS = { gasLimit: 60_000_000n };

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

function idOf({ ids }: Owners, { account, generation, market, slot }: OrderId): bigint {
  return words.orderIdOf(ids[account], BigInt(slot), generation, BigInt(market));
}

export function scopeIdOf({ ids }: Owners, { account, market }: Scope): bigint {
  return market === undefined ? words.crossScope(ids[account]) : words.isolatedScope(ids[account], BigInt(market));
}

const codeOf = ({ market }: Scope) => (market === undefined ? 0n : BigInt(market) + 1n);

/** An action as the words of `act`. */
function wordsOf(owners: Owners, receiver: string, action: Action): bigint[] {
  const [first, ...rest] = ((): bigint[] => {
    switch (action.kind) {
      case "refresh":
        throw new Error("refreshed by itself");
      case "cancel":
        return [words.cancel(idOf(owners, action.id))];
      case "lower":
        return [words.lower(idOf(owners, action.id), action.lots)];
      case "place": {
        const { expiry, isReduceOnly, lots, market, maxFills, selfTrade, side, tick, type } = action.order;
        return [
          words.place({
            market: BigInt(market),
            isBid: side === "buy",
            isReduceOnly,
            type: ORDER_TYPE[type],
            selfTrade: SELF_TRADE[selfTrade],
            maxFills: BigInt(maxFills),
            tick,
            lots,
            expiry,
          }),
        ];
      }
      case "leverage":
        return [words.setLeverage(BigInt(action.market), action.leverage)];
      case "mode":
        return [words.setMode(BigInt(action.market), action.isIsolated)];
      case "transfer":
        return [
          words.transfer(codeOf(action.from), codeOf(action.to), action.amount, BigInt(subOf(action.to.account))),
        ];
      case "withdraw":
        return words.withdraw(receiver, action.amount);
    }
  })();
  return [action.isSoft === true ? words.soft(first) : first, ...rest];
}

/** The tick is the one that the next proof of its asset takes. */
async function script({ oracle }: ProContext, market: number, { price, publishTime }: Tick): Promise<void> {
  await oracle.setPrice(market + 1, price, publishTime);
}

/** Makes a call on the contracts in the second that the model made it. */
async function send(context: ProContext, owners: Owners, call: Call): Promise<void> {
  const { breaker, keeper, pro } = context;
  const { ids, signers } = owners;
  const at = async () => time.setNextBlockTimestamp(call.at);
  switch (call.kind) {
    case "deposit": {
      const owner = signers[ownerOf(call.account)];
      if (call.amount === 0n) return;
      await at();
      await pro.connect(owner).deposit(owner, subOf(call.account), call.amount, GAS);
      return;
    }
    case "addToFund":
      if (call.amount === 0n) return;
      await at();
      await pro.connect(signers[0]).addToFund(call.market, call.amount, GAS);
      return;
    case "sweepFees":
      await at();
      await pro.connect(signers[0]).sweepFees(call.market, [], GAS);
      return;
    case "refresh": {
      await script(context, call.market, call.tick);
      const proof = { assetIds: [BigInt(call.market) + 1n], minPublishTime: 0n, isUnique: false, updateData: ["0x01"] };
      await at();
      await pro.connect(signers[0]).act(ids[0], [proof], [words.refresh(BigInt(call.market), 0n)], GAS);
      return;
    }
    case "act": {
      const owner = signers[ownerOf(call.account)];
      const list = call.actions.flatMap((action) => wordsOf(owners, owner.address, action));
      await at();
      await pro.connect(owner).act(ids[call.account], [], list, GAS);
      return;
    }
    case "cancelDead":
      await at();
      await pro.cancelDead([idOf(owners, call.id)], GAS);
      return;
    case "cancelStretched": {
      const list = call.ids.map((id) => idOf(owners, id));
      await at();
      await pro.cancelStretched(scopeIdOf(owners, call.scope), list, keeper, GAS);
      return;
    }
    case "liquidate":
      await at();
      await pro.liquidate(scopeIdOf(owners, call.scope), call.market, call.most, keeper, GAS);
      return;
    case "deleverage":
      await at();
      await pro.deleverage(scopeIdOf(owners, call.scope), call.market, ids[call.other], keeper, GAS);
      return;
    case "shareLoss":
      await at();
      await pro.shareLoss(scopeIdOf(owners, call.scope), call.market, ids[call.other], GAS);
      return;
    case "setBreaker":
      await at();
      await breaker.raise(call.level);
      return;
  }
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
        return REASON_NAMES[String(parsed.args[0])];
      case "Pro_ScopeRefused":
      case "Pro_IndexRefused":
        return REASON_NAMES[String(parsed.args[1])];
      default:
        return `${parsed.name}(${parsed.args.map(String).join()})`;
    }
  }
}
