import { LIVE_NETWORK } from "../../sdk/pyth/networks";
import { EXECUTION_DEFAULTS, ORACLE_DEFAULTS, PYTH_PRICE_IDS, VAULT_DEFAULTS } from "./defaults";
import { dollarStakes, markets, nativeStakes, prediction, tokens, usd } from "./defaults";
import { pro } from "./pro";
import type { ChainProfile, FeedProfile, TokenProfile } from "./types";

// Certainty of what follows: A = two or more independent sources or an official page, B = one good source,
// C = inferred; re-read every address, decimals() and description() on chain before going live.

// Tokens: addresses and decimals A; that all of them have permit B. USDT is USD₮0 (ArbitrumExtensionV2, verified
// source): its transfers return a bool, unlike the original tether's. The target weights are our choice.
const TOKENS: readonly TokenProfile[] = [
  {
    symbol: "USDC",
    name: "USD Coin",
    address: "0xaf88d065e77c8cC2239327C5EDb3A432268e5831",
    decimals: 6,
    assetKey: "USDC",
    kind: "permit",
    targetWeightPips: 350_000,
    maxSharePips: 500_000,
    margin: true,
    transferReturnsNothing: false,
  },
  {
    symbol: "USDT",
    name: "USD₮0",
    address: "0xFd086bC7CD5C481DCC9C85ebE478A1C0b69FCbb9",
    decimals: 6,
    assetKey: "USDT",
    kind: "permit",
    targetWeightPips: 200_000,
    maxSharePips: 350_000,
    margin: true,
    transferReturnsNothing: false,
  },
  {
    symbol: "WETH",
    name: "Wrapped Ether",
    address: "0x82aF49447D8a07e3bd95BD0d56f35241523fBab1",
    decimals: 18,
    assetKey: "ETH",
    kind: "wrappedEther",
    targetWeightPips: 250_000,
    maxSharePips: 400_000,
    margin: true,
    transferReturnsNothing: false,
  },
  {
    symbol: "WBTC",
    name: "Wrapped BTC",
    address: "0x2f2a2543B76A4166549F7aaB2e75Bef0aefC5B0f",
    decimals: 8,
    assetKey: "WBTC",
    kind: "permit",
    targetWeightPips: 200_000,
    maxSharePips: 350_000,
    margin: true,
    transferReturnsNothing: false,
  },
];

/**
 * A heartbeat of a day, and an hour of grace, by all sources but one: of BTC / USD and ETH / USD one project quotes 1,755 s
 * (C). The preflight reports what the feeds' own history says. Too long a heartbeat accepts an older price; too short a one
 * takes a quiet feed for a dead one.
 */
function feed(description: string, address: string): FeedProfile {
  return { description, address, decimals: 8, heartbeatSeconds: 86_400, graceSeconds: 3_600 };
}

export const arbitrum: ChainProfile = {
  key: "arbitrum",
  chainId: 42161,
  name: "Arbitrum One",
  nativeSymbol: "ETH",
  wrappedNativeSymbol: "WETH",
  wrappedNative: "0x82aF49447D8a07e3bd95BD0d56f35241523fBab1",
  tokens: TOKENS,
  // The proxy was upgraded in place on 2026-08-26 (A); the second generation's own address is
  // 0xe15357fB7ab31E091583b9c4b4135BB2f176f38e (A). The governor can name another with `setPyth`.
  pyth: {
    address: "0xff1a0f4744e8582DF1aE09D5611b887B6a12925C", // A
    priceIds: PYTH_PRICE_IDS,
    network: LIVE_NETWORK,
  },
  // Addresses A, heartbeats A. Public code is known to swap USDT with USDC and BTC with ETH: the preflight tells them apart.
  chainlink: {
    BTC: feed("BTC / USD", "0x6ce185860a4963106506C203335A2910413708e9"),
    ETH: feed("ETH / USD", "0x639Fe6ab55C921f74e7fac1ee960C0B6293ba612"),
    BNB: feed("BNB / USD", "0x6970460aabF80C5BE983C6b74e5D06dEDCA95D4A"),
    USDT: feed("USDT / USD", "0x3f3f5dF88dC9F13eac63DF89EC16ef6e7E25DdE7"),
    USDC: feed("USDC / USD", "0x50834F3163758fcC1Df9973b6e91f0F0F0434aD3"),
    WBTC: feed("WBTC / USD", "0xd0C7101eACbB49F3deCcCc166d238410D6D46d57"),
  },
  sequencer: { address: "0xFdB631F5EE196F0ed6FAa767959853A9F217697D", graceSeconds: 300 }, // A, the grace of a halt
  binance: null,
  oracle: {
    ...ORACLE_DEFAULTS,
    minAnchors: 1,
    referenceQuorums: { BTC: 1, ETH: 1, BNB: 1, USDT: 1, USDC: 1, WBTC: 1 },
  },
  execution: { ...EXECUTION_DEFAULTS, executionFeeUsd: usd(0.2) },
  vault: {
    ...VAULT_DEFAULTS,
    shareFloorUsd: 1_000_000,
    // Our choice: each token can carry twice what the full open interest of all books reserves at 10x.
    tradingCeilings: {
      USDC: tokens(1_000_000, 6),
      USDT: tokens(500_000, 6),
      WETH: tokens(250, 18),
      WBTC: tokens(8, 8),
    },
  },
  markets: markets({
    btcStandard: { maxOpenInterestUsd: usd(750_000), lossBudgetUsd: usd(30_000) },
    ethStandard: { maxOpenInterestUsd: usd(500_000), lossBudgetUsd: usd(30_000) },
    btcDegen: { maxOpenInterestUsd: usd(750_000), lossBudgetUsd: usd(10_000) },
  }),
  prediction: prediction([
    dollarStakes("USDC", 6, 5, 10_000),
    dollarStakes("USDT", 6, 5, 10_000),
    nativeStakes("WETH", 2, 2, 4),
  ]),
  pro: pro("USDC"),
};
