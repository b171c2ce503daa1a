import type { HardhatRuntimeEnvironment } from "hardhat/types";
import type { Deployment } from "../demo/stage";
import type { PriceWindow } from "./windows";

/** What an attack came to in one window, to whoever attacks; USD. */
export interface Played {
  /** Of all that the attackers have, gas left out. */
  readonly gain: number;
  /** What they had at stake. */
  readonly risked: number;
  /** What the bound allows here. */
  readonly most: number;
  /** Other promises that were broken, in words. */
  readonly faults?: readonly string[];
  /** What happened, for the report. */
  readonly notes?: Readonly<Record<string, number | string>>;
}

/** What an attack is given: prices, and draws of its own. */
export interface Draw {
  readonly window: PriceWindow;
  readonly random: () => number;
}

export interface Strategy<Ground> {
  readonly id: string;
  readonly title: string;
  /** What is promised. */
  readonly bound: string;
  /** Undefined where a window gives no occasion. Throws where the attack meets what the rules exclude. */
  play(ground: Ground, draw: Draw): Promise<Played | undefined>;
}

/** Where strategies of one kind are played: prepared once, and brought back to that before each window. */
export interface Stage<Ground> {
  readonly strategies: readonly Strategy<Ground>[];
  readonly prepare: (hre: HardhatRuntimeEnvironment, deployment: Deployment, startPrice: bigint) => Promise<Ground>;
}

/** USD with 18 decimals as a number. */
export function dollars(amount: bigint): number {
  return Number(amount / 10n ** 6n) / 1e12;
}
