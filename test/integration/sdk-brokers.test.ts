import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { ethers } from "hardhat";
import { connectTo, recordOf } from "../../kit/connect";
import { confirmed } from "../../kit/desk/Desk";
import { Asterism } from "../../sdk/Asterism";
import { UnknownNameError } from "../../sdk/chains";
import type { OrderInput } from "../../sdk/clients/orders";
import { NoSignerError } from "../../sdk/connection";
import { RefusedError } from "../../sdk/failures";
import { MULTICALL3 } from "../../sdk/reading";
import { thrownBy } from "../dsl/thrown";
import { BROKER_SHARE, brokerFixture } from "../fixtures/brokers";
import { deskFixture } from "../fixtures/desk";

const BROUGHT: OrderInput = {
  ...{ market: "BTC", mode: "standard", side: "long", leverage: 20, token: "USDT", amount: "1000", broker: 1 },
};
const HOUR = 3_600;
const DAY = 24 * HOUR;

/** The error that an action is refused with: what it is called, and what it says. */
async function refusalOf(sent: Promise<unknown>): Promise<[name: string, args: object]> {
  const error = await thrownBy(sent);
  if (!(error instanceof RefusedError)) throw error;
  return [error.error.name, error.error.args];
}

async function brokersFixture() {
  const fixture = await loadFixture(brokerFixture);
  const { desk, trader, keeper, stranger } = fixture;
  const [asTrader, asKeeper] = [await connectTo(desk, trader), await connectTo(desk, keeper)];
  return { ...fixture, asTrader, asKeeper, asOwner: await connectTo(desk, stranger) };
}

/** A position that the broker has brought is open. */
async function broughtFixture() {
  const fixture = await loadFixture(brokersFixture);
  const { asTrader, asKeeper } = fixture;
  const order = await (await asTrader.trade.market(BROUGHT)).send();
  expect((await asKeeper.keeper.fill(order)).outcome).to.equal("Opened");
  return fixture;
}

describe("asterism.brokers", () => {
  it("reads brokers, one and all, and none where there is none", async () => {
    const { desk, system, profile, stranger, other } = await loadFixture(brokersFixture);
    const deployment = await recordOf(system, profile.chainId);
    const { brokers } = await Asterism.connect(ethers.provider, { deployment });
    const first = { id: 1, owner: stranger.address, receiver: other.address, sharePips: BROKER_SHARE };
    expect(await brokers.count()).to.equal(1);
    expect(await brokers.broker(1)).to.deep.equal(first);
    expect([await brokers.broker(0), await brokers.broker(2)]).to.deep.equal([undefined, undefined]);
    expect(await brokers.all()).to.deep.equal([first]);
    expect(await brokers.collectable(1)).to.deep.equal({});
    expect(await desk.isBalanced()).to.equal(true);
  });

  it("says what broker and treasury may collect after a trade, and has anyone collect it", async () => {
    const { asKeeper, asTrader, vault, usdt, other, treasury } = await loadFixture(broughtFixture);
    const { fees } = await vault.ledger(usdt);
    const share = (fees * BROKER_SHARE) / 1_000_000n;
    expect(share > 0n).to.equal(true);
    expect(await asTrader.brokers.collectable(1)).to.deep.equal({ USDT: share });
    const own = { account: treasury.address, collectable: { USDT: fees - share } };
    expect(await asTrader.brokers.treasury()).to.deep.equal(own);

    expect(await asKeeper.brokers.collectBroker(1, "USDT").send()).to.equal(share);
    expect(await asKeeper.brokers.collect("USDT").send()).to.equal(fees - share);
    expect(await asKeeper.vault.claimable(other.address)).to.deep.equal({ USDT: share });
    expect(await asKeeper.vault.claimable(treasury.address)).to.deep.equal({ USDT: fees - share });
    expect(await asTrader.brokers.collectable(1)).to.deep.equal({});
    expect((await asTrader.brokers.treasury()).collectable).to.deep.equal({});
  });

  it("reads the same in one call where the chain has Multicall3", async () => {
    const { asTrader, desk, trader } = await loadFixture(broughtFixture);
    const read = async ({ brokers, breaker }: Asterism) => [
      ...[await brokers.all(), await brokers.collectable(1), await brokers.treasury(), (await breaker.state()).level],
    ];
    const apart = await read(asTrader);
    const code = await ethers.provider.getCode(await ethers.deployContract("StandInMulticall3"));
    await ethers.provider.send("hardhat_setCode", [MULTICALL3, code]);
    expect(await read(await connectTo(desk, trader))).to.deep.equal(apart);
  });

  it("refuses with the contracts' reasons, before anything is sent", async () => {
    const { asTrader, asOwner, usdt, trader } = await loadFixture(brokersFixture);
    const nonce = await trader.getNonce();
    const nothing = ["FeeDistributor_NothingToCollect", { token: await usdt.getAddress() }];
    expect(await refusalOf(asTrader.brokers.collectBroker(1, "USDT").send())).to.deep.equal(nothing);
    expect(await refusalOf(asTrader.brokers.collectBroker(9, "USDT").send())).to.deep.equal(nothing);
    expect(await refusalOf(asTrader.brokers.collect("USDT").send())).to.deep.equal(nothing);
    const notOwner = (id: bigint) => ["BrokerRegistry_NotOwner", { brokerId: id, caller: trader.address }];
    expect(await refusalOf(asTrader.brokers.setReceiver(1, trader.address).send())).to.deep.equal(notOwner(1n));
    expect(await refusalOf(asTrader.brokers.transferBroker(7, trader.address).send())).to.deep.equal(notOwner(7n));
    const nobody = asOwner.brokers.setReceiver(1, ethers.ZeroAddress).send();
    expect(await refusalOf(nobody)).to.deep.equal(["BrokerRegistry_ZeroAddress", {}]);
    expect(() => asTrader.brokers.collect("DOGE")).to.throw(UnknownNameError, 'no token "DOGE"');
    expect(await trader.getNonce()).to.equal(nonce);
  });

  it("has its owner change the receiver and hand it over", async () => {
    const { asOwner, asTrader, trader, keeper } = await loadFixture(brokersFixture);
    await asOwner.brokers.setReceiver(1, keeper.address).send();
    await asOwner.brokers.transferBroker(1, trader.address).send();
    const { owner, receiver } = (await asTrader.brokers.broker(1)) ?? {};
    expect([owner, receiver]).to.deep.equal([trader.address, keeper.address]);
    await asTrader.brokers.setReceiver(1, trader.address).send();
    expect((await asTrader.brokers.broker(1))?.receiver).to.equal(trader.address);
  });
});

describe("asterism.breaker", () => {
  async function breakerFixture() {
    const fixture = await loadFixture(deskFixture);
    const { desk, trader, breaker, guardian } = fixture;
    const raise = async (level: number) => {
      await confirmed(breaker.connect(guardian).raise(level));
      const block = await ethers.provider.getBlock("latest");
      return block?.timestamp ?? 0;
    };
    return { ...fixture, asTrader: await connectTo(desk, trader), raise };
  }

  it("says that everything runs where nothing is raised", async () => {
    const { asTrader } = await loadFixture(breakerFixture);
    const { raisedAt, clock, ...state } = await asTrader.breaker.state();
    expect(state).to.deep.equal({
      ...{ level: 0, canOpen: true, canClose: true, canLiquidate: true, canBurn: true },
      ...{ haltEndsAt: 0, haltAllowedFrom: 0, liquidationsAllowedFrom: 0, burnAllowedFrom: 0 },
    });
    const block = await ethers.provider.getBlock("latest");
    expect([clock, raisedAt > 0 && raisedAt < clock]).to.deep.equal([block?.timestamp, true]);
    expect(await asTrader.breaker.level()).to.equal(0);
  });

  it("says what levels 1 and 2 stop, and until when", async () => {
    const { asTrader, raise } = await loadFixture(breakerFixture);
    const first = await raise(1);
    const one = await asTrader.breaker.state();
    expect([one.level, one.canOpen, one.canClose, one.canLiquidate, one.canBurn]).to.deep.equal([
      ...[1, false, true, true, true],
    ]);
    expect([one.raisedAt, one.burnAllowedFrom]).to.deep.equal([first, 0]);
    const second = await raise(2);
    const two = await asTrader.breaker.state();
    expect([two.level, two.canOpen, two.canClose, two.canLiquidate, two.canBurn]).to.deep.equal([
      ...[2, false, true, true, false],
    ]);
    expect([two.raisedAt, two.burnAllowedFrom, two.haltEndsAt]).to.deep.equal([second, second + 7 * DAY, 0]);
  });

  it("has the clock stand still in a halt, and says when it ends and what follows", async () => {
    const { asTrader, desk, raise } = await loadFixture(breakerFixture);
    const start = await raise(3);
    await desk.warp(HOUR);
    const halted = await asTrader.breaker.state();
    expect(halted).to.deep.equal({
      ...{ level: 3, canOpen: false, canClose: false, canLiquidate: false, canBurn: false },
      ...{ raisedAt: start, clock: start, haltEndsAt: start + DAY, haltAllowedFrom: start + 2 * DAY },
      ...{ liquidationsAllowedFrom: start + DAY + 300, burnAllowedFrom: start + 7 * DAY },
    });
    await desk.warpTo(start + DAY);
    const fallen = await asTrader.breaker.state();
    expect([fallen.level, fallen.canClose, fallen.canLiquidate]).to.deep.equal([2, true, false]);
    expect(await asTrader.breaker.level()).to.equal(2);
    await desk.warpTo(start + DAY + 300);
    const graced = await asTrader.breaker.state();
    expect([graced.clock, graced.canLiquidate]).to.deep.equal([start + 300, true]);
  });

  it("says who may raise it: the guardian, and nobody else", async () => {
    const { asTrader, system, profile, guardian, governor, riskManager } = await loadFixture(breakerFixture);
    expect(await asTrader.breaker.mayRaise()).to.equal(false);
    expect(await asTrader.breaker.mayRaise(guardian.address)).to.equal(true);
    expect(await asTrader.breaker.mayRaise(governor.address)).to.equal(false);
    expect(await asTrader.breaker.mayRaise(riskManager.address)).to.equal(false);
    const reading = await Asterism.connect(ethers.provider, { deployment: await recordOf(system, profile.chainId) });
    expect(await thrownBy(reading.breaker.mayRaise())).to.be.instanceOf(NoSignerError);
  });
});
