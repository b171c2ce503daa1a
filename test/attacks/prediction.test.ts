import { expect } from "chai";
import type { ContractTransactionReceipt } from "ethers";
import { ethers } from "hardhat";
import type { Proof } from "../../kit/desk/Desk";
import { confirmed } from "../../kit/desk/Desk";
import { betRequest, executeBets, requestBet, settlementOf } from "../../kit/desk/bets";
import { betProfit, settleBet, strikeBet } from "../../sdk/model";
import { px } from "../../sdk/units";
import { DAY, stakesOf, start } from "../unit/prediction/fixture";
import type { BetContext } from "../unit/prediction/fixture";
import { expectBalanced, expectIntact, holdingOf, navOf } from "./support";
import { revertOf } from "../dsl/reverts";

const STRIKE = px("60000");
const UP = px("60100");
const DOWN = px("59900");
const REASON = { tickOfOtherAsset: 4, notFirst: 5, tooEarly: 6 } as const;

/** What the executor would make of a bet with these proofs: the reason it gives, 0 for none. */
async function attempt({ desk, executor, prediction, keeper }: BetContext, id: bigint, proofs: Proof[], tickIndex = 0) {
  const value = await desk.updateFee(proofs);
  const [{ reason, isFailed }] = await executor
    .connect(keeper)
    .execute.staticCall(prediction, proofs, [{ tradeId: id, tickIndex }], { value });
  expect(isFailed).to.equal(false);
  return Number(reason);
}

async function send({ desk, executor, prediction, keeper }: BetContext, id: bigint, proofs: Proof[]) {
  const items = [{ tradeId: id, tickIndex: 0 }];
  const value = await desk.updateFee(proofs);
  return confirmed(executor.connect(keeper).execute(prediction, proofs, items, { value }));
}

describe("attacks: predictions", () => {
  describe("O23: whoever settles chooses no price", () => {
    it("O23: of all ticks after the expiry the first alone settles, whichever the settler prefers", async () => {
      const context = await start();
      const { desk, struck, prediction } = context;
      const { id, target } = await settlementOf(desk, await struck());
      await desk.warpTo(target + 60);
      // Later ticks, proven as the first after later moments, and honest about it.
      for (const after of [1, 2, 10, 59]) {
        expect(await attempt(context, id, [desk.firstTick("BTC", target + after, { price: UP })])).to.equal(
          REASON.notFirst,
        );
      }
      // Any tick, without the proof that it is the first.
      for (const after of [0, 1, 30]) {
        expect(await attempt(context, id, [desk.anyTick("BTC", target + after, { price: UP })])).to.equal(
          REASON.notFirst,
        );
      }
      expect(await attempt(context, id, [desk.firstTick("BTC", target - 1, { price: UP })])).to.equal(REASON.tooEarly);
      expect(await attempt(context, id, [desk.firstTick("ETH", target)])).to.equal(REASON.tickOfOtherAsset);
      expect(await prediction.statusOf(id)).to.equal(2n);
      expect(await attempt(context, id, [desk.firstTick("BTC", target)])).to.equal(0);
    });

    it("O23 O02: a winning and a losing tick in one transaction: the index chooses nothing", async () => {
      const context = await start();
      const { desk, struck } = context;
      const { id, target } = await settlementOf(desk, await struck());
      await desk.warpTo(target + 5);
      const proofs = [
        desk.firstTick("BTC", target + 2, { price: UP }),
        desk.firstTick("BTC", target, { price: DOWN }),
        desk.anyTick("BTC", target, { price: UP }),
      ];
      expect(await attempt(context, id, proofs, 0)).to.equal(REASON.notFirst);
      expect(await attempt(context, id, proofs, 2)).to.equal(REASON.notFirst);
      expect(await attempt(context, id, proofs, 1)).to.equal(0);
    });

    it("O23: of two ticks in the second of the expiry only the first can be proven to be it", async () => {
      const context = await start();
      const { desk, struck, trader, usdt, replica } = context;
      const { id, target } = await settlementOf(desk, await struck());
      await desk.warpTo(target + 5);
      // The second tick of that second names the first as the one before: the same publish time.
      const second = desk.firstTick("BTC", target, { price: UP, previous: target });
      expect(await revertOf(send(context, id, [second]))).to.equal("PriceFeedNotFoundWithinRange()");
      const before = await usdt.balanceOf(trader);
      await send(context, id, [desk.firstTick("BTC", target, { price: DOWN })]);
      expect(await usdt.balanceOf(trader)).to.equal(before);
      expect(replica.kind).to.equal("replica");
      await expectBalanced(desk);
    });

    it("O23: a tick published at the expiry counts, one a second before it does not", async () => {
      const context = await start();
      const { desk, struck } = context;
      const { id, target } = await settlementOf(desk, await struck());
      await desk.warpTo(target + 5);
      const early = desk.firstTick("BTC", target - 1, { at: target - 1, price: UP });
      expect(await attempt(context, id, [early])).to.equal(REASON.tooEarly);
      // Proven from earlier on, and published at the expiry: nothing lies between, so it is the first.
      const spanning = desk.firstTick("BTC", target - 3, { at: target, previous: target - 4, price: UP });
      expect(await attempt(context, id, [spanning])).to.equal(0);
    });

    it("O23: the same tick gives the same result, whoever brings it, early or late", async () => {
      const results: string[] = [];
      for (const [delay, who] of [
        [1, "keeper"],
        [DAY + 29, "stranger"],
        [40 * DAY, "trader"],
      ] as const) {
        const context = await start();
        const { desk, prediction, executor, struck } = context;
        const { id, target } = await settlementOf(desk, await struck());
        const proof = desk.firstTick("BTC", target, { price: UP });
        await desk.warpTo(target + delay);
        const items = [{ tradeId: id, tickIndex: 0 }];
        const value = await desk.updateFee([proof]);
        const receipt = await confirmed(executor.connect(context[who]).execute(prediction, [proof], items, { value }));
        const [event] = settledIn(context, receipt);
        results.push([event.isWon, event.settlement, event.payout, event.executionFee].join());
      }
      expect(new Set(results).size, results.join(" | ")).to.equal(1);
    });

    it("O23: a strike is as little to be chosen", async () => {
      const context = await start();
      const { desk, trader, prediction } = context;
      const { id, target } = await requestBet(desk, trader);
      await desk.refresh();
      await desk.warpTo(target + 10);
      expect(await attempt(context, id, [desk.firstTick("BTC", target + 3, { price: DOWN })])).to.equal(
        REASON.notFirst,
      );
      expect(await attempt(context, id, [desk.anyTick("BTC", target, { price: DOWN })])).to.equal(REASON.notFirst);
      await send(context, id, [desk.firstTick("BTC", target, { price: STRIKE })]);
      expect((await prediction.bet(id)).strike).to.equal(STRIKE);
    });
  });

  describe("O24: withholding a proof is no option", () => {
    it("O24: whoever is silent changes nothing: anyone brings the tick, even after a day and more", async () => {
      const context = await start();
      const { desk, struck, stranger, trader, usdt, fee, unit } = context;
      const due = await settlementOf(desk, await struck());
      await desk.warp(2 * DAY);
      const before = await usdt.balanceOf(trader);
      await executeBets(desk, stranger, [due], { price: UP });
      const { payout } = settleBet(strikeBet(100n * unit, fee).stake, 770_000n, true, STRIKE, UP);
      expect((await usdt.balanceOf(trader)) - before).to.equal(payout);
      await expectBalanced(desk);
    });

    it("A11 O24: whoever lost can't take the stake back before a day has passed in which anyone may settle", async () => {
      const context = await start();
      const { desk, struck, prediction, trader, profile } = context;
      const due = await settlementOf(desk, await struck());
      const { executionWindowSeconds } = profile.execution;
      const from = due.target + executionWindowSeconds + DAY + 1;
      for (const at of [due.target, due.target + executionWindowSeconds + 1, from - 1]) {
        await desk.warpTo(at - 1);
        await expect(prediction.connect(trader).returnStake(due.id))
          .to.be.revertedWithCustomError(prediction, "Prediction_NotReturnable")
          .withArgs(due.id, from);
      }
      await executeBets(desk, context.stranger, [due], { price: DOWN });
      expect(await prediction.statusOf(due.id)).to.equal(0n);
    });

    it("O24: a player who sees the strike can't undo the request, and is refunded in full where nobody struck", async () => {
      const context = await start();
      const { desk, trader, prediction, usdt } = context;
      const before = await usdt.balanceOf(trader);
      const { id, target } = await requestBet(desk, trader);
      const from = await prediction.returnableFrom(id);
      await desk.warpTo(target + 10);
      await expect(prediction.connect(trader).returnStake(id))
        .to.be.revertedWithCustomError(prediction, "Prediction_NotReturnable")
        .withArgs(id, from);
      await desk.warpTo(Number(from));
      await prediction.connect(trader).returnStake(id);
      expect(await usdt.balanceOf(trader)).to.equal(before);
    });

    it("O24: a strike after the expiry is none, however authentic its tick", async () => {
      const context = await start();
      const { desk, trader, prediction } = context;
      const { id, target } = await requestBet(desk, trader);
      await desk.warpTo(Number(await prediction.returnableFrom(id)));
      await desk.refresh();
      expect(await attempt(context, id, [desk.firstTick("BTC", target, { price: DOWN })])).to.equal(2);
    });
  });

  describe("caps", () => {
    it("X11: requests in one block share a cap, the last one that does not fit is refused", async () => {
      const context = await start();
      const { desk, trader, other, prediction, predictionConfigurator, guardian, usdt, profile } = context;
      const stake = stakesOf(profile, "USDT").maxStake / 2n;
      await predictionConfigurator.connect(guardian).cutCap(prediction, 0, usdt, 300, 2n * stake);
      const hashes: string[] = [];
      await ethers.provider.send("evm_setAutomine", [false]);
      for (const player of [trader, other, trader]) {
        const request = await betRequest(desk, player, { stake });
        const sent = await prediction.connect(player).requestBet(request, { gasLimit: 500_000 });
        hashes.push(sent.hash);
      }
      await ethers.provider.send("evm_mine", []);
      await ethers.provider.send("evm_setAutomine", [true]);
      const statuses = [];
      for (const hash of hashes) statuses.push((await ethers.provider.getTransactionReceipt(hash))?.status);
      expect(statuses.filter((status) => status === 1)).to.have.lengthOf(2);
      expect(await prediction.openStake(0, usdt, 300, true)).to.equal(2n * stake);
    });

    it("X13: a bet named twice in a batch frees its place in the cap once", async () => {
      const context = await start();
      const { desk, keeper, prediction, usdt, struck, fee, unit } = context;
      const first = await struck();
      await struck();
      const due = await settlementOf(desk, first);
      const { results } = await executeBets(desk, keeper, [due, due, due], { price: UP });
      expect(results.map(({ outcome, reason }) => `${outcome} ${reason}`)).to.deep.equal([
        "Closed None",
        "Skipped NothingPending",
        "Skipped NothingPending",
      ]);
      expect(await prediction.openStake(0, usdt, 300, true)).to.equal(strikeBet(100n * unit, fee).stake);
      await expect(prediction.returnStake(first.id))
        .to.be.revertedWithCustomError(prediction, "Prediction_BetNotFound")
        .withArgs(first.id);
      await expectBalanced(desk);
    });

    it("cutting a cap below what is staked traps nobody", async () => {
      const context = await start();
      const { desk, keeper, guardian, prediction, predictionConfigurator, usdt, struck } = context;
      const bet = await struck();
      await predictionConfigurator.connect(guardian).cutCap(prediction, 0, usdt, 300, 1n);
      const { results } = await executeBets(desk, keeper, [await settlementOf(desk, bet)], { price: UP });
      expect(results[0].outcome).to.equal("Closed");
      expect(await prediction.openStake(0, usdt, 300, true)).to.equal(0n);
    });

    it("a ceiling of 0 lets the product run off: open bets are won in full, new ones are refused", async () => {
      const context = await start();
      const { desk, trader, keeper, guardian, prediction, vault, usdt, struck, fee, unit } = context;
      const bet = await struck();
      await vault.connect(guardian).cutCeiling(prediction, usdt, 0n);
      await expect(prediction.connect(trader).requestBet(await betRequest(desk, trader)))
        .to.be.revertedWithCustomError(vault, "Vault_ReserveFull")
        .withArgs(usdt.target, 77n * unit);
      const before = await usdt.balanceOf(trader);
      await executeBets(desk, keeper, [await settlementOf(desk, bet)], { price: UP });
      const { stake } = strikeBet(100n * unit, fee);
      expect((await usdt.balanceOf(trader)) - before).to.equal(stake + betProfit(stake, 770_000n));
    });
  });

  describe("the LPs", () => {
    it("F05: up and down at once loses the edge, and both on a tie", async () => {
      for (const [settlement, factor] of [
        [UP, 1n],
        [DOWN, 1n],
        [STRIKE, 0n],
      ] as const) {
        const { desk, keeper, trader, usdt, struck, fee, unit } = await start();
        const before = await usdt.balanceOf(trader);
        const bets = [await struck({ isUp: true }), await struck({ isUp: false })];
        for (const bet of bets) await executeBets(desk, keeper, [await settlementOf(desk, bet)], { price: settlement });
        const { stake } = strikeBet(100n * unit, fee);
        const won = factor * (stake + betProfit(stake, 770_000n));
        expect((await usdt.balanceOf(trader)) - before).to.equal(won - 200n * unit);
        expect(won).to.be.lessThan(200n * unit);
      }
    });

    it("V08 I27: burning can't touch the wins that are reserved; all of them are paid at once", async () => {
      const context = await start();
      const { desk, lp, alp, alpManager, keeper, vault, usdt, prediction, struck, fee, unit } = context;
      const bets = [await struck(), await struck(), await struck()];
      const targets = new Set<number>();
      for (const bet of bets) targets.add((await settlementOf(desk, bet)).target);
      const ledger = await vault.ledger(usdt);
      const free = ledger.liquidity - ledger.reserved;
      // What all ALP is worth is far more than what is free of one token.
      await expect(desk.burn(lp, "USDT", await alp.balanceOf(lp)))
        .to.be.revertedWithCustomError(alpManager, "AlpManager_LiquidityReserved")
        .withArgs((required: bigint) => required > free, free);
      const { reserved } = await vault.productLedger(prediction, usdt);
      expect(reserved).to.equal(3n * betProfit(strikeBet(100n * unit, fee).stake, 770_000n));
      for (const bet of bets) await executeBets(desk, keeper, [await settlementOf(desk, bet)], { price: UP });
      expect((await vault.productLedger(prediction, usdt)).reserved).to.equal(0n);
      await expectBalanced(desk);
    });

    it("V04 V05: minting before bets are lost and burning after takes nothing from the others", async () => {
      const context = await start();
      const { desk, keeper, trader, lp, other, alp, profile } = context;
      const bet = await requestBet(desk, trader, { stake: desk.tokenUnits("USDT", 5_000n) });
      await executeBets(desk, keeper, [bet]);
      const paid = desk.tokenUnits("USDC", 1_000_000n);
      await desk.mint(other, "USDC", paid);
      const before = await holdingOf(desk, "USDC", other);
      await executeBets(desk, keeper, [await settlementOf(desk, bet)], { price: DOWN });
      await desk.warp(profile.vault.cooldownSeconds);
      await desk.refresh();
      await desk.burn(other, "USDC", await alp.balanceOf(other));
      expect((await holdingOf(desk, "USDC", other)) - before).to.be.at.most(paid);
      expect(await alp.balanceOf(lp)).to.be.greaterThan(0n);
    });

    it("I20: a request, its refusals and its refund never cost the LPs anything", async () => {
      const context = await start();
      const { desk, trader, keeper, prediction } = context;
      const nav = await navOf(desk);
      const refused = await requestBet(desk, trader);
      await executeBets(desk, keeper, [refused], { confidence: desk.priceOf("BTC") / 100n });
      const expired = await requestBet(desk, trader);
      await desk.warpTo(Number(await prediction.returnableFrom(expired.id)));
      await prediction.returnStake(expired.id);
      await desk.refresh();
      await expectIntact(desk, nav);
    });
  });

  it("L03: too little gas reverts the batch: no bet is marked as failed for the lack of it", async () => {
    const context = await start();
    const { desk, struck, executor, prediction, keeper } = context;
    const due = await settlementOf(desk, await struck());
    await desk.warpTo(due.target + 1);
    const proofs = [desk.firstTick("BTC", due.target, { price: UP })];
    const items = [{ tradeId: due.id, tickIndex: 0 }];
    const value = await desk.updateFee(proofs);
    for (const gasLimit of [200_000, 400_000, 800_000, 1_000_000]) {
      const sent = executor.connect(keeper).execute(prediction, proofs, items, { value, gasLimit });
      // So much gas is asked for before each item, whatever is left.
      expect(await revertOf(sent)).to.match(/^KeeperBatch_GasTooLow\(\d+,1075873\)$/);
      expect(await prediction.statusOf(due.id)).to.equal(2n);
    }
  });
});

function settledIn({ prediction }: BetContext, receipt: ContractTransactionReceipt): Record<string, unknown>[] {
  const parsed = receipt.logs.map((log) => prediction.interface.parseLog(log));
  return parsed.flatMap((event) =>
    event?.name === "BetSettled" ? [event.args.toObject() as Record<string, unknown>] : [],
  );
}
