/** ABI of CashLogic; generated. */
export const cashLogicAbi = [
  {"name":"AccountWord_CashOverflow","type":"error","inputs":[{"name":"cash","type":"int256"}]},
  {"name":"MarketWords_Overflow","type":"error","inputs":[{"name":"value","type":"uint256"},{"name":"max","type":"uint256"}]},
  {"name":"Pro_ActionRefused","type":"error","inputs":[{"name":"reason","type":"uint8"},{"name":"value","type":"uint256"},{"name":"bound","type":"uint256"}]},
  {"name":"Pro_NothingToDo","type":"error","inputs":[]},
  {"name":"Pro_ZeroAddress","type":"error","inputs":[]},
  {"anonymous":false,"name":"BrokerNamed","type":"event","inputs":[{"indexed":true,"name":"ownerIndex","type":"uint32"},{"indexed":true,"name":"broker","type":"uint32"}]},
  {"anonymous":false,"name":"Deposited","type":"event","inputs":[{"indexed":true,"name":"account","type":"uint40"},{"indexed":true,"name":"payer","type":"address"},{"indexed":false,"name":"amount","type":"uint256"}]},
  {"anonymous":false,"name":"FeesSwept","type":"event","inputs":[{"indexed":true,"name":"market","type":"uint8"},{"indexed":false,"name":"amount","type":"uint256"}]},
  {"anonymous":false,"name":"FundAdded","type":"event","inputs":[{"indexed":true,"name":"market","type":"uint8"},{"indexed":true,"name":"payer","type":"address"},{"indexed":false,"name":"amount","type":"uint256"}]},
  {"anonymous":false,"name":"IsolatedReturned","type":"event","inputs":[{"indexed":true,"name":"account","type":"uint40"},{"indexed":true,"name":"market","type":"uint8"},{"indexed":false,"name":"amount","type":"int256"}]},
  {"anonymous":false,"name":"KeeperPaid","type":"event","inputs":[{"indexed":true,"name":"keeperAccount","type":"uint40"},{"indexed":true,"name":"fromScope","type":"uint48"},{"indexed":false,"name":"amount","type":"uint256"}]},
  {"anonymous":false,"name":"LeverageSet","type":"event","inputs":[{"indexed":true,"name":"account","type":"uint40"},{"indexed":true,"name":"market","type":"uint8"},{"indexed":false,"name":"leverage","type":"uint8"}]},
  {"anonymous":false,"name":"ModeSet","type":"event","inputs":[{"indexed":true,"name":"account","type":"uint40"},{"indexed":true,"name":"market","type":"uint8"},{"indexed":false,"name":"isIsolated","type":"bool"}]},
  {"anonymous":false,"name":"OwnerAdded","type":"event","inputs":[{"indexed":true,"name":"ownerIndex","type":"uint32"},{"indexed":true,"name":"owner","type":"address"}]},
  {"anonymous":false,"name":"Transferred","type":"event","inputs":[{"indexed":true,"name":"fromScope","type":"uint48"},{"indexed":true,"name":"toScope","type":"uint48"},{"indexed":false,"name":"amount","type":"uint256"}]},
  {"anonymous":false,"name":"Withdrawn","type":"event","inputs":[{"indexed":true,"name":"account","type":"uint40"},{"indexed":true,"name":"receiver","type":"address"},{"indexed":false,"name":"amount","type":"uint256"}]},
] as const;
