import { scopesOf } from "../../../kit/pro/compare";
import { scopeIdOf } from "../../../kit/pro/words";
import { bookedCollateral, brokenInvariants } from "../../../sdk/model/pro";
import { formatUsd } from "../../../sdk/units";
import { check } from "../errors";
import type { Cast } from "./cast";
import { checkBooks } from "./cast";

/** Σ cash − Σ cost − funding owed + funds + fees = what the vault holds for Pro, all read from the chain but the fees. */
export async function tellProBooks(cast: Cast): Promise<boolean> {
  const { desk, narrator } = cast;
  narrator.begin("The books of Pro");
  await checkBooks(cast, "pro: the books");
  const { state } = desk.exchange;
  check("pro: broken invariants", brokenInvariants(state).join("; "), "");
  check("pro: the model's books", bookedCollateral(state), state.collateral);

  const { pro, proLens, vault } = desk.desk.system;
  let [cash, cost, funding, funds] = [0n, 0n, 0n, 0n];
  for (const account of desk.ids.keys()) {
    for (const scope of scopesOf(state, account)) {
      const shown = await proLens.health(pro, scopeIdOf(desk.ids, scope));
      cash += shown.cash;
      for (const position of shown.positions) {
        cost += position.cost;
        funding += position.fundingOwed;
      }
    }
  }
  for (const market of state.markets.keys()) funds += (await proLens.funding(pro, market)).fund;
  const fees = state.markets.reduce((sum, market) => sum + market.fees, 0n);
  const { collateral } = await vault.productLedger(pro, desk.token.address);
  const held = collateral * desk.quotePerUnit;
  const isBalanced = cash - cost - funding + funds + fees + state.dust === held;
  check("pro: the books balance", isBalanced, true);
  narrator.row("the vault holds for Pro", `${formatUsd(held)} ${desk.token.symbol}`);
  const parts: [string, bigint][] = [
    ["cash of all accounts", cash],
    ["less cost of positions", cost],
    ["less funding owed", funding],
    ["funds", funds],
    ["fees to be swept", fees],
  ];
  for (const [label, amount] of parts) narrator.row(label, formatUsd(amount));
  narrator.say("(the first is the sum of the rest, to the last unit)");
  return isBalanced;
}
