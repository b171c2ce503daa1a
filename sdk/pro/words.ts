/** What an account does in Pro, as the words of `Pro.act` (`contracts/pro/types/ActionWord.sol`), and its answers as fields. */

import { getAddress, toBeHex } from "ethers";
import { UnitError } from "../units";

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

/** Bits of the fields of a word. */
const BITS = {
  ...{ market: 8n, tickIndex: 16n, orderId: 104n, flags: 8n, type: 8n, selfTrade: 8n, maxFills: 8n, tick: 24n },
  ...{ lots: 48n, expiry: 32n, leverage: 8n, mode: 8n, scope: 8n, sub: 8n, amount: 112n, address: 160n },
  ...{ broker: 32n, tip: 64n },
} as const;

type Field = [name: keyof typeof BITS, value: bigint, shift: bigint];

/** Throws {@link UnitError} for a value that its field can't hold: it would run into the next one, and say something else there. */
function word(kind: bigint, ...fields: Field[]): bigint {
  return fields.reduce((sum, [name, value, shift]) => {
    if (value < 0n || value >> BITS[name] !== 0n)
      throw new UnitError(`${name} ${value} does not fit into ${BITS[name]} bits`);
    return sum | (value << shift);
  }, kind);
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
    ["market", fields.market ?? 0n, 16n],
    ["flags", flags, 24n],
    ["type", fields.type ?? ORDER_TYPE.limit, 32n],
    ["selfTrade", fields.selfTrade ?? SELF_TRADE.expireMaker, 40n],
    ["maxFills", fields.maxFills ?? 100n, 48n],
    ["tick", fields.tick, 56n],
    ["lots", fields.lots, 80n],
    ["expiry", fields.expiry ?? 0n, 128n],
  );
}

export const bid = (tick: bigint, lots: bigint, more: Partial<PlaceFields> = {}): bigint =>
  place({ isBid: true, tick, lots, ...more });

export const ask = (tick: bigint, lots: bigint, more: Partial<PlaceFields> = {}): bigint =>
  place({ isBid: false, tick, lots, ...more });

export const refresh = (market: bigint, tickIndex = 0n): bigint =>
  word(KINDS.refresh, ["market", market, 16n], ["tickIndex", tickIndex, 24n]);

export const cancel = (orderId: bigint): bigint => word(KINDS.cancel, ["orderId", orderId, 24n]);

export const lower = (orderId: bigint, lots: bigint): bigint =>
  word(KINDS.lower, ["orderId", orderId, 24n], ["lots", lots, 128n]);

export const setLeverage = (market: bigint, leverage: bigint): bigint =>
  word(KINDS.setLeverage, ["market", market, 16n], ["leverage", leverage, 24n]);

export const setMode = (market: bigint, isIsolated: boolean): bigint =>
  word(KINDS.setMode, ["market", market, 16n], ["mode", isIsolated ? 1n : 0n, 24n]);

/** Scopes: 0 cross, m + 1 market m in isolated mode. */
export const transfer = (fromScope: bigint, toScope: bigint, amount: bigint, toSub = 0n): bigint =>
  word(
    KINDS.transfer,
    ["scope", fromScope, 16n],
    ["scope", toScope, 24n],
    ["sub", toSub, 32n],
    ["amount", amount, 40n],
  );

/** Two words. */
export const withdraw = (receiver: string, amount: bigint): [bigint, bigint] => [
  word(KINDS.withdraw, ["address", BigInt(receiver), 24n]),
  amount,
];

export const nameBroker = (broker: bigint): bigint => word(KINDS.nameBroker, ["broker", broker, 24n]);

export const tip = (keeper: string, amount: bigint): bigint =>
  word(KINDS.tip, ["tip", amount, 24n], ["address", BigInt(keeper), 88n]);

function cut(value: bigint, shift: bigint, bits: bigint): bigint {
  return (value >> shift) & ((1n << bits) - 1n);
}

/** An action as its word has it; of a withdrawal the amount is the next word. Fields that its kind has not are left out. */
export type ReadWord = { readonly isSoft: boolean; readonly market: bigint } & (
  | { readonly kind: "refresh"; readonly tickIndex: bigint }
  | { readonly kind: "cancel"; readonly orderId: bigint }
  | { readonly kind: "lower"; readonly orderId: bigint; readonly lots: bigint }
  | ({ readonly kind: "place" } & Required<Omit<PlaceFields, "market">>)
  | { readonly kind: "setLeverage"; readonly leverage: bigint }
  | { readonly kind: "setMode"; readonly isIsolated: boolean }
  | {
      readonly kind: "transfer";
      readonly fromScope: bigint;
      readonly toScope: bigint;
      readonly toSub: bigint;
      readonly amount: bigint;
    }
  | { readonly kind: "withdraw"; readonly receiver: string }
  | { readonly kind: "nameBroker"; readonly broker: bigint }
  | { readonly kind: "tip"; readonly amount: bigint; readonly keeper: string }
);

/** What a word says; undefined for one of no kind that is known. */
export function readWord(value: bigint): ReadWord | undefined {
  const field = (shift: bigint, bits: bigint) => cut(value, shift, bits);
  const kind = (Object.keys(KINDS) as (keyof typeof KINDS)[]).find((name) => KINDS[name] === field(0n, 8n));
  const common = { isSoft: field(8n, 8n) === 1n, market: field(16n, 8n) };
  switch (kind) {
    case undefined:
      return undefined;
    case "refresh":
      return { ...common, kind, tickIndex: field(24n, 16n) };
    case "cancel":
      return { ...common, kind, orderId: field(24n, 104n) };
    case "lower":
      return { ...common, kind, orderId: field(24n, 104n), lots: field(128n, 48n) };
    case "place":
      return {
        ...{ ...common, kind, isBid: field(24n, 1n) === 1n, isReduceOnly: field(25n, 1n) === 1n },
        ...{ type: field(32n, 8n), selfTrade: field(40n, 8n), maxFills: field(48n, 8n) },
        ...{ tick: field(56n, 24n), lots: field(80n, 48n), expiry: field(128n, 32n) },
      };
    case "setLeverage":
      return { ...common, kind, leverage: field(24n, 8n) };
    case "setMode":
      return { ...common, kind, isIsolated: field(24n, 8n) === 1n };
    case "transfer": {
      const [fromScope, toScope, toSub] = [common.market, field(24n, 8n), field(32n, 8n)];
      return { ...common, kind, fromScope, toScope, toSub, amount: field(40n, 112n) };
    }
    case "withdraw":
      return { ...common, kind, receiver: addressOf(field(24n, 160n)) };
    case "nameBroker":
      return { ...common, kind, broker: field(24n, 32n) };
    case "tip":
      return { ...common, kind, amount: field(24n, 64n), keeper: addressOf(field(88n, 160n)) };
  }
}

function addressOf(value: bigint): string {
  return getAddress(toBeHex(value, 20));
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
