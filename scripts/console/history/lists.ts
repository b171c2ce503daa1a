/** Which lists a log is told in: that of a trader's address, those of Pro's accounts and its markets, all liquidations, governance's calls. */
import { dataSlice, getAddress } from "ethers";
import { Codec } from "../../../sdk/abi";
import {
  accessManagerAbi,
  gridBookAbi,
  predictionAbi,
  proAbi,
  proTriggersAbi,
  tradingAbi,
  vaultAbi,
} from "../../../sdk/abis";

/** The name of what Pro tells of an account, by its number. */
export const listOfAccount = (account: bigint): string => `account-${account}`;
/** What may be asked for. */
export const LIST_NAME = /^(0x[0-9A-Fa-f]{40}|account-\d{1,13}|[a-z]{1,20})$/;

/** Bits below those of an account in a number that has one: its own, a scope's, an order's, a grid's, a trigger's. */
const SHIFTS = { account: 0n, scope: 8n, order: 8n, grid: 8n, trigger: 16n } as const;
const ACCOUNTS = 2n ** 40n;

/** Where an event names an account: which of its topics, and as part of what. */
interface AccountTopic {
  readonly topic: 1 | 2 | 3;
  readonly of: keyof typeof SHIFTS;
}

/** Events whose second indexed argument is the address that they are about. */
const OWNED = new Set([
  ...topicsOf(tradingAbi, [
    ...["OrderPlaced", "OrderRefused", "OrderCancelled", "TradeOpened", "TradeReduced", "TradeClosed"],
    ...["TradeLiquidated", "MarginAdded"],
  ]),
  ...topicsOf(predictionAbi, ["BetPlaced", "BetStruck", "BetSettled", "BetReturned"]),
  ...topicsOf(vaultAbi, ["PaymentRefused", "Claimed"]),
]);
const [LIQUIDATED] = topicsOf(tradingAbi, ["TradeLiquidated"]);
const CONFIGURED = topicsOf(proAbi, ["MarketConfigured"]);
const GOVERNANCE = topicsOf(accessManagerAbi, ["OperationScheduled", "OperationExecuted", "OperationCanceled"]);

const named = (topic: AccountTopic["topic"], of: AccountTopic["of"]): AccountTopic => ({ topic, of });
const [ACCOUNT, SCOPE, ORDER] = (["account", "scope", "order"] as const).map((of) => named(1, of));
const OF_ACCOUNTS = new Map<string, readonly AccountTopic[]>([
  ...accountsOf(proAbi, {
    ...{ Deposited: [ACCOUNT], Withdrawn: [ACCOUNT], Transferred: [SCOPE, named(2, "scope")], DelegateSet: [ACCOUNT] },
    ...{ KeeperPaid: [ACCOUNT, named(2, "scope")], LeverageSet: [ACCOUNT], ModeSet: [ACCOUNT] },
    ...{ OrderRested: [ORDER], OrderRemoved: [ORDER], OrderFilled: [ORDER], Taken: [ACCOUNT] },
    ...{ PositionMoved: [ACCOUNT], ScopeReduced: [SCOPE], Deleveraged: [SCOPE, named(3, "account")] },
    LossShared: [SCOPE],
  }),
  ...accountsOf(proTriggersAbi, {
    ...{
      TriggerSet: [named(2, "account")],
      TriggerFired: [named(1, "trigger")],
      TriggerRemoved: [named(1, "trigger")],
    },
  }),
  ...accountsOf(gridBookAbi, { GridOpened: [named(2, "account")], GridEnded: [named(1, "grid")] }),
]);

export function listsOf({ topics }: { readonly topics: readonly string[] }): string[] {
  const [name, , second] = topics;
  if (GOVERNANCE.includes(name)) return ["governance"];
  if (CONFIGURED.includes(name)) return ["markets"];
  const accounts = OF_ACCOUNTS.get(name);
  if (accounts !== undefined) {
    const found = accounts.map(({ topic, of }) => (BigInt(topics[topic]) >> SHIFTS[of]) % ACCOUNTS);
    // Nobody is account 0: a fund pays.
    return [...new Set(found)].filter((account) => account > 0n).map(listOfAccount);
  }
  const lists = name === LIQUIDATED ? ["liquidations"] : [];
  return OWNED.has(name) ? [...lists, getAddress(dataSlice(second, 12))] : lists;
}

function accountsOf(
  abi: ConstructorParameters<typeof Codec>[0],
  events: Readonly<Record<string, readonly AccountTopic[]>>,
): [string, readonly AccountTopic[]][] {
  const topics = topicsOf(abi, Object.keys(events));
  return Object.values(events).map((accounts, at) => [topics[at], accounts]);
}

function topicsOf(abi: ConstructorParameters<typeof Codec>[0], names: readonly string[]): string[] {
  const codec = new Codec(abi);
  return names.map((name) => {
    const event = codec.interface.getEvent(name);
    if (event === null) throw new Error(`there is no event ${name}`);
    return event.topicHash;
  });
}
