import type { AssetKey, ChainProfile } from "../profiles";
import { ASSET_KEYS } from "../profiles";
import { PYTH_PRICE_IDS } from "../profiles/defaults";
import { usedAssets } from "../sources";
import { ask, contractProblem } from "./contracts";
import type { ChainReader } from "./contracts";

/** A price that Pyth has stored, which anyone may have chosen among genuine ones: good enough to tell assets apart. */
export interface PythReading {
  asset: AssetKey;
  /** USD, 10 decimals; 0 where nothing is stored. */
  price: bigint;
  ageSeconds: number;
}

interface StoredPrice {
  price: bigint;
  expo: bigint;
  publishTime: bigint;
}

const GETTER =
  "function getPriceUnsafe(bytes32) view returns (tuple(int64 price, uint64 conf, int32 expo, uint256 publishTime))";

const PRICE_DECIMALS = 10n;

/** Pyth's stored prices of the assets that the profile uses, and what speaks against the ids. */
export async function readPyth(
  reader: ChainReader,
  profile: ChainProfile,
  now: number,
): Promise<{ readings: PythReading[]; problems: string[]; remarks: string[] }> {
  const { address, priceIds } = profile.pyth;
  const missing = await contractProblem(reader, address);
  if (missing !== undefined) return { readings: [], problems: [`Pyth at ${address}: ${missing}`], remarks: [] };
  const problems: string[] = [];
  const remarks: string[] = [];
  const readings: PythReading[] = [];
  for (const asset of usedAssets(profile)) {
    const id = priceIds[asset];
    const known = ASSET_KEYS.find((key) => PYTH_PRICE_IDS[key] === id);
    if (known !== undefined && known !== asset) {
      problems.push(`Pyth id of ${asset}: ${id} is known as ${known}'s, ${PYTH_PRICE_IDS[asset]} is expected`);
    }
    if (known === undefined) remarks.push(`Pyth id of ${asset}: ${id} is not a known one`);
    const stored = await ask<StoredPrice>(reader, address, GETTER, id);
    const price = "failure" in stored ? 0n : toPrice(stored.answer);
    if ("failure" in stored || price === 0n) {
      remarks.push(`Pyth has no price of ${asset} stored: its id was not compared with other prices`);
      continue;
    }
    readings.push({ asset, price, ageSeconds: Math.max(now - Number(stored.answer.publishTime), 0) });
  }
  return { readings, problems, remarks };
}

function toPrice({ price, expo }: StoredPrice): bigint {
  if (price <= 0n) return 0n;
  const shift = expo + PRICE_DECIMALS;
  return shift >= 0n ? price * 10n ** shift : price / 10n ** -shift;
}
