import { loadFixture, setBalance } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { ethers } from "hardhat";
import { deployLinked } from "../../dsl/linked";
import * as actions from "../../dsl/proActions";
import { REASON } from "../../dsl/proActions";
import { ALICE, BOB, USD, accountOf, act, deployFunded, deployPro, setPrices } from "./proFixture";

const deploySix = () => deployPro(6);

describe("Pro: accounts and custody", () => {
  describe("deposit", () => {
    it("makes an owner of who had no account, and credits what arrived", async () => {
      const { pro, alice, bob, vault, token, reader } = await loadFixture(deployPro);
      await expect(pro.connect(alice).deposit(bob, 3, 5n * USD))
        .to.emit(pro, "OwnerAdded")
        .withArgs(1, bob)
        .and.to.emit(pro, "Deposited")
        .withArgs(accountOf(1n, 3n), alice, 5n * USD);
      expect(await pro.accountOf(bob, 3)).to.equal(accountOf(1n, 3n));
      expect((await reader.account(pro, accountOf(1n, 3n))).cash).to.equal(5n * USD);
      expect(await reader.netDeposits(pro, 1)).to.equal(5n * USD);
      const ledger = await vault.productLedger(pro, token);
      expect([ledger.collateral, ledger.reserved, ledger.ceiling]).to.deep.equal([5n * USD, 0n, 0n]);
    });

    it("counts a token of 6 decimals in quote of 18", async () => {
      const { pro, alice, reader } = await loadFixture(deploySix);
      await pro.connect(alice).deposit(alice, 0, 1_234_567n);
      expect((await reader.account(pro, ALICE)).cash).to.equal(1_234_567_000_000_000_000n);
    });

    it("takes an ERC-2612 permit, and goes on without one that was used before", async () => {
      const { pro, alice, token, reader } = await loadFixture(deployPro);
      await token.connect(alice).approve(pro, 0);
      const deadline = 2n ** 40n;
      const { chainId } = await ethers.provider.getNetwork();
      const domain = { name: "Tether USD", version: "1", chainId, verifyingContract: await token.getAddress() };
      const types = {
        Permit: ["owner", "spender", "value", "nonce", "deadline"].map((name) => ({
          name,
          type: name === "owner" || name === "spender" ? "address" : "uint256",
        })),
      };
      const message = { owner: alice.address, spender: await pro.getAddress(), value: 10n * USD, nonce: 0n, deadline };
      const { v, r, s } = ethers.Signature.from(await alice.signTypedData(domain, types, message));
      const own = pro.connect(alice);
      await expect(own.depositWithPermit(alice, 0, 10n * USD, deadline, v, r, s))
        .to.emit(pro, "PermitUsed")
        .withArgs(alice, 10n * USD);
      expect((await reader.account(pro, ALICE)).cash).to.equal(10n * USD);
      // Its allowance is used up: what counts is the allowance.
      await expect(own.depositWithPermit(alice, 0, 10n * USD, deadline, v, r, s))
        .to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance")
        .withArgs(pro, 0n, 10n * USD);
      await token.connect(alice).approve(pro, 5n * USD);
      await expect(own.depositWithPermit(alice, 0, 5n * USD, deadline, v, r, s)).to.emit(pro, "PermitSkipped");
      expect((await reader.account(pro, ALICE)).cash).to.equal(15n * USD);
    });

    it("refuses nobody's account, at level 3, and a token that does not arrive", async () => {
      const { pro, alice, breaker, stranger, token } = await loadFixture(deployPro);
      await expect(pro.connect(alice).deposit(ZeroAddress, 0, 1n)).to.be.revertedWithCustomError(
        pro,
        "Pro_ZeroAddress",
      );
      await expect(pro.connect(stranger).deposit(stranger, 0, 1n))
        .to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance")
        .withArgs(pro, 0n, 1n);
      await breaker.raise(3);
      await expect(pro.connect(alice).deposit(alice, 0, 1n))
        .to.be.revertedWithCustomError(pro, "Pro_BreakerRaised")
        .withArgs(3);
    });
  });

  describe("accountOf", () => {
    it("refuses who is no owner", async () => {
      const { pro, stranger } = await loadFixture(deployPro);
      await expect(pro.accountOf(stranger, 0)).to.be.revertedWithCustomError(pro, "Pro_NoAccount").withArgs(stranger);
    });
  });

  describe("Withdraw", () => {
    it("pays a receiver, and leaves nothing to the LPs", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, vault, token, alice, stranger, reader } = context;
      const before = await vault.ledger(token);
      const { transaction } = await act(context, alice, actions.withdraw(stranger.address, 40_000n * USD));
      await expect(transaction)
        .to.emit(pro, "Withdrawn")
        .withArgs(ALICE, stranger, 40_000n * USD);
      expect(await token.balanceOf(stranger)).to.equal(40_000n * USD);
      expect((await reader.account(pro, ALICE)).cash).to.equal(60_000n * USD);
      expect(await reader.netDeposits(pro, 1)).to.equal(60_000n * USD);
      const after = await vault.ledger(token);
      expect([after.liquidity, after.reserved, after.fees]).to.deep.equal([
        before.liquidity,
        before.reserved,
        before.fees,
      ]);
      expect((await vault.productLedger(pro, token)).collateral).to.equal(260_000n * USD);
    });

    it("refuses more than there is, nothing, and nobody as receiver", async () => {
      const { pro, alice, token } = await loadFixture(deployFunded);
      const own = pro.connect(alice);
      const refused = (receiver: string, amount: bigint) => own.act(ALICE, [], actions.withdraw(receiver, amount));
      await expect(refused(alice.address, 100_001n * USD))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.CashTooLow, 100_001n * USD, 100_000n * USD);
      await expect(refused(alice.address, 2n ** 120n))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.CashTooLow, 2n ** 120n, 2n ** 120n - 1n);
      await expect(refused(alice.address, 0n))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.AmountMissing, 0, 0);
      await expect(refused(ZeroAddress, 1n))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.ReceiverMissing, 0, 0);
      await expect(own.act(ALICE, [], actions.withdraw(alice.address, 1n).slice(0, 1)))
        .to.be.revertedWithCustomError(pro, "Pro_ActionCutOff")
        .withArgs(0);
      expect(await token.balanceOf(alice)).to.equal(900_000n * USD);
    });

    it("skips a soft one that is refused, without a payment", async () => {
      const context = await loadFixture(deployFunded);
      const { alice, token } = context;
      const [head, amount] = actions.withdraw(alice.address, 100_001n * USD);
      const { results } = await act(context, alice, [actions.soft(head), amount]);
      expect(results[0].reason).to.equal(REASON.CashTooLow);
      expect(await token.balanceOf(alice)).to.equal(900_000n * USD);
    });
  });

  describe("Transfer", () => {
    it("tells what there is where it is too little, to the last unit", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, alice } = context;
      for (const held of [0n, 1n]) {
        if (held !== 0n) await act(context, alice, [actions.transfer(0n, 0n, held, 1n)]);
        await expect(pro.connect(alice).act(accountOf(1n, 1n), [], [actions.transfer(0n, 0n, held + 1n, 0n)]))
          .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
          .withArgs(REASON.CashTooLow, held + 1n, held);
      }
    });

    it("moves cash between subaccounts and into an isolated scope", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, alice, reader } = context;
      const { transaction } = await act(context, alice, [actions.transfer(0n, 0n, 7n * USD, 9n)]);
      await expect(transaction)
        .to.emit(pro, "Transferred")
        .withArgs(actions.crossScope(ALICE), actions.crossScope(accountOf(1n, 9n)), 7n * USD);
      expect((await reader.account(pro, accountOf(1n, 9n))).cash).to.equal(7n * USD);
      expect((await reader.account(pro, ALICE)).cash).to.equal(99_993n * USD);

      await setPrices(context, 100_000n, 4_000n);
      const quote = actions.bid(99_000n, 10n);
      await act(context, alice, [actions.setMode(0n, true), actions.transfer(0n, 1n, 1_000n * USD), quote]);
      expect((await reader.party(pro, 0, ALICE)).isolatedCash).to.equal(1_000n * USD);
      // With the last order the cash goes back.
      await act(context, alice, [actions.cancel(actions.orderIdOf(ALICE, 0n, 1n))]);
      expect((await reader.party(pro, 0, ALICE)).isolatedCash).to.equal(0n);
      expect((await reader.account(pro, ALICE)).cash).to.equal(99_993n * USD);
      // What nothing uses does not stay.
      const idle = await act(context, alice, [actions.transfer(0n, 1n, 1_000n * USD)]);
      await expect(idle.transaction)
        .to.emit(pro, "IsolatedReturned")
        .withArgs(ALICE, 0, 1_000n * USD);
      expect((await reader.account(pro, ALICE)).cash).to.equal(99_993n * USD);
    });

    it("refuses nothing, too much, and scopes of another mode", async () => {
      const { pro, alice } = await loadFixture(deployFunded);
      const own = pro.connect(alice);
      const cases: [bigint, ...unknown[]][] = [
        [actions.transfer(0n, 0n, 0n, 1n), REASON.AmountMissing, 0n, 0n],
        [actions.transfer(0n, 0n, 100_001n * USD, 1n), REASON.CashTooLow, 100_001n * USD, 100_000n * USD],
        [actions.transfer(0n, 1n, 1n), REASON.ModeIsOther, 1n, 0n],
        [actions.transfer(2n, 0n, 1n), REASON.ModeIsOther, 2n, 0n],
        [actions.transfer(0n, 1n, 1n, 4n), REASON.ModeIsOther, 1n, 0n],
      ];
      for (const [action, ...args] of cases) {
        await expect(own.act(ALICE, [], [action]))
          .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
          .withArgs(...args);
      }
    });
  });

  describe("act", () => {
    it("is for the owner and his delegates, each within his rights", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, alice, stranger } = context;
      const other = pro.connect(stranger);
      const refused = (kind: bigint) => [ALICE, stranger.address, kind] as [bigint, string, bigint];
      await expect(other.act(ALICE, [], [actions.cancel(1n)]))
        .to.be.revertedWithCustomError(pro, "Pro_NotAllowed")
        .withArgs(...refused(0n));
      await expect(other.setDelegate(ALICE, stranger, 1, 2n ** 32n))
        .to.be.revertedWithCustomError(pro, "Pro_NotAllowed")
        .withArgs(...refused(0n));
      await expect(pro.connect(alice).setDelegate(ALICE, stranger, 1, 2n ** 32n))
        .to.emit(pro, "DelegateSet")
        .withArgs(ALICE, stranger, 1, 2n ** 32n);
      // It may cancel: there is nothing to cancel.
      await expect(other.act(ALICE, [], [actions.cancel(1n)]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.OrderNotFound, 1, 0);
      const reducing = actions.bid(100_000n, 10n, { isReduceOnly: true });
      await expect(other.act(ALICE, [], [reducing]))
        .to.be.revertedWithCustomError(pro, "Pro_NotAllowed")
        .withArgs(...refused(4n));
      await pro.connect(alice).setDelegate(ALICE, stranger, 2, 2n ** 32n);
      await expect(other.act(ALICE, [], [reducing]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.NothingToReduce, 0, 0);
      await expect(other.act(ALICE, [], [actions.bid(100_000n, 10n)]))
        .to.be.revertedWithCustomError(pro, "Pro_NotAllowed")
        .withArgs(...refused(4n));
      await pro.connect(alice).setDelegate(ALICE, stranger, 4, 2n ** 32n);
      await other.act(ALICE, [], [actions.bid(99_000n, 10n)]);
      // Never out of the account, never leverage, mode or broker.
      const never: [bigint[], bigint][] = [
        [actions.withdraw(stranger.address, 1n), 8n],
        [[actions.transfer(0n, 0n, 1n, 1n)], 7n],
        [[actions.setLeverage(0n, 5n)], 5n],
        [[actions.setMode(1n, true)], 6n],
        [[actions.nameBroker(1n)], 9n],
      ];
      for (const [list, kind] of never) {
        await expect(other.act(ALICE, [], list))
          .to.be.revertedWithCustomError(pro, "Pro_NotAllowed")
          .withArgs(...refused(kind));
      }
      await pro.connect(alice).setDelegate(ALICE, stranger, 4, 1n);
      await expect(other.act(ALICE, [], [actions.bid(99_000n, 10n)]))
        .to.be.revertedWithCustomError(pro, "Pro_NotAllowed")
        .withArgs(...refused(0n));
    });

    it("refuses unknown actions and refreshes after others", async () => {
      const { pro, alice } = await loadFixture(deployFunded);
      const own = pro.connect(alice);
      for (const kind of [0n, 11n]) {
        await expect(own.act(ALICE, [], [kind]))
          .to.be.revertedWithCustomError(pro, "Pro_UnknownAction")
          .withArgs(0, kind);
      }
      for (const odd of [{ type: 4n }, { selfTrade: 3n }]) {
        await expect(own.act(ALICE, [], [actions.soft(actions.bid(99_000n, 10n, odd))]))
          .to.be.revertedWithCustomError(pro, "Pro_UnknownAction")
          .withArgs(0, 4);
      }
      await expect(own.act(ALICE, [], [actions.setMode(0n, false), actions.refresh(0n)]))
        .to.be.revertedWithCustomError(pro, "Pro_RefreshNotFirst")
        .withArgs(1);
    });

    it("gives back coin that nothing was spent on", async () => {
      const { pro, alice } = await loadFixture(deployFunded);
      await expect(pro.connect(alice).act(ALICE, [], [], { value: 5n })).to.changeEtherBalance(pro, 0n);
    });

    it("A25: coin forced in stops nothing, and is no part of what comes back", async () => {
      const { pro, oracle, alice } = await loadFixture(deployFunded);
      const forcer = await ethers.deployContract("CoinForcer");
      await setBalance(await forcer.getAddress(), 10n ** 18n);
      await forcer.force([pro]);
      await oracle.setFee(3n);
      const proof = { assetIds: [1n], minPublishTime: 0n, isUnique: false, updateData: ["0x01"] };
      await expect(pro.connect(alice).act(ALICE, [proof], [], { value: 10n })).to.changeEtherBalances(
        [alice, pro, oracle],
        [-3n, 0n, 3n],
      );
      expect(await ethers.provider.getBalance(pro)).to.equal(1n);
    });

    it("takes coin from the aggregator alone", async () => {
      const { pro, alice } = await loadFixture(deployFunded);
      await expect(alice.sendTransaction({ to: pro, value: 1n }))
        .to.be.revertedWithCustomError(pro, "Pro_NativeNotExpected")
        .withArgs(alice);
    });
  });

  describe("Tip", () => {
    /** Of a lot that Alice buys from Bob, at fresh prices. */
    const deployBuying = async () => {
      const context = await deployFunded();
      await setPrices(context, 100_000n, 4_000n);
      await act(context, context.bob, [actions.ask(100_000n, 100n)]);
      return { ...context, buying: actions.bid(0n, 1n, { type: actions.ORDER_TYPE.immediateOrCancel }) };
    };

    it("pays a keeper at most 0.2 USD a call, into his account 0", async () => {
      const context = await loadFixture(deployBuying);
      const { pro, alice, buying, keeper, reader } = context;
      const most = USD / 5n;
      const { transaction } = await act(context, alice, [buying, actions.tip(keeper.address, most)]);
      await expect(transaction).to.emit(pro, "KeeperPaid").withArgs(accountOf(4n), actions.crossScope(ALICE), most);
      expect((await reader.account(pro, accountOf(4n))).cash).to.equal(most);
      await expect(
        pro.connect(alice).act(ALICE, [], [buying, actions.tip(keeper.address, most), actions.tip(keeper.address, 1n)]),
      )
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.TipTooHigh, most + 1n, most);
      await expect(pro.connect(alice).act(ALICE, [], [buying, actions.tip(keeper.address, 0n)]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.AmountMissing, 0, 0);
      await expect(pro.connect(alice).act(ALICE, [], [buying, actions.tip(ZeroAddress, 1n)]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.ReceiverMissing, 0, 0);
    });

    it("refuses in a halt, as all that moves cash", async () => {
      const { pro, alice, breaker, keeper } = await loadFixture(deployBuying);
      await breaker.raise(3);
      await expect(pro.connect(alice).act(ALICE, [], [actions.tip(keeper.address, 1n)]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.BreakerRaised, 0, 0);
    });

    it("refuses where the cash falls short", async () => {
      const context = await loadFixture(deployBuying);
      const { pro, alice, buying, keeper } = context;
      // The fee of a lot is 0.04 USD. Margin would be tested at the end.
      await pro.connect(alice).deposit(alice, 1, 5n * 10n ** 16n);
      const left = 10n ** 16n;
      await expect(pro.connect(alice).act(accountOf(1n, 1n), [], [buying, actions.tip(keeper.address, left + 1n)]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.CashTooLow, left + 1n, left);
    });
  });

  describe("NameBroker", () => {
    it("is done once, by the owner, and not for himself", async () => {
      const context = await loadFixture(deployFunded);
      const { pro, brokers, alice, bob, stranger } = context;
      await brokers.addBroker(alice, stranger, 200_000);
      await brokers.addBroker(stranger, alice, 200_000);
      await brokers.addBroker(stranger, stranger, 200_000);
      const own = pro.connect(alice);
      for (const broker of [0n, 1n, 2n, 4n]) {
        await expect(own.act(ALICE, [], [actions.nameBroker(broker)]))
          .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
          .withArgs(REASON.BrokerNotOffered, broker, 0);
      }
      await expect(own.act(ALICE, [], [actions.nameBroker(3n)]))
        .to.emit(pro, "BrokerNamed")
        .withArgs(1, 3);
      await expect(own.act(ALICE, [], [actions.nameBroker(3n)]))
        .to.be.revertedWithCustomError(pro, "Pro_ActionRefused")
        .withArgs(REASON.BrokerIsNamed, 3, 0);
      await expect(pro.connect(alice).act(BOB, [], [actions.nameBroker(3n)]))
        .to.be.revertedWithCustomError(pro, "Pro_NotAllowed")
        .withArgs(BOB, alice, 0);
      expect(await pro.accountOf(bob, 0)).to.equal(BOB);
    });
  });

  describe("what the LPs see", () => {
    it("is nothing: no exposure and no profit", async () => {
      const { pro } = await loadFixture(deployPro);
      expect(await pro.exposedAssets()).to.equal(0n);
      expect(await pro.lpPnl(7n, [1n, 2n, 3n])).to.deep.equal([0n, 0n, 0n]);
    });
  });

  describe("addToFund", () => {
    it("adds to a market's fund", async () => {
      const { pro, alice, reader } = await loadFixture(deployPro);
      await expect(pro.connect(alice).addToFund(1, 500n * USD))
        .to.emit(pro, "FundAdded")
        .withArgs(1, alice, 500n * USD);
      expect((await reader.market(pro, 1)).fund).to.equal(500n * USD);
      await expect(pro.connect(alice).addToFund(2, 1n))
        .to.be.revertedWithCustomError(pro, "Pro_MarketNotListed")
        .withArgs(2);
    });
  });

  describe("constructor", () => {
    it("refuses a token of more than 18 decimals", async () => {
      const { pro, vault, oracle, breaker, configurator } = await loadFixture(deployPro);
      const odd = await ethers.deployContract("StandInToken");
      await odd.initialize("Odd", "ODD", 19);
      await expect(deployLinked("Pro", [vault, oracle, breaker, configurator, odd]))
        .to.be.revertedWithCustomError(pro, "Pro_DecimalsNotOffered")
        .withArgs(19, 18);
    });
  });
});
