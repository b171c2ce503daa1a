import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import type { HDNodeWallet } from "ethers";
import { connectTo, recordOf } from "../../kit/connect";
import { DEFAULT_PRICES } from "../../kit/replica";
import { Asterism } from "../../sdk/Asterism";
import { DeploymentError } from "../../sdk/chains/deployment";
import { attemptOf } from "../../sdk/clients/keeper";
import type { OrderInput } from "../../sdk/clients/orders";
import { NoPermitError } from "../../sdk/clients/permits";
import { NoSignerError } from "../../sdk/connection";
import { RefusedError } from "../../sdk/failures";
import { MULTICALL3 } from "../../sdk/reading";
import { UnitError, formatPrice, px, usd } from "../../sdk/units";
import { thrownBy } from "../dsl/thrown";
import { deskFixture } from "../fixtures/desk";

const LONG: OrderInput = { market: "BTC", mode: "standard", side: "long", leverage: 20, token: "USDT", amount: "1000" };

async function sdkFixture() {
  const fixture = await loadFixture(deskFixture);
  const { desk, trader, keeper, lp } = fixture;
  const [asTrader, asKeeper, asLp] = [
    await connectTo(desk, trader),
    await connectTo(desk, keeper),
    await connectTo(desk, lp),
  ];
  return { ...fixture, asTrader, asKeeper, asLp };
}

/** A position of the trader's, opened by the keeper at the price of now. */
async function openedFixture() {
  const fixture = await loadFixture(sdkFixture);
  const { asTrader, asKeeper } = fixture;
  const order = await (await asTrader.trade.market(LONG)).send();
  expect(await asKeeper.keeper.fill(order)).to.deep.equal({ id: order.id, outcome: "Opened", reason: "None" });
  return { ...fixture, id: order.id };
}

describe("Asterism", () => {
  describe("connect", () => {
    it("refuses records of other chains, of nothing, and chains without a deployment", async () => {
      const { system, profile, trader } = await loadFixture(sdkFixture);
      const other = await recordOf(system, profile.chainId === 56 ? 42161 : 56);
      expect((await thrownBy(Asterism.connect(trader, { deployment: other }))).message).to.match(
        /^the record is of chain \d+, the node of \d+$/,
      );
      const record = (await recordOf(system, profile.chainId)) as { contracts: object };
      const nowhere = { ...record, contracts: { ...record.contracts, trading: { address: trader.address } } };
      const error = await thrownBy(Asterism.connect(trader, { deployment: nowhere }));
      expect(error).to.be.instanceOf(DeploymentError);
      expect(error.message).to.contain(`no contract at ${trader.address}`);
      expect((await thrownBy(Asterism.connect(trader))).message).to.contain("this version knows no deployment");
    });

    it("reads without a signer, and says so where it needs one", async () => {
      const { system, profile } = await loadFixture(sdkFixture);
      const reading = await Asterism.connect(ethers.provider, { deployment: await recordOf(system, profile.chainId) });
      expect((await reading.trade.marketView("BTC", "standard")).price.mid).to.equal(DEFAULT_PRICES.BTC);
      expect(await thrownBy(reading.trade.market(LONG))).to.be.instanceOf(NoSignerError);
      expect((await thrownBy(reading.keeper.proveLatest("BTC"))).message).to.contain("without a source of prices");
    });
  });

  describe("trade", () => {
    it("refuses a leverage that is no whole number before it asks anybody", async () => {
      const { asTrader } = await loadFixture(sdkFixture);
      for (const leverage of [1.5, 0, -20, Number.NaN]) {
        const error = await thrownBy(asTrader.trade.market({ ...LONG, leverage }));
        expect(error).to.be.instanceOf(UnitError);
        expect(error.message).to.equal(`${leverage} is no leverage: a whole number is expected`);
      }
    });

    it("opens and closes, and quotes both to the unit before", async () => {
      const { asTrader, asKeeper, desk, tradingRecords, trader } = await loadFixture(sdkFixture);
      const opening = await asTrader.trade.quoteOpen(LONG, { confidence: formatPrice(DEFAULT_PRICES.BTC / 5_000n) });
      expect([opening.outcome, opening.reason]).to.deep.equal(["Opened", "None"]);
      const order = await (await asTrader.trade.market(LONG)).send();
      expect(await asTrader.trade.statusOf(order.id)).to.equal("MarketOrder");
      expect((await asKeeper.keeper.fill(order)).outcome).to.equal("Opened");
      const position = await tradingRecords.position(order.id);
      expect([position.entry, position.size, position.margin]).to.deep.equal([
        opening.entry,
        opening.size,
        opening.margin,
      ]);
      const view = await asTrader.trade.position(order.id);
      expect(view.liquidationPrice).to.equal(opening.liquidationPrice);

      await desk.setPrice("BTC", px("60500"));
      const close = await (await asTrader.trade.close(order.id)).send();
      const proof = await asKeeper.keeper.proveFirst("BTC", close.target);
      // The carry goes on until the block of the execution, which comes next.
      const quoted = await desk.system.tradingLens.closePreview(desk.system.trading, order.id, 0n, px("60500"), {
        blockTag: "pending",
      });
      const before = await desk.replica.token("USDT").balanceOf(trader);
      const { attempts } = await (await asKeeper.keeper.execute("trading", [{ id: order.id }], [proof])).send();
      expect(attempts).to.deep.equal([{ id: order.id, outcome: "Closed", reason: "None" }]);
      expect((await desk.replica.token("USDT").balanceOf(trader)) - before).to.equal(quoted.payout);
      expect(await asTrader.trade.statusOf(order.id)).to.equal("None");
      expect(await asTrader.trade.all()).to.deep.equal([]);
    });

    it("closes a part, adds margin and sets triggers", async () => {
      const { asTrader, asKeeper, tradingRecords, id } = await loadFixture(openedFixture);
      await (await asTrader.trade.addMargin(id, "50")).send();
      await asTrader.trade.setTriggers(id, { takeProfit: "60900", stopLoss: "59500" }).send();
      const [record] = await asTrader.trade.all();
      expect([record.id, record.takeProfit, record.stopLoss]).to.deep.equal([id, px("60900"), px("59500")]);
      const { size } = await tradingRecords.position(id);
      const quote = await asTrader.trade.quoteClose(id, { size: String(Number(size / 2n) / 1e8) });
      expect(quote.reason).to.equal("None");
      const part = await (await asTrader.trade.close(id, { size: String(Number(size / 2n) / 1e8) })).send();
      expect((await asKeeper.keeper.fill(part)).outcome).to.equal("Reduced");
      expect((await tradingRecords.position(id)).size).to.equal(size - size / 2n);
    });

    it("adds margin while no price is fresh, and none to what is no position", async () => {
      const { asTrader, desk, id } = await loadFixture(openedFixture);
      await desk.warp(48 * 3_600);
      const worth = (await thrownBy(asTrader.trade.position(id))) as RefusedError;
      expect(worth.error.name).to.equal("TradingLens_PriceMissing");
      await (await asTrader.trade.addMargin(id, "50")).send();
      expect((await asTrader.trade.all())[0].addedMargin).to.equal(desk.tokenUnits("USDT", 50n));
      const none = (await thrownBy(asTrader.trade.addMargin(99n, "50"))) as RefusedError;
      expect([none.error.name, none.error.args]).to.deep.equal(["TradingLens_NotOpen", { id: 99n }]);
    });

    it("rests limits, fills them at their price, and cancels them", async () => {
      const { asTrader, asKeeper, desk, tradingRecords } = await loadFixture(sdkFixture);
      const input = { ...LONG, price: "59900" };
      const quote = await asTrader.trade.quoteLimit(input, { price: "59800" });
      expect(quote.entry).to.equal(px("59900"));
      const limit = await (await asTrader.trade.limit(input)).send();
      const other = await (await asTrader.trade.limit(input)).send();
      await desk.warpTo(limit.target + 5);
      await desk.setPrice("BTC", px("59800"));
      const tick = await asKeeper.keeper.proveLatest("BTC");
      const batch = await (await asKeeper.keeper.execute("trading", [{ id: limit.id }, { id: 99n }], [tick])).send();
      expect(batch.attempts).to.deep.equal([
        { id: limit.id, outcome: "Opened", reason: "None" },
        { id: 99n, outcome: "Skipped", reason: "NothingPending" },
      ]);
      expect((await tradingRecords.position(limit.id)).entry).to.equal(px("59900"));
      await asTrader.trade.cancelLimit(other.id).send();
      await desk.warp(10);
      await asKeeper.trade.finishCancel(other.id).send();
      expect(await asTrader.trade.statusOf(other.id)).to.equal("None");
    });

    it("takes the native coin, and pays out in it", async () => {
      const { asTrader, asKeeper, trader, profile } = await loadFixture(sdkFixture);
      const amount = profile.key === "bnb" ? "2" : "1";
      const action = await asTrader.trade.market({ ...LONG, token: profile.nativeSymbol, amount });
      expect(action.transaction.value).to.equal(BigInt(amount) * 10n ** 18n);
      expect(action.allowances).to.deep.equal([]);
      const order = await action.send();
      expect((await asKeeper.keeper.fill(order)).outcome).to.equal("Opened");
      const close = await (await asTrader.trade.close(order.id)).send();
      const before = await ethers.provider.getBalance(trader);
      expect((await asKeeper.keeper.fill(close)).outcome).to.equal("Closed");
      expect(await ethers.provider.getBalance(trader)).to.be.greaterThan(before);
    });

    it("gives exactly the allowance that is missing, when it is told to", async () => {
      const { desk, stranger, trading } = await loadFixture(sdkFixture);
      await desk.replica.mintToken("USDT", stranger.address, desk.tokenUnits("USDT", 1_000n));
      const asStranger = await connectTo(desk, stranger);
      const action = await asStranger.trade.market(LONG);
      const usdt = await desk.replica.token("USDT").getAddress();
      const missing = { token: usdt, spender: await trading.getAddress(), amount: desk.tokenUnits("USDT", 1_000n) };
      expect(action.allowances).to.deep.equal([missing]);
      expect(await action.missingAllowances()).to.have.length(1);
      await action.send({ approve: true });
      expect(await action.missingAllowances()).to.have.length(1);
      expect(await desk.replica.token("USDT").allowance(stranger, trading)).to.equal(0n);
    });

    it("is an unsigned transaction that anybody can have signed and sent", async () => {
      const { asTrader, trader, profile } = await loadFixture(sdkFixture);
      const action = await asTrader.trade.market(LONG);
      const { chainId, ...transaction } = action.transaction;
      expect(chainId).to.equal(BigInt(profile.chainId));
      const receipt = await (await trader.sendTransaction(transaction)).wait();
      if (receipt === null) throw new Error("not mined");
      const { id, asset } = await action.outcomeOf(receipt);
      expect([await asTrader.trade.statusOf(id), asset]).to.deep.equal(["MarketOrder", "BTC"]);
    });
  });

  describe("refusals", () => {
    it("names the system's errors with their arguments and words, before anything is sent", async () => {
      const { asTrader, trader } = await loadFixture(sdkFixture);
      const nonce = await trader.getNonce();
      const action = await asTrader.trade.market({ ...LONG, leverage: 501 });
      for (const error of [await thrownBy(action.send()), await thrownBy(action.simulate())]) {
        expect(error).to.be.instanceOf(RefusedError);
        const { name, args } = (error as RefusedError).error;
        expect([name, args]).to.deep.equal(["Trading_LeverageOutOfRange", { leverage: 501n, min: 1n, max: 500n }]);
        expect(error.message).to.equal(
          "Trading_LeverageOutOfRange(leverage: 501, min: 1, max: 500): The book does not offer this leverage: choose a whole number from `min` to `max`.",
        );
      }
      expect(await trader.getNonce()).to.equal(nonce);
    });

    it("names the errors of tokens", async () => {
      const { desk, stranger, trading } = await loadFixture(sdkFixture);
      const asStranger = await connectTo(desk, stranger);
      const error = (await thrownBy((await asStranger.trade.market(LONG)).send())) as RefusedError;
      expect(error.error.name).to.equal("ERC20InsufficientAllowance");
      expect(error.error.args).to.deep.equal({
        ...{ spender: await trading.getAddress(), allowance: 0n, needed: desk.tokenUnits("USDT", 1_000n) },
      });
    });

    it("says in plain words why an order is not filled", async () => {
      const { asTrader, asKeeper, desk } = await loadFixture(sdkFixture);
      const order = await (await asTrader.trade.market({ ...LONG, acceptablePrice: "50000" })).send();
      expect(await asKeeper.keeper.fill(order)).to.deep.equal({
        id: order.id,
        outcome: "Refused",
        reason: "PriceBound",
      });
      const quote = await asTrader.trade.quoteOpen({ ...LONG, acceptablePrice: "50000" });
      expect([quote.outcome, quote.reason]).to.deep.equal(["Refused", "PriceBound"]);
      expect(await desk.isBalanced()).to.equal(true);
    });
  });

  describe("keeper", () => {
    it("liquidates, is paid, and claims it", async () => {
      const { asTrader, asKeeper, desk, keeper, id } = await loadFixture(openedFixture);
      const { liquidationPrice } = await asTrader.trade.position(id);
      await desk.setPrice("BTC", liquidationPrice - 10n ** 10n);
      await desk.warp(3);
      const proof = await asKeeper.keeper.proveLatest("BTC");
      const { attempts } = await (await asKeeper.keeper.liquidate([{ id }], [proof])).send();
      expect(attempts).to.deep.equal([{ id, outcome: "Liquidated", reason: "None" }]);
      const { USDT: due } = await asKeeper.vault.claimable();
      expect(due > 0n).to.equal(true);
      expect(await (await asKeeper.vault.claim("USDT")).send()).to.equal(due);
      expect(await desk.replica.token("USDT").balanceOf(keeper)).to.equal(due);
      expect(await asKeeper.vault.claimable()).to.deep.equal({});
    });

    it("tells why an item was skipped, and with what error one failed", async () => {
      const { asKeeper, trading, liquidator, id } = await loadFixture(openedFixture);
      const { attempts } = await (await asKeeper.keeper.execute("trading", [{ id }], [])).send();
      expect(attempts).to.deep.equal([{ id, outcome: "Skipped", reason: "NothingPending" }]);
      const refusal = trading.interface.encodeErrorResult("Trading_NotOpen", [id]);
      const failure = liquidator.interface.encodeEventLog("ItemFailed", [await trading.getAddress(), id, refusal]);
      const { outcome, error } = attemptOf(id, [failure]);
      expect([outcome, error?.name, error?.args]).to.deep.equal(["Failed", "Trading_NotOpen", { id }]);
      expect(attemptOf(id + 1n, [failure]).outcome).to.equal("Skipped");
    });
  });

  describe("bets", () => {
    it("places, strikes and settles, with the odds told before", async () => {
      const { asTrader, asKeeper, desk, trader, prediction } = await loadFixture(sdkFixture);
      const odds = await asTrader.bets.odds("BTC", "USDT", 300);
      expect(odds).to.deep.equal({ payoutPips: 770_000n, edgePips: 115_000n });
      const input = { market: "BTC", direction: "up", periodSeconds: 300, token: "USDT", stake: "100" } as const;
      const bet = await (await asTrader.bets.place(input)).send({ approve: true });
      expect((await asTrader.bets.all()).map(({ id }) => id)).to.deep.equal([bet.id]);
      expect((await asKeeper.keeper.fill(bet)).outcome).to.equal("Opened");
      const { stake } = await prediction.bet(bet.id);
      const settlement = await asTrader.bets.settlement(bet.id, bet.receipt);
      await desk.setPrice("BTC", px("60100"));
      const expected = await asTrader.bets.result(bet.id, "60100");
      expect(expected).to.deep.equal({ isWon: true, payout: stake + (stake * odds.payoutPips) / 1_000_000n });
      const before = await desk.replica.token("USDT").balanceOf(trader);
      expect((await asKeeper.keeper.fill(settlement)).outcome).to.equal("Closed");
      expect((await desk.replica.token("USDT").balanceOf(trader)) - before).to.equal(expected.payout);
    });
  });

  describe("alp", () => {
    it("mints and burns with the ticks of every asset, to at least what it said", async () => {
      const { asLp, desk, profile, lp, replica } = await loadFixture(sdkFixture);
      await replica.mintToken("USDC", lp.address, desk.tokenUnits("USDC", 1_000n));
      const preview = await asLp.alp.previewMint("USDC", "1000");
      const minted = await (await asLp.alp.mint("USDC", "1000")).send({ approve: true });
      expect(minted.amountOut <= preview.amountOut).to.equal(true);
      expect(minted.amountOut * 1_000n > preview.amountOut * 999n).to.equal(true);
      expect((await asLp.alp.balance()).cooling).to.equal(minted.amountOut);
      await desk.warp(profile.vault.cooldownSeconds);
      await desk.refresh();
      expect((await asLp.alp.balance()).cooling).to.equal(0n);
      const before = await replica.token("USDC").balanceOf(lp);
      const burned = await (await asLp.alp.burn("USDC", minted.amountOut)).send();
      expect((await replica.token("USDC").balanceOf(lp)) - before).to.equal(burned.amountOut);
    });
  });

  describe("permits", () => {
    it("opens without an allowance where the token takes signatures, and says so where it does not", async () => {
      const { asTrader, asKeeper, desk, profile, router } = await loadFixture(sdkFixture);
      if (profile.key === "bnb") {
        const error = await thrownBy(asTrader.permits.sign("USDC", "1"));
        expect(error).to.be.instanceOf(NoPermitError);
        expect(error.message).to.equal("USDC takes no permit: approve the contract instead");
        return;
      }
      const wallet: HDNodeWallet = ethers.Wallet.createRandom().connect(ethers.provider);
      await desk.replica.mintToken("USDC", wallet.address, desk.tokenUnits("USDC", 1_150n));
      await ethers.provider.send("hardhat_setBalance", [wallet.address, "0x56bc75e2d63100000"]);
      const asWallet = await connectTo(desk, wallet);
      const permit = await asWallet.permits.sign("USDC", "1000");
      const order = await (await asWallet.trade.market({ ...LONG, token: "USDC" }, permit)).send();
      expect((await asKeeper.keeper.fill(order)).outcome).to.equal("Opened");
      expect(await desk.replica.token("USDC").allowance(wallet, router)).to.equal(0n);

      const forMargin = await asWallet.permits.sign("USDC", "100", "trading");
      await (await asWallet.trade.addMargin(order.id, "100", forMargin)).send();
      expect((await asWallet.trade.all())[0].addedMargin).to.equal(desk.tokenUnits("USDC", 100n));
      const forPro = await asWallet.permits.sign("USDC", "50", "pro");
      await (await asWallet.pro.deposit("50", { sub: 3 }, forPro)).send();
      expect((await asWallet.pro.health(undefined, { sub: 3 })).cash).to.equal(usd("50"));
      expect(await desk.replica.token("USDC").balanceOf(wallet)).to.equal(0n);
    });
  });

  describe("reads", () => {
    it("are made as one where the chain has Multicall3, with the same answers and errors", async () => {
      const { desk, trader } = await loadFixture(openedFixture);
      const apart = await (await connectTo(desk, trader)).vault.balances();
      await ethers.provider.send("hardhat_setCode", [MULTICALL3, await deployedCode()]);
      const together = await connectTo(desk, trader);
      expect(await together.vault.balances()).to.deep.equal(apart);
      const { reader } = together.connection;
      const refused = { to: await desk.system.tradingLens.getAddress(), data: "0x12345678", decode: () => 0 };
      expect(await thrownBy(reader.all([refused]))).to.be.instanceOf(RefusedError);
    });
  });
});

async function deployedCode(): Promise<string> {
  return ethers.provider.getCode(await ethers.deployContract("StandInMulticall3"));
}
