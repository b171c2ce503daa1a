import { expect } from "chai";
import { getAddress, isHexString } from "ethers";

import { ASSET_KEYS, PROFILES, UnknownChainError, profileFor } from "../../../deploy/profiles";
import type { ChainProfile, FeedProfile } from "../../../deploy/profiles";
import { isTierAllowed, maxCarryPipsPerHour } from "../../../sdk/model";

function feedsOf(profile: ChainProfile): FeedProfile[] {
  return [...Object.values(profile.chainlink), ...Object.values(profile.binance?.atlas ?? {})];
}

function addressesOf(profile: ChainProfile): string[] {
  return [
    profile.pyth.address,
    ...profile.tokens.map((token) => token.address),
    ...feedsOf(profile).map((feed) => feed.address),
    ...(profile.sequencer ? [profile.sequencer.address] : []),
    ...(profile.binance ? [profile.binance.registry] : []),
  ];
}

describe("profiles", () => {
  it("finds each chain and refuses any other by a typed error", () => {
    expect(profileFor(56).key).to.equal("bnb");
    expect(profileFor(42161n).key).to.equal("arbitrum");
    expect(() => profileFor(1)).to.throw(UnknownChainError, "No profile for chain 1");
  });

  for (const profile of PROFILES) {
    describe(profile.name, () => {
      it("has checksummed addresses, each used once", () => {
        const addresses = addressesOf(profile);
        for (const address of addresses) expect(getAddress(address)).to.equal(address);
        expect(new Set(addresses).size).to.equal(addresses.length);
      });

      it("holds back liquidations after an outage of the sequencer as long as after a halt: five minutes", () => {
        expect(profile.sequencer?.graceSeconds ?? 300).to.equal(300);
      });

      it("has 32-byte price ids for every asset, each used once", () => {
        const ids = ASSET_KEYS.map((asset) => profile.pyth.priceIds[asset]);
        for (const id of ids) expect(isHexString(id, 32)).to.equal(true);
        expect(new Set(ids).size).to.equal(ids.length);
      });

      it("has target weights that sum to 100% and the wrapped native coin among its tokens", () => {
        expect(profile.tokens.reduce((sum, token) => sum + token.targetWeightPips, 0)).to.equal(1_000_000);
        const wrapped = profile.tokens.find((token) => token.address === profile.wrappedNative);
        expect(wrapped?.symbol).to.equal(profile.wrappedNativeSymbol);
        for (const token of profile.tokens) {
          expect(token.transferReturnsNothing).to.equal(token.kind === "noReturn");
          expect(token.maxSharePips).to.equal(token.targetWeightPips + 150_000);
        }
      });

      it("has enough sources for every market's anchors and every asset's quorum", () => {
        const sourcesOf = (key: string) =>
          Number(key in profile.chainlink) + Number(key in (profile.binance?.pairs ?? {}));
        for (const { assetKey } of profile.markets) {
          expect(sourcesOf(assetKey), assetKey).to.be.gte(profile.oracle.minAnchors);
        }
        for (const { assetKey } of [...profile.markets, ...profile.tokens]) {
          expect(sourcesOf(assetKey), assetKey).to.be.gte(profile.oracle.referenceQuorums[assetKey]);
        }
      });

      it("rests everything but the dollars on as many sources as an opening asks for", () => {
        for (const { assetKey } of profile.tokens.filter((token) => !token.assetKey.startsWith("USD"))) {
          expect(profile.oracle.referenceQuorums[assetKey], assetKey).to.equal(profile.oracle.minAnchors);
        }
      });

      it("has tiers that ascend and pass the bound on leverage and costs", () => {
        for (const book of profile.markets.flatMap((market) => market.books)) {
          expect(book.tiers.at(-1)?.maxLeverage).to.equal(book.maxLeverage);
          let previous = 0;
          for (const tier of book.tiers) {
            expect(tier.maxLeverage).to.be.gt(previous);
            previous = tier.maxLeverage;
            const bounds = {
              maxLeverage: BigInt(tier.maxLeverage),
              maxExitSlippagePips: BigInt(tier.maxExitSlippagePips),
              closeFeePips: BigInt(book.closeFeePips),
              llrPips: BigInt(tier.liquidationLossRatePips),
            };
            expect(isTierAllowed(book.mode, bounds, BigInt(book.slippagePips))).to.equal(true);
          }
        }
      });

      it("lets a close at 500x slip by 2 basis points at most, and none by more than a tenth of the margin", () => {
        for (const book of profile.markets.flatMap((market) => market.books)) {
          const highest = book.tiers.filter(({ maxLeverage }) => maxLeverage >= 500);
          for (const { maxExitSlippagePips } of highest) expect(maxExitSlippagePips).to.be.lte(200);
          for (const { maxLeverage, maxExitSlippagePips } of book.tiers) {
            expect(maxLeverage * maxExitSlippagePips).to.be.lte(100_100);
          }
        }
      });

      it("charges carry within the mode's bound", () => {
        for (const book of profile.markets.flatMap((market) => market.books)) {
          const most = BigInt(book.borrowRatePipsPerHour + book.maxFundingPipsPerHour);
          expect(most <= maxCarryPipsPerHour(book.mode)).to.equal(true);
          expect([book.borrowRatePipsPerHour, book.fundingFactorPipsPerHour]).to.deep.equal([2, 20]);
          expect([book.minFundingPipsPerHour, book.maxFundingPipsPerHour]).to.deep.equal([0, 100]);
        }
      });

      it("takes at most a quarter of a side's cap by one order", () => {
        for (const { tiers, maxOpenInterestUsd } of profile.markets.flatMap((market) => market.books)) {
          for (const { maxNotionalUsd } of tiers) expect(maxNotionalUsd * 4n).to.equal(maxOpenInterestUsd);
        }
      });
    });
  }
});
