/** ABI of ProKeeper; generated. */
export const proKeeperAbi = [
  {"stateMutability":"nonpayable","type":"constructor","inputs":[{"name":"aggregator_","type":"address"}]},
  {"name":"Code_NotAContract","type":"error","inputs":[{"name":"account","type":"address"}]},
  {"name":"KeeperBatch_GasTooLow","type":"error","inputs":[{"name":"gasLeft","type":"uint256"},{"name":"required","type":"uint256"}]},
  {"name":"KeeperBatch_NativeNotExpected","type":"error","inputs":[{"name":"sender","type":"address"}]},
  {"name":"KeeperBatch_NotATrading","type":"error","inputs":[{"name":"target","type":"address"}]},
  {"name":"KeeperBatch_RefundRefused","type":"error","inputs":[{"name":"receiver","type":"address"},{"name":"amount","type":"uint256"}]},
  {"name":"ReentrancyGuardReentrantCall","type":"error","inputs":[]},
  {"anonymous":false,"name":"ItemFailed","type":"event","inputs":[{"indexed":true,"name":"trading","type":"address"},{"indexed":true,"name":"tradeId","type":"uint256"},{"indexed":false,"name":"reason","type":"bytes"}]},
  {"anonymous":false,"name":"ItemSkipped","type":"event","inputs":[{"indexed":true,"name":"trading","type":"address"},{"indexed":true,"name":"tradeId","type":"uint256"},{"indexed":false,"name":"reason","type":"uint8"}]},
  {"anonymous":false,"name":"ProItemSkipped","type":"event","inputs":[{"indexed":true,"name":"pro","type":"address"},{"indexed":true,"name":"scope","type":"uint48"},{"indexed":false,"name":"task","type":"uint8"},{"indexed":false,"name":"market","type":"uint8"},{"indexed":false,"name":"reason","type":"uint8"}]},
  {"anonymous":false,"name":"TriggerSkipped","type":"event","inputs":[{"indexed":true,"name":"triggers","type":"address"},{"indexed":true,"name":"id","type":"uint256"},{"indexed":false,"name":"reason","type":"uint8"}]},
  {"name":"ITEM_GAS","stateMutability":"view","type":"function","inputs":[],"outputs":[{"name":"","type":"uint256"}]},
  {"name":"aggregator","stateMutability":"view","type":"function","inputs":[],"outputs":[{"name":"","type":"address"}]},
  {"name":"fire","stateMutability":"payable","type":"function","inputs":[{"name":"triggers","type":"address"},{"name":"proofs","type":"tuple[]","components":[{"name":"assetIds","type":"uint16[]"},{"name":"minPublishTime","type":"uint40"},{"name":"isUnique","type":"bool"},{"name":"updateData","type":"bytes[]"}]},{"name":"items","type":"tuple[]","components":[{"name":"task","type":"uint8"},{"name":"market","type":"uint8"},{"name":"scope","type":"uint48"},{"name":"other","type":"uint40"},{"name":"amount","type":"uint256"}]},{"name":"fires","type":"tuple[]","components":[{"name":"id","type":"uint256"},{"name":"tickIndex","type":"uint256"},{"name":"earlierTickIndex","type":"uint256"}]}],"outputs":[{"name":"results","type":"tuple[]","components":[{"name":"outcome","type":"uint8"},{"name":"reason","type":"uint8"},{"name":"isFailed","type":"bool"}]}]},
  {"name":"run","stateMutability":"payable","type":"function","inputs":[{"name":"pro","type":"address"},{"name":"proofs","type":"tuple[]","components":[{"name":"assetIds","type":"uint16[]"},{"name":"minPublishTime","type":"uint40"},{"name":"isUnique","type":"bool"},{"name":"updateData","type":"bytes[]"}]},{"name":"items","type":"tuple[]","components":[{"name":"task","type":"uint8"},{"name":"market","type":"uint8"},{"name":"scope","type":"uint48"},{"name":"other","type":"uint40"},{"name":"amount","type":"uint256"}]}],"outputs":[{"name":"results","type":"tuple[]","components":[{"name":"outcome","type":"uint8"},{"name":"reason","type":"uint8"},{"name":"isFailed","type":"bool"}]}]},
  {"stateMutability":"payable","type":"receive"},
] as const;
