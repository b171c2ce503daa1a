import { createRandom } from "../../../kit/prices";
import { marketOrder } from "../../../kit/pro/quotes";
import { QUOTE, valueOf } from "../../../sdk/model/pro";
import type { Reason } from "../../../sdk/model/pro";
import type { ProScene } from "./scene";

/** Leverages that positions are opened with, drawn alike. */
const LEVERAGES = [3n, 5n, 10n, 10n, 20n, 20n, 20n, 20n, 50n, 100n] as const;
/** Of a hundred positions, so many are long. */
const LONG_PERCENT = 70;
/** Least and most of a position, whole dollars; small ones are more often drawn. */
const [LEAST, MOST] = [4_000, 200_000];
/** An account has so much of its initial margin, in hundredths, least and most. */
const [LEAST_MARGIN, MOST_MARGIN] = [110, 180];

/** A position before the window begins. */
export interface Plan {
  readonly market: number;
  readonly isLong: boolean;
  readonly leverage: bigint;
  /** Whole dollars. */
  readonly notional: bigint;
  readonly deposit: bigint;
}

/** Draws positions in these markets. */
export function planPositions(markets: readonly number[], count: number, seed: number): Plan[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, index) => {
    const leverage = LEVERAGES[Math.floor(random() * LEVERAGES.length)];
    const notional = BigInt(Math.round(LEAST * (MOST / LEAST) ** random()));
    const isLong = random() * 100 < LONG_PERCENT;
    const part = BigInt(Math.round(LEAST_MARGIN + (MOST_MARGIN - LEAST_MARGIN) * random()));
    const deposit = (notional * part) / leverage / 100n + 1n;
    return { market: markets[index % markets.length], isLong, leverage, notional, deposit };
  });
}

/** What became of all who wanted a position. */
export interface Opened {
  readonly opened: number;
  readonly refused: ReadonlyMap<Reason, number>;
}

/** Opens the positions at the price at which everything stands, one block for so many. */
export async function openPositions(
  scene: ProScene,
  accounts: readonly number[],
  plans: readonly Plan[],
  before: () => Promise<void>,
): Promise<Opened> {
  let opened = 0;
  const refused = new Map<Reason, number>();
  for (const [index, { isLong, leverage, market, notional }] of plans.entries()) {
    await scene.goTo(scene.now + 1);
    await before();
    const { pro } = scene;
    const lot = valueOf(pro.exchange.state.markets[market].config.grid, priceOf(scene, market), 1n);
    const order = marketOrder(market, isLong ? "buy" : "sell", (notional * QUOTE) / lot + 1n);
    const ticks = [scene.tickAt(market, scene.now - 1)];
    const call = await pro.acting(accounts[index], [{ kind: "leverage", market, leverage }, order], ticks, true);
    await scene.queue(call, (answer) => {
      if ("done" in answer) opened += 1;
      else refused.set(answer.refused, (refused.get(answer.refused) ?? 0) + 1);
    });
    await scene.mine();
  }
  return { opened, refused };
}

/** Traders who come and go during the window: with the price more often than against it. */
export class Crowd {
  taken = 0;
  readonly refused = new Map<Reason, number>();
  gas = 0n;
  private readonly random: () => number;

  constructor(
    private readonly scene: ProScene,
    private readonly accounts: readonly number[],
    seed: number,
  ) {
    this.random = createRandom(seed);
  }

  /** One of them may take. */
  async step(): Promise<void> {
    const { pro } = this.scene;
    const [isTaking, who, where, sense, size] = Array.from({ length: 5 }, this.random);
    if (isTaking > 0.35) return;
    const { markets } = this.scene;
    const market = markets[Math.floor(where * markets.length)];
    const asset = pro.assetOf(market);
    const isFalling = this.scene.priceAt(asset, this.scene.now) < this.scene.priceAt(asset, this.scene.now - 10);
    const isBuying = sense < 0.6 !== isFalling;
    const lot = valueOf(pro.exchange.state.markets[market].config.grid, priceOf(this.scene, market), 1n);
    const lots = (BigInt(Math.round(1_000 + 29_000 * size * size)) * QUOTE) / lot + 1n;
    const account = this.accounts[Math.floor(who * this.accounts.length)];
    const call = await pro.acting(account, [marketOrder(market, isBuying ? "buy" : "sell", lots)], []);
    await this.scene.queue(call, (answer) => {
      if ("refused" in answer) {
        this.refused.set(answer.refused, (this.refused.get(answer.refused) ?? 0) + 1);
        return;
      }
      this.taken += 1;
      this.gas += answer.done.gas;
    });
  }
}

function priceOf(scene: ProScene, market: number): bigint {
  return scene.priceAt(scene.pro.assetOf(market), scene.now);
}
