/** Reference arithmetic of the order book in exact integers, written from its rules: nothing of the contracts. */
export * from "./adl";
export * from "./budgets";
export * from "./distress";
export * from "./exp2";
export * from "./fees";
export * from "./funding";
export * from "./guard";
export * from "./liquidation";
export * from "./margin";
export * from "./mark";
export * from "./positions";
export * from "./tiers";
export * from "./units";
