import { beginExchangeActs } from "./exchange";
import { DEPTH, HOURS, report } from "./extent";

describe("two traders of Pro and a book of three ticks", function () {
  this.timeout(HOURS);

  it("do what the model does in every order of acts", async () => {
    const { acts, world } = await beginExchangeActs();
    await report("Pro", world, acts, DEPTH);
  });
});
