import { DEPTH, HOURS, report } from "./extent";
import { beginTrades } from "./trades";

describe("two traders, one LP and three ticks, from an empty book", function () {
  this.timeout(HOURS);

  it("do what the twins predict in every order of acts", async () => {
    const { acts, looked, world } = await beginTrades();
    const { openLong, openShort, closeLong, fall, stay, rise, mint, burn } = acts;
    const alphabet = [openLong, openShort, closeLong, fall, stay, rise, mint, burn].map(looked);
    await report("trades, from an empty book", world, alphabet, DEPTH);
  });
});
