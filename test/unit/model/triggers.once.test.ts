import { expect } from "chai";
import { isFurther, limitAt, takeProfitAt } from "../../../sdk/model";
import { px } from "../../../sdk/units";

describe("model: triggers", () => {
  const PRICE = px("60000");

  it("measures a distance on the target, on either side of it", () => {
    for (const side of [1n, -1n]) {
      expect(isFurther(PRICE + side * px("300"), PRICE, 5_000n)).to.equal(false);
      expect(isFurther(PRICE + side * (px("300") + 1n), PRICE, 5_000n)).to.equal(true);
    }
    expect(isFurther(PRICE, PRICE, 0n)).to.equal(false);
  });

  it("fills a limit from its price to the deviation beyond it, and only there", () => {
    for (const [isLong, beyond] of [
      [true, -1n],
      [false, 1n],
    ] as const) {
      const at = (distance: bigint) => limitAt(PRICE + beyond * distance, PRICE, isLong, 10_000n);
      expect([at(-1n), at(0n), at(px("600")), at(px("600") + 1n)]).to.deep.equal([
        "TickNotReached",
        "Fills",
        "Fills",
        "GapTooWide",
      ]);
    }
  });

  it("takes a profit from its price to 1% beyond it, and arms a close further beyond", () => {
    for (const [isLong, beyond] of [
      [true, 1n],
      [false, -1n],
    ] as const) {
      const at = (distance: bigint) => takeProfitAt(PRICE + beyond * distance, PRICE, isLong);
      expect([at(-1n), at(0n), at(px("600")), at(px("600") + 1n)]).to.deep.equal([
        "TickNotReached",
        "Taken",
        "Taken",
        "Armed",
      ]);
    }
  });
});
