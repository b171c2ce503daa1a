/** ABI of ValuationLogic; generated. */
export const valuationLogicAbi = [
  {"name":"SafeCastOverflowedIntDowncast","type":"error","inputs":[{"name":"bits","type":"uint8"},{"name":"value","type":"int256"}]},
] as const;
