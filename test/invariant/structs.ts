import type { TradingRecords } from "../../typechain-types";

/** The contract's records as `TradingRecords` returns them. */
export type Order = Awaited<ReturnType<TradingRecords["order"]>>;
export type Position = Awaited<ReturnType<TradingRecords["position"]>>;
export type Close = Awaited<ReturnType<TradingRecords["closeOf"]>>;
export type Extra = Awaited<ReturnType<TradingRecords["extraOf"]>>;
