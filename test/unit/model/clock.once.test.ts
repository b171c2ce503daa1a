import { expect } from "chai";
import fc from "fast-check";
import { clockAt } from "../../../sdk/model";

describe("model: clock", () => {
  it("is the time without a halt, before one, and less all of one after it", () => {
    const halts = [{ from: 100n, to: 160n }];
    expect([0n, 99n, 100n, 101n, 159n, 160n, 161n].map((now) => clockAt(now, halts))).to.deep.equal([
      0n,
      99n,
      100n,
      100n,
      100n,
      100n,
      101n,
    ]);
    expect(clockAt(77n, [])).to.equal(77n);
  });

  it("goes on by a second a second outside halts and by none within one", () => {
    const gap = fc.bigInt({ min: 1n, max: 50n });
    fc.assert(
      fc.property(fc.array(fc.tuple(gap, gap), { maxLength: 5 }), fc.bigInt({ min: 0n, max: 600n }), (gaps, now) => {
        let at = 0n;
        const halts = gaps.map(([free, held]) => {
          const from = at + free;
          at = from + held;
          return { from, to: at };
        });
        const isHeld = halts.some(({ from, to }) => now >= from && now < to);
        return clockAt(now + 1n, halts) - clockAt(now, halts) === (isHeld ? 0n : 1n);
      }),
    );
  });
});
