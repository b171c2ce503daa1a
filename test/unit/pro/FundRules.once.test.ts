import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { fundAllowance, splitTakerFee } from "../../../sdk/model/pro";
import { usd } from "../../../sdk/units";
import { BITCOIN, BTC, account, attempt, cross, deployWorld, quote, setIndex, told } from "./world";

const HOUR = 3_600;
const DAY = 86_400;

describe("FundRules", () => {
  it("divides a taker's fee as the model does, while the fund is not full", async () => {
    const world = await loadFixture(deployWorld);
    const { pro } = world;
    const taker = await account(world, "0");
    const openInterest = usd("100000");
    let [fund, fees] = [0n, 0n];
    for (const fee of [usd("38.784"), usd("0.000000000000000007"), usd("24000"), usd("1000")]) {
      await pro.bookFees(taker, BTC, fee, openInterest);
      const { toFees, toFund } = splitTakerFee(fee, fund, openInterest);
      [fund, fees] = [fund + toFund, fees + toFees];
      expect(await pro.funds(BTC)).to.deep.equal([fund, fees]);
    }
    await pro.addToFund(BTC, usd("5000"));
    await pro.bookFees(taker, BTC, usd("100"), openInterest);
    expect(await pro.funds(BTC), "full").to.deep.equal([fund + usd("5000"), fees + usd("100")]);
  });

  it("counts what it held when the hour and the day began, whatever came since", async () => {
    const { pro } = await loadFixture(deployWorld);
    const midnight = (Math.floor((await time.latest()) / DAY) + 2) * DAY;
    await time.increaseTo(midnight - 10 * HOUR);
    await pro.addToFund(BTC, usd("1000"));
    await time.increaseTo(midnight + 2 * HOUR);
    await pro.payFromFund(BTC, usd("40"));
    expect(await pro.outflows(BTC)).to.deep.equal([usd("1000"), usd("40"), usd("1000"), usd("40")]);
    await pro.addToFund(BTC, usd("9000"));
    const limits = {
      fund: usd("9960"),
      atHour: usd("1000"),
      atDay: usd("1000"),
      paidInHour: usd("40"),
      paidInDay: usd("40"),
    };
    for (const paid of [0n, usd("400"), usd("498")]) {
      expect(await pro.allowance(BTC, paid)).to.equal(fundAllowance(limits, paid));
    }
    expect(await pro.allowance(BTC, 0n), "a fifth of 1,000, not of what was added").to.equal(usd("160"));

    await time.increaseTo(midnight + 3 * HOUR);
    expect(await pro.allowance(BTC, 0n), "a new hour, the same day: 400 less 40").to.equal(usd("360"));
    await pro.payFromFund(BTC, usd("360"));
    expect(await pro.outflows(BTC)).to.deep.equal([usd("9960"), usd("360"), usd("1000"), usd("400")]);
    expect(await pro.allowance(BTC, 0n)).to.equal(0n);
    await time.increaseTo(midnight + DAY);
    expect(await pro.allowance(BTC, 0n), "a new day").to.equal((usd("9600") * 5n) / 100n);
  });

  it("pays nothing on the day on which its first money came, in no hour of it", async () => {
    const { pro } = await loadFixture(deployWorld);
    const midnight = (Math.floor((await time.latest()) / DAY) + 2) * DAY;
    await time.increaseTo(midnight - 10 * HOUR);
    await pro.addToFund(BTC, usd("1000"));
    expect(await pro.allowance(BTC, 0n)).to.equal(0n);
    await time.increaseTo(midnight - HOUR);
    expect(await pro.allowance(BTC, 0n)).to.equal(0n);
    await time.increaseTo(midnight);
    expect(await pro.allowance(BTC, 0n)).to.equal(usd("50"));
  });
});

describe("orders of a stretched scope", () => {
  it("are anyone's to cancel, for 0.02 USD of its cash each", async () => {
    const world = await loadFixture(deployWorld);
    const { keeper, pro } = world;
    await setIndex(world, "97000");
    const trader = await account(world, "100");
    const ids: bigint[] = [];
    for (const tick of [96_000n, 96_100n]) ids.push(await quote(world, trader, { lots: 10n, tick, isBid: true }));
    const cancel = (orders: bigint[]) => attempt(world, pro.cancelStretched(cross(trader), orders, keeper));
    await setIndex(world, "97000");
    expect((await cancel(ids)).reason, "96.05 of margin").to.equal("NotStretched");
    await pro.setCash(trader, usd("96"));
    const other = await account(world, "100");
    await setIndex(world, "97000");
    const foreign = await quote(world, other, { lots: BITCOIN, tick: 96_000n, isBid: true });
    expect((await cancel([foreign])).reason).to.equal("OrderNotFound");
    await setIndex(world, "97000");
    const done = await cancel([...ids, foreign, ids[0]]);
    expect([done.outcome, done.reason]).to.deep.equal(["Cancelled", "None"]);
    expect(done.logs.filter(({ name }) => name === "OrderRemoved")).to.have.length(2);
    expect(told(done, "KeeperPaid")?.[2]).to.equal(usd("0.04"));
    expect(await pro.cashOf(cross(trader))).to.equal(usd("95.96"));
    expect((await pro.accountWord(other)).orders).to.equal(1n);
  });

  it("pay whoever cancels them no more than the scope's cash", async () => {
    const world = await loadFixture(deployWorld);
    const { keeper, pro } = world;
    await setIndex(world, "97000");
    const trader = await account(world, "100");
    const ids: bigint[] = [];
    for (const tick of [96_000n, 96_100n]) ids.push(await quote(world, trader, { lots: 10n, tick, isBid: true }));
    for (const [id, cash] of [
      [ids[0], usd("0.019")],
      [ids[1], 0n],
    ]) {
      await pro.setCash(trader, cash);
      await setIndex(world, "97000");
      const done = await attempt(world, pro.cancelStretched(cross(trader), [id], keeper));
      expect(done.outcome).to.equal("Cancelled");
      expect(told(done, "KeeperPaid")?.[2]).to.equal(cash === 0n ? undefined : cash);
      expect(await pro.cashOf(cross(trader))).to.equal(0n);
    }
  });
});
