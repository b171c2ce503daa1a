import { DEPTH, HOURS, report } from "./extent";
import { beginTrades } from "./trades";

describe("two traders, one LP and three ticks, from a long at 1001x and a short", function () {
  this.timeout(HOURS);

  it("do what the twins predict in every order of acts", async () => {
    const { acts, looked, world } = await beginTrades();
    const { openLong, openShort, closeLong, closeShort, addMargin, fall, stay, rise, burn } = acts;
    for (const { run } of [openLong, openShort, stay].map(looked)) await run();
    const alphabet = [closeLong, closeShort, addMargin, fall, stay, rise, burn].map(looked);
    await report("trades, from two positions", world, alphabet, DEPTH);
  });
});
