/** ABI of MatchLogic; generated. */
export const matchLogicAbi = [
  {"name":"AccountWord_CashOverflow","type":"error","inputs":[{"name":"cash","type":"int256"}]},
  {"name":"MarketWords_Overflow","type":"error","inputs":[{"name":"value","type":"uint256"},{"name":"max","type":"uint256"}]},
  {"name":"PositionWord_Overflow","type":"error","inputs":[{"name":"lots","type":"int256"},{"name":"cost","type":"int256"},{"name":"snapshot","type":"int256"}]},
  {"name":"Pro_ActionRefused","type":"error","inputs":[{"name":"reason","type":"uint8"},{"name":"value","type":"uint256"},{"name":"bound","type":"uint256"}]},
  {"anonymous":false,"name":"IsolatedReturned","type":"event","inputs":[{"indexed":true,"name":"account","type":"uint40"},{"indexed":true,"name":"market","type":"uint8"},{"indexed":false,"name":"amount","type":"int256"}]},
  {"anonymous":false,"name":"OrderFilled","type":"event","inputs":[{"indexed":true,"name":"orderId","type":"uint256"},{"indexed":true,"name":"taker","type":"uint40"},{"indexed":false,"name":"lots","type":"uint48"},{"indexed":false,"name":"cashChange","type":"int256"},{"indexed":false,"name":"fee","type":"uint256"}]},
  {"anonymous":false,"name":"OrderRemoved","type":"event","inputs":[{"indexed":true,"name":"orderId","type":"uint256"},{"indexed":false,"name":"end","type":"uint8"}]},
  {"anonymous":false,"name":"Taken","type":"event","inputs":[{"indexed":true,"name":"account","type":"uint40"},{"indexed":true,"name":"market","type":"uint8"},{"indexed":false,"name":"lots","type":"int256"},{"indexed":false,"name":"tickLots","type":"uint256"},{"indexed":false,"name":"cashChange","type":"int256"},{"indexed":false,"name":"fee","type":"uint256"}]},
] as const;
