import type { Signer } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types";
import { confirmed } from "../../../kit/desk/Desk";
import type { Desk } from "../../../kit/desk/Desk";
import * as model from "../../../sdk/model";
import { PIPS, usd } from "../../../sdk/units";
import { PricePath } from "../../demo/path";
import { Stage } from "../../demo/stage";
import type { Deployment } from "../../demo/stage";

/** What the LPs bring, by target weight. */
const LIQUIDITY_USD = usd("20000000");
/** Of this the attacker has ALP that has cooled. */
const COOLED_USD = usd("500000");
/** What everybody has of each token. */
const PURSE_USD = usd("10000000");

/** Places among the network's signers. */
const PLACES = {
  riskManager: 2,
  guardian: 3,
  founder: 6,
  keeper: 9,
  attacker: 10,
  friend: 11,
  trader: 12,
  other: 13,
} as const;
export type Actor = keyof typeof PLACES;

/** A vault with liquidity in it, nothing open, and everybody's purse full. */
export interface House {
  readonly hre: HardhatRuntimeEnvironment;
  readonly desk: Desk;
  readonly addresses: Readonly<Record<Actor, string>>;
}

export async function prepareHouse(
  hre: HardhatRuntimeEnvironment,
  deployment: Deployment,
  startPrice: bigint,
): Promise<House> {
  const start = { time: 0, priceX10: startPrice, confidenceX10: startPrice / 5_000n };
  const { desk } = await Stage.open(hre, deployment, PricePath.of("where it begins", null, [start]));
  const signers = await hre.ethers.getSigners();
  await desk.provide(signers[PLACES.founder], amountsOf(desk, LIQUIDITY_USD));
  const attacker = signers[PLACES.attacker];
  await desk.mint(attacker, dollarOf(desk), amountsOf(desk, COOLED_USD, PIPS)[dollarOf(desk)]);
  await desk.warp(desk.profile.vault.cooldownSeconds);
  for (const place of [PLACES.attacker, PLACES.friend, PLACES.trader, PLACES.other]) await fill(desk, signers[place]);
  const names = Object.keys(PLACES) as Actor[];
  const addresses = Object.fromEntries(names.map((name) => [name, signers[PLACES[name]].address]));
  return { hre, desk, addresses: addresses as Record<Actor, string> };
}

/** Symbol of the first dollar of a chain. */
export function dollarOf({ profile }: Desk): string {
  return profile.tokens[0].symbol;
}

async function fill(desk: Desk, owner: Signer): Promise<void> {
  const { alpManager } = desk.system;
  for (const [symbol, amount] of Object.entries(amountsOf(desk, PURSE_USD, PIPS))) {
    await desk.fund(owner, symbol, amount);
    const token = desk.replica.token(symbol).connect(owner);
    await confirmed(token.approve(await alpManager.getAddress(), 2n ** 256n - 1n));
  }
}

/** So much of each token, by its target weight or by the same share of each. */
function amountsOf(desk: Desk, total: bigint, pips?: bigint): Record<string, bigint> {
  const amounts: Record<string, bigint> = {};
  for (const { symbol, decimals, assetKey, targetWeightPips } of desk.profile.tokens) {
    const share = (total * (pips ?? BigInt(targetWeightPips))) / PIPS;
    amounts[symbol] = model.toTokensDown(share, { decimals, price: desk.priceOf(assetKey) });
  }
  return amounts;
}
