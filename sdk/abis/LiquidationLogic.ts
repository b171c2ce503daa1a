/** ABI of LiquidationLogic; generated. */
export const liquidationLogicAbi = [
  {"name":"AccountWord_CashOverflow","type":"error","inputs":[{"name":"cash","type":"int256"}]},
  {"name":"MarketWords_Overflow","type":"error","inputs":[{"name":"value","type":"uint256"},{"name":"max","type":"uint256"}]},
  {"name":"Pro_ZeroAddress","type":"error","inputs":[]},
  {"anonymous":false,"name":"DistressNoted","type":"event","inputs":[{"indexed":true,"name":"scope","type":"uint48"},{"indexed":false,"name":"since","type":"uint40"},{"indexed":false,"name":"adlSince","type":"uint40"}]},
  {"anonymous":false,"name":"IsolatedReturned","type":"event","inputs":[{"indexed":true,"name":"account","type":"uint40"},{"indexed":true,"name":"market","type":"uint8"},{"indexed":false,"name":"amount","type":"int256"}]},
  {"anonymous":false,"name":"KeeperPaid","type":"event","inputs":[{"indexed":true,"name":"keeperAccount","type":"uint40"},{"indexed":true,"name":"fromScope","type":"uint48"},{"indexed":false,"name":"amount","type":"uint256"}]},
  {"anonymous":false,"name":"OrderRemoved","type":"event","inputs":[{"indexed":true,"name":"orderId","type":"uint256"},{"indexed":false,"name":"end","type":"uint8"}]},
  {"anonymous":false,"name":"OwnerAdded","type":"event","inputs":[{"indexed":true,"name":"ownerIndex","type":"uint32"},{"indexed":true,"name":"owner","type":"address"}]},
  {"anonymous":false,"name":"ScopeReduced","type":"event","inputs":[{"indexed":true,"name":"scope","type":"uint48"},{"indexed":true,"name":"market","type":"uint8"},{"indexed":false,"name":"lots","type":"uint256"},{"indexed":false,"name":"fees","type":"uint256"},{"indexed":false,"name":"fromFund","type":"uint256"}]},
] as const;
