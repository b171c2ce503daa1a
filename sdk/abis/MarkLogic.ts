/** ABI of MarkLogic; generated. */
export const markLogicAbi = [
  {"name":"AccountWord_CashOverflow","type":"error","inputs":[{"name":"cash","type":"int256"}]},
  {"name":"PriceChecks_NoAnchor","type":"error","inputs":[]},
  {"name":"Pro_ActionRefused","type":"error","inputs":[{"name":"reason","type":"uint8"},{"name":"value","type":"uint256"},{"name":"bound","type":"uint256"}]},
  {"name":"Pro_IndexRefused","type":"error","inputs":[{"name":"market","type":"uint8"},{"name":"reason","type":"uint8"},{"name":"ageSeconds","type":"uint256"},{"name":"maxAgeSeconds","type":"uint256"}]},
  {"name":"Pro_ScopeRefused","type":"error","inputs":[{"name":"scope","type":"uint48"},{"name":"reason","type":"uint8"},{"name":"has","type":"int256"},{"name":"needs","type":"int256"}]},
  {"anonymous":false,"name":"IsolatedReturned","type":"event","inputs":[{"indexed":true,"name":"account","type":"uint40"},{"indexed":true,"name":"market","type":"uint8"},{"indexed":false,"name":"amount","type":"int256"}]},
  {"anonymous":false,"name":"Marked","type":"event","inputs":[{"indexed":true,"name":"market","type":"uint8"},{"indexed":false,"name":"mark","type":"uint64"},{"indexed":false,"name":"basisEmaX18","type":"int256"}]},
  {"anonymous":false,"name":"Refreshed","type":"event","inputs":[{"indexed":true,"name":"market","type":"uint8"},{"indexed":false,"name":"price","type":"uint64"},{"indexed":false,"name":"publishTime","type":"uint40"},{"indexed":false,"name":"guardX9","type":"uint32"},{"indexed":false,"name":"isNarrow","type":"bool"},{"indexed":false,"name":"isReady","type":"bool"}]},
] as const;
