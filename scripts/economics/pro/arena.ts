import type { HardhatRuntimeEnvironment } from "hardhat/types";
import type { AssetKey } from "../../../deploy/profiles";
import type { ProDesk } from "../../../kit/pro/ProDesk";
import { QUOTE } from "../../../sdk/model/pro";
import type { ExchangeState } from "../../../sdk/model/pro";
import { PricePath } from "../../demo/path";
import type { Deployment } from "../../demo/stage";
import { ProScene } from "../../replay/pro/scene";
import type { Window } from "../../replay/pro/windows";

const DAY_SECONDS = 86_400;
const CALM_SECONDS = 7_200;
/** What the fund of BTC holds. */
export const FUND = 100_000n * QUOTE;
const MAKER_CASH = 3_000_000n * QUOTE;
const HOLDER_CASH = 500_000n * QUOTE;
/** Sub-accounts of each of the two who attack together. */
export const SUBS = 4;

/** Accounts by what they do; each entry of `attacker` and of `friend` is a sub-account of the same owner. */
export interface Cast {
  readonly makers: readonly number[];
  readonly longHolder: number;
  readonly shortHolder: number;
  readonly victim: number;
  readonly keeper: number;
  readonly attacker: readonly number[];
  readonly friend: readonly number[];
  /** The attackers' own keeper. */
  readonly accomplice: number;
  /** Honest, with a leg in each of two markets. */
  readonly hedger: number;
  /** Honest; whoever attacks has opened the account for him with a deposit. */
  readonly stranger: number;
}

/** Pro with accounts, funds and nothing open, a day after its fund was filled. */
export interface Arena {
  readonly hre: HardhatRuntimeEnvironment;
  readonly pro: ProDesk;
  readonly cast: Cast;
  readonly saved: ExchangeState;
}

export async function prepareArena(
  hre: HardhatRuntimeEnvironment,
  deployment: Deployment,
  startPrice: bigint,
): Promise<Arena> {
  const start = { time: 0, priceX10: startPrice, confidenceX10: startPrice / 5_000n };
  const pro = await ProScene.desk(hre, deployment, windowOf(PricePath.of("where it begins", null, [start])));
  const signers = await hre.ethers.getSigners();
  const several = async (place: number): Promise<number[]> => {
    const accounts: number[] = [];
    for (let sub = 0; sub < SUBS; sub++) accounts.push(await pro.join(signers[place], QUOTE, sub));
    return accounts;
  };
  const cast: Cast = {
    makers: [await pro.join(signers[10], MAKER_CASH), await pro.join(signers[11], MAKER_CASH)],
    longHolder: await pro.join(signers[12], HOLDER_CASH),
    shortHolder: await pro.join(signers[13], HOLDER_CASH),
    victim: await pro.join(signers[14], QUOTE),
    keeper: await pro.join(signers[9], QUOTE),
    attacker: await several(15),
    friend: await several(16),
    accomplice: await pro.join(signers[17], QUOTE),
    hedger: await pro.join(signers[18], QUOTE),
    stranger: await pro.join(signers[19], QUOTE, 0, signers[15]),
  };
  const market = pro.marketOf("BTC");
  await pro.addToFund(signers[9], market, FUND);
  await pro.desk.refresh();
  await pro.act(cast.keeper, [], [market]);
  await pro.desk.warpTo((Math.floor((await pro.desk.now()) / DAY_SECONDS) + 1) * DAY_SECONDS + CALM_SECONDS);
  await pro.desk.refresh();
  await pro.act(cast.keeper, [], [market]);
  return { hre, pro, cast, saved: structuredClone(pro.exchange.state) };
}

/** Prices of BTC, and of other assets that move by the same shares from where they begin. */
export function windowOf(path: PricePath, others: Partial<Record<AssetKey, bigint>> = {}): Window {
  const { description, recordedFrom, seconds } = path;
  const paths = new Map<AssetKey, PricePath>([["BTC", path]]);
  for (const asset of Object.keys(others) as AssetKey[]) {
    const start = others[asset];
    if (start !== undefined) paths.set(asset, movingAlike(path, start));
  }
  return { crash: "2025-10-10", description, recordedFrom, seconds, paths };
}

/** A path that begins at another price and moves by the same shares. */
export function movingAlike(path: PricePath, start: bigint): PricePath {
  const first = path.at(0).priceX10;
  const points = Array.from({ length: path.seconds }, (_, second) => {
    const { confidenceX10, priceX10, time } = path.at(second);
    return { time, priceX10: (priceX10 * start) / first, confidenceX10: (confidenceX10 * start) / first };
  });
  return PricePath.of(path.description, path.recordedFrom, points);
}
