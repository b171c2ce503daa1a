/** ABI of AlpLens; generated. */
export const alpLensAbi = [
  {"stateMutability":"nonpayable","type":"constructor","inputs":[{"name":"manager_","type":"address"}]},
  {"name":"AlpManager_AssetNotListed","type":"error","inputs":[{"name":"token","type":"address"}]},
  {"name":"AlpManager_AssetRetired","type":"error","inputs":[{"name":"token","type":"address"}]},
  {"name":"AlpManager_PriceNotValid","type":"error","inputs":[{"name":"assetId","type":"uint16"}]},
  {"name":"AlpManager_ProductNotValued","type":"error","inputs":[{"name":"product","type":"address"}]},
  {"name":"AlpManager_ShareTooLarge","type":"error","inputs":[{"name":"token","type":"address"},{"name":"sharePips","type":"uint256"},{"name":"maxSharePips","type":"uint256"}]},
  {"name":"AlpManager_TooLittleGas","type":"error","inputs":[{"name":"available","type":"uint256"},{"name":"required","type":"uint256"}]},
  {"name":"Code_NotAContract","type":"error","inputs":[{"name":"account","type":"address"}]},
  {"name":"SafeCastOverflowedUintToInt","type":"error","inputs":[{"name":"value","type":"uint256"}]},
  {"name":"aggregator","stateMutability":"view","type":"function","inputs":[],"outputs":[{"name":"","type":"address"}]},
  {"name":"manager","stateMutability":"view","type":"function","inputs":[],"outputs":[{"name":"","type":"address"}]},
  {"name":"nav","stateMutability":"view","type":"function","inputs":[{"name":"prover","type":"address"}],"outputs":[{"name":"quote","type":"tuple","components":[{"name":"lowUsd","type":"int256"},{"name":"midUsd","type":"int256"},{"name":"highUsd","type":"int256"},{"name":"dueUsd","type":"int256"},{"name":"supply","type":"uint256"},{"name":"lowPrice","type":"uint256"},{"name":"midPrice","type":"uint256"},{"name":"highPrice","type":"uint256"},{"name":"missingAssetIds","type":"uint16[]"}]}]},
  {"name":"previewBurn","stateMutability":"view","type":"function","inputs":[{"name":"prover","type":"address"},{"name":"token","type":"address"},{"name":"alpAmount","type":"uint256"}],"outputs":[{"name":"preview","type":"tuple","components":[{"name":"amountOut","type":"uint256"},{"name":"feePips","type":"uint256"},{"name":"missingAssetIds","type":"uint16[]"}]}]},
  {"name":"previewMint","stateMutability":"view","type":"function","inputs":[{"name":"prover","type":"address"},{"name":"token","type":"address"},{"name":"amount","type":"uint256"}],"outputs":[{"name":"preview","type":"tuple","components":[{"name":"amountOut","type":"uint256"},{"name":"feePips","type":"uint256"},{"name":"amountAfterFee","type":"uint256"},{"name":"amountAfterDue","type":"uint256"},{"name":"missingAssetIds","type":"uint16[]"}]}]},
  {"name":"vault","stateMutability":"view","type":"function","inputs":[],"outputs":[{"name":"","type":"address"}]},
] as const;
