/** What an account does in Pro, as the words of `Pro.act` (`contracts/pro/types/ActionWord.sol`), and its answers as fields. */

const KINDS = {
  refresh: 1n,
  cancel: 2n,
  lower: 3n,
  place: 4n,
  setLeverage: 5n,
  setMode: 6n,
  transfer: 7n,
  withdraw: 8n,
  nameBroker: 9n,
  tip: 10n,
} as const;

export const ORDER_TYPE = { limit: 0n, postOnly: 1n, immediateOrCancel: 2n, fillOrKill: 3n } as const;
export const SELF_TRADE = { expireMaker: 0n, expireTaker: 1n, expireBoth: 2n } as const;
/** Last second that a delegate's rights can have. */
export const FOREVER = 2 ** 40 - 1;
export const STOP_CAUSE = { none: 0n, filled: 1n, noPrice: 2n, maxFills: 3n, selfTrade: 4n } as const;

function word(kind: bigint, ...fields: [value: bigint, shift: bigint][]): bigint {
  return fields.reduce((sum, [value, shift]) => sum | (value << shift), kind);
}

/** The same action, skipped where it is refused. */
export function soft(action: bigint): bigint {
  return action | (1n << 8n);
}

export interface PlaceFields {
  market?: bigint;
  isBid: boolean;
  isReduceOnly?: boolean;
  type?: bigint;
  selfTrade?: bigint;
  maxFills?: bigint;
  tick: bigint;
  lots: bigint;
  expiry?: bigint;
}

export function place(fields: PlaceFields): bigint {
  const flags = (fields.isBid ? 1n : 0n) | (fields.isReduceOnly === true ? 2n : 0n);
  return word(
    KINDS.place,
    [fields.market ?? 0n, 16n],
    [flags, 24n],
    [fields.type ?? ORDER_TYPE.limit, 32n],
    [fields.selfTrade ?? SELF_TRADE.expireMaker, 40n],
    [fields.maxFills ?? 100n, 48n],
    [fields.tick, 56n],
    [fields.lots, 80n],
    [fields.expiry ?? 0n, 128n],
  );
}

export const bid = (tick: bigint, lots: bigint, more: Partial<PlaceFields> = {}): bigint =>
  place({ isBid: true, tick, lots, ...more });

export const ask = (tick: bigint, lots: bigint, more: Partial<PlaceFields> = {}): bigint =>
  place({ isBid: false, tick, lots, ...more });

export const refresh = (market: bigint, tickIndex = 0n): bigint => word(KINDS.refresh, [market, 16n], [tickIndex, 24n]);

export const cancel = (orderId: bigint): bigint => word(KINDS.cancel, [orderId, 24n]);

export const lower = (orderId: bigint, lots: bigint): bigint => word(KINDS.lower, [orderId, 24n], [lots, 128n]);

export const setLeverage = (market: bigint, leverage: bigint): bigint =>
  word(KINDS.setLeverage, [market, 16n], [leverage, 24n]);

export const setMode = (market: bigint, isIsolated: boolean): bigint =>
  word(KINDS.setMode, [market, 16n], [isIsolated ? 1n : 0n, 24n]);

/** Scopes: 0 cross, m + 1 market m in isolated mode. */
export const transfer = (fromScope: bigint, toScope: bigint, amount: bigint, toSub = 0n): bigint =>
  word(KINDS.transfer, [fromScope, 16n], [toScope, 24n], [toSub, 32n], [amount, 40n]);

/** Two words. */
export const withdraw = (receiver: string, amount: bigint): [bigint, bigint] => [
  word(KINDS.withdraw, [BigInt(receiver), 24n]),
  amount,
];

export const nameBroker = (broker: bigint): bigint => word(KINDS.nameBroker, [broker, 24n]);

export const tip = (keeper: string, amount: bigint): bigint => word(KINDS.tip, [amount, 24n], [BigInt(keeper), 88n]);

function cut(value: bigint, shift: bigint, bits: bigint): bigint {
  return (value >> shift) & ((1n << bits) - 1n);
}

/** A `ResultWord`. */
export function resultOf(value: bigint) {
  return {
    reason: cut(value, 0n, 8n),
    filled: cut(value, 8n, 48n),
    orderId: cut(value, 56n, 104n),
    cause: cut(value, 160n, 8n),
    tickLots: cut(value, 168n, 72n),
  };
}

/** Id of the order in a slot of an account, placed there for the `generation`-th time. */
export function orderIdOf(account: bigint, slot: bigint, generation: bigint, market = 0n): bigint {
  return (account << 8n) | slot | (generation << 48n) | (market << 96n);
}

export function marketOfOrder(id: bigint): bigint {
  return cut(id, 96n, 8n);
}

export const crossScope = (account: bigint): bigint => account << 8n;

export const isolatedScope = (account: bigint, market: bigint): bigint => (account << 8n) | (market + 1n);
