import { expect } from "chai";
import type { AssetKey } from "../../deploy/profiles";
import * as model from "../../sdk/model";
import type { ReferencePrice } from "../../sdk/model";
import { doneOrRefused } from "./faults";
import type { Fault } from "./faults";
import { nextSecond, pick } from "./orders";
import { found } from "./records";
import type { StepOf } from "./steps";
import { toUsdDown, toUsdUp, valueX34, worthOf } from "./valuation";
import type { PriceOf, Worth } from "./valuation";
import type { World } from "./world";

/** The model's arithmetic on USD with 34 decimals: supply and worth are both scaled, so nothing is lost. */
const SCALE = 10n ** 16n;

interface Ticks {
  readonly assetIds: number[];
  readonly updateData: string[];
  readonly value: bigint;
  /** Prices of a mint, and of a burn. */
  readonly mintPriceOf: PriceOf;
  readonly burnPriceOf: PriceOf;
  readonly now: number;
}

/** Ticks of now for everything that a mint or a burn can need; the next block is a second later. */
async function referenceTicks(world: World): Promise<Ticks> {
  const { desk, publisher } = world.context;
  await world.refresh();
  const at = await desk.now();
  const { assetIds } = desk.referenceTicks(at);
  const assets = [...world.prices.keys()].filter((asset) => assetIds.includes(world.assetId(asset)));
  const confidence = (asset: AssetKey): bigint => (world.priceOf(asset) / 10_000n / 100n) * 100n;
  const ticks = assets.map((asset) =>
    desk.pythPrice(asset, at, { price: world.priceOf(asset), confidence: confidence(asset) }),
  );
  const proof = {
    assetIds: assets.map((asset) => world.assetId(asset)),
    minPublishTime: 0,
    isUnique: false,
    updateData: [publisher.update(ticks)],
  };
  const value = await desk.updateFee([proof]);
  const now = await nextSecond(world);
  const inputOf = (asset: AssetKey): model.ReferenceInput => ({
    fresh: world.outside.fresh(asset, now),
    tick: assets.includes(asset) ? { price: world.priceOf(asset), confidence: confidence(asset) } : undefined,
    quorum: BigInt(world.context.profile.oracle.referenceQuorums[asset] ?? 0),
    maxSpreadPips: world.outside.maxSpreadPips,
    hasRecentStoredPrice: false,
  });
  const mintPriceOf: PriceOf = (asset) => model.mintReference(inputOf(asset));
  const burnPriceOf: PriceOf = (asset) => model.burnReference(inputOf(asset));
  return { assetIds: proof.assetIds, updateData: proof.updateData, value, now, mintPriceOf, burnPriceOf };
}

/** What stands before every mint and burn but the breaker's levels. */
function waitFault(world: World, now: number): Fault | undefined {
  const { breaker } = world.outside;
  if (breaker.canLiquidate(now)) return undefined;
  return { contract: world.context.alpManager, error: "AlpManager_LiquidationsWait", args: [breaker.haltEndsAt] };
}

/** The lowest asset that has no valid price: of tokens that are there, of the one brought, of books with positions. */
function missingFault(world: World, symbol: string, priceOf: PriceOf): Fault | undefined {
  const { tokens } = world.context.profile;
  const there = tokens.filter((token) => token.symbol === symbol || world.twin.ledger(token.symbol).liquidity !== 0n);
  const books = [...world.twin.books.values()].filter(({ long, short }) => long.sizeSum + short.sizeSum > 0n);
  const needed = [...there.map(({ assetKey }) => assetKey), ...books.map(({ asset }) => asset)];
  const missing = needed.filter((asset) => priceOf(asset) === undefined).map((asset) => world.assetId(asset));
  if (missing.length === 0) return undefined;
  const args = [missing.reduce((least, id) => Math.min(least, id))];
  return { contract: world.context.alpManager, error: "AlpManager_PriceNotValid", args };
}

function sequencerFault(world: World, now: number): Fault | undefined {
  if (world.outside.isSequencerReady(now)) return undefined;
  return { contract: world.context.alpManager, error: "AlpManager_SequencerNotReady", args: [] };
}

/** The fee of taking an asset to a value, both USD with 34 decimals. */
function feePips(world: World, symbol: string, worth: Worth, change: bigint, priceOf: PriceOf): bigint {
  const { assetKey, decimals, targetWeightPips } = world.twin.token(symbol);
  const beforeUsd = valueX34(world.twin.ledger(symbol).liquidity, found(priceOf(assetKey)).median, decimals);
  return model.burnFeePips({
    targetUsd: model.targetUsd(worth.liquidity, BigInt(targetWeightPips)),
    ...{ beforeUsd, afterUsd: model.max(beforeUsd + change, 0n) },
    ...world.twin.alpFees,
  });
}

/** What one ALP is worth at the low end, as a fraction. */
const sharePrice = ({ low }: Worth, supply: bigint) => ({ low, supply });

/** I2: one ALP is worth no less than it was, at the same prices and the same moment. */
function expectNoLess(before: ReturnType<typeof sharePrice>, after: ReturnType<typeof sharePrice>, what: string): void {
  expect(after.low * before.supply >= before.low * after.supply, `I2: one ALP after ${what}`).to.equal(true);
}

/** Mints for some dollars of a token; exactly what the model gives, or refused by its rule. */
export async function mint(world: World, step: StepOf<"mint">): Promise<void> {
  const { alp, alpManager, lp, profile, replica } = world.context;
  const symbol = pick(world.symbols, step.token);
  const { assetKey, decimals, maxSharePips } = world.twin.token(symbol);
  const amount = (BigInt(step.whole) * 10n ** BigInt(decimals + 10)) / world.tokenPrice(symbol) + 1n;
  const token = replica.token(symbol);
  const supply = await alp.totalSupply();
  const { assetIds, updateData, value, now, mintPriceOf: priceOf } = await referenceTicks(world);
  const level = world.outside.breaker.levelAt(now);
  const halted = { contract: alpManager, error: "AlpManager_MintHalted", args: [level] };
  const early = level > 0 ? halted : (waitFault(world, now) ?? missingOrSequencer());
  const arrived = world.hostility.arriving(symbol, amount);
  const worth = worthOf(world.twin, priceOf, now);
  const fault = early ?? world.hostility.depositFault(symbol, lp.address) ?? shareFault(worth);
  const sent = alpManager.connect(lp).mint(token, amount, 0n, now + 3_600, assetIds, updateData, { value });
  if (!(await doneOrRefused(sent, fault))) {
    world.count(`mint refused: ${found(fault).error}`);
    return;
  }
  const { low } = found(priceOf(assetKey));
  const fee = feePips(world, symbol, worth, valueX34(arrived, found(priceOf(assetKey)).median, decimals), priceOf);
  const { shares } = model.sharesOutWithDue(
    arrived,
    { decimals, price: low },
    fee,
    { highUsd: worth.high, dueUsd: worth.due },
    supply * SCALE,
  );
  await expect(sent)
    .to.emit(alpManager, "AlpMinted")
    .withArgs(lp.address, token.target, arrived, shares, fee, toUsdUp(worth.high), supply);
  world.twin.ledger(symbol).liquidity += arrived;
  expect(await alp.totalSupply(), "I2: supply").to.equal(supply + shares);
  const after = worthOf(world.twin, priceOf, now);
  expectNoLess(sharePrice(worth, supply), sharePrice(after, supply + shares), "a mint");
  world.count("minted");

  function missingOrSequencer(): Fault | undefined {
    return sequencerFault(world, now) ?? missingFault(world, symbol, priceOf);
  }

  function shareFault(before: Worth): Fault | undefined {
    const { median } = found(priceOf(assetKey));
    const deposit = valueX34(arrived, median, decimals);
    const asset = valueX34(world.twin.ledger(symbol).liquidity, median, decimals) + deposit;
    const total = before.liquidity + deposit;
    if (model.isShareAllowed(asset, total, BigInt(maxSharePips), BigInt(profile.vault.shareFloorUsd))) return undefined;
    const args = [token.target, model.ceilDiv(asset * 1_000_000n, total), maxSharePips];
    return { contract: alpManager, error: "AlpManager_ShareTooLarge", args };
  }
}

/** Burns a share of what the LP has free; where positions reserve the token, as much less as it takes. */
export async function burn(world: World, step: StepOf<"burn">): Promise<void> {
  const { alp, lp } = world.context;
  let amount = ((await alp.freeBalanceOf(lp)) * BigInt(step.sharePips)) / 1_000_000n;
  for (let tries = 0; tries < 3 && amount > 0n; tries += 1, amount /= 8n) {
    if (await burnOf(world, pick(world.symbols, step.token), amount)) return;
  }
}

async function burnOf(world: World, symbol: string, amount: bigint): Promise<boolean> {
  const { alp, alpManager, lp, replica } = world.context;
  const { assetKey, decimals } = world.twin.token(symbol);
  const token = replica.token(symbol);
  const supply = await alp.totalSupply();
  const { assetIds, updateData, value, now, burnPriceOf: priceOf } = await referenceTicks(world);
  const { breaker } = world.outside;
  const level = breaker.levelAt(now);
  const halted = { contract: alpManager, error: "AlpManager_BurnHalted", args: [level] };
  const early = !breaker.canBurn(now) ? halted : (waitFault(world, now) ?? sequencerFault(world, now));
  const worth = worthOf(world.twin, priceOf, now);
  const price = priceOf(assetKey);
  const { out, fee } = price === undefined ? { out: 0n, fee: 0n } : amountOf(price);
  const receiver = lp.address;
  const args = [token.target, amount, 0n, now + 3_600, receiver, false, assetIds, updateData] as const;
  const fault = early ?? outFault();
  const sent = alpManager.connect(lp).burn(...args, { value });
  if (!(await doneOrRefused(sent, fault))) {
    world.count(`burn refused: ${found(fault).error}`);
    return false;
  }
  await expect(sent)
    .to.emit(alpManager, "AlpBurned")
    .withArgs(receiver, token.target, receiver, amount, out, fee, toUsdDown(worth.low), supply);
  world.twin.ledger(symbol).liquidity -= out;
  world.twin.pay(symbol, receiver, out, false);
  expect(await alp.totalSupply(), "I2: supply").to.equal(supply - amount);
  const after = worthOf(world.twin, priceOf, now);
  expectNoLess(sharePrice(worth, supply), sharePrice(after, supply - amount), "a burn");
  world.count("burnt");
  return true;

  /** The fee is that of taking out the amount before the fee. */
  function amountOf({ median, high }: ReferencePrice): { out: bigint; fee: bigint } {
    const quote = { decimals, price: high };
    const gross = model.amountOut(amount, quote, 0n, worth.low, supply * SCALE);
    const burnFee = feePips(world, symbol, worth, -valueX34(gross, median, decimals), priceOf);
    return { out: model.amountOut(amount, quote, burnFee, worth.low, supply * SCALE), fee: burnFee };
  }

  function outFault(): Fault | undefined {
    const contract = alpManager;
    if (price === undefined) {
      return { contract, error: "AlpManager_PriceNotValid", args: [world.assetId(assetKey)] };
    }
    if (worth.low <= 0n) return { contract, error: "AlpManager_NavNotPositive", args: [toUsdDown(worth.low)] };
    if (out === 0n) return { contract, error: "AlpManager_AmountTooSmall", args: [amount] };
    const { liquidity, reserved } = world.twin.ledger(symbol);
    if (out <= liquidity - reserved) return undefined;
    return { contract, error: "AlpManager_LiquidityReserved", args: [out, liquidity - reserved] };
  }
}
