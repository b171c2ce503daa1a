export { bridgeCandles } from "./bridge";
export type { BridgeOptions } from "./bridge";
export { CsvError, expandCandles, parseCandles } from "./csv";
export type { BarShape, Candle, CsvErrorReason, ExpandOptions } from "./csv";
export { createRandom, generatePath } from "./generator";
export type { PathOptions } from "./generator";
export type { PricePoint } from "./types";
