import { expect } from "chai";
import { brokenInvariants, isLiquidatable, ordersOf, scopeHealth, tickDown } from "../../sdk/model/pro";
import type { Order, Outcome, Scope } from "../../sdk/model/pro";
import { beginExchange } from "../property/pro/follow";
import { ACCOUNTS, tickOf } from "../property/pro/world";
import { restorable } from "./restorable";
import type { Act } from "./tree";

/** Accounts of the two traders, whose owners differ, and the keeper's. */
const [A, B] = [0, 2];
const KEEPER = ACCOUNTS;
const BTC = 0;

/** Dollars of each account, and of each market's fund. */
const CASH = 1_000n;
const FUND = 500n;
/** 18,000 dollars at the first price: 90% of what the leverage lets an account have. */
const LOTS = 180n;
/** After one a taker is due for liquidation and still has something; after another he has nothing left. */
const MOVE_PIPS = 53_000n;
/** The other two ticks from the middle one, a twentieth of a percent each. */
const APART = 50n;
const DELEVERAGE_SECONDS = 8n;

/** Contracts of Pro and their model, and what two traders and a keeper can do on a book of three ticks. */
export async function beginExchangeActs() {
  const { exchange, follow, world } = await beginExchange(CASH, FUND);
  const counts = new Map<string, number>();
  const { grid } = exchange.state.markets[BTC].config;
  const middle = tickDown(grid, world.prices[BTC]);

  const note = <T>(what: string, outcome: Outcome<T>): Outcome<T> => {
    const told = "refused" in outcome ? `${what} refused: ${outcome.refused}` : what;
    counts.set(told, (counts.get(told) ?? 0) + 1);
    return outcome;
  };
  const act = (name: string, run: () => void): Act => ({
    name,
    run: async () => {
      run();
      expect(brokenInvariants(exchange.state)).to.deep.equal([]);
      await follow(name, true);
    },
  });
  const place = (account: number, { side, tick, type }: Pick<Order, "side" | "tick" | "type">) => {
    const terms = { expiry: 0n, isReduceOnly: false, selfTrade: "expireMaker", maxFills: 20 } as const;
    const order = { market: BTC, side, type, tick, lots: LOTS, ...terms } as const;
    note(type === "limit" ? "placed" : "sold at once", exchange.act(account, [{ kind: "place", order }]));
  };
  const cancel = () => {
    const [order] = ordersOf(exchange.state, A, BTC);
    const { generation, slot } = order ?? { generation: 1n, slot: 0 };
    const id = { account: A, market: BTC, slot, generation };
    note("cancelled", exchange.act(A, [{ kind: "cancel", id }]));
  };

  return {
    world: restorable({ exchange, world, counts }, [], counts),
    acts: [
      act("A bids at the lower tick", () => place(A, { side: "buy", type: "limit", tick: middle - APART })),
      act("A bids at the upper tick", () => place(A, { side: "buy", type: "limit", tick: middle + APART })),
      act("B asks at the middle tick", () => place(B, { side: "sell", type: "limit", tick: middle })),
      act("B sells at once", () => place(B, { side: "sell", type: "immediateOrCancel", tick: 0n })),
      act("A cancels", cancel),
      act("a price below", () => keep(-MOVE_PIPS)),
      act("the same price", () => keep(0n)),
      act("a price above", () => keep(MOVE_PIPS)),
    ],
  };

  function refresh(): void {
    exchange.pass(1n);
    note("refreshed", exchange.refresh(BTC, tickOf(world, BTC)));
  }

  /** The price moves, and a keeper liquidates whoever is due: through the book, and where that is not enough, through the other. */
  function keep(movePips: bigint): void {
    world.prices[BTC] = (world.prices[BTC] * (1_000_000n + movePips)) / 1_000_000n;
    for (const [account, other] of [
      [A, B],
      [B, A],
    ]) {
      const scope: Scope = { account };
      // Each call is a block of its own: the index would be too old for the next.
      refresh();
      note("liquidation", exchange.liquidate(scope, BTC, 20, KEEPER));
      if (!isLiquidatable(scopeHealth(exchange.state, scope))) continue;
      exchange.pass(DELEVERAGE_SECONDS);
      refresh();
      note("liquidation", exchange.liquidate(scope, BTC, 20, KEEPER));
      refresh();
      note("deleveraging", exchange.deleverage(scope, BTC, other, KEEPER));
      refresh();
      note("sharing of a loss", exchange.shareLoss(scope, BTC, other));
    }
  }
}
