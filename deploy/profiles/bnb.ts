import { LIVE_NETWORK } from "../../sdk/pyth/networks";
import { EXECUTION_DEFAULTS, ORACLE_DEFAULTS, PYTH_PRICE_IDS, VAULT_DEFAULTS } from "./defaults";
import { dollarStakes, markets, nativeStakes, prediction, tokens, usd } from "./defaults";
import { pro } from "./pro";
import type { ChainProfile, FeedProfile, TokenProfile } from "./types";

// Certainty of what follows: A = two or more independent sources or an official page, B = one good source,
// C = inferred; re-read every address, decimals() and description() on chain before going live.

// Tokens: addresses and decimals A. All are bool-returning BEP-20s without permit; WBNB is WETH9 with its fallback.
// The target weights are our choice.
const TOKENS: readonly TokenProfile[] = [
  {
    symbol: "USDT",
    name: "Tether USD",
    address: "0x55d398326f99059fF775485246999027B3197955",
    decimals: 18,
    assetKey: "USDT",
    kind: "plain",
    targetWeightPips: 350_000,
    maxSharePips: 500_000,
    margin: true,
    transferReturnsNothing: false,
  },
  {
    symbol: "USDC",
    name: "USD Coin",
    address: "0x8AC76a51cc950d9822D68b83fE1Ad97B32Cd580d",
    decimals: 18,
    assetKey: "USDC",
    kind: "plain",
    targetWeightPips: 200_000,
    maxSharePips: 350_000,
    margin: true,
    transferReturnsNothing: false,
  },
  {
    symbol: "WBNB",
    name: "Wrapped BNB",
    address: "0xbb4CdB9CBd36B01bD1cBaEBF2De08d9173bc095c",
    decimals: 18,
    assetKey: "BNB",
    kind: "wrappedNative",
    targetWeightPips: 150_000,
    maxSharePips: 300_000,
    margin: true,
    transferReturnsNothing: false,
  },
  {
    symbol: "BTCB",
    name: "BTCB Token",
    address: "0x7130d2A12B9BCbFAe4f2634d864A1Ee1Ce3Ead9c",
    decimals: 18,
    assetKey: "BTC",
    kind: "plain",
    targetWeightPips: 200_000,
    maxSharePips: 350_000,
    margin: true,
    transferReturnsNothing: false,
  },
  {
    symbol: "ETH",
    name: "Ethereum Token",
    address: "0x2170Ed0880ac9A755fd29B2688956BD959F933F8",
    decimals: 18,
    assetKey: "ETH",
    kind: "plain",
    targetWeightPips: 100_000,
    maxSharePips: 250_000,
    margin: true,
    transferReturnsNothing: false,
  },
];

function feed(description: string, address: string, heartbeatSeconds: number, graceSeconds: number): FeedProfile {
  return { description, address, decimals: 8, heartbeatSeconds, graceSeconds };
}

/** Atlas answers with 18 decimals (B). */
function atlasFeed(description: string, address: string): FeedProfile {
  return { description, address, decimals: 18, heartbeatSeconds: 60, graceSeconds: 60 };
}

// Graces follow Venus' rule for the longest acceptable age: heartbeat ≤ 30 s: 60, ≤ 60 s: 120, ≥ 250 s: heartbeat + 300.
const CHAINLINK = {
  BTC: feed("BTC / USD", "0x264990fbd0A4796A3E3d8E37C4d5F87a3aCa5Ebf", 60, 60), // address A, heartbeat B
  ETH: feed("ETH / USD", "0x9ef1B8c0E4F7dc8bF5719Ea496883DC6401d5b2e", 60, 60), // address A, heartbeat B
  BNB: feed("BNB / USD", "0x0567F2323251f0Aab15c8dFb1967E4e8A7D42aeE", 27, 33), // address A, heartbeat A
  USDT: feed("USDT / USD", "0xB97Ad0E74fa7d920791E90258A6E2085088b4320", 900, 300), // address A, heartbeat B
  USDC: feed("USDC / USD", "0x51597f405303C4377E36123cBc172b13269EA163", 900, 300), // address A, heartbeat A
};

// Atlas, the successor of Binance Oracle: addresses B, heartbeats B (from the longest ages Venus accepts). A lending
// protocol's script calls the feed of BTC "BTCB/USD": should it describe itself so, it prices another asset and is refused.
const ATLAS = {
  BTC: atlasFeed("BTC / USD", "0x4f6c53fb9CdD46269d24bCa4E68bB680879132fc"),
  ETH: atlasFeed("ETH / USD", "0x7942b8DD9f552c57Eb94D16ea8215aEf6CAc948f"),
  BNB: atlasFeed("BNB / USD", "0x9C0517F5b4c8657c7F18D68d2d79e2b3b1cd6438"),
};

// ISO 4217 number of the dollar, as the registry's key of the quote asset (B).
const USD_ASSET = "0x0000000000000000000000000000000000000348";

// Base keys are the canonical tokens here (C): on chain ask getTradingPairDetails. Decimals C: on chain ask
// decimalsByName. Heartbeats: BNB A (Binance's own example), ETH B. BTC is C: Venus accepts 24 h for
// the pair BTCB/USD, no source names BTC/USD. It is taken to be in the class of ETH and BNB, which fails closed.
function pair(base: string, baseAsset: string, heartbeatSeconds: number, graceSeconds: number) {
  return { base, quote: "USD", baseAsset, quoteAsset: USD_ASSET, decimals: 8, heartbeatSeconds, graceSeconds };
}

export const bnb: ChainProfile = {
  key: "bnb",
  chainId: 56,
  name: "BNB Chain",
  nativeSymbol: "BNB",
  wrappedNativeSymbol: "WBNB",
  wrappedNative: "0xbb4CdB9CBd36B01bD1cBaEBF2De08d9173bc095c",
  tokens: TOKENS,
  // The proxy was upgraded in place on 2026-08-26 (A); the second generation's own address is
  // 0xdF21D137Aadc95588205586636710ca2890538d5 (A). The governor can name another with `setPyth`.
  pyth: {
    address: "0x4D7E825f80bDf85e913E0DD2A2D54927e9dE1594", // A
    priceIds: PYTH_PRICE_IDS,
    network: LIVE_NETWORK,
  },
  chainlink: CHAINLINK,
  sequencer: null,
  binance: {
    registry: "0x55328A2dF78C5E379a3FeE693F47E6d4279C2193", // A, being sunset
    pairs: {
      BTC: pair("BTC", "0x7130d2A12B9BCbFAe4f2634d864A1Ee1Ce3Ead9c", 60, 60),
      ETH: pair("ETH", "0x2170Ed0880ac9A755fd29B2688956BD959F933F8", 60, 60),
      BNB: pair("BNB", "0xbb4CdB9CBd36B01bD1cBaEBF2De08d9173bc095c", 60, 60),
    },
    atlas: ATLAS,
    registryAssets: [],
  },
  // The dollars rest on Chainlink alone: Binance's feeds of them may be a day old, against 15 minutes, so that a second
  // source would confirm little and cost every trade another read.
  oracle: {
    ...ORACLE_DEFAULTS,
    minAnchors: 2,
    referenceQuorums: { BTC: 2, ETH: 2, BNB: 2, USDT: 1, USDC: 1 },
  },
  execution: { ...EXECUTION_DEFAULTS, executionFeeUsd: usd(0.5) },
  vault: {
    ...VAULT_DEFAULTS,
    shareFloorUsd: 10_000_000,
    // Our choice: each token can carry twice what the full open interest of all books reserves at 10x.
    tradingCeilings: {
      USDT: tokens(5_000_000, 18),
      USDC: tokens(5_000_000, 18),
      WBNB: tokens(8_000, 18),
      BTCB: tokens(60, 18),
      ETH: tokens(1_500, 18),
    },
  },
  markets: markets({
    btcStandard: { maxOpenInterestUsd: usd(5_500_000), lossBudgetUsd: usd(200_000) },
    ethStandard: { maxOpenInterestUsd: usd(5_000_000), lossBudgetUsd: usd(200_000) },
    btcDegen: { maxOpenInterestUsd: usd(2_000_000), lossBudgetUsd: usd(25_000) },
  }),
  prediction: prediction([
    dollarStakes("USDT", 18, 10, 50_000),
    dollarStakes("USDC", 18, 10, 50_000),
    nativeStakes("WBNB", 20, 8, 80),
  ]),
  pro: pro("USDT"),
};
