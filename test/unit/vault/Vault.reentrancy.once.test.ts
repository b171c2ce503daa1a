import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import type { HostileProduct } from "../../../typechain-types";
import {
  COLLATERAL,
  LIQUIDITY,
  REENTRANT_CALL,
  becomeToken,
  deployVault,
  expectSolvent,
  openingOf,
  settlementOf,
} from "./vaultFixture";

const AMOUNT = 1_000n;

describe("Vault: re-entrancy", () => {
  /** The product itself can claim 500, and there are fees. */
  async function deployOwing() {
    const context = await deployVault();
    const { product, second, token, vault } = context;
    await product.open(openingOf(token, { toFees: 300n, executor: { account: product, amount: 500n } }));
    await product.open(openingOf(token, { reserve: 2_000n }));
    const address = await token.getAddress();
    const to = await vault.getAddress();
    const inside = vault.interface;
    /** Every way into the vault that moves something, by whoever could take it. */
    const entries: Record<string, { target: HostileProduct; data: string }> = {
      "deposit of the same product": call(product, "deposit", [address, context.payer.address, AMOUNT]),
      "deposit of another product": call(second, "deposit", [address, context.payer.address, AMOUNT]),
      "liquidity added": call(context.manager, "addLiquidity", [address, context.payer.address, AMOUNT]),
      "liquidity removed": call(context.manager, "removeLiquidity", [address, context.stranger.address, 1n, false]),
      opening: call(product, "open", [openingOf(address, { toFees: 1n })]),
      "settlement of another product": call(second, "settle", [
        settlementOf(address, { collateral: 1n, receiver: context.stranger.address, payout: 1n }),
      ]),
      "claim paid to the vault itself": call(product, "execute", [
        to,
        0n,
        inside.encodeFunctionData("claim", [address, to, false]),
      ]),
    };
    return { ...context, entries };
  }

  function call(target: HostileProduct, name: string, args: unknown[]) {
    return { target, data: target.interface.encodeFunctionData(name as "open", args as never) };
  }

  async function expectShutOut(actor: {
    callCount(): Promise<bigint>;
    lastSuccess(): Promise<boolean>;
    lastReturnData(): Promise<string>;
  }) {
    expect(await actor.callCount()).to.be.greaterThan(0n);
    expect(await actor.lastSuccess()).to.equal(false);
    expect((await actor.lastReturnData()).slice(0, 10)).to.equal(REENTRANT_CALL);
  }

  for (const isBefore of [true, false]) {
    describe(`inside payIn, ${isBefore ? "before" : "after"} the payment`, () => {
      it("nothing of a deposit is counted twice", async () => {
        const { entries, payer, product, second, token, vault } = await loadFixture(deployOwing);
        let booked = (await vault.productLedger(product, token)).collateral;
        for (const [name, { target, data }] of Object.entries(entries)) {
          const ledger = await vault.ledger(token);
          await product.arm(target, data, isBefore);
          await product.deposit(token, payer, AMOUNT);
          await expectShutOut(product);
          booked += AMOUNT;
          expect((await vault.productLedger(product, token)).collateral, name).to.equal(booked);
          expect((await vault.productLedger(second, token)).collateral, name).to.equal(COLLATERAL);
          expect(await vault.ledger(token), name).to.deep.equal(ledger);
          await expectSolvent(vault, token);
        }
      });

      it("nothing of added liquidity is counted twice", async () => {
        const { entries, manager, payer, token, vault } = await loadFixture(deployOwing);
        let booked = LIQUIDITY;
        for (const [name, { target, data }] of Object.entries(entries)) {
          await manager.arm(target, data, isBefore);
          await manager.addLiquidity(token, payer, AMOUNT);
          await expectShutOut(manager);
          booked += AMOUNT;
          expect((await vault.ledger(token)).liquidity, name).to.equal(booked);
          await expectSolvent(vault, token);
        }
      });
    });
  }

  it("a product can't have another token booked while it pays in", async () => {
    const { payer, product, second, token, vault, wrapped } = await loadFixture(deployOwing);
    await vault.listToken(wrapped, 800_000n);
    const other = second.interface.encodeFunctionData("deposit", [await wrapped.getAddress(), payer.address, 1n]);
    await product.arm(second, other, false);
    await product.deposit(token, payer, AMOUNT);
    await expectShutOut(product);
  });

  for (const isBefore of [true, false]) {
    it(`a token that calls ${isBefore ? "before" : "after"} moving enters nothing, in or out`, async () => {
      const { entries, keeper, manager, payer, product, receiver, token, vault } = await loadFixture(deployOwing);
      const hostile = await ethers.getContractAt("ReentrantToken", await becomeToken(token, "ReentrantToken"));
      await product.open(openingOf(token, { executor: { account: keeper, amount: 5n } }));
      for (const { target, data } of Object.values(entries)) {
        await hostile.arm(target, data, isBefore);
        await product.deposit(token, payer, 10n);
        await expectShutOut(hostile);
        await manager.addLiquidity(token, payer, 10n);
        await expectShutOut(hostile);
        await product.settle(settlementOf(token, { collateral: 10n, receiver, payout: 10n }));
        await manager.removeLiquidity(token, receiver, 10n, false);
        await expectSolvent(vault, token);
      }
      // On the way out the token has bounded gas: it was either shut out, or ran out of it and the payment is a claim.
      const paid = await token.balanceOf(receiver);
      expect(paid + (await vault.claimableOf(token, receiver))).to.equal(20n * BigInt(Object.keys(entries).length));
      await hostile.disarm();
      await vault.connect(keeper).claim(token, keeper, false);
      await expectSolvent(vault, token);
    });
  }
});
