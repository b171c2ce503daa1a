import type { Trading } from "../../typechain-types";

/** The contract's records as its getters return them. */
export type Order = Awaited<ReturnType<Trading["order"]>>;
export type Position = Awaited<ReturnType<Trading["position"]>>;
export type Close = Awaited<ReturnType<Trading["closeOf"]>>;
export type Extra = Awaited<ReturnType<Trading["extraOf"]>>;
