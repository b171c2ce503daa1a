import { loadFixture, takeSnapshot, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { Interface, MaxUint256, ZeroAddress, ZeroHash } from "ethers";
import { NO_TICK, confirmed } from "../../kit/desk/Desk";
import type { OpenOptions } from "../../kit/desk/Desk";
import { betRequest } from "../../kit/desk/bets";
import { px } from "../../sdk/units";
import { ReentrantToken__factory } from "../../typechain-types";
import { deskFixture } from "../fixtures/desk";
import { callAs, deployWallet, expectBalanced, holdingOf, navOf, replaceToken, stateOf } from "./support";

const GUARD = new Interface(["error ReentrancyGuardReentrantCall()"]).getError("ReentrancyGuardReentrantCall");
/** Sent with mints and burns: more than Pyth asks, so that the rest comes back through the wallet. */
const SENT_WEI = 10n;
const GUARD_SELECTOR = GUARD?.selector ?? "";

/**
 * The attacker is a contract with a position in profit, another open position, free ALP, a claim and allowances for
 * everything; the margin token is one that calls it in the middle of each transfer.
 */
async function hookedFixture() {
  const fixture = await loadFixture(deskFixture);
  const { desk, keeper, trading, tradingRecords, alpManager, alpLens, alp, lp, vault } = fixture;
  const address = await replaceToken(desk, "USDT", "ReentrantToken");
  const token = ReentrantToken__factory.connect(address, keeper);
  const wallet = await deployWallet();
  const attacker = await wallet.getAddress();
  await confirmed(token.mint(attacker, desk.tokenUnits("USDT", 1_000_000n)));
  await keeper.sendTransaction({ to: attacker, value: 10n ** 18n });
  await callAs(wallet, token, "approve", [trading.target, MaxUint256]);
  await callAs(wallet, token, "approve", [alpManager.target, MaxUint256]);
  await callAs(wallet, token, "approve", [fixture.prediction.target, MaxUint256]);
  await confirmed(alp.connect(lp).transfer(attacker, 10n ** 21n));

  const open = async (options: OpenOptions = {}) => {
    const request = await desk.openRequest(keeper, { owner: attacker, ...options });
    const id = await trading.nextTradeId();
    const receipt = await callAs(wallet, trading, "requestOpen", [request]);
    const target = (await desk.now()) + desk.delayOf(options.mode ?? "degen");
    const { results } = await desk.settle(keeper, { id, asset: "BTC", target, receipt });
    expect(results[0].outcome).to.equal("Opened");
    return id;
  };
  const closing = await open();
  const other = await open({ mode: "standard", amount: desk.tokenUnits("USDT", 1_000n) });
  const half = (await tradingRecords.position(other)).size / 2n;
  const resting = await trading.nextTradeId();
  const limit = await desk.openRequest(keeper, {
    owner: attacker,
    acceptablePrice: px("50000"),
    deadline: 2 ** 40 - 1,
  });
  await callAs(wallet, trading, "requestLimit", [limit]);
  await desk.setPrice("BTC", px("60060"));
  await callAs(wallet, trading, "requestClose", [closing, 0, (await desk.now()) + 3_600]);
  const target = (await desk.now()) + desk.delayOf("degen");
  await desk.warpTo(target + 1);
  await desk.refresh();

  /** Every way into the system, with arguments that would work for the attacker at any other moment. */
  const entries = async (tickTime: number) => {
    const { assetIds, updateData } = desk.referenceTicks(tickTime);
    const deadline = (await desk.now()) + 3_600;
    const request = await desk.openRequest(keeper, { owner: attacker, leverage: 1001 });
    const target = trading.target;
    const item = { tradeId: other, tickIndex: 0 };
    const credit = { account: attacker, amount: 1n };
    const none = { account: ZeroAddress, amount: 0n };
    const settlement = {
      ...{ token: address, collateral: 1n, reserve: 0n, toFees: 0n, executor: credit, armer: none },
      ...{ receiver: attacker, payout: 0n, asNative: false },
    };
    const bet = { ...(await betRequest(desk, keeper)), owner: attacker };
    const opening = { token: address, reserve: 0n, toLiquidity: 0n, toFees: 0n, executor: none };
    return [
      [trading, "requestOpen", [request]],
      [trading, "requestLimit", [limit]],
      [trading, "requestClose", [other, 0, deadline]],
      [trading, "requestPartialClose", [other, half, 0, deadline]],
      [trading, "updateTpSl", [other, 0, px("59000")]],
      [trading, "addMargin", [other, 1]],
      [trading, "addMarginWithPermit", [other, 1, deadline, 27, ZeroHash, ZeroHash]],
      [trading, "cancelLimit", [resting]],
      [trading, "cancelExpired", [other]],
      [trading, "execute", [other, 0, attacker]],
      [trading, "liquidate", [other, 0, attacker]],
      [trading, "lpPnl", [0n, []]],
      [fixture.prediction, "requestBet", [bet]],
      [vault, "claim", [address, attacker, false]],
      [vault, "deposit", [address, attacker, 1n]],
      [vault, "open", [opening]],
      [vault, "settle", [settlement]],
      [alpManager, "mint", [address, desk.tokenUnits("USDT", 100n), 0, deadline, assetIds, updateData]],
      [alpManager, "burn", [address, 10n ** 20n, 0, deadline, attacker, false, assetIds, updateData]],
      [alpLens, "nav", [ZeroAddress]],
      [alpLens, "previewBurn", [ZeroAddress, address, 10n ** 18n]],
      [fixture.executor, "execute", [target, [], [item]]],
      [fixture.liquidator, "liquidate", [target, [], [{ ...item, closeTickIndex: NO_TICK }]]],
      [fixture.feeDistributor, "collect", [address]],
    ] as const;
  };
  const arm = async (entry: Awaited<ReturnType<typeof entries>>[number], isBefore: boolean) => {
    const [contract, name, args] = entry;
    const value = contract === alpManager && ["mint", "burn"].includes(name) ? SENT_WEI : 0n;
    const data = (contract.interface as Interface).encodeFunctionData(name, args);
    const call = wallet.interface.encodeFunctionData("execute", [contract.target, value, data]);
    await confirmed(token.arm(attacker, call, isBefore));
  };
  return { ...fixture, token, wallet, attacker, closing, other, closeTarget: target, entries, arm };
}

describe("attacks: re-entrancy", () => {
  it("X01 V03: every entry called out of a close's payout changes nothing", async () => {
    const fixture = await loadFixture(hookedFixture);
    const { desk, keeper, entries, arm, token, attacker, closing, other, closeTarget } = fixture;
    const start = await takeSnapshot();
    // Carry runs by the second: every attempt is made, and looked at, at the same time.
    const settle = async () => {
      await time.setNextBlockTimestamp(closeTarget + 25);
      const batch = await desk.execute(keeper, [closing], [desk.firstTick("BTC", closeTarget)]);
      expect(batch.results[0].outcome).to.equal("Closed");
      await desk.warpTo(closeTarget + 27);
      const holding = await holdingOf(desk, "USDT", attacker);
      return { state: await stateOf(desk, [other]), nav: await navOf(desk), holding };
    };
    const expected = await settle();
    const calls = await entries(closeTarget + 22);
    for (const entry of calls) {
      const [, name] = entry;
      for (const isBefore of [false, true]) {
        await start.restore();
        await arm(entry, isBefore);
        const actual = await settle();
        await expectBalanced(desk);
        expect([actual.nav, actual.holding], name).to.deep.equal([expected.nav, expected.holding]);
        // A hook that wants more gas than a payment gets has its payment booked as a claim, and has done nothing else.
        if ((await token.callCount()) === 0n) continue;
        expect(actual.state, name).to.equal(expected.state);
        expect(await token.lastSuccess(), name).to.equal(false);
      }
    }
  });

  it("X01: every entry called out of the deposit of an order is kept out", async () => {
    const { desk, keeper, entries, arm, token, wallet, attacker, trading } = await loadFixture(hookedFixture);
    const start = await takeSnapshot();
    const calls = await entries(await desk.now());
    const place = async () => {
      const request = await desk.openRequest(keeper, { owner: attacker, deadline: (await desk.now()) + 3_600 });
      await callAs(wallet, trading, "requestOpen", [request]);
      await confirmed(token.disarm());
      return stateOf(desk);
    };
    const expected = await place();
    for (const entry of calls) {
      await start.restore();
      await arm(entry, false);
      expect(await place(), entry[1]).to.equal(expected);
      await expectBalanced(desk);
    }
  });

  it("X01: every entry called out of the deposit of added margin is kept out", async () => {
    const { desk, entries, arm, token, wallet, trading, tradingRecords, other } = await loadFixture(hookedFixture);
    const start = await takeSnapshot();
    const calls = await entries(await desk.now());
    const add = async () => {
      await callAs(wallet, trading, "addMargin", [other, desk.tokenUnits("USDT", 10n)]);
      await confirmed(token.disarm());
      return `${await stateOf(desk, [other])} ${String(await tradingRecords.extraOf(other))}`;
    };
    const expected = await add();
    for (const entry of calls) {
      await start.restore();
      await arm(entry, false);
      expect(await add(), entry[1]).to.equal(expected);
      await expectBalanced(desk);
    }
  });

  it("X01 S04: the Router serves nobody a second time while it serves, its caller neither", async () => {
    const fixture = await loadFixture(hookedFixture);
    const { desk, keeper, router, token, wallet, attacker, trading, prediction } = fixture;
    await callAs(wallet, token, "approve", [router.target, MaxUint256]);
    const request = await desk.openRequest(keeper, { owner: attacker });
    const bet = { ...(await betRequest(desk, keeper)), owner: attacker };
    const permit = { token: token.target, amount: 1n, deadline: MaxUint256, v: 27, r: ZeroHash, s: ZeroHash };
    const start = await takeSnapshot();
    const place = async () => {
      await callAs(wallet, router, "requestOpen", [trading.target, request]);
      const told = [await token.callCount(), await token.lastSuccess(), await token.lastReturnData()] as const;
      await confirmed(token.disarm());
      return { told, state: await stateOf(desk) };
    };
    const expected = await place();
    const refusal = router.interface.encodeErrorResult("Router_NotForCaller", [attacker, attacker]);
    for (const [name, args] of [
      ["multicall", [[]]],
      ["permit", [permit]],
      ["requestOpen", [trading.target, request]],
      ["requestOpenNative", [trading.target, request]],
      ["requestLimit", [trading.target, request]],
      ["requestLimitNative", [trading.target, request]],
      ["requestBet", [prediction.target, bet]],
      ["requestBetNative", [prediction.target, bet]],
    ] as const) {
      await start.restore();
      const data = (router.interface as Interface).encodeFunctionData(name, args);
      const call = wallet.interface.encodeFunctionData("execute", [router.target, 0n, data]);
      await confirmed(token.arm(attacker, call, false));
      const { state, told } = await place();
      expect(told.slice(1), name).to.deep.equal([false, refusal]);
      expect(state, name).to.equal(expected.state);
    }
  });

  it("X01: every entry of Prediction called out of the deposit of a bet is refused by its guard", async () => {
    const { desk, keeper, token, wallet, attacker, prediction } = await loadFixture(hookedFixture);
    const bet = { ...(await betRequest(desk, keeper)), owner: attacker };
    const id = await prediction.nextBetId();
    for (const [name, args] of [
      ["requestBet", [bet]],
      ["execute", [id, 0, attacker]],
      ["returnStake", [id]],
    ] as const) {
      const data = (prediction.interface as Interface).encodeFunctionData(name, args);
      const call = wallet.interface.encodeFunctionData("execute", [prediction.target, 0n, data]);
      await confirmed(token.arm(attacker, call, false));
      await callAs(wallet, prediction, "requestBet", [bet]);
      expect([await token.lastSuccess(), await token.lastReturnData()], name).to.deep.equal([false, GUARD_SELECTOR]);
    }
    expect(await prediction.nextBetId()).to.equal(id + 3n);
  });

  it("V03: neither NAV nor a preview can be read, nor ALP moved, while a deposit or a mint is under way", async () => {
    const { desk, keeper, entries, arm, token, wallet, attacker, trading, alpManager } =
      await loadFixture(hookedFixture);
    const start = await takeSnapshot();
    const request = await desk.openRequest(keeper, { owner: attacker, deadline: (await desk.now()) + 3_600 });
    const busy = [
      alpManager.interface.getError("AlpManager_Busy")?.selector,
      alpManager.interface.getError("AlpManager_ProductNotValued")?.selector,
      trading.interface.getError("Trading_MidCall")?.selector,
      GUARD_SELECTOR,
    ];
    const names = ["nav", "previewBurn", "mint", "burn", "lpPnl"];
    // A tick of a mint is five seconds old at most: everything happens at one time.
    const at = (await desk.now()) + 40;
    const calls = (await entries(at)).filter(([, name]) => names.includes(name));
    expect(calls.length).to.equal(names.length);
    const mint = async () => {
      const { assetIds, updateData } = desk.referenceTicks(at);
      const data = alpManager.interface.encodeFunctionData("mint", [
        ...([token.target, desk.tokenUnits("USDT", 100n), 0n, (await desk.now()) + 3_600] as const),
        assetIds,
        updateData,
      ]);
      return confirmed(wallet.execute(alpManager, SENT_WEI, data));
    };
    for (const entry of calls) {
      for (const operation of [() => callAs(wallet, trading, "requestOpen", [request]), mint]) {
        await start.restore();
        await arm(entry, false);
        await time.setNextBlockTimestamp(at);
        await operation();
        // Of Trading's own sums only Trading's own calls are the middle.
        if (entry[1] === "lpPnl" && operation === mint) continue;
        expect(await token.lastSuccess(), entry[1]).to.equal(false);
        expect(busy, entry[1]).to.include((await token.lastReturnData()).slice(0, 10));
      }
    }
  });

  it("X01: a claim, a refund and a burn pay a re-entering receiver once", async () => {
    const { desk, entries, arm, token, wallet, attacker, vault, executor, trading, stranger } =
      await loadFixture(hookedFixture);
    // The attacker executes its own order's close by itself and so has something to claim: from another's close.
    const [claim] = (await entries(await desk.now())).filter(
      ([contract, name]) => contract === vault && name === "claim",
    );
    await desk.fund(stranger, "USDT", desk.tokenUnits("USDT", 1_000n));
    const pending = await desk.requestOpen(stranger, { leverage: 1001 });
    await desk.warpTo(pending.target + 1);
    await desk.refresh();
    const proof = desk.firstTick("BTC", pending.target);
    const items = [{ tradeId: pending.id, tickIndex: 0 }];
    const data = executor.interface.encodeFunctionData("execute", [trading.target, [proof], items]);
    await confirmed(wallet.execute(executor, 1n, data, { value: 1n }));
    const owed = await vault.claimableOf(token, attacker);
    expect(owed).to.be.greaterThan(0n);

    const before = await token.balanceOf(attacker);
    await arm(claim, true);
    await callAs(wallet, vault, "claim", [token.target, attacker, false]);
    expect(await token.lastSuccess()).to.equal(false);
    expect(await token.lastReturnData()).to.equal(GUARD_SELECTOR);
    expect((await token.balanceOf(attacker)) - before).to.equal(owed);
    expect(await vault.claimableOf(token, attacker)).to.equal(0n);
    await expectBalanced(desk);
  });
});
