import { time } from "@nomicfoundation/hardhat-network-helpers";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import type { Tick } from "../../../sdk/model/pro";
import { revertData } from "../../../sdk/errors";
import { orderIdOf, scopeIdOf, wordsOf } from "../../../kit/pro/words";
import { ProReason, nameOf } from "../../../sdk/enums";
import { refresh } from "../../../sdk/pro/words";
import type { ProContext } from "../../unit/pro/proFixture";
import type { Call } from "./recorded";
import { ACCOUNTS, KEEPER_OWNER, OWNERS } from "./steps";

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
      await pro.connect(signers[0]).act(ids[0], [proof], [refresh(BigInt(call.market), 0n)], GAS);
      return;
    }
    case "act": {
      const owner = signers[ownerOf(call.account)];
      const { address: receiver } = owner;
      const addressOf = (account: number) => signers[ownerOf(account)].address;
      const list = call.actions.flatMap((action) => wordsOf({ addressOf, ids, receiver }, action));
      await at();
      await pro.connect(owner).act(ids[call.account], [], list, GAS);
      return;
    }
    case "cancelDead":
      await at();
      await pro.cancelDead([orderIdOf(ids, call.id)], GAS);
      return;
    case "cancelStretched": {
      const list = call.ids.map((id) => orderIdOf(ids, id));
      await at();
      await pro.cancelStretched(scopeIdOf(ids, call.scope), list, keeper, GAS);
      return;
    }
    case "liquidate":
      await at();
      await pro.liquidate(scopeIdOf(ids, call.scope), call.market, call.most, keeper, GAS);
      return;
    case "deleverage":
      await at();
      await pro.deleverage(scopeIdOf(ids, call.scope), call.market, ids[call.other], keeper, GAS);
      return;
    case "shareLoss":
      await at();
      await pro.shareLoss(scopeIdOf(ids, call.scope), call.market, ids[call.other], GAS);
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
        return nameOf(ProReason, parsed.args[0] as bigint);
      case "Pro_ScopeRefused":
      case "Pro_IndexRefused":
        return nameOf(ProReason, parsed.args[1] as bigint);
      default:
        return `${parsed.name}(${parsed.args.map(String).join()})`;
    }
  }
}
