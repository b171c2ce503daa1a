/** Reference arithmetic of the exchange in exact integers: pure functions, nothing of the contracts. */
export * from "./alp";
export * from "./book";
export * from "./carry";
export * from "./clock";
export * from "./convert";
export * from "./fees";
export * from "./liquidationClock";
export * from "./prediction";
export * from "./prices";
export * as proModel from "./pro";
export * from "./rounding";
export * from "./slippage";
export * from "./parts";
export * from "./trade";
export * from "./triggers";
