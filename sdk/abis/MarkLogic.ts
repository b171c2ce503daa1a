/** ABI of MarkLogic; generated. */
export const markLogicAbi = [
  {"name":"PriceChecks_NoAnchor","type":"error","inputs":[]},
  {"anonymous":false,"name":"Marked","type":"event","inputs":[{"indexed":true,"name":"market","type":"uint8"},{"indexed":false,"name":"mark","type":"uint64"},{"indexed":false,"name":"basisEmaX18","type":"int256"}]},
  {"anonymous":false,"name":"Refreshed","type":"event","inputs":[{"indexed":true,"name":"market","type":"uint8"},{"indexed":false,"name":"price","type":"uint64"},{"indexed":false,"name":"publishTime","type":"uint40"},{"indexed":false,"name":"guardX9","type":"uint32"},{"indexed":false,"name":"isNarrow","type":"bool"},{"indexed":false,"name":"isReady","type":"bool"}]},
] as const;
