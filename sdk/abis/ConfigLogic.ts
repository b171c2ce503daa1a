/** ABI of ConfigLogic; generated. */
export const configLogicAbi = [
  {"name":"MarketWords_Overflow","type":"error","inputs":[{"name":"value","type":"uint256"},{"name":"max","type":"uint256"}]},
  {"name":"Pro_IsClosed","type":"error","inputs":[]},
  {"name":"Pro_MarketNotListed","type":"error","inputs":[{"name":"market","type":"uint8"}]},
  {"name":"Pro_MarketsFull","type":"error","inputs":[{"name":"max","type":"uint256"}]},
  {"name":"Pro_NotEmpty","type":"error","inputs":[{"name":"market","type":"uint8"},{"name":"openInterest","type":"uint256"}]},
  {"anonymous":false,"name":"Closed","type":"event","inputs":[]},
  {"anonymous":false,"name":"FundReleased","type":"event","inputs":[{"indexed":true,"name":"market","type":"uint8"},{"indexed":false,"name":"amount","type":"uint256"}]},
  {"anonymous":false,"name":"MarketConfigured","type":"event","inputs":[{"indexed":true,"name":"market","type":"uint8"},{"indexed":false,"name":"config","type":"tuple","components":[{"name":"tickSize","type":"uint56"},{"name":"lotSize","type":"uint56"},{"name":"assetId","type":"uint16"},{"name":"status","type":"uint8"},{"name":"minAnchors","type":"uint8"},{"name":"maxDeviationPips","type":"uint16"},{"name":"bandPips","type":"uint16"},{"name":"highLeverage","type":"uint8"},{"name":"defaultLeverage","type":"uint8"},{"name":"takerFeePips","type":"uint16"},{"name":"makerFeePips","type":"uint16"},{"name":"liquidationFeePips","type":"uint16"},{"name":"fundingCapPips","type":"uint16"}]},{"indexed":false,"name":"limits","type":"tuple","components":[{"name":"maxOpenInterestUsd","type":"uint40"},{"name":"leastRestingUsd","type":"uint16"},{"name":"interestPips","type":"uint16"},{"name":"tierCount","type":"uint8"},{"name":"reduceOnlySince","type":"uint40"},{"name":"tightenedAt","type":"uint40"}]}]},
  {"anonymous":false,"name":"MarketStatusSet","type":"event","inputs":[{"indexed":true,"name":"market","type":"uint8"},{"indexed":false,"name":"status","type":"uint8"}]},
  {"anonymous":false,"name":"TiersSet","type":"event","inputs":[{"indexed":true,"name":"market","type":"uint8"},{"indexed":false,"name":"tiers","type":"tuple[]","components":[{"name":"capUsd","type":"uint40"},{"name":"maxLeverage","type":"uint8"},{"name":"ratePips","type":"uint24"},{"name":"cumX6","type":"uint56"}]}]},
] as const;
