import type { Signer } from "ethers";
import { confirmed } from "../../kit/desk/Desk";
import type { Desk, Proof } from "../../kit/desk/Desk";
import { Reason, nameOf } from "../../sdk/enums";

/** What the event of an outcome is called, where there is one. */
const OUTCOMES: Readonly<Record<string, string>> = {
  OrderRefused: "Refused",
  CloseRefused: "Refused",
  TradeOpened: "Opened",
  TradeClosed: "Closed",
  TradeReduced: "Reduced",
  TradeLiquidated: "Liquidated",
  StopArmed: "Armed",
  ItemSkipped: "Skipped",
  ItemFailed: "Failed",
};

/**
 * Executes items in a block of exactly this time, whatever the clock of this machine does meanwhile, each with the first of
 * the ticks. What became of them, in their order, as `Outcome Reason`.
 */
export async function executeIn(
  desk: Desk,
  keeper: Signer,
  ids: readonly bigint[],
  proofs: Proof[],
  timestamp: number,
): Promise<string[]> {
  const { executor, trading } = desk.system;
  const items = ids.map((tradeId) => ({ tradeId, tickIndex: 0 }));
  const value = await desk.updateFee(proofs);
  await desk.provider.send("evm_setNextBlockTimestamp", [timestamp]);
  const receipt = await confirmed(executor.connect(keeper).execute(trading, proofs, items, { value }));
  const events = receipt.logs.map((log) => trading.interface.parseLog(log) ?? executor.interface.parseLog(log));
  return events.flatMap((event) => {
    const outcome = event === null ? undefined : OUTCOMES[event.name];
    if (event === null || outcome === undefined) return [];
    const { reason } = event.args.toObject() as { reason?: unknown };
    return [`${outcome} ${typeof reason === "bigint" ? nameOf(Reason, reason) : "None"}`];
  });
}
