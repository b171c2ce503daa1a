import { expect } from "chai";
import { abs } from "../../../sdk/model";
import type { Candidate, Guard } from "../../../sdk/model/pro";
import {
  FLAT,
  MAJOR_TIERS,
  MINOR_TIERS,
  NO_FUNDING,
  accrueFunding,
  advanceBasis,
  advanceGuard,
  bankruptcyPriceOf,
  boundTick,
  cumulated,
  deficitOf,
  equityShare,
  feeOf,
  fill,
  fundingRate,
  fundingOwed,
  healthOf,
  initialMargin,
  isAdmitted,
  isEntryWithin,
  isLiquidatable,
  isUrgent,
  isWithinGuard,
  lossPerLot,
  maintenanceMargin,
  maintenanceOf,
  markOf,
  newFunding,
  passesOpeningRule,
  searchDepth,
  stepFees,
  unrealised,
  unrealisedOf,
  valueOf,
  wantedLots,
} from "../../../sdk/model/pro";
import { formatDecimal, px, usd } from "../../../sdk/units";
import { BTC, BTC_TERMS, ETH, ETH_TERMS, holding, opened, resting } from "./samples";

const BP_X18 = 10n ** 14n;
/** A fraction of 18 decimals in basis points, to the nearest of six decimals. */
const bp = (valueX18: bigint) => formatDecimal(valueX18 + (valueX18 < 0n ? -1n : 1n) * (BP_X18 / 2_000_000n), 14, 6);
const BTC_FUNDING = { interestPips: 100n, capPips: 5_000n };

describe("pro model: published vectors", () => {
  it("1: maintenance margin by tiers", () => {
    const margins = ["100000", "250000", "300000", "2000000"].map((text) => maintenanceMargin(MAJOR_TIERS, usd(text)));
    expect(margins).to.deep.equal(["375", "1125", "1625", "33625"].map(usd));
    const sums = (tiers: typeof MAJOR_TIERS) => tiers.map((_, index) => cumulated(tiers, index));
    expect(sums(MAJOR_TIERS)).to.deep.equal(["0", "125", "1375", "16375", "141375", "641375"].map(usd));
    expect(sums(MINOR_TIERS)).to.deep.equal(["0", "750", "7000", "57000"].map(usd));
  });

  describe("2: isolated, 2 BTC at 100,000 and 50x", () => {
    const position = opened(BTC, 2_000n, "100000");
    const short = opened(BTC, -2_000n, "100000");
    const healthAt = (cash: string, mark: string, held = position) =>
      healthOf(usd(cash), [holding(BTC_TERMS, 50n, mark, { position: held })]);

    it("takes 4,000 of margin and 80 of fee", () => {
      expect(initialMargin(holding(BTC_TERMS, 50n, "100000", { position }), px("100000"))).to.equal(usd("4000"));
      expect(feeOf(usd("200000"), 400n)).to.equal(usd("80"));
    });

    it("is liquidated where maintenance margin meets equity", () => {
      expect(isLiquidatable(healthAt("4000", "98429.6482413"))).to.equal(false);
      expect(isLiquidatable(healthAt("4000", "98429.6482411"))).to.equal(true);
      expect(formatDecimal(healthAt("4000", "98429.6482412").maintenance, 18, 4)).to.equal("859.2964");
      expect(isLiquidatable(healthAt("4000", "101554.7263681", short))).to.equal(false);
      expect(isLiquidatable(healthAt("4000", "101554.7263683", short))).to.equal(true);
    });

    it("is bankrupt at 98,000", () => {
      expect(healthAt("4000", "98000").equity).to.equal(0n);
    });

    it("lets go what no position needs and never unrealised profit", () => {
      expect(healthAt("5000", "101000").available).to.equal(usd("960"));
      expect(healthAt("5000", "103000").available).to.equal(usd("880"));
      expect(healthAt("4000", "103000").available).to.equal(0n);
    });
  });

  describe("3: cross, long 2 BTC at 50x and short 50 ETH at 25x", () => {
    const held = (btc: string, eth: string) => [
      holding(BTC_TERMS, 50n, btc, { position: opened(BTC, 2_000n, "100000") }),
      holding(ETH_TERMS, 25n, eth, { position: opened(ETH, -5_000n, "4000") }),
    ];
    const candidateOf = (btc: string, eth: string, which: number): Candidate => {
      const holdings = held(btc, eth);
      const { equity, maintenance } = healthOf(usd("20000"), holdings);
      const { mark, position, terms } = holdings[which];
      const ownMaintenance = maintenanceOf(holdings[which], mark);
      return { grid: terms.grid, tiers: terms.tiers, lots: position.lots, mark, equity, maintenance, ownMaintenance };
    };

    it("is worth and needs what both together do", () => {
      const holdings = held("98000", "4050");
      const { available, equity, initial, maintenance } = healthOf(usd("20000"), holdings);
      const gain = holdings.reduce((sum, one) => sum + unrealisedOf(one, one.mark), 0n);
      expect([gain, equity, initial, available]).to.deep.equal(["-6500", "13500", "12020", "1480"].map(usd));
      expect(maintenance).to.equal(usd("855") + usd("887.5"));
    });

    it("has bankruptcy prices by share of maintenance margin, which leave nothing", () => {
      const { equity, maintenance } = healthOf(usd("20000"), held("91800", "4050"));
      expect([equity, maintenance]).to.deep.equal(["1100", "1680.5"].map(usd));
      const btc = candidateOf("91800", "4050", 0);
      const eth = candidateOf("91800", "4050", 1);
      expect(formatDecimal(bankruptcyPriceOf(btc), 10, 7)).to.equal("91540.4641475");
      expect(formatDecimal(bankruptcyPriceOf(eth), 10, 7)).to.equal("4061.6185659");
      const left = equity - equityShare(btc, 2_000n) - equityShare(eth, 5_000n);
      expect(left === 0n || left === 1n).to.equal(true);
    });
  });

  it("4: open cost of a bid above the mark, the same at 100x", () => {
    const costAt = (leverage: bigint) => {
      const sums = resting([1_000n, 103_000n], [0n, 0n]);
      const stake = holding(BTC_TERMS, leverage, "102990", { position: FLAT, sums });
      return initialMargin(stake, stake.mark);
    };
    expect([costAt(20n), costAt(100n)]).to.deep.equal([usd("5160"), usd("5160")]);
  });

  it("5: mark", () => {
    const book = { bid: px("100040"), ask: px("100060"), last: px("100120") };
    expect(markOf(px("100000"), -3n * BP_X18, book, 3_000n)).to.deep.equal({
      index: px("100000"),
      basis: px("99970"),
      book: px("100060"),
      mark: px("100000"),
    });
  });

  it("6: mean basis, the same in two parts", () => {
    const start = -3n * BP_X18;
    expect(bp(advanceBasis(start, 9n * BP_X18, 30n))).to.equal("-1.858341");
    const twice = advanceBasis(advanceBasis(start, 9n * BP_X18, 30n), 9n * BP_X18, 30n);
    const once = advanceBasis(start, 9n * BP_X18, 60n);
    expect([bp(twice), bp(once)]).to.deep.equal(["-0.825297", "-0.825297"]);
    expect(abs(twice - once) <= 2n).to.equal(true);
  });

  it("7: funding", () => {
    const rates = [8n, 2n, -12n].map((mean) => fundingRate(mean * BP_X18, BTC_FUNDING));
    expect(rates).to.deep.equal([3n, 1n, -7n].map((rate) => rate * BP_X18));
    // An hour that began with a mean premium of 8 bp.
    const state = { ...newFunding(0n), meanPremiumX18: 8n * BP_X18 };
    const { indices } = accrueFunding(state, 3_600n, 0n, BTC, px("100000"), BTC_FUNDING);
    expect(fundingOwed(opened(BTC, 1_000n, "100000"), indices)).to.equal(usd("3.75"));
    expect(fundingOwed(opened(BTC, -1_000n, "100000"), indices)).to.equal(usd("-3.75"));
  });

  describe("8: liquidation of a long of 1 at a mark of 97,000", () => {
    const stepAt = (equity: string): Candidate => {
      const maintenance = maintenanceMargin(MAJOR_TIERS, usd("97000"));
      const sums = { equity: usd(equity), maintenance, ownMaintenance: maintenance };
      return { grid: BTC, tiers: MAJOR_TIERS, lots: 1_000n, mark: px("97000"), ...sums };
    };
    const bound = (candidate: Candidate, seconds: bigint) => boundTick(candidate, seconds, 20_000n, false);

    it("closes all at an equity of 200", () => {
      const step = stepAt("200");
      expect(step.maintenance).to.equal(usd("360"));
      expect(isUrgent(step.equity, step.maintenance)).to.equal(true);
      expect([wantedLots(step), bound(step, 0n)]).to.deep.equal([1_000n, 96_950n]);
      expect(bankruptcyPriceOf(step)).to.equal(px("96800"));
      const left = step.equity + valueOf(BTC, px("96960") - step.mark, 1_000n);
      const fees = stepFees(usd("96960"), left, 400n, 500n);
      expect(fees).to.deep.equal({
        takerFee: usd("38.784"),
        liquidationFee: usd("48.48"),
        toCaller: usd("12.12"),
        toFund: usd("36.36"),
      });
      expect(left - fees.takerFee - fees.liquidationFee).to.equal(usd("72.736"));
    });

    it("leads to the next lower tier at an equity of 300", () => {
      const step = stepAt("300");
      expect(isUrgent(step.equity, step.maintenance)).to.equal(false);
      expect(wantedLots(step)).to.equal(485n);
      expect(bankruptcyPriceOf(step)).to.equal(px("96700"));
      expect([bound(step, 0n), bound(step, 10n)]).to.deep.equal([96_925n, 96_825n]);
      const notional = valueOf(BTC, px("96930"), 485n);
      const left = step.equity + valueOf(BTC, px("96930") - step.mark, 485n);
      const { liquidationFee, takerFee, toCaller } = stepFees(notional, left, 400n, 500n);
      expect([takerFee, liquidationFee, toCaller]).to.deep.equal(["18.80442", "23.505525", "5.87638125"].map(usd));
      expect(left - takerFee - liquidationFee).to.equal(usd("223.740055"));
      expect(maintenanceMargin(MAJOR_TIERS, valueOf(BTC, step.mark, 515n))).to.equal(usd("124.8875"));
    });

    it("leaves an equity of 600 alone", () => {
      const entry = opened(BTC, 1_000n, "100000");
      const health = healthOf(usd("3600"), [holding(BTC_TERMS, 20n, "97000", { position: entry })]);
      expect(health.equity).to.equal(usd("600"));
      expect(isLiquidatable(health)).to.equal(false);
    });
  });

  it("9: deleveraging and the charge of last resort", () => {
    const winner = { lots: 250n, cost: usd("24000"), snapshot: 0n };
    const mark = px("112000");
    expect(unrealised(BTC, winner, mark, NO_FUNDING)).to.equal(usd("4000"));
    expect(isAdmitted(BTC, winner, mark, NO_FUNDING, 7n)).to.equal(false);
    expect(isAdmitted(BTC, winner, mark, NO_FUNDING, 8n)).to.equal(true);

    const maintenance = maintenanceMargin(MAJOR_TIERS, usd("97000"));
    const sums = { equity: usd("-300"), maintenance, ownMaintenance: maintenance };
    const bankrupt: Candidate = { grid: BTC, tiers: MAJOR_TIERS, lots: 1_000n, mark: px("97000"), ...sums };
    expect(bankruptcyPriceOf(bankrupt)).to.equal(px("97300"));
    const deficit = deficitOf(bankrupt, 1_000n);
    expect(deficit).to.equal(usd("300"));
    const isWithin = (entry: string) =>
      isEntryWithin(BTC, opened(BTC, -1_000n, entry), bankrupt.mark, NO_FUNDING, 20n, deficit, 1_000n);
    expect([isWithin("97300"), isWithin("97299")]).to.deep.equal([true, false]);
    expect(lossPerLot(deficit, 40_000n) * 1_000n).to.equal(usd("7.5"));
  });

  it("10: a fill that turns a position round", () => {
    const grid = { tickSize: px("1"), lotSize: 10n ** 8n };
    const change = fill(grid, opened(grid, 3n, "100"), NO_FUNDING, -4n, px("110"));
    expect(change.realised).to.equal(usd("30"));
    expect(change.position).to.deep.equal({ lots: -1n, cost: usd("-110"), snapshot: 0n });
  });

  it("11: guard", () => {
    const mostLeverage = ({ gapX9 }: Guard) => {
      let leverage = 200n;
      while (!isWithinGuard(leverage, gapX9)) leverage--;
      return leverage;
    };
    const jumped = advanceGuard({ mean: px("100"), gapX9: 0n }, px("100"), px("101"), 0n);
    expect([jumped.mean, jumped.gapX9, mostLeverage(jumped)]).to.deep.equal([px("100"), 10_000_000n, 25n]);
    const later = advanceGuard(jumped, px("101"), px("101"), 60n);
    expect([later.mean, later.gapX9, mostLeverage(later)]).to.deep.equal([px("100.5"), 9_330_330n, 26n]);
    const distance = advanceGuard({ ...jumped, gapX9: 0n }, px("101"), px("101"), 60n).gapX9;
    expect(distance).to.equal(4_975_125n);
  });

  it("12: the worse of mark and index, each by itself", () => {
    const stake = holding(BTC_TERMS, 20n, "100100", { position: opened(BTC, 1_000n, "100000"), index: "99900" });
    const health = healthOf(usd("5105"), [stake]);
    expect([health.loss, health.initial]).to.deep.equal([usd("-100"), usd("5005")]);
    expect(passesOpeningRule(usd("5105"), health)).to.equal(true);
    expect(passesOpeningRule(usd("5105") - 1n, health)).to.equal(false);
  });

  it("13: deep bid", () => {
    const grid = { tickSize: px("1"), lotSize: 10n ** 6n };
    const lotsOf = (value: string, tick: bigint) => usd(value) / (px("1") * grid.lotSize) / tick;
    const levels = [
      { tick: 100n, firmLots: lotsOf("800", 100n) },
      { tick: 99n, firmLots: 0n },
      { tick: 98n, firmLots: lotsOf("900", 98n) + 1n },
      { tick: 97n, firmLots: lotsOf("5000", 97n) },
    ];
    expect(searchDepth(grid, levels, usd("2000"))).to.deep.equal({ best: 100n, deep: 97n });
    expect(searchDepth(grid, levels.slice(0, 3), usd("2000"))).to.deep.equal({ best: 100n });
  });

  it("14: a resting order that turns a position round", () => {
    const marginWith = (bidLots: bigint) => {
      const sums = resting([bidLots, 100_000n], [2_000n, 100_000n]);
      const stake = holding(BTC_TERMS, 200n, "100000", { position: opened(BTC, 1_000n, "100000"), sums });
      return initialMargin(stake, stake.mark);
    };
    expect([marginWith(0n), marginWith(1_000n)]).to.deep.equal([usd("5000"), usd("5500")]);
  });
});
