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

/**
 * Who may call a function with effect. `anyone`: whoever calls acts for himself alone, or does what the rules demand of
 * whoever comes. A role: see `deploy/roles.ts`; `authority` is the AccessManager, `ADMIN` its own administration, `target`
 * stands for calls that it only passes on under the rules of the target. Contracts: that one alone. `owner`: of the trade.
 * `productOnly`: a product of the Vault. `brokerOwner`: of the broker named.
 * `product`: the call moves what the caller has in the Vault, which is nothing unless it is a product.
 */
type Caller =
  | "anyone"
  | "owner"
  | "product"
  | "productOnly"
  | "brokerOwner"
  | "vault"
  | "configurator"
  | "alpManager"
  | "feeDistributor"
  | "authority"
  | "ADMIN"
  | "target"
  | "GOVERNOR"
  | "RISK_MANAGER"
  | "GUARDIAN";

/** Every function of every deployed contract that is no view. A new one needs a row: think of who may call it. */
const PERMISSIONS: Readonly<Record<keyof System, Readonly<Record<string, Caller>>>> = {
  accessManager: {
    cancel: "target",
    consumeScheduledOp: "target",
    execute: "target",
    schedule: "target",
    multicall: "target",
    renounceRole: "target",
    grantRole: "ADMIN",
    labelRole: "ADMIN",
    revokeRole: "ADMIN",
    setGrantDelay: "ADMIN",
    setRoleAdmin: "ADMIN",
    setRoleGuardian: "ADMIN",
    setTargetAdminDelay: "ADMIN",
    setTargetClosed: "ADMIN",
    setTargetFunctionRole: "ADMIN",
    updateAuthority: "ADMIN",
  },
  breaker: { raise: "GUARDIAN", lower: "RISK_MANAGER", setAuthority: "authority" },
  vault: {
    allocateFees: "feeDistributor",
    addLiquidity: "alpManager",
    removeLiquidity: "alpManager",
    deposit: "product",
    depositAndReserve: "product",
    open: "product",
    settle: "product",
    claim: "anyone",
    initialise: "GOVERNOR",
    listToken: "GOVERNOR",
    addProduct: "GOVERNOR",
    setCeiling: "GOVERNOR",
    setMaxUtilization: "RISK_MANAGER",
    cutCeiling: "GUARDIAN",
    setAuthority: "authority",
  },
  priceAggregator: {
    prove: "anyone",
    proveReference: "anyone",
    takeReferencePrices: "anyone",
    quote: "anyone",
    exitQuote: "anyone",
    synchroniseSource: "anyone",
    configureAsset: "GOVERNOR",
    addSource: "GOVERNOR",
    configureSource: "GOVERNOR",
    setSourceEnabled: "GOVERNOR",
    setPyth: "GOVERNOR",
    setSequencer: "GOVERNOR",
    disableSource: "GUARDIAN",
    restoreSource: "GUARDIAN",
    setAuthority: "authority",
  },
  alpManager: {
    mint: "anyone",
    burn: "anyone",
    payIn: "vault",
    addAsset: "GOVERNOR",
    addLedgerProduct: "GOVERNOR",
    setWeights: "RISK_MANAGER",
    setMaxShares: "RISK_MANAGER",
    setShareFloor: "RISK_MANAGER",
    setFees: "RISK_MANAGER",
    setAuthority: "authority",
  },
  alp: {
    approve: "anyone",
    permit: "anyone",
    transfer: "anyone",
    transferFrom: "anyone",
    mint: "alpManager",
    burn: "alpManager",
  },
  feeDistributor: {
    collect: "anyone",
    collectBroker: "anyone",
    recordFee: "productOnly",
    setTreasury: "GOVERNOR",
    setAuthority: "authority",
  },
  brokerRegistry: {
    addBroker: "RISK_MANAGER",
    setShare: "RISK_MANAGER",
    setReceiver: "brokerOwner",
    transferBroker: "brokerOwner",
    setAuthority: "authority",
  },
  prediction: {
    requestBet: "anyone",
    execute: "anyone",
    returnStake: "anyone",
    payIn: "vault",
    setMarket: "configurator",
    setPeriod: "configurator",
    setStakeToken: "configurator",
  },
  predictionConfigurator: {
    listMarket: "GOVERNOR",
    setStakeToken: "GOVERNOR",
    setMarket: "RISK_MANAGER",
    setPeriod: "RISK_MANAGER",
    disableMarket: "GUARDIAN",
    disableStakeToken: "GUARDIAN",
    cutCap: "GUARDIAN",
    setAuthority: "authority",
  },
  router: {
    multicall: "anyone",
    permit: "anyone",
    requestOpen: "anyone",
    requestOpenNative: "anyone",
    requestLimit: "anyone",
    requestLimitNative: "anyone",
    requestBet: "anyone",
    requestBetNative: "anyone",
  },
  tradingConfigurator: {
    listBook: "GOVERNOR",
    setMarginToken: "GOVERNOR",
    setFees: "RISK_MANAGER",
    setSlippage: "RISK_MANAGER",
    setRates: "RISK_MANAGER",
    setCaps: "RISK_MANAGER",
    setMinimums: "RISK_MANAGER",
    setOpenChecks: "RISK_MANAGER",
    setTiers: "RISK_MANAGER",
    setStatus: "RISK_MANAGER",
    cutCaps: "GUARDIAN",
    startNewsWindow: "GUARDIAN",
    disableBook: "GUARDIAN",
    disableMarginToken: "GUARDIAN",
    setAuthority: "authority",
  },
  trading: {
    requestOpen: "anyone",
    requestLimit: "anyone",
    cancelExpired: "anyone",
    execute: "anyone",
    liquidate: "anyone",
    requestClose: "owner",
    requestPartialClose: "owner",
    updateTpSl: "owner",
    addMargin: "owner",
    addMarginWithPermit: "owner",
    cancelLimit: "owner",
    payIn: "vault",
    setBookConfig: "configurator",
    setOpenConfig: "configurator",
    setTiers: "configurator",
    setMarginToken: "configurator",
  },
  pro: {
    deposit: "anyone",
    depositWithPermit: "anyone",
    addToFund: "anyone",
    refresh: "anyone",
    cancelDead: "anyone",
    cancelStretched: "anyone",
    liquidate: "anyone",
    deleverage: "anyone",
    shareLoss: "anyone",
    beginSettling: "anyone",
    closeSettled: "anyone",
    sweepFees: "anyone",
    simulate: "anyone",
    act: "owner",
    setDelegate: "owner",
    payIn: "vault",
    listMarket: "configurator",
    setMarketConfig: "configurator",
    setTiers: "configurator",
    setStatus: "configurator",
    close: "configurator",
    releaseFund: "configurator",
  },
  proConfigurator: {
    listMarket: "GOVERNOR",
    delist: "GOVERNOR",
    close: "GOVERNOR",
    releaseFund: "GOVERNOR",
    setConfig: "RISK_MANAGER",
    setCaps: "RISK_MANAGER",
    setTiers: "RISK_MANAGER",
    setStatus: "RISK_MANAGER",
    cutCaps: "GUARDIAN",
    disable: "GUARDIAN",
    setAuthority: "authority",
  },
  proKeeper: { run: "anyone", fire: "anyone" },
  proLens: { previewAct: "anyone" },
  proTriggers: { place: "owner", change: "owner", cancel: "owner", execute: "anyone" },
  proTriggersLens: {},
  executor: { execute: "anyone" },
  liquidator: { liquidate: "anyone" },
  tradingLens: {},
  tradingRecords: {},
  predictionLens: {},
  marketLens: {},
  alpLens: {},
  keeperLens: {},
};

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
  it("X02 X08 S06: every state-changing function has a row in the table, and every row a function", async () => {
    const { system } = await loadFixture(deskFixture);
    expect(contractsOf(system)).to.have.lengthOf(Object.keys(PERMISSIONS).length);
    for (const key of keysOf(system)) {
      const names = entriesOf(system[key]).map(({ name }) => name);
      expect(names.sort(), `who may call what of ${key}`).to.deep.equal(Object.keys(PERMISSIONS[key]).sort());
    }
  });

  it("X08 S06: the AccessManager gives each restricted function to the role of the table", async () => {
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

  it("X02 X08: a stranger is refused by every restricted function, and by name", async () => {
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
