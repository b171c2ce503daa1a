import { loadFixture, setStorageAt } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { FREE, deploy, list, standardArguments } from "./configuratorFixture";
import type { Context } from "./configuratorFixture";

const MOST_TERMS = 256;
const MOST_TOKENS = 255n;
const TIERS = 4;
/** Where the number of margin tokens lies: above the 128 bits of the next id, in the first word of Trading's state. */
const TOKEN_COUNT = { slot: 0n, shift: 128n };

/** A tier by its leverage, with terms that no profile has, by their number. */
function tier(maxLeverage: number, number: number) {
  const fees = { closeFeePips: 300, profitSharePips: 0, maxExitSlippagePips: 100 };
  const terms = { liquidationLossRatePips: 600_000, profitCapPips: 1_234_001 + number, ...fees };
  return { maxLeverage, maxNotionalUsd: 1_000, termsId: 0, terms };
}

/** A token that the vault has listed and Trading has not. */
async function unknownToken({ quickGovernor, vault }: Context): Promise<string> {
  const token = await ethers.deployContract("StandInToken");
  await token.initialize("Token", "TKN", 18);
  await vault.connect(quickGovernor).listToken(token, 800_000);
  return token.getAddress();
}

describe("Trading", () => {
  it("keeps 256 sets of terms of a book, refuses another one, and takes those that it has", async () => {
    const context = await loadFixture(deploy);
    const { asRiskManager, trading, tradingRecords } = context;
    await list(context, FREE, standardArguments(context));
    const termsIds = async () => (await tradingRecords.tiers(FREE)).map(({ termsId }) => Number(termsId));
    const listed = new Set(await termsIds()).size;
    for (let number = 0; number < MOST_TERMS - listed; number += TIERS) {
      const count = Math.min(TIERS, MOST_TERMS - listed - number);
      const tiers = Array.from({ length: count }, (_, index) => tier(index + 1, number + index));
      await asRiskManager.setTiers(trading, FREE, tiers);
      expect(await termsIds()).to.deep.equal(tiers.map((_, index) => listed + number + index));
    }

    await expect(asRiskManager.setTiers(trading, FREE, [tier(1, 0), tier(2, MOST_TERMS)]))
      .to.be.revertedWithCustomError(trading, "Trading_TermsExhausted")
      .withArgs(FREE);
    await asRiskManager.setTiers(trading, FREE, [tier(1, 0), tier(2, MOST_TERMS - listed - 1)]);
    expect(await termsIds()).to.deep.equal([listed, MOST_TERMS - 1]);
    const { terms } = tier(2, MOST_TERMS - listed - 1);
    expect(await tradingRecords.terms(FREE, MOST_TERMS - 1)).to.deep.equal(Object.values(terms).map(BigInt));
  });

  it("numbers 255 margin tokens, and refuses another one", async () => {
    const context = await loadFixture(deploy);
    const { asGovernor, trading, tradingRecords } = context;
    const [last, beyond] = [await unknownToken(context), await unknownToken(context)];
    const address = await trading.getAddress();
    const word = BigInt(await ethers.provider.getStorage(address, TOKEN_COUNT.slot));
    const count = (word >> TOKEN_COUNT.shift) & MOST_TOKENS;
    await setStorageAt(address, TOKEN_COUNT.slot, word + ((MOST_TOKENS - 1n - count) << TOKEN_COUNT.shift));

    await asGovernor.setMarginToken(trading, last, 1, true, 0n);
    expect((await tradingRecords.marginToken(last)).tokenId).to.equal(MOST_TOKENS);
    await expect(asGovernor.setMarginToken(trading, beyond, 1, true, 0n))
      .to.be.revertedWithCustomError(trading, "Trading_TooManyTokens")
      .withArgs(MOST_TOKENS);
    // One that it has is set as before.
    await asGovernor.setMarginToken(trading, last, 1, false, 0n);
    expect((await tradingRecords.marginToken(last)).isEnabled).to.equal(false);
  });
});
