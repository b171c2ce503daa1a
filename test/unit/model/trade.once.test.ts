import { expect } from "chai";
import fc from "fast-check";
import type { CloseInput, Position } from "../../../sdk/model";
import {
  bankruptcyPrice,
  closeFeeOwed,
  closeTrade,
  exitPrice,
  gainCap,
  isLiquidatable,
  isTakeProfitAllowed,
  isTierAllowed,
  liquidationPrice,
  liquidationReward,
  openTrade,
  openTradeAt,
  pnlUsd,
  settleLiquidation,
  splitAmountIn,
  takeProfitAtCap,
  toUsdDown,
} from "../../../sdk/model";
import { PIPS, px, size, tokens, usd } from "../../../sdk/units";
import type { OpenedPosition } from "./arbitraries";
import { carryPips, isRoundedDown, isRoundedUp, movePips, openedPosition, openInput } from "./arbitraries";

const USDT = { decimals: 18, price: px("1") };
const FEE = usd("0.5");

/** 100 USDT at 1001x, long BTC from 60,000. */
function degenLong(): Position {
  const opened = openTrade({
    isLong: true,
    leverage: 1001n,
    amountIn: tokens("100.5", 18),
    token: USDT,
    executionFeeUsd: FEE,
    openFeePips: 0n,
    tick: px("60000"),
    slippagePips: 0n,
  });
  return {
    isLong: true,
    entry: opened.entry,
    size: opened.size,
    margin: opened.margin,
    initialMargin: opened.margin,
    llrPips: 600_000n,
    profitCapPips: 3_000_000n,
    closeFeeKind: "degen",
    closeFeePips: 300n,
  };
}

function closeOf(position: Position, changes: Partial<CloseInput>): CloseInput {
  const base = { tick: position.entry, slippagePips: 0n, token: USDT, carryOwedUsd: 0n };
  return { position, ...base, executionFeeUsd: FEE, executionFeeCount: 0n, ...changes };
}

/** A close of an arbitrary position at an arbitrary later price. */
const anyClose = fc
  .record({
    opened: openedPosition,
    move: movePips,
    carry: carryPips,
    tokenMove: fc.bigInt({ min: 950_000n, max: 1_050_000n }),
    slippagePips: fc.constantFrom(0n, 100n, 5_000n),
    executionFeeCount: fc.constantFrom(0n, 1n, 2n),
  })
  .map(({ opened, move, carry, tokenMove, ...rest }): { opened: OpenedPosition; close: CloseInput } => {
    const { position, input, result } = opened;
    const token = { decimals: input.token.decimals, price: (input.token.price * tokenMove) / PIPS };
    const tick = (position.entry * move) / PIPS + 1n;
    const carryOwedUsd = (result.notional * carry) / PIPS;
    return { opened, close: { position, tick, token, carryOwedUsd, executionFeeUsd: input.executionFeeUsd, ...rest } };
  });

describe("model: opening", () => {
  it("divides the amount paid in without a remainder", () => {
    fc.assert(
      fc.property(openInput, (input) => {
        const { executionFee, margin, openFee } = openTrade(input);
        return executionFee + margin + openFee === input.amountIn && margin >= 0n && openFee >= 0n;
      }),
    );
  });

  it("keeps nothing for a margin when the execution fee takes it all", () => {
    expect(splitAmountIn(5n, 7n, 10n, 800n)).to.deep.equal({ executionFee: 5n, openFee: 0n, margin: 0n });
  });

  it("rounds every amount once, against the trader", () => {
    fc.assert(
      fc.property(openInput, (input) => {
        const { token, leverage, openFeePips, slippagePips, tick, isLong } = input;
        const opened = openTrade(input);
        const unit = 10n ** BigInt(token.decimals);
        const usdPerUnit = token.price * 10n ** 8n;
        const growth = PIPS + leverage * openFeePips;
        const entryNumerator = tick * (isLong ? PIPS + slippagePips : PIPS - slippagePips);
        const isEntryRounded = isLong ? isRoundedUp : isRoundedDown;
        return (
          isRoundedUp(opened.executionFee, input.executionFeeUsd * unit, usdPerUnit) &&
          isRoundedDown(opened.margin, (input.amountIn - opened.executionFee) * PIPS, growth) &&
          isRoundedDown(opened.marginUsd, opened.margin * usdPerUnit, unit) &&
          isEntryRounded(opened.entry, entryNumerator, PIPS) &&
          isRoundedDown(opened.size, opened.marginUsd * leverage, opened.entry) &&
          opened.notional === opened.entry * opened.size
        );
      }),
    );
  });

  it("takes at least the open fee on the resulting notional", () => {
    fc.assert(
      fc.property(openInput, (input) => {
        const { openFee, margin } = openTrade(input);
        return openFee * PIPS >= margin * input.leverage * input.openFeePips;
      }),
    );
  });

  it("gives no more margin or size in parts than in one piece", () => {
    fc.assert(
      fc.property(openInput, fc.bigInt({ min: 1n, max: 99n }), (input, percent) => {
        const free = { ...input, executionFeeUsd: 0n };
        const first = (input.amountIn * percent) / 100n;
        const whole = openTrade(free);
        const a = openTrade({ ...free, amountIn: first });
        const b = openTrade({ ...free, amountIn: input.amountIn - first });
        return a.margin + b.margin <= whole.margin && a.size + b.size <= whole.size;
      }),
    );
  });

  it("fills a limit exactly at its price", () => {
    const { amountIn, token } = { amountIn: tokens("100", 18), token: USDT };
    const opened = openTradeAt(
      { amountIn, token, leverage: 10n, executionFeeUsd: FEE, openFeePips: 800n },
      px("50000"),
    );
    expect(opened.entry).to.equal(px("50000"));
    expect(opened.notional).to.equal(opened.size * px("50000"));
  });
});

describe("model: closing", () => {
  it("rounds every amount once, against the trader", () => {
    fc.assert(
      fc.property(anyClose, ({ close }) => {
        const { position, token, carryOwedUsd, slippagePips, tick } = close;
        const result = closeTrade(close);
        const unit = 10n ** BigInt(token.decimals);
        const usdPerUnit = token.price * 10n ** 8n;
        const exitNumerator = tick * (position.isLong ? PIPS - slippagePips : PIPS + slippagePips);
        const isExitRounded = position.isLong ? isRoundedDown : isRoundedUp;
        const cap = gainCap(position.initialMargin, position.profitCapPips);
        const isGainRounded =
          result.gain === cap || isRoundedDown(result.gain, (result.pnlUsd - carryOwedUsd) * unit, usdPerUnit);
        const onNotional = position.size * result.exit * position.closeFeePips * unit;
        const fee = closeFeeOwed(position, result.exit, token);
        const isFeeRounded =
          position.closeFeeKind === "standard"
            ? isRoundedUp(fee, onNotional, usdPerUnit * PIPS)
            : fee * usdPerUnit * PIPS >= onNotional;
        return isExitRounded(result.exit, exitNumerator, PIPS) && isGainRounded && isFeeRounded;
      }),
    );
  });

  it("accounts for every token of margin and gain", () => {
    fc.assert(
      fc.property(anyClose, ({ close }) => {
        const r = closeTrade(close);
        const source = close.position.margin + r.gainPaid;
        return (
          r.executionFee + r.lossCollected + r.closeFee + r.payout === source &&
          r.executionFee === r.executorFee + r.armerFee &&
          [r.executorFee, r.armerFee, r.lossCollected, r.closeFee, r.payout, r.gainPaid].every((part) => part >= 0n) &&
          (r.gainPaid === 0n || r.lossCollected === 0n)
        );
      }),
    );
  });

  it("pays margin + gain − close fee − execution fee, never below 0", () => {
    fc.assert(
      fc.property(anyClose, ({ close }) => {
        const { position, token, executionFeeCount } = close;
        const r = closeTrade(close);
        const unit = 10n ** BigInt(token.decimals);
        const usdPerUnit = token.price * 10n ** 8n;
        const executionFee = executionFeeCount * -((-close.executionFeeUsd * unit) / usdPerUnit);
        const exact = position.margin + r.gain - closeFeeOwed(position, r.exit, token);
        // The fee above is rounded down, so that it bounds the payout from above.
        return r.payout <= (exact - executionFee > 0n ? exact - executionFee : 0n);
      }),
    );
  });

  it("never pays out of the vault more than was reserved", () => {
    fc.assert(
      fc.property(anyClose, ({ close }) => {
        const { position } = close;
        const cap = gainCap(position.initialMargin, position.profitCapPips);
        const r = closeTrade(close);
        return (
          r.gain <= cap &&
          r.payout <= position.margin + cap &&
          cap * PIPS <= position.initialMargin * position.profitCapPips
        );
      }),
    );
  });

  it("caps received carry together with the profit", () => {
    const position = degenLong();
    const cap = gainCap(position.initialMargin, position.profitCapPips);
    const atCap = closeTrade(closeOf(position, { tick: px("60200"), carryOwedUsd: usd("-50") }));
    expect(atCap.gain).to.equal(cap);
    const below = closeTrade(closeOf(position, { tick: px("60200"), carryOwedUsd: usd("50") }));
    expect(below.gain).to.equal(below.pnlUsd - usd("50"));
  });

  it("takes 15% of a Degen profit before carry and no more than of the capped one", () => {
    const position = degenLong();
    const near = exitPrice(px("60150"), 0n, true);
    const profit = pnlUsd(position, near);
    expect(closeFeeOwed(position, near, USDT)).to.equal((profit * 15n + 99n) / 100n);
    const cap = gainCap(position.initialMargin, position.profitCapPips);
    expect(closeFeeOwed(position, px("61000"), USDT)).to.equal((cap * 15n) / 100n);
    expect(closeFeeOwed(position, px("60000"), USDT)).to.equal((position.size * px("60000") * 300n + PIPS - 1n) / PIPS);
  });

  it("deducts executor, armer, loss, close fee in this order", () => {
    const tiny: Position = { ...degenLong(), margin: tokens("0.7", 18) };
    const r = closeTrade(closeOf(tiny, { tick: px("59990"), executionFeeCount: 2n }));
    expect([r.executorFee, r.armerFee, r.lossCollected, r.closeFee, r.payout]).to.deep.equal([
      tokens("0.5", 18),
      tokens("0.2", 18),
      0n,
      0n,
      0n,
    ]);
    const some: Position = { ...degenLong(), margin: tokens("20", 18) };
    const s = closeTrade(closeOf(some, { tick: px("59990"), executionFeeCount: 1n }));
    const loss = -s.gain;
    expect([s.executorFee, s.lossCollected, s.closeFee, s.payout]).to.deep.equal([
      tokens("0.5", 18),
      loss,
      tokens("19.5", 18) - loss,
      0n,
    ]);
  });

  it("pays no more for many equal positions than for one of their sum", () => {
    fc.assert(
      fc.property(anyClose, fc.bigInt({ min: 2n, max: 50n }), ({ close }, count) => {
        const { position } = close;
        const sum: Position = {
          ...position,
          size: position.size * count,
          margin: position.margin * count,
          initialMargin: position.initialMargin * count,
        };
        const one = closeTrade({ ...close, executionFeeCount: 0n });
        const all = closeTrade({
          ...close,
          position: sum,
          carryOwedUsd: close.carryOwedUsd * count,
          executionFeeCount: 0n,
        });
        return one.payout * count <= all.payout;
      }),
    );
  });
});

describe("model: liquidation", () => {
  it("starts exactly at the liquidation price", () => {
    fc.assert(
      fc.property(openedPosition, carryPips, ({ position, input, result }, carry) => {
        const carryOwed = (result.notional * carry) / PIPS;
        const at = liquidationPrice(position, carryOwed, input.token);
        const isIn = (tick: bigint) => isLiquidatable(position, tick, carryOwed, input.token);
        if (position.isLong) return at === 0n ? !isIn(1n) : isIn(at) && !isIn(at + 1n);
        return at === 0n ? isIn(1n) : isIn(at) && (at === 1n || !isIn(at - 1n));
      }),
    );
  });

  it("meets bankruptcy after liquidation, and liquidation later with less carry or more margin", () => {
    fc.assert(
      fc.property(
        openedPosition,
        carryPips,
        fc.bigInt({ min: 0n, max: 10n ** 24n }),
        ({ position, input, result }, carry, more) => {
          const carryOwed = (result.notional * carry) / PIPS;
          const away = (price: bigint, from: bigint) => (position.isLong ? price <= from : price >= from);
          const base = liquidationPrice(position, carryOwed, input.token);
          return (
            away(bankruptcyPrice(position, carryOwed, input.token), base) &&
            away(liquidationPrice(position, carryOwed - more, input.token), base) &&
            away(liquidationPrice({ ...position, margin: position.margin + more }, carryOwed, input.token), base) &&
            away(liquidationPrice({ ...position, llrPips: 700_000n }, carryOwed, input.token), base)
          );
        },
      ),
    );
  });

  it("agrees with distance = E × (M·LLR + F) / M / L", () => {
    fc.assert(
      fc.property(openedPosition, carryPips, ({ position, input, result }, carry) => {
        fc.pre(position.size >= 1_000n);
        const carryOwed = (result.notional * carry) / PIPS;
        const marginUsd = toUsdDown(position.margin, input.token);
        const received = -carryOwed;
        const distance =
          (position.entry * (marginUsd * position.llrPips + received * PIPS)) / (marginUsd * input.leverage * PIPS);
        const at = liquidationPrice(position, carryOwed, input.token);
        fc.pre(at > 0n);
        const actual = position.isLong ? position.entry - at : at - position.entry;
        const gap = actual > distance ? actual - distance : distance - actual;
        // The size is rounded by less than one part in itself.
        return gap <= 2n + (distance < 0n ? -distance : distance) / (position.size - 1n) + 1n;
      }),
    );
  });

  it("puts bankruptcy about 0.1% away at 1001x", () => {
    const position = degenLong();
    const distance = position.entry - bankruptcyPrice(position, 0n, USDT);
    expect(distance * 1001n >= position.entry && distance * 1000n <= position.entry).to.equal(true);
  });

  it("pays the liquidator 5%, at least 0.2 and at most 50 USD, at most the margin", () => {
    expect(liquidationReward(tokens("100", 18), USDT)).to.equal(tokens("5", 18));
    expect(liquidationReward(tokens("3", 18), USDT)).to.equal(tokens("0.2", 18));
    expect(liquidationReward(tokens("100000", 18), USDT)).to.equal(tokens("50", 18));
    expect(liquidationReward(tokens("0.1", 18), USDT)).to.equal(tokens("0.1", 18));
  });

  it("rounds the bounds of the reward down", () => {
    const token = { decimals: 6, price: px("0.3") };
    expect(liquidationReward(tokens("3", 6), token)).to.equal(666_666n);
    expect(liquidationReward(tokens("1000000", 6), token)).to.equal(166_666_666n);
  });

  it("counts a loss of exactly the share of the margin as reached", () => {
    const position: Position = { ...degenLong(), size: size("1"), margin: tokens("100", 18) };
    expect(isLiquidatable(position, px("59940"), 0n, USDT)).to.equal(true);
    expect(isLiquidatable(position, px("59940") + 1n, 0n, USDT)).to.equal(false);
    expect(isLiquidatable(position, px("59941"), usd("1"), USDT)).to.equal(true);
    expect(isLiquidatable(position, px("59940"), -1n, USDT)).to.equal(false);
    expect(liquidationPrice(position, 0n, USDT)).to.equal(px("59940"));
    const short = { ...position, isLong: false };
    expect(isLiquidatable(short, px("60060"), 0n, USDT)).to.equal(true);
    expect(liquidationPrice(short, 0n, USDT)).to.equal(px("60060"));
  });

  it("divides the margin completely and records what it fell short of", () => {
    fc.assert(
      fc.property(anyClose, ({ close }) => {
        const { position, tick, carryOwedUsd, token } = close;
        const { reward, toVault, badDebt } = settleLiquidation(position, tick, carryOwedUsd, token);
        const short = (carryOwedUsd - pnlUsd(position, tick)) * 10n ** BigInt(token.decimals);
        const usdPerUnit = token.price * 10n ** 8n;
        const isDebtRight =
          badDebt === 0n
            ? short <= (position.margin - reward) * usdPerUnit
            : isRoundedUp(badDebt + position.margin - reward, short, usdPerUnit);
        return reward + toVault === position.margin && reward >= 0n && toVault >= 0n && isDebtRight;
      }),
    );
  });
});

describe("model: take profit and tiers", () => {
  it("allows a take profit up to the cap and not beyond", () => {
    fc.assert(
      fc.property(openedPosition, ({ position, result }) => {
        const at = takeProfitAtCap(position, result.marginUsd);
        const cap = position.profitCapPips * result.marginUsd;
        const step = position.isLong ? 1n : -1n;
        const isWithin = pnlUsd(position, at) * PIPS <= cap;
        const isFirstBeyond = at === 0n || pnlUsd(position, at + step) * PIPS > cap;
        return isWithin && isFirstBeyond;
      }),
    );
  });

  it("wants a take profit on the winning side", () => {
    const position = degenLong();
    const marginUsd = usd("100");
    const cap = takeProfitAtCap(position, marginUsd);
    const allowed = [0n, px("60001"), cap];
    const refused = [px("60000"), px("59999"), cap + 1n];
    for (const tp of allowed) expect(isTakeProfitAllowed(position, marginUsd, tp), `${tp}`).to.equal(true);
    for (const tp of refused) expect(isTakeProfitAllowed(position, marginUsd, tp), `${tp}`).to.equal(false);
    const short = { ...position, isLong: false };
    expect(isTakeProfitAllowed(short, marginUsd, px("59999"))).to.equal(true);
    expect(isTakeProfitAllowed(short, marginUsd, px("60000"))).to.equal(false);
    expect(isTakeProfitAllowed(short, marginUsd, takeProfitAtCap(short, marginUsd) - 1n)).to.equal(false);
  });

  const degenTier = { maxLeverage: 1001n, maxExitSlippagePips: 100n, closeFeePips: 300n, llrPips: 600_000n };
  const standardTier = { maxLeverage: 500n, maxExitSlippagePips: 200n, closeFeePips: 800n, llrPips: 600_000n };

  it("accepts tiers that leave room between opening and liquidation, and no others", () => {
    expect(isTierAllowed("degen", degenTier, 100n)).to.equal(true);
    expect(isTierAllowed("degen", { ...degenTier, maxExitSlippagePips: 101n }, 100n)).to.equal(false);
    expect(isTierAllowed("degen", { ...degenTier, closeFeePips: 301n }, 100n)).to.equal(false);
    expect(isTierAllowed("standard", standardTier, 100n)).to.equal(true);
    expect(isTierAllowed("standard", { ...standardTier, maxExitSlippagePips: 201n }, 100n)).to.equal(false);
    expect(isTierAllowed("standard", { ...standardTier, llrPips: 600_001n }, 100n)).to.equal(false);
  });

  it("accepts tiers whose exits may slip by the book's fixed slippage, and loss rates from 50% to 95%", () => {
    expect(isTierAllowed("standard", standardTier, 200n)).to.equal(true);
    expect(isTierAllowed("standard", standardTier, 201n)).to.equal(false);
    const low = { maxLeverage: 10n, maxExitSlippagePips: 200n, closeFeePips: 800n };
    for (const [llrPips, isAllowed] of [
      [499_999n, false],
      [500_000n, true],
      [950_000n, true],
      [950_001n, false],
    ] as const) {
      expect(isTierAllowed("standard", { ...low, llrPips }, 200n)).to.equal(isAllowed);
    }
  });
});
