import { loadFixture } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { AbiCoder, ZeroAddress, concat } from "ethers";
import type { FunctionFragment, ParamType } from "ethers";
import { ethers } from "hardhat";
import type { System } from "../../deploy/deploySystem";
import { ROLES, ROLE_TABLE, roleIdOf } from "../../deploy/roles";
import type { FunctionRole } from "../../deploy/roles";
import { requestLimit } from "../../kit/desk/orders";
import { px } from "../../sdk/units";
import { deskFixture } from "../fixtures/desk";
import { contractsOf, entriesOf, openedDesk, stateOf } from "./support";
import { revertOf } from "../dsl/reverts";
import { PERMISSIONS } from "./permissionTable";
import type { Caller } from "./permissionTable";

/** The error with which the contract says that it does not know the caller. */
const REFUSALS: Readonly<Partial<Record<Caller, Readonly<Record<string, string>>>>> = {
  vault: {
    trading: "Product_OnlyVault",
    prediction: "Product_OnlyVault",
    pro: "Product_OnlyVault",
    alpManager: "AlpManager_PayInNotExpected",
  },
  configurator: {
    trading: "Product_OnlyConfigurator",
    prediction: "Product_OnlyConfigurator",
    pro: "Product_OnlyConfigurator",
  },
  productOnly: { feeDistributor: "FeeDistributor_NotAProduct" },
  brokerOwner: { brokerRegistry: "BrokerRegistry_NotOwner" },
  alpManager: { vault: "Vault_NotLiquidityManager", alp: "Alp_NotManager" },
  feeDistributor: { vault: "Vault_NotFeeDistributor" },
};

/** A value of a type that decodes: numbers are 1, lists have one member. */
function sampleOf(param: ParamType): unknown {
  if (param.arrayChildren) return [sampleOf(param.arrayChildren)];
  if (param.components) return param.components.map(sampleOf);
  if (param.type === "address") return "0x00000000000000000000000000000000000000AA";
  if (param.type === "bool") return true;
  if (param.type === "string") return "x";
  if (param.type === "bytes") return "0x";
  const bytes = /^bytes(\d+)$/.exec(param.type);
  return bytes ? `0x${"00".repeat(Number(bytes[1]))}` : 1;
}

function sampleCall({ selector, inputs }: FunctionFragment): string {
  return concat([selector, AbiCoder.defaultAbiCoder().encode(inputs, inputs.map(sampleOf))]);
}

function keysOf(system: System): (keyof System)[] {
  return Object.keys(system) as (keyof System)[];
}

describe("attacks: permissions of every function", () => {
  it("X02 X08 S06 I24: every state-changing function has a row in the table, and every row a function", async () => {
    const { system } = await loadFixture(deskFixture);
    expect(contractsOf(system)).to.have.lengthOf(Object.keys(PERMISSIONS).length);
    for (const key of keysOf(system)) {
      const names = entriesOf(system[key]).map(({ name }) => name);
      expect(names.sort(), `who may call what of ${key}`).to.deep.equal(Object.keys(PERMISSIONS[key]).sort());
    }
  });

  it("X08 S06 I24: the AccessManager gives each restricted function to the role of the table", async () => {
    const { system, accessManager } = await loadFixture(deskFixture);
    for (const key of keysOf(system)) {
      for (const { name, selector } of entriesOf(system[key])) {
        const caller = PERMISSIONS[key][name];
        const contractName = key[0].toUpperCase() + key.slice(1);
        if (!["GOVERNOR", "RISK_MANAGER", "GUARDIAN"].includes(caller)) continue;
        expect(ROLE_TABLE[contractName][name], `${key}.${name}`).to.equal(caller);
        const roleId = await accessManager.getTargetFunctionRole(system[key], selector);
        expect(roleId, `${key}.${name}`).to.equal(roleIdOf(caller as FunctionRole));
      }
    }
  });

  it("X02 X08 I24: a stranger is refused by every restricted function, and by name", async () => {
    const { desk, system, stranger, accessManager, breaker, id } = await openedDesk();
    const before = await stateOf(desk, [id]);
    let refused = 0;
    for (const key of keysOf(system)) {
      for (const fragment of entriesOf(system[key])) {
        const caller = PERMISSIONS[key][fragment.name];
        if (caller === "anyone" || caller === "owner" || caller === "product") continue;
        const sent = stranger.sendTransaction({ to: system[key], data: sampleCall(fragment) });
        const label = `${key}.${fragment.name}`;
        ++refused;
        if (caller === "ADMIN") {
          await expect(sent, label)
            .to.be.revertedWithCustomError(accessManager, "AccessManagerUnauthorizedAccount")
            .withArgs(stranger, ROLES.ADMIN.id);
        } else if (caller === "target") {
          expect(await revertOf(sent), label).to.match(/^(no reason|FailedCall\(\)|AccessManagerBadConfirmation\(\))$/);
        } else {
          const error = REFUSALS[caller]?.[key];
          const [thrower, name] = error ? [system[key], error] : [breaker, "AccessManagedUnauthorized"];
          // A broker is named by the sample's number.
          const args = caller === "brokerOwner" ? [1, stranger] : [stranger];
          await expect(sent, label)
            .to.be.revertedWithCustomError(thrower, name)
            .withArgs(...args);
        }
      }
    }
    expect(refused).to.be.greaterThan(50);
    expect(await stateOf(desk, [id])).to.equal(before);
  });

  it("X08: the Vault's product entries move nothing for who is no product", async () => {
    const { desk, vault, stranger, lp, id } = await openedDesk();
    const before = await stateOf(desk, [id]);
    const token = await desk.replica.token("USDT").getAddress();
    const connected = vault.connect(stranger);
    for (const sent of [() => connected.deposit(token, lp, 1n), () => connected.depositAndReserve(token, lp, 1n, 0n)]) {
      await expect(sent()).to.be.revertedWithCustomError(vault, "Vault_ProductNotFound").withArgs(stranger.address);
    }
    const none = { account: ZeroAddress, amount: 0n };
    const mine = { account: stranger.address, amount: 1n };
    const opening = { token, reserve: 0n, toLiquidity: 0n, toFees: 0n, executor: none };
    for (const change of [{ toLiquidity: 1n }, { toFees: 1n }, { executor: mine }]) {
      await expect(connected.open({ ...opening, ...change }))
        .to.be.revertedWithCustomError(vault, "Vault_CollateralExceeded")
        .withArgs(1n, 0n);
    }
    expect(await connected.open.staticCall({ ...opening, reserve: 1n })).to.equal(false);
    await connected.open({ ...opening, reserve: 1n });
    await connected.open(opening);
    const receiver = stranger.address;
    const settlement = {
      ...{ token, collateral: 0n, reserve: 0n, toFees: 0n, executor: none, armer: none },
      ...{ receiver, payout: 0n, asNative: false },
    };
    for (const [change, error] of [
      [{ collateral: 1n }, "Vault_CollateralExceeded"],
      [{ reserve: 1n }, "Vault_ReserveExceeded"],
    ] as const) {
      await expect(connected.settle({ ...settlement, ...change, payout: 1n }))
        .to.be.revertedWithCustomError(vault, error)
        .withArgs(1n, 0n);
    }
    for (const change of [{ payout: 1n }, { toFees: 1n }, { executor: mine }, { armer: mine }]) {
      await expect(connected.settle({ ...settlement, ...change }))
        .to.be.revertedWithCustomError(vault, "Vault_Overdrawn")
        .withArgs(1n, 0n);
    }
    await connected.settle(settlement);
    expect(await vault.claimableOf(token, stranger)).to.equal(0n);
    expect(await stateOf(desk, [id])).to.equal(before);
  });

  it("X08 S02: only its owner closes, reduces or changes a trade or cancels a limit, whoever asks", async () => {
    const { desk, system, trading, tradingRecords, stranger, guardian, governor, keeper, trader, lp } =
      await openedDesk();
    const standard = { mode: "standard" } as const;
    const open = await desk.open(trader, keeper, { ...standard, amount: desk.tokenUnits("USDT", 1_000n) });
    const limit = await requestLimit(desk, trader, { ...standard, acceptablePrice: px("59000") });
    const before = await stateOf(desk, [open, limit.id]);
    const far = (await desk.now()) + 3_600;
    const { size } = await tradingRecords.position(open);
    const none = ethers.ZeroHash;
    const calls: Record<string, { id: bigint; args: unknown[] }> = {
      requestClose: { id: open, args: [open, 0n, far] },
      requestPartialClose: { id: open, args: [open, size / 2n, 0n, far] },
      updateTpSl: { id: open, args: [open, 0n, 1n] },
      addMargin: { id: open, args: [open, 1n] },
      addMarginWithPermit: { id: open, args: [open, 1n, far, 27, none, none] },
      cancelLimit: { id: limit.id, args: [limit.id] },
    };
    const owners = Object.keys(PERMISSIONS.trading).filter((name) => PERMISSIONS.trading[name] === "owner");
    expect(Object.keys(calls).sort()).to.deep.equal(owners.sort());
    for (const by of [stranger, guardian, governor, keeper, lp]) {
      for (const [name, { id, args }] of Object.entries(calls)) {
        const data = trading.interface.encodeFunctionData(name as "requestClose", args as never);
        await expect(by.sendTransaction({ to: system.trading, data }), name)
          .to.be.revertedWithCustomError(trading, "Trading_NotOwner")
          .withArgs(id, by.address);
      }
      await expect(trading.connect(by).updateTpSl(limit.id, 0n, 1n))
        .to.be.revertedWithCustomError(trading, "Trading_NotOwner")
        .withArgs(limit.id, by.address);
    }
    expect(await stateOf(desk, [open, limit.id])).to.equal(before);
  });
});
