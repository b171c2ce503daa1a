import { expect } from "chai";
import fc from "fast-check";
import { ethers } from "hardhat";
import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { amountOut, DEAD_SHARES, sharesOut } from "../../../sdk/model";
import { px, usd } from "../../../sdk/units";
import { tokenQuote } from "../model/arbitraries";

/** From the model's USD of 18 decimals to the library's of 34. */
const X34_PER_X18 = 10n ** 16n;

describe("NavMath", () => {
  async function deploy() {
    return { harness: await ethers.deployContract("NavMathHarness") };
  }
  const amount = fc.bigInt({ min: 1n, max: 10n ** 27n });
  /** At least a dollar, so that no number of shares passes 256 bits. */
  const navUsd = fc.bigInt({ min: usd("1"), max: 10n ** 27n });
  const feePips = fc.bigInt({ min: 0n, max: 20_000n });

  it("values a token amount exactly, whatever its decimals", async () => {
    const { harness } = await loadFixture(deploy);
    for (const decimals of [0, 2, 6, 8, 18, 24]) {
      const amountOfTwo = 2n * 10n ** BigInt(decimals);
      expect(await harness.valueX34(amountOfTwo, px("1.5"), decimals)).to.equal(3n * 10n ** 34n);
    }
    expect(await harness.valueX34(1n, 1n, 24)).to.equal(1n);
  });

  it("refuses a token finer than 24 decimals", async () => {
    const { harness } = await loadFixture(deploy);
    await expect(harness.valueX34(1n, 1n, 25)).to.be.revertedWithPanic(0x11);
  });

  it("mints as the model does", async () => {
    const { harness } = await loadFixture(deploy);
    await fc.assert(
      fc.asyncProperty(amount, tokenQuote, feePips, navUsd, amount, async (paid, token, fee, nav, supply) => {
        const deposit = await harness.valueX34(paid, token.price, token.decimals);
        const minted = await harness.alpForDepositDown(deposit, fee, supply, nav * X34_PER_X18);
        expect(minted).to.equal(sharesOut(paid, token, fee, nav, supply).shares);
      }),
      { numRuns: 100 },
    );
  });

  it("refuses to mint more ALP than 256 bits hold", async () => {
    const { harness } = await loadFixture(deploy);
    const deposit = await harness.valueX34(119_832_595_868_783_960_853_469_415n, 9_999_999_999_999_992n, 0);
    const supply = 966_282_073_736_498_160_076_924_902n;
    await expect(harness.alpForDepositDown(deposit, 0n, supply, X34_PER_X18)).to.be.revertedWithPanic(0x11);
  });

  it("mints the first shares as the model does", async () => {
    const { harness } = await loadFixture(deploy);
    const usdt = { decimals: 18, price: px("0.9997") };
    const deposit = await harness.valueX34(usd("12345.678"), usdt.price, 18);
    const { shares } = sharesOut(usd("12345.678"), usdt, 2_500n, 0n, 0n);
    expect(await harness.alpForFirstDepositDown(deposit, 2_500n)).to.equal(shares + DEAD_SHARES);
  });

  it("burns as the model does", async () => {
    const { harness } = await loadFixture(deploy);
    await fc.assert(
      fc.asyncProperty(amount, tokenQuote, feePips, amount, amount, async (alp, token, fee, nav, supply) => {
        const unit = await harness.valueX34(1n, token.price, token.decimals);
        const out = await harness.amountForAlpDown(alp, fee, supply, nav * X34_PER_X18, unit);
        expect(out).to.equal(amountOut(alp, token, fee, nav, supply));
      }),
      { numRuns: 100 },
    );
  });

  it("rounds signed valuations outwards", async () => {
    const { harness } = await loadFixture(deploy);
    expect(await harness.toUsdDown(X34_PER_X18 + 1n)).to.equal(1n);
    expect(await harness.toUsdUp(X34_PER_X18 + 1n)).to.equal(2n);
    expect(await harness.toUsdDown(-X34_PER_X18 - 1n)).to.equal(-2n);
    expect(await harness.toUsdUp(-X34_PER_X18 - 1n)).to.equal(-1n);
    expect(await harness.toUsdDown(-X34_PER_X18)).to.equal(-1n);
    expect(await harness.toUsdUp(X34_PER_X18)).to.equal(1n);
    expect(await harness.toX34(-3n)).to.equal(-3n * X34_PER_X18);
  });

  it("keeps the positive part, and refuses what has no sign", async () => {
    const { harness } = await loadFixture(deploy);
    expect(await harness.positivePart(-1n)).to.equal(0n);
    expect(await harness.positivePart(7n)).to.equal(7n);
    expect(await harness.toSigned(7n)).to.equal(7n);
    await expect(harness.toSigned(2n ** 255n))
      .to.be.revertedWithCustomError(harness, "SafeCastOverflowedUintToInt")
      .withArgs(2n ** 255n);
  });

  it("prices ALP", async () => {
    const { harness } = await loadFixture(deploy);
    expect(await harness.alpPriceDown(0n, 0n)).to.equal(usd("1"));
    expect(await harness.alpPriceUp(0n, 0n)).to.equal(usd("1"));
    expect(await harness.alpPriceDown(usd("-5"), usd("3"))).to.equal(0n);
    expect(await harness.alpPriceDown(usd("2"), usd("3"))).to.equal(666_666_666_666_666_666n);
    expect(await harness.alpPriceUp(usd("2"), usd("3"))).to.equal(666_666_666_666_666_667n);
  });
});
