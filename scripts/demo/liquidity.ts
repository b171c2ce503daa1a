import type { Signer } from "ethers";
import type { AssetKey, TokenProfile } from "../../deploy/profiles";
import * as model from "../../sdk/model";
import { PIPS, formatToken, formatUsd } from "../../sdk/units";
import { check } from "./errors";
import type { Narrator } from "./narrator";
import type { Stage } from "./stage";
import { tokenOf } from "./trades";

const ALP_DECIMALS = 18;

/** From USD with 18 decimals to the 34 that valuations carry: with them the model's one rounding is the contract's. */
const X34_PER_X18 = 10n ** 16n;
const X34_DECIMALS = 24;

/** The desk's confidence is a fiftieth of a percent of the price, cut to Pyth's 8 decimals. */
const CONFIDENCE_DIVISOR = 5_000n;
const PYTH_SCALE = 100n;

/** What the vault is worth without open positions, USD with 34 decimals; and one token of it. */
interface Valuation {
  low: bigint;
  mid: bigint;
  high: bigint;
  tokenMid: bigint;
}

/** Mints ALP and compares it with the model. There must be no open position. */
export async function mint(
  stage: Stage,
  narrator: Narrator,
  name: string,
  lp: Signer,
  symbol: string,
  amount: bigint,
): Promise<bigint> {
  const { desk } = stage;
  const { alp } = desk.system;
  const token = tokenOf(stage, symbol);
  const [before, supply] = [await valueVault(stage, symbol), await alp.totalSupply()];
  const balance = await alp.balanceOf(await lp.getAddress());
  const receipt = await desk.mint(lp, symbol, amount);
  const minted = (await alp.balanceOf(await lp.getAddress())) - balance;

  const paid = valueX34(token, amount, desk.priceOf(token.assetKey));
  const feePips = feeOf(stage, token, before, before.tokenMid + paid);
  const { low } = rangeOf(stage, token.assetKey);
  const quote = { decimals: token.decimals, price: low };
  const expected = model.sharesOut(amount, quote, feePips, before.high, supply * X34_PER_X18);
  check(`${name}: ALP minted`, minted, expected.shares);
  check(`${name}: the ledger balances`, await desk.isBalanced(), true);
  narrator.row(`in ${formatToken(amount, token.decimals)} ${symbol}`, `${formatToken(minted, ALP_DECIMALS)} ALP`);
  narrator.gasOf(name, receipt);
  return minted;
}

/** Burns ALP for a token and compares it with the model. There must be no open position. */
export async function burn(
  stage: Stage,
  narrator: Narrator,
  name: string,
  lp: Signer,
  symbol: string,
  shares: bigint,
): Promise<bigint> {
  const { desk } = stage;
  const { alp } = desk.system;
  const token = tokenOf(stage, symbol);
  const erc20 = desk.replica.token(symbol);
  const [before, supply] = [await valueVault(stage, symbol), await alp.totalSupply()];
  const balance = await erc20.balanceOf(await lp.getAddress());
  const receipt = await desk.burn(lp, symbol, shares);
  const paid = (await erc20.balanceOf(await lp.getAddress())) - balance;

  const { high } = rangeOf(stage, token.assetKey);
  const quote = { decimals: token.decimals, price: high };
  const gross = model.amountOut(shares, quote, 0n, before.low, supply * X34_PER_X18);
  const grossX34 = valueX34(token, gross, desk.priceOf(token.assetKey));
  const feePips = feeOf(stage, token, before, model.max(before.tokenMid - grossX34, 0n));
  check(`${name}: paid`, paid, model.amountOut(shares, quote, feePips, before.low, supply * X34_PER_X18));
  check(`${name}: the ledger balances`, await desk.isBalanced(), true);
  narrator.row(`burned ${formatToken(shares, ALP_DECIMALS)}`, `${formatToken(paid, token.decimals)} ${symbol}`);
  narrator.gasOf(name, receipt);
  return paid;
}

/** NAV and price of ALP at the mid prices of the feeds. */
export async function quoteNav(stage: Stage): Promise<{ navUsd: bigint; alpUsd: bigint }> {
  const { alpManager, alpLens } = stage.desk.system;
  const quote = await alpLens.nav(await alpManager.getAddress());
  return { navUsd: quote.midUsd, alpUsd: quote.midPrice };
}

export function showNav(narrator: Narrator, label: string, nav: { navUsd: bigint; alpUsd: bigint }): void {
  narrator.row(label, `NAV ${formatUsd(nav.navUsd, 6)} USD, ${formatUsd(nav.alpUsd, 9)} USD per ALP`);
}

async function valueVault(stage: Stage, symbol: string): Promise<Valuation> {
  const total = { low: 0n, mid: 0n, high: 0n, tokenMid: 0n };
  for (const books of await stage.desk.books()) {
    const token = tokenOf(stage, books.symbol);
    const range = rangeOf(stage, token.assetKey);
    total.low += valueX34(token, books.liquidity, range.low);
    total.mid += valueX34(token, books.liquidity, range.mid);
    total.high += valueX34(token, books.liquidity, range.high);
    if (books.symbol === symbol) total.tokenMid = valueX34(token, books.liquidity, range.mid);
  }
  return total;
}

/** All feeds agree on the desk's price; the tick widens it by its confidence. */
function rangeOf(stage: Stage, asset: AssetKey): { low: bigint; mid: bigint; high: bigint } {
  const mid = stage.desk.priceOf(asset);
  const confidence = (mid / CONFIDENCE_DIVISOR / PYTH_SCALE) * PYTH_SCALE;
  return { low: mid - confidence, mid, high: mid + confidence };
}

function valueX34({ decimals }: TokenProfile, amount: bigint, price: bigint): bigint {
  return amount * price * 10n ** BigInt(X34_DECIMALS - decimals);
}

/** Without any liquidity no asset has a target, and the base fee applies. */
function feeOf(stage: Stage, token: TokenProfile, before: Valuation, afterX34: bigint): bigint {
  const { mintFeePips, mintFeeTaxPips } = stage.profile.vault;
  if (before.mid === 0n) return BigInt(mintFeePips);
  return model.burnFeePips({
    targetUsd: model.mulDivDown(before.mid, BigInt(token.targetWeightPips), PIPS),
    beforeUsd: before.tokenMid,
    afterUsd: afterX34,
    basePips: BigInt(mintFeePips),
    taxPips: BigInt(mintFeeTaxPips),
  });
}
