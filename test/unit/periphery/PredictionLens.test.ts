import { expect } from "chai";
import { ZeroAddress } from "ethers";
import type { Result } from "ethers";
import { ethers } from "hardhat";
import { assetIdOf } from "../../../deploy/arguments/oracle";
import { executeBets, requestBet, settlementOf } from "../../../kit/desk/bets";
import { betProfit, settleBet, strikeBet } from "../../../sdk/model";
import { start } from "../prediction/fixture";

const ALL = 2n ** 256n - 1n;
const ACTION = { awaitsStrike: 0n, strikeable: 1n, awaitsSettlement: 2n, settleable: 3n, returnable: 4n };

function fieldsOf(record: object): Record<string, unknown> {
  return (record as Result).toObject() as Record<string, unknown>;
}

describe("PredictionLens", () => {
  it("refuses to be built without prices", async () => {
    const { predictionLens } = await start();
    await expect(ethers.deployContract("PredictionLens", [ZeroAddress]))
      .to.be.revertedWithCustomError(predictionLens, "Code_NotAContract")
      .withArgs(ZeroAddress);
  });

  it("shows a bet in full, before and after its strike", async () => {
    const { desk, trader, keeper, prediction, predictionLens, usdt, fee, unit } = await start();
    const stake = 100n * unit;
    const bet = await requestBet(desk, trader, { isUp: false, asset: "ETH", periodSeconds: 900, stake });
    const requestedAt = bet.target - Number(await prediction.executionDelay());
    const requested = await predictionLens.record(prediction, bet.id);
    expect(fieldsOf(requested)).to.include({
      ...{ id: bet.id, status: 1n, owner: trader.address, marketId: 1n, assetId: BigInt(assetIdOf("ETH")) },
      ...{ token: await usdt.getAddress(), isUp: false, isNative: false, periodSeconds: 900n },
      ...{ since: BigInt(requestedAt), target: BigInt(bet.target), stake, settlementFee: 0n, strike: 0n },
      ...{ win: betProfit(stake, 800_000n), payoutPips: 800_000n, action: ACTION.awaitsStrike },
      returnableFrom: await prediction.returnableFrom(bet.id),
    });
    await executeBets(desk, keeper, [bet]);
    const struck = await predictionLens.record(prediction, bet.id);
    expect(fieldsOf(struck)).to.include({
      ...{
        status: 2n,
        since: BigInt(bet.target),
        target: BigInt(bet.target + 900),
        stake: strikeBet(stake, fee).stake,
      },
      ...{ win: betProfit(strikeBet(stake, fee).stake, 800_000n), settlementFee: fee, strike: desk.priceOf("ETH") },
      returnableFrom: await prediction.returnableFrom(bet.id),
    });
  });

  it("knows no bet that never was or has ended", async () => {
    const { prediction, predictionLens } = await start();
    for (const id of [0n, 1n, ALL]) {
      await expect(predictionLens.record(prediction, id))
        .to.be.revertedWithCustomError(predictionLens, "PredictionLens_BetNotFound")
        .withArgs(id);
    }
  });

  it("scans a range, all of it or one owner's, without those that ended", async () => {
    const { desk, trader, other, keeper, prediction, predictionLens } = await start();
    const bets = [
      await requestBet(desk, trader),
      await requestBet(desk, other),
      await requestBet(desk, trader, { isUp: false }),
      await requestBet(desk, other, { periodSeconds: 900 }),
    ];
    const ids = bets.map(({ id }) => id);
    const idsOf = (records: { id: bigint }[]) => records.map(({ id }) => id);
    const scan = async (from: bigint, to: bigint) => idsOf(await predictionLens.scan(prediction, from, to));
    expect(await scan(0n, ALL)).to.deep.equal(ids);
    expect(await scan(ids[1], ids[3])).to.deep.equal([ids[1], ids[2]]);
    for (const [from, to] of [
      [3n, 3n],
      [4n, 2n],
      [99n, ALL],
    ]) {
      expect(await scan(from, to)).to.deep.equal([]);
    }
    const scanOwner = async (owner: string) => idsOf(await predictionLens.scanOwner(prediction, owner, 1n, ALL));
    expect(await scanOwner(trader.address)).to.deep.equal([ids[0], ids[2]]);
    expect(await scanOwner(other.address)).to.deep.equal([ids[1], ids[3]]);
    expect(await scanOwner(keeper.address)).to.deep.equal([]);
    expect(await scanOwner(ZeroAddress)).to.deep.equal([]);
    await desk.warpTo(Number(await prediction.returnableFrom(ids[0])));
    await prediction.returnStake(ids[0]);
    expect(await scan(0n, ALL)).to.deep.equal(ids.slice(1));
  });

  it("tells what can be done now, from its first second on", async () => {
    const { desk, trader, keeper, prediction, predictionLens } = await start();
    const first = await requestBet(desk, trader);
    const actions = async () => {
      const records = await predictionLens.scan(prediction, 1n, ALL);
      const executable = await predictionLens.executable(prediction, 1n, ALL);
      const due = records.filter(({ action }) => action !== ACTION.awaitsStrike && action !== ACTION.awaitsSettlement);
      expect(executable.map(({ id }) => id)).to.deep.equal(due.map(({ id }) => id));
      return records.map(({ action }) => action);
    };
    const at = async (time: number | bigint) => {
      await desk.warpTo(Number(time));
      return actions();
    };
    expect(await at(first.target - 1)).to.deep.equal([ACTION.awaitsStrike]);
    expect(await at(first.target)).to.deep.equal([ACTION.strikeable]);
    const second = await requestBet(desk, trader);
    await executeBets(desk, keeper, [first]);
    const expiry = await prediction.returnableFrom(second.id);
    expect(await at(expiry - 1n)).to.deep.equal([ACTION.awaitsSettlement, ACTION.strikeable]);
    expect(await at(expiry)).to.deep.equal([ACTION.awaitsSettlement, ACTION.returnable]);
    const { target } = await settlementOf(desk, first);
    expect(await at(target - 1)).to.deep.equal([ACTION.awaitsSettlement, ACTION.returnable]);
    expect(await at(target)).to.deep.equal([ACTION.settleable, ACTION.returnable]);
    const patience = await prediction.returnableFrom(first.id);
    expect(await at(patience - 1n)).to.deep.equal([ACTION.settleable, ACTION.returnable]);
    expect(await at(patience)).to.deep.equal([ACTION.returnable, ACTION.returnable]);
  });

  it("previews a struck bet at a price given and at that of the feeds", async () => {
    const { desk, prediction, predictionLens, replica, fee, unit, struck } = await start();
    const bet = await struck({ isUp: true });
    const strike = desk.priceOf("BTC");
    const { stake } = strikeBet(100n * unit, fee);
    const won = settleBet(stake, 770_000n, true, strike, strike + 100n).payout;
    for (const [price, payout] of [
      [strike + 100n, won],
      [strike, 0n],
      [strike - 100n, 0n],
    ]) {
      const expected = [price, payout > 0n, payout, payout - stake];
      expect(await predictionLens.previewAt(prediction, bet.id, price)).to.deep.equal(expected);
      await replica.setPushPrice("BTC", price);
      expect(await predictionLens.preview(prediction, bet.id)).to.deep.equal(expected);
    }
  });

  it("previews nothing that is not struck or has no price", async () => {
    const { desk, trader, prediction, predictionLens, replica, struck } = await start();
    const waiting = await requestBet(desk, trader);
    for (const id of [waiting.id, 999n]) {
      for (const call of [
        () => predictionLens.preview(prediction, id),
        () => predictionLens.previewAt(prediction, id, 1n),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(predictionLens, "PredictionLens_NotStruck").withArgs(id);
      }
    }
    const bet = await struck();
    await replica.setPushPrice("BTC", 0n);
    await expect(predictionLens.preview(prediction, bet.id))
      .to.be.revertedWithCustomError(predictionLens, "PredictionLens_PriceMissing")
      .withArgs(assetIdOf("BTC"));
  });
});
