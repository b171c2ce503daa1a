export { bridgeCandles } from "./bridge";
export type { BridgeOptions } from "./bridge";
export { CsvError, expandCandles, parseCandles } from "./csv";
export type { BarShape, Candle, CsvErrorReason, ExpandOptions } from "./csv";
export { createRandom, createWalk, generatePath, normal } from "./generator";
export type { Move, PathOptions, WalkOptions } from "./generator";
export type { PricePoint } from "./types";
