/** ABI of OpenLogic; generated. */
export const openLogicAbi = [
  {"name":"SafeCastOverflowedIntDowncast","type":"error","inputs":[{"name":"bits","type":"uint8"},{"name":"value","type":"int256"}]},
  {"name":"SafeCastOverflowedUintDowncast","type":"error","inputs":[{"name":"bits","type":"uint8"},{"name":"value","type":"uint256"}]},
  {"name":"Units_Overflow","type":"error","inputs":[{"name":"value","type":"uint256"},{"name":"max","type":"uint256"}]},
  {"anonymous":false,"name":"OrderRefused","type":"event","inputs":[{"indexed":true,"name":"id","type":"uint256"},{"indexed":true,"name":"owner","type":"address"},{"indexed":true,"name":"executor","type":"address"},{"indexed":false,"name":"reason","type":"uint8"},{"indexed":false,"name":"refund","type":"uint256"},{"indexed":false,"name":"executionFee","type":"uint256"}]},
  {"anonymous":false,"name":"TradeOpened","type":"event","inputs":[{"indexed":true,"name":"id","type":"uint256"},{"indexed":true,"name":"owner","type":"address"},{"indexed":true,"name":"executor","type":"address"},{"indexed":false,"name":"tick","type":"uint64"},{"indexed":false,"name":"openedAt","type":"uint32"},{"indexed":false,"name":"entry","type":"uint64"},{"indexed":false,"name":"size","type":"uint96"},{"indexed":false,"name":"margin","type":"uint256"},{"indexed":false,"name":"openFee","type":"uint256"},{"indexed":false,"name":"executionFee","type":"uint256"},{"indexed":false,"name":"carryIndex","type":"int72"},{"indexed":false,"name":"termsId","type":"uint8"}]},
] as const;
