import { expect } from "chai";
import type { Mode } from "../../../deploy/profiles";
import type { OpenOptions } from "../../../kit/desk/Desk";
import { requestLimit } from "../../../kit/desk/orders";
import { hasRoom } from "../../../sdk/model";
import { X18, px } from "../../../sdk/units";
import { executeAt, leastAmount, modelOpening, openPosition, settleAtTarget, start } from "./setup";
import type { Fixture } from "./setup";

const CAP = 100_000n;

/** The cap of a book is cut, its loss budget is not. */
async function cut(fixture: Fixture, mode: Mode, capUsd: bigint): Promise<void> {
  const { desk, trading, tradingRecords, tradingConfigurator, guardian } = fixture;
  const bookId = desk.bookId("BTC", mode);
  const { lossBudgetUsd } = (await tradingRecords.bookConfig(bookId))[0];
  await tradingConfigurator.connect(guardian).cutCaps(trading, bookId, capUsd, lossBudgetUsd);
}

/** The least amount that is more than a quarter of the cap allows. */
function overAQuarter(fixture: Fixture, options: OpenOptions, price?: bigint): bigint {
  return leastAmount(1n, fixture.desk.tokenUnits("USDT", 5_000n), (amount) => {
    return !hasRoom(0n, modelOpening(fixture, { ...options, amount }, price).notional, CAP * X18);
  });
}

describe("Trading", () => {
  describe("the size of one order", () => {
    for (const mode of ["standard", "degen"] as const) {
      for (const isLong of [true, false]) {
        const options = { mode, isLong, leverage: mode === "standard" ? 50 : 1001 };
        const name = `a ${mode} ${isLong ? "long" : "short"}`;

        it(`is at most a quarter of the cap as it stands: ${name}`, async () => {
          const fixture = await start();
          await cut(fixture, mode, CAP);
          const amount = overAQuarter(fixture, options);
          const refused = await fixture.desk.requestOpen(fixture.trader, { ...options, amount });
          const { outcomes } = await settleAtTarget(fixture, refused);
          expect(outcomes).to.deep.equal(["Refused OpenInterestFull"]);
          // Four of them that are not larger all find room, a fifth none.
          for (let index = 0; index < 4; ++index) await openPosition(fixture, { ...options, amount: amount - 1n });
          const fifth = await fixture.desk.requestOpen(fixture.trader, { ...options, amount: amount - 1n });
          expect((await settleAtTarget(fixture, fifth)).outcomes).to.deep.equal(["Refused OpenInterestFull"]);
        });

        it(`leaves a limit resting through a cut of the cap, which fills when the cap is back: ${name}`, async () => {
          const fixture = await start();
          const { desk, trading, tradingRecords, trader, tradingConfigurator, riskManager, accessManager } = fixture;
          const limit = isLong ? px("59000") : px("61000");
          const amount = desk.tokenUnits("USDT", mode === "standard" ? 1_000n : 60n);
          const placing = { ...options, amount, acceptablePrice: limit, deadline: 2 ** 40 - 1 };
          const { id, target } = await requestLimit(desk, trader, placing);
          const bookId = desk.bookId("BTC", mode);
          const [{ lossBudgetUsd }, { maxOpenInterestUsd }] = await tradingRecords.bookConfig(bookId);
          await cut(fixture, mode, CAP);
          await desk.warpTo(target);
          const tryAt = async (): Promise<string> => {
            await desk.setPrice("BTC", limit + (isLong ? -1n : 1n) * px("8"));
            await desk.refresh();
            const now = await desk.now();
            return (await executeAt(fixture, now + 1, [id], [desk.anyTick("BTC", now)])).outcomes[0];
          };
          for (let index = 0; index < 3; ++index) expect(await tryAt()).to.equal("Skipped OpenInterestFull");
          expect(await desk.statusOf(id)).to.equal("LimitOrder");

          const cuts = await tradingConfigurator.cutsOf(await tradingConfigurator.capsSetting(trading, bookId));
          const args = [await trading.getAddress(), bookId, maxOpenInterestUsd, lossBudgetUsd, cuts] as const;
          const data = tradingConfigurator.interface.encodeFunctionData("setCaps", [...args]);
          await accessManager.connect(riskManager).schedule(tradingConfigurator, data, 0);
          await desk.warp(24 * 3_600);
          await accessManager.connect(riskManager).execute(tradingConfigurator, data);
          expect(await tryAt()).to.equal("Opened");
          expect((await tradingRecords.position(id)).entry).to.equal(limit);
        });
      }
    }
  });
});
