import type { PythPrice } from "../../../sdk/pyth/wire";

export const BTC = "0xe62df6c8b4a85fe1a67db44dc12de5db330f7ac66b72dc658afedf0f4a415b43";
export const ETH = "0xff61491a931112ddf1bd8147cd1b641375f79f5825126d665480874634fd0ace";

/** A second at which prices are published. */
export const TIME = 1_800_000_000n;

/** A price published at `TIME`, a second after the one before it. */
export function tick(overrides: Partial<PythPrice> = {}): PythPrice {
  return {
    feedId: BTC,
    price: 60_000_00000000n,
    conf: 30_00000000n,
    expo: -8,
    publishTime: TIME,
    prevPublishTime: TIME - 1n,
    emaPrice: 59_900_00000000n,
    emaConf: 25_00000000n,
    ...overrides,
  };
}
