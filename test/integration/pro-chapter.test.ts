import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import hre from "hardhat";
import { ProDesk } from "../../kit/pro/ProDesk";
import { cancelAll, ladder, marketOrder } from "../../kit/pro/quotes";
import { ModelMismatchError } from "../../kit/pro/told";
import { Narrator } from "../../scripts/demo/narrator";
import { PricePath } from "../../scripts/demo/path";
import { tellPro } from "../../scripts/demo/pro/chapter";
import { Stage } from "../../scripts/demo/stage";
import { QUOTE } from "../../sdk/model/pro";
import { parseDecimal } from "../../sdk/units";
import { thrownBy } from "../dsl/thrown";
import { systemFixture } from "../fixtures/system";

const LOTS = 1_000n;

async function stageFixture() {
  const deployment = await loadFixture(systemFixture);
  const stage = await Stage.open(hre, { ...deployment, ground: "replica" }, PricePath.generate(1));
  return { stage };
}

/** A maker who quotes BTC, and a trader with cash. */
async function marketFixture() {
  const { stage } = await stageFixture();
  const { actors, desk } = stage;
  const pro = await ProDesk.open(desk);
  const maker = await pro.join(actors.maker, 100_000n * QUOTE);
  const trader = await pro.join(actors.trader, 10_000n * QUOTE);
  const keeper = await pro.join(actors.keeper, QUOTE);
  await desk.refresh();
  const rungs = [{ pips: 100n, lots: LOTS }];
  await pro.act(maker, ladder(pro.exchange.state, 0, desk.priceOf("BTC"), rungs), [0]);
  return { pro, maker, trader, keeper, state: pro.exchange.state };
}

/** The same again: the chain goes back to the fixture, and the model with it. */
async function market() {
  const { state, ...fixture } = await loadFixture(marketFixture);
  fixture.pro.exchange.state = structuredClone(state);
  return fixture;
}

const quote = (text: string) => parseDecimal(text, 18);

describe("the chapter of Pro", () => {
  it("is told on the chain as the model has it, and reported", async () => {
    const { stage } = await loadFixture(stageFixture);
    const told: string[] = [];
    const report = await tellPro(stage, new Narrator((line) => told.push(line)));

    expect(report.token).to.equal(stage.profile.pro.settlementSymbol);
    expect(report.accounts.map(({ account, name }) => [name, account])).to.deep.equal([
      ["maker", "256"],
      ["trader", "512"],
      ["gambler", "768"],
      ["keeper", "1024"],
    ]);
    const { fees, makerFees, notional } = report.trade;
    expect(quote(fees) * 10_000n).to.equal(quote(notional) * 4n);
    expect(quote(makerFees) * 8n).to.equal(quote(fees));
    const { available, equity, initialMargin, maintenanceMargin } = report.health;
    expect(quote(equity) > quote(initialMargin) && quote(initialMargin) > quote(maintenanceMargin)).to.equal(true);
    expect(quote(available) <= quote(equity) - quote(initialMargin)).to.equal(true);
    expect(report.funding).to.include({ hours: "8", rate: "0.01", received: report.funding.paid });
    // 0.01% of the notional, but for the price that moved from the fill's to the index.
    const share = (quote(report.funding.paid) * 1_000_000n) / quote(notional);
    expect(share).to.be.within(99n, 101n);
    const { stop } = report;
    expect(stop).to.include({ side: "sell", size: "0.5", toKeeper: "0.1" });
    expect(quote(stop.tickPrice) < quote(stop.stopPrice)).to.equal(true);
    // A percent below the tick at worst.
    expect(quote(stop.price) * 100n >= quote(stop.tickPrice) * 99n).to.equal(true);
    const { liquidation } = report;
    expect(liquidation).to.include({ size: "0.5", fromFund: "0" });
    expect(quote(liquidation.left) + quote(liquidation.fees) < quote(liquidation.equity)).to.equal(true);
    expect(quote(liquidation.toKeeper) > 0n).to.equal(true);
    expect(report.booksBalanced).to.equal(true);
    expect(told.join("\n")).to.contain("a keeper brings the tick and sends the order into the book");
    expect(told.join("\n")).to.contain("a keeper sells the position to the book");
  });
});

describe("a desk of Pro", () => {
  it("makes every call on chain and model, and finds no difference", async () => {
    const { pro, maker, trader, keeper } = await market();
    const { results } = await pro.act(trader, [marketOrder(0, "buy", LOTS / 2n)]);
    expect(results[0].placed?.filled).to.equal(LOTS / 2n);
    const { outcomes } = await pro.keep(keeper, [{ kind: "liquidate", scope: { account: trader }, market: 0 }]);
    expect(outcomes).to.deep.equal([{ done: { kind: "healthy" } }]);
    await pro.act(maker, cancelAll(pro.exchange.state, maker, 0));
    expect(await pro.differences()).to.deep.equal([]);
  });

  it("finds what differs", async () => {
    const { pro, trader } = await market();
    const { state } = pro.exchange;
    state.accounts[trader].cash += 1n;
    state.collateral += pro.quotePerUnit;
    expect((await pro.differences()).map((difference) => difference.split(":")[0])).to.deep.equal([
      `account ${trader}.cash`,
      `account ${trader}.equity`,
      `account ${trader}.available`,
      "collateral",
    ]);
    state.markets[0].book.sell[0].orders[0].lots -= 1n;
    const error = await thrownBy(pro.act(trader, [marketOrder(0, "buy", LOTS)]));
    expect(error).to.be.instanceOf(ModelMismatchError);
    expect(error.message)
      .to.contain(`told filled ${LOTS} lots`)
      .and.to.contain(`expected filled ${LOTS - 1n} lots`);
  });
});
