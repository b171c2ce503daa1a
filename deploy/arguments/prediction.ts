import type { ChainProfile, PredictionMarketProfile } from "../profiles";
import { assetIdOf } from "./oracle";

/** A market of a profile as `listMarket` takes it. */
export function predictionMarket({ prediction, oracle }: ChainProfile, { assetKey }: PredictionMarketProfile) {
  return {
    assetId: assetIdOf(assetKey),
    isEnabled: true,
    maxConfidencePips: prediction.maxStrikeConfidencePips,
    maxDeviationPips: prediction.maxStrikeDeviationPips,
    minAnchors: oracle.minAnchors,
  };
}
