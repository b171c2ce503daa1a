/** ABI of AttemptLogic; generated. */
export const attemptLogicAbi = [
  {"name":"PriceChecks_NoAnchor","type":"error","inputs":[]},
  {"name":"SafeCastOverflowedIntDowncast","type":"error","inputs":[{"name":"bits","type":"uint8"},{"name":"value","type":"int256"}]},
  {"name":"Units_Overflow","type":"error","inputs":[{"name":"value","type":"uint256"},{"name":"max","type":"uint256"}]},
] as const;
