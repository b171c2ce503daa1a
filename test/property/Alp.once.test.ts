import { expect } from "chai";
import fc from "fast-check";
import type { Signer } from "ethers";
import { ethers } from "hardhat";
import { loadFixture, time } from "@nomicfoundation/hardhat-network-helpers";
import { tokens, usd } from "../../sdk/units";
import { IERC20__factory } from "../../typechain-types";
import {
  ASSETS,
  BASE_PIPS,
  burn,
  COOLING_SECONDS,
  deployAlp,
  deployFundedAlp,
  mint,
  TAX_PIPS,
  valueX34,
} from "../unit/vault/alpFixture";

const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const NUM_RUNS = Number(process.env.FUZZ_RUNS ?? 15);
const PARAMETERS = { seed: SEED, numRuns: NUM_RUNS };

/** Value of what an account holds of every asset, USD with 34 decimals. */
async function wealthX34(account: Signer, list: string[]): Promise<bigint> {
  let sum = 0n;
  for (const [i, { price, decimals }] of ASSETS.entries()) {
    sum += valueX34(await IERC20__factory.connect(list[i], account).balanceOf(account), price, decimals);
  }
  return sum;
}

/** A token amount worth `cents` / 100 USD. */
function worth(asset: number, cents: bigint): bigint {
  const { decimals, price } = ASSETS[asset];
  return (cents * 10n ** BigInt(8 + decimals)) / price;
}

describe("ALP properties", () => {
  before(() => console.log(`      seed ${SEED}, ${NUM_RUNS} runs`));

  const asset = fc.nat(ASSETS.length - 1);
  const cents = fc.oneof(fc.bigInt({ min: 1n, max: 1_000n }), fc.bigInt({ min: 100n, max: 10n ** 9n }));

  it("I2 I5: lets nobody end with more than it put in, over any mints and burns at constant prices", async () => {
    const step = fc.record({ isMint: fc.boolean(), asset, cents, share: fc.bigInt({ min: 1n, max: 100n }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), asset, async (steps, lastAsset) => {
        const { alp, bob, manager, lens, tokens: list } = await loadFixture(deployFundedAlp);
        const as = manager.connect(bob);
        const start = await wealthX34(bob, list);
        const tryBurn = async (assetIndex: number, amount: bigint) => {
          const { amountOut } = await lens.previewBurn(manager, list[assetIndex], amount);
          const { liquidity } = await vaultLedger(list[assetIndex]);
          if (amount !== 0n && amountOut !== 0n && amountOut <= liquidity) await burn(as, list[assetIndex], amount);
        };
        const vaultLedger = async (token: string) =>
          (await ethers.getContractAt("Vault", await manager.vault())).ledger(token);
        for (const current of steps) {
          if (current.isMint) {
            await mint(as, list[current.asset], worth(current.asset, current.cents));
            await time.increase(COOLING_SECONDS);
          } else {
            await tryBurn(current.asset, ((await alp.balanceOf(bob)) * current.share) / 100n);
          }
          const nav = await lens.nav(bob);
          const held = ((await alp.balanceOf(bob)) * nav.highUsd) / nav.supply;
          expect((await wealthX34(bob, list)) / 10n ** 16n + held).to.be.at.most(start / 10n ** 16n + 1n);
        }
        await tryBurn(lastAsset, await alp.balanceOf(bob));
        expect(await wealthX34(bob, list)).to.be.at.most(start);
      }),
      PARAMETERS,
    );
  });

  it("X23 I7: gives no more ALP in parts than in one piece, at a flat fee", async () => {
    await fc.assert(
      fc.asyncProperty(asset, cents, fc.integer({ min: 2, max: 6 }), async (assetIndex, amountCents, parts) => {
        const { alp, bob, manager, lens, tokens: list } = await loadFixture(deployFundedAlp);
        await manager.setFees(BASE_PIPS, 0n);
        const amount = worth(assetIndex, amountCents + 100n);
        const whole = await lens.previewMint(bob, list[assetIndex], amount);
        let left = amount;
        for (let i = parts; i > 0; --i) {
          const part = left / BigInt(i);
          left -= part;
          await mint(manager.connect(bob), list[assetIndex], part);
        }
        expect(await alp.balanceOf(bob)).to.be.at.most(whole.amountOut);
      }),
      PARAMETERS,
    );
  });

  it("X23: gains at most the tax by splitting around the target", async () => {
    await fc.assert(
      fc.asyncProperty(asset, cents, fc.integer({ min: 2, max: 6 }), async (assetIndex, amountCents, parts) => {
        const { alp, bob, manager, lens, tokens: list } = await loadFixture(deployFundedAlp);
        const amount = worth(assetIndex, amountCents + 100n);
        const whole = await lens.previewMint(bob, list[assetIndex], amount);
        for (let i = 0; i < parts; ++i) await mint(manager.connect(bob), list[assetIndex], amount / BigInt(parts));
        const bound = (whole.amountOut * (1_000_000n - BASE_PIPS + TAX_PIPS)) / (1_000_000n - BASE_PIPS - TAX_PIPS);
        expect(await alp.balanceOf(bob)).to.be.at.most(bound + 1n);
      }),
      PARAMETERS,
    );
  });

  it("V01 I17: a first depositor with dust costs those after it nothing but their fees", async () => {
    await fc.assert(
      fc.asyncProperty(cents, cents, async (dustCents, victimCents) => {
        const { alice, alp, bob, manager, lens, tokens: list, vault } = await loadFixture(deployAlp);
        // The attacker mints a little more than the dead shares, and gives the vault a fortune.
        await mint(manager.connect(alice), list[0], usd("1.01") + worth(0, dustCents));
        await IERC20__factory.connect(list[0], alice).transfer(vault, tokens("900000000", 18));
        const amount = worth(0, victimCents);
        await mint(manager.connect(bob), list[0], amount);
        await time.increase(COOLING_SECONDS);
        const { amountOut } = await lens.previewBurn(bob, list[0], await alp.balanceOf(bob));
        const feesPips = 2n * (BASE_PIPS + TAX_PIPS);
        expect(amountOut).to.be.at.least((amount * (1_000_000n - feesPips)) / 1_000_000n - 2n);
        expect(amountOut).to.be.at.most(amount);
      }),
      PARAMETERS,
    );
  });

  it("A13: what is left after everybody has gone is nobody's windfall", async () => {
    await fc.assert(
      fc.asyncProperty(cents, async (nextCents) => {
        const { alice, aliceAlp, alp, bob, manager, lens, tokens: list } = await loadFixture(deployFundedAlp);
        for (const [i, share] of [40n, 30n, 20n].entries()) {
          await burn(manager.connect(alice), list[i], (aliceAlp * share * 99n) / 10_000n);
        }
        const amount = worth(3, nextCents + 1n);
        await mint(manager.connect(bob), list[3], amount);
        await time.increase(COOLING_SECONDS);
        const { amountOut } = await lens.previewBurn(bob, list[3], await alp.balanceOf(bob));
        expect(amountOut).to.be.at.most(amount);
      }),
      PARAMETERS,
    );
  });
});
