/** ABI of PlaceLogic; generated. */
export const placeLogicAbi = [
  {"name":"AccountWord_CashOverflow","type":"error","inputs":[{"name":"cash","type":"int256"}]},
  {"name":"Pro_ActionRefused","type":"error","inputs":[{"name":"reason","type":"uint8"},{"name":"value","type":"uint256"},{"name":"bound","type":"uint256"}]},
  {"name":"Pro_IndexRefused","type":"error","inputs":[{"name":"market","type":"uint8"},{"name":"reason","type":"uint8"},{"name":"ageSeconds","type":"uint256"},{"name":"maxAgeSeconds","type":"uint256"}]},
  {"name":"Pro_ScopeRefused","type":"error","inputs":[{"name":"scope","type":"uint48"},{"name":"reason","type":"uint8"},{"name":"has","type":"int256"},{"name":"needs","type":"int256"}]},
  {"anonymous":false,"name":"IsolatedReturned","type":"event","inputs":[{"indexed":true,"name":"account","type":"uint40"},{"indexed":true,"name":"market","type":"uint8"},{"indexed":false,"name":"amount","type":"int256"}]},
  {"anonymous":false,"name":"Marked","type":"event","inputs":[{"indexed":true,"name":"market","type":"uint8"},{"indexed":false,"name":"mark","type":"uint64"},{"indexed":false,"name":"basisEmaX18","type":"int256"}]},
  {"anonymous":false,"name":"OrderLowered","type":"event","inputs":[{"indexed":true,"name":"orderId","type":"uint256"},{"indexed":false,"name":"lots","type":"uint48"}]},
  {"anonymous":false,"name":"OrderRemoved","type":"event","inputs":[{"indexed":true,"name":"orderId","type":"uint256"},{"indexed":false,"name":"end","type":"uint8"}]},
  {"anonymous":false,"name":"OrderRested","type":"event","inputs":[{"indexed":true,"name":"orderId","type":"uint256"},{"indexed":false,"name":"tick","type":"uint24"},{"indexed":false,"name":"lots","type":"uint48"},{"indexed":false,"name":"expiry","type":"uint32"},{"indexed":false,"name":"flags","type":"uint8"}]},
] as const;
