/** For integrators: `ASTERISM_CHAIN=bnb npx hardhat run scripts/examples/integrator.ts`. The README quotes it. */
import hre from "hardhat";
import { formatPrice } from "../../sdk/units";
import { PricePath } from "../demo/path";
import { Stage, deployOnStage } from "../demo/stage";
import { FOUNDING_DEPOSITS } from "../demo/story";

async function main(): Promise<void> {
  const deployment = await deployOnStage(hre);
  const { desk, actors, ...stage } = await Stage.open(hre, deployment, PricePath.generate(1));
  const { trading, tradingRecords, tradingLens } = desk.system;
  const { trader, keeper, founder } = actors;
  const founding = Object.entries(FOUNDING_DEPOSITS[stage.profile.key]);
  await desk.provide(
    founder,
    Object.fromEntries(founding.map(([symbol, whole]) => [symbol, desk.tokenUnits(symbol, whole)])),
  );
  await desk.fund(trader, "USDT", desk.tokenUnits("USDT", 1_000n));
  const usdt = await desk.replica.token("USDT").getAddress();
  const margin = desk.tokenUnits("USDT", 100n);
  const deadline = (await desk.now()) + 600;

  // A 1001x long of BTC. The caller has approved Trading for the margin; nothing is deposited anywhere first.
  const id = await trading.nextTradeId();
  await trading.connect(trader).requestOpen({
    owner: await trader.getAddress(),
    bookId: desk.bookId("BTC", "degen"), // 2 · marketId, plus 1 for Degen
    isLong: true,
    leverage: 1001,
    token: usdt,
    amount: margin, // margin, open fee and execution fee
    acceptablePrice: 0n, // 10 decimals; 0: any
    takeProfit: 0n, // 0: where the profit cap is reached
    stopLoss: 0n, // 0: none
    deadline,
    broker: 0,
    asNative: false,
  });
  const { requestedAt } = await tradingRecords.order(id);

  // Anyone executes it with the first Pyth tick at or after its target. Here the desk plays Pyth and keeper.
  const target = Number(requestedAt + (await trading.executionDelay(1)));
  await desk.warpTo(target + 1);
  await desk.refresh();
  const { results } = await desk.execute(keeper, [id], [desk.firstTick("BTC", target)]);

  const view = await tradingLens.position(trading, id);
  console.log(results[0].outcome, "at", formatPrice(view.position.entry));
  console.log("liquidation at", formatPrice(view.liquidationPrice), "bankruptcy at", formatPrice(view.bankruptcyPrice));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
