import { loadFixture, setBalance, time } from "@nomicfoundation/hardhat-network-helpers";
import { expect } from "chai";
import { MaxUint256, ZeroAddress, ZeroHash } from "ethers";
import type { BaseContract, BytesLike } from "ethers";
import { ethers } from "hardhat";
import { assetIdOf } from "../../deploy/arguments/oracle";
import { decodeError, revertData } from "../../sdk/errors";
import type { DecodedError, ErrorValue } from "../../sdk/errors";
import { betRequest, fundPlayer, requestBet } from "../../kit/desk/bets";
import { confirmed, timestampOf } from "../../kit/desk/Desk";
import { requestLimit } from "../../kit/desk/orders";
import { px } from "../../sdk/units";
import { BlacklistToken__factory, ReentrantToken__factory } from "../../typechain-types";
import { deskFixture } from "../fixtures/desk";
import { entriesOf, eventsOf, replaceToken } from "./support";

/** What an integrator sends and what he must be able to read from the answer. */
interface BadCall {
  contract: BaseContract;
  entry: string;
  args: readonly unknown[];
  /** Of the error expected. */
  name: string;
  values: Record<string, ErrorValue>;
  from?: string;
  value?: bigint;
  gas?: number;
}

const FAR = 2 ** 40 - 1;
/** More than Pyth asks, so that there is something to give back. */
const EXCESS_WEI = 10n;
const NO_PERMIT = [27, ZeroHash, ZeroHash] as const;
/** As the contracts have it: a deadline leaves at least this long after the target. */
const MIN_EXECUTION_TIME = 15;
/** The least and the largest leverage of Degen. */
const DEGEN_LEVERAGE = [500n, 1001n] as const;

/** What a call reverts with, as a client finds it; throws where it goes through. */
async function refusalOf(call: {
  to: string;
  from: string;
  data: BytesLike;
  value?: bigint;
  gas?: number;
}): Promise<string> {
  const { value = 0n, gas, ...rest } = call;
  const amounts = { value: ethers.toQuantity(value), ...(gas ? { gas: ethers.toQuantity(gas) } : {}) };
  try {
    await ethers.provider.send("eth_call", [{ ...rest, ...amounts }, "pending"]);
  } catch (thrown) {
    const data = revertData(thrown);
    if (data === undefined) throw thrown;
    return data;
  }
  throw new Error("the call went through");
}

/** Makes each call from its sender and compares what it reverted with. */
async function expectDecoded(calls: readonly BadCall[], sender: string): Promise<void> {
  const next = (await time.latest()) + 1;
  for (const { contract, entry, args, name, values, from = sender, value, gas } of calls) {
    // The block that it would be in is a second after the last one, however long the calls before took.
    await time.setNextBlockTimestamp(next);
    const data = contract.interface.encodeFunctionData(entry, args);
    const title = `${await contract.getAddress()}.${entry}: ${name}`;
    const decoded = decodeError(await refusalOf({ to: await contract.getAddress(), from, data, value, gas }));
    expect({ title, name: decoded.name, args: decoded.args }).to.deep.equal({ title, name, args: values });
    expect(decoded.words, title).to.match(/\.$/);
  }
}

/** A desk where the trader has a position of each mode, a resting limit, a market order and a bet that wait. */
async function workplace() {
  const fixture = await loadFixture(deskFixture);
  const { desk, system, trader, keeper, replica } = fixture;
  // Calls that are refused bring no fee.
  await replica.setUpdateFee(0n);
  const degen = await desk.open(trader, keeper);
  const standard = await desk.open(trader, keeper, { mode: "standard", amount: desk.tokenUnits("USDT", 1_000n) });
  const resting = await requestLimit(desk, trader, { mode: "standard", acceptablePrice: px("50000"), deadline: FAR });
  await fundPlayer(desk, trader, "USDT", desk.tokenUnits("USDT", 1_000n));
  const bet = await requestBet(desk, trader);
  const { id: order, receipt } = await desk.requestOpen(trader);
  await confirmed(system.trading.connect(trader).requestClose(degen, 0n, FAR));
  const asked = await timestampOf(
    desk.provider,
    await confirmed(system.trading.connect(trader).cancelLimit(resting.id)),
  );
  const orderedAt = await timestampOf(desk.provider, receipt);
  await desk.refresh();
  return { ...fixture, degen, standard, resting: resting.id, order, orderedAt, bet, cancelledAt: asked };
}

type Workplace = Awaited<ReturnType<typeof workplace>>;

async function tradingCalls(fixture: Workplace): Promise<BadCall[]> {
  const { desk, system, trader, other, stranger, keeper, alp, profile } = fixture;
  const { degen, standard, resting, order, orderedAt, cancelledAt } = fixture;
  const { trading, tradingRecords, vault } = system;
  const [contract, usdt] = [trading, await desk.replica.token("USDT").getAddress()];
  const request = await desk.openRequest(trader);
  const limit = { ...request, bookId: desk.bookId("BTC", "standard"), leverage: 100, acceptablePrice: px("50000") };
  const now = (await desk.now()) + 1;
  const earliest = (mode: "degen" | "standard") => BigInt(now + desk.delayOf(mode) + MIN_EXECUTION_TIME);
  const unlisted = 2 * profile.markets.length;
  const { size, entry } = await tradingRecords.position(standard);
  const window = Number(await trading.executionWindow());
  const closeExpiry = (await tradingRecords.closeOf(degen)).expiry;
  const cancellableFrom = BigInt(cancelledAt + desk.delayOf("standard") + 3 + 1);
  const expiry = BigInt(orderedAt + desk.delayOf("degen") + window + 1);
  const call = (
    entryName: string,
    args: readonly unknown[],
    name: string,
    values: Record<string, ErrorValue> = {},
    rest: Partial<BadCall> = {},
  ): BadCall => ({ contract, entry: entryName, args, name, values, ...rest });
  const noTokens = { spender: trading.target as string, allowance: 0n, needed: request.amount };
  const openConfig = (await tradingRecords.bookConfig(limit.bookId))[1];
  const leastMargin = openConfig.minMarginUsd * BigInt(limit.leverage);
  const { minNotionalUsd } = openConfig;
  const minUsd = (leastMargin > minNotionalUsd ? leastMargin : minNotionalUsd) * 10n ** 18n;
  // A base asset of 8 decimals at a price of 10: together the 18 of USD.
  const partUsd = (size - 1n) * entry;
  return [
    call("requestOpen", [{ ...request, owner: ZeroAddress }], "Trading_ZeroAddress"),
    call("requestOpen", [{ ...request, bookId: unlisted }], "Trading_BookNotActive", { bookId: BigInt(unlisted) }),
    call("requestOpen", [{ ...request, leverage: 5_000 }], "Trading_LeverageOutOfRange", {
      ...{ leverage: 5_000n, min: DEGEN_LEVERAGE[0], max: DEGEN_LEVERAGE[1] },
    }),
    call("requestOpen", [{ ...request, token: alp.target }], "Trading_TokenNotAccepted", {
      token: alp.target as string,
    }),
    call("requestOpen", [{ ...request, asNative: true }], "Trading_NotWrappedNative", { token: usdt }),
    call("requestOpen", [{ ...request, deadline: now }], "Trading_DeadlineTooEarly", {
      ...{ deadline: BigInt(now), earliest: earliest("degen") },
    }),
    call("requestOpen", [{ ...request, amount: 0n }], "Vault_NothingArrived", { token: usdt }),
    call("requestOpen", [request], "ERC20InsufficientAllowance", noTokens, { from: stranger.address }),
    call(
      "requestOpen",
      [{ ...request, amount: desk.tokenUnits("USDT", 10_000_000n) }],
      "ERC20InsufficientBalance",
      {
        sender: other.address,
        balance: await desk.replica.token("USDT").balanceOf(other),
        needed: desk.tokenUnits("USDT", 10_000_000n),
      },
      { from: other.address },
    ),
    call("requestOpen", [request], "Empty", {}, { value: 1n }),
    call("requestLimit", [{ ...limit, acceptablePrice: 0n }], "Trading_LimitPriceMissing"),
    call("requestLimit", [{ ...limit, takeProfit: px("49999") }], "Trading_TakeProfitOutOfRange", {
      ...{ takeProfit: px("49999"), entry: px("50000"), cap: px("52500") },
    }),
    call(
      "requestClose",
      [standard, 0n, FAR],
      "Trading_NotOwner",
      { id: standard, caller: other.address },
      { from: other.address },
    ),
    call("requestClose", [order, 0n, FAR], "Trading_NotOpen", { id: order }),
    call("requestClose", [degen, 0n, FAR], "Trading_CloseIsPending", { id: degen, expiry: closeExpiry }),
    call("requestClose", [standard, 0n, now], "Trading_DeadlineTooEarly", {
      ...{ deadline: BigInt(now), earliest: earliest("standard") },
    }),
    call("requestPartialClose", [degen, 1n, 0n, FAR], "Trading_StandardOnly", { id: degen }),
    call("requestPartialClose", [standard, 0n, 0n, FAR], "Trading_PartOutOfRange", {
      size: 0n,
      min: 1n,
      max: size - 1n,
    }),
    call("requestPartialClose", [standard, size - 1n, 0n, FAR], "Trading_DustLeft", {
      ...{ partUsd, restUsd: entry, minUsd },
    }),
    call("updateTpSl", [standard, px("1"), 0n], "Trading_TakeProfitOutOfRange", {
      ...{ takeProfit: px("1"), entry, cap: entry + (entry * 50_000n) / 1_000_000n },
    }),
    call("updateTpSl", [999n, 0n, 0n], "Trading_NotOpen", { id: 999n }),
    call("addMargin", [degen, 1n], "Trading_StandardOnly", { id: degen }),
    call("addMargin", [standard, 0n], "Vault_NothingArrived", { token: usdt }),
    call(
      "addMarginWithPermit",
      [standard, 1n, FAR, ...NO_PERMIT],
      "Trading_NotOwner",
      { id: standard, caller: keeper.address },
      { from: keeper.address },
    ),
    call("cancelLimit", [order], "Trading_NotALimit", { id: order }),
    call("cancelLimit", [resting], "Trading_NotOwner", { id: resting, caller: other.address }, { from: other.address }),
    call("cancelLimit", [resting], "Trading_CancelIsPending", { id: resting, cancellableFrom }),
    call("cancelExpired", [standard], "Trading_NotAnOrder", { id: standard }),
    call("cancelExpired", [order], "Trading_NotExpired", { id: order, cancellableFrom: expiry }),
    call("execute", [order, 0n, ZeroAddress], "Trading_ZeroAddress"),
    call("liquidate", [degen, 0n, ZeroAddress], "Trading_ZeroAddress"),
    call("payIn", [usdt, trader.address, 1n], "Product_OnlyVault", { caller: trader.address }),
    // As if the Vault asked: the token's own refusal, passed on.
    call(
      "payIn",
      [usdt, stranger.address, 7n],
      "ERC20InsufficientAllowance",
      { ...noTokens, needed: 7n },
      { from: vault.target as string },
    ),
    call("setMarginToken", [usdt, 1, true], "Product_OnlyConfigurator", { caller: trader.address }),
    call("setTiers", [0, []], "Product_OnlyConfigurator", { caller: trader.address }),
    call("setBookConfig", [0, (await tradingRecords.bookConfig(0))[0]], "Product_OnlyConfigurator", {
      caller: trader.address,
    }),
    call("setOpenConfig", [0, openConfig], "Product_OnlyConfigurator", { caller: trader.address }),
  ];
}

async function predictionCalls(fixture: Workplace): Promise<BadCall[]> {
  const { desk, system, trader, stranger, alp, bet } = fixture;
  const { prediction } = system;
  const usdt = await desk.replica.token("USDT").getAddress();
  const request = await betRequest(desk, trader);
  const { marketId } = request;
  const period = await prediction.period(marketId, usdt, 300);
  const now = BigInt(await desk.now()) + 1n;
  const returnableFrom = BigInt(bet.target) + (await prediction.executionWindow()) + 1n;
  const call = (
    entry: string,
    args: readonly unknown[],
    name: string,
    values: Record<string, ErrorValue> = {},
    rest: Partial<BadCall> = {},
  ): BadCall => ({ contract: prediction, entry, args, name, values, ...rest });
  return [
    call("requestBet", [{ ...request, deadline: 1 }], "Prediction_DeadlinePassed", { deadline: 1n, timestamp: now }),
    call("requestBet", [{ ...request, owner: ZeroAddress }], "Prediction_ZeroAddress"),
    call("requestBet", [{ ...request, asNative: true }], "Prediction_NotWrappedNative", { token: usdt }),
    call("requestBet", [{ ...request, marketId: 77 }], "Prediction_MarketNotEnabled", { marketId: 77n }),
    call("requestBet", [{ ...request, token: alp.target }], "Prediction_TokenNotAccepted", {
      token: alp.target as string,
    }),
    call("requestBet", [{ ...request, periodSeconds: 77 }], "Prediction_PeriodNotOffered", {
      ...{ marketId: BigInt(marketId), token: usdt, periodSeconds: 77n },
    }),
    call("requestBet", [{ ...request, minPayoutPips: 999_999 }], "Prediction_PayoutTooLow", {
      ...{ payoutPips: 770_000n, minPayoutPips: 999_999n },
    }),
    call("requestBet", [{ ...request, stake: 1n }], "Prediction_StakeOutOfRange", {
      ...{ stake: 1n, min: period.minStake, max: period.maxStake },
    }),
    call(
      "requestBet",
      [request],
      "ERC20InsufficientAllowance",
      {
        ...{ spender: prediction.target as string, allowance: 0n, needed: request.stake },
      },
      { from: stranger.address },
    ),
    call("execute", [bet.id, 0n, ZeroAddress], "Prediction_ZeroAddress"),
    call("returnStake", [999n], "Prediction_BetNotFound", { id: 999n }),
    call("returnStake", [bet.id], "Prediction_NotReturnable", { id: bet.id, returnableFrom }),
    call("payIn", [usdt, trader.address, 1n], "Product_OnlyVault", { caller: trader.address }),
    call("setStakeToken", [usdt, 1, true], "Product_OnlyConfigurator", { caller: trader.address }),
    call("setMarket", [0, await prediction.market(0)], "Product_OnlyConfigurator", {
      caller: trader.address,
    }),
    call("setPeriod", [0, usdt, 300, period], "Product_OnlyConfigurator", { caller: trader.address }),
  ];
}

async function liquidityCalls(fixture: Workplace): Promise<BadCall[]> {
  const { desk, system, trader, lp, keeper, alp, profile } = fixture;
  const { alpManager, vault, feeDistributor } = system;
  const now = await desk.now();
  const { assetIds, updateData } = desk.referenceTicks(now);
  const usdt = await desk.replica.token("USDT").getAddress();
  const wrapped = await desk.replica.token(profile.wrappedNativeSymbol).getAddress();
  const amount = desk.tokenUnits("USDT", 100n);
  const mint = (changes: { token?: unknown; minOut?: bigint; deadline?: number; ids?: number[]; data?: string[] }) => [
    changes.token ?? usdt,
    amount,
    changes.minOut ?? 0n,
    changes.deadline ?? FAR,
    changes.ids ?? assetIds,
    changes.data ?? updateData,
  ];
  const burn = (changes: {
    token?: unknown;
    alpAmount?: bigint;
    minOut?: bigint;
    receiver?: string;
    native?: boolean;
    ids?: number[];
    data?: string[];
    deadline?: number;
  }) => [
    changes.token ?? usdt,
    changes.alpAmount ?? 10n ** 18n,
    changes.minOut ?? 0n,
    changes.deadline ?? FAR,
    changes.receiver ?? lp.address,
    changes.native ?? false,
    changes.ids ?? assetIds,
    changes.data ?? updateData,
  ];
  const manager = (
    entry: string,
    args: readonly unknown[],
    name: string,
    values: Record<string, ErrorValue> = {},
    rest: Partial<BadCall> = {},
  ): BadCall => ({ contract: alpManager, entry, args, name, values, from: lp.address, ...rest });
  const held = await alp.balanceOf(lp);
  const timestamp = BigInt(now + 1);
  return [
    manager("mint", mint({ deadline: 1 }), "AlpManager_DeadlinePassed", { deadline: 1n, timestamp }),
    manager("mint", mint({ token: alp.target }), "AlpManager_AssetNotListed", { token: alp.target as string }),
    manager("mint", mint({ data: [] }), "PriceAggregator_NoUpdateData"),
    manager("mint", mint({ ids: [] }), "PriceAggregator_NoAssets"),
    manager("mint", mint({ ids: [200] }), "PriceAggregator_AssetNotListed", { assetId: 200n }),
    manager("mint", mint({ data: ["0x1234"] }), "InvalidUpdateData"),
    manager("mint", mint({}), "ERC20InsufficientAllowance", {
      ...{ spender: alpManager.target as string, allowance: 0n, needed: amount },
    }),
    manager("burn", burn({ deadline: 1 }), "AlpManager_DeadlinePassed", { deadline: 1n, timestamp }),
    manager("burn", burn({ receiver: ZeroAddress }), "AlpManager_ZeroAddress"),
    manager("burn", burn({ token: trader.address }), "AlpManager_AssetNotListed", { token: trader.address }),
    manager("burn", burn({ native: true }), "Vault_NotWrappedNative", { token: usdt }),
    manager("burn", burn({ alpAmount: 0n }), "AlpManager_AmountTooSmall", { amount: 0n }),
    manager(
      "burn",
      burn({}),
      "ERC20InsufficientBalance",
      {
        ...{ sender: keeper.address, balance: 0n, needed: 10n ** 18n },
      },
      { from: keeper.address },
    ),
    manager("payIn", [usdt, lp.address, 1n], "AlpManager_PayInNotExpected", { caller: lp.address }),
    manager("addAsset", [usdt, 1], "AccessManagedUnauthorized", { caller: lp.address }),
    manager("setWeights", [[]], "AccessManagedUnauthorized", { caller: lp.address }),
    manager("setMaxShares", [[]], "AccessManagedUnauthorized", { caller: lp.address }),
    manager("setShareFloor", [0], "AccessManagedUnauthorized", { caller: lp.address }),
    manager("addLedgerProduct", [usdt], "AccessManagedUnauthorized", { caller: lp.address }),
    manager("setFees", [0, 0], "AccessManagedUnauthorized", { caller: lp.address }),
    {
      contract: alp,
      entry: "transfer",
      args: [trader.address, held + 1n],
      from: lp.address,
      name: "ERC20InsufficientBalance",
      values: { sender: lp.address, balance: held, needed: held + 1n },
    },
    { contract: vault, entry: "claim", args: [usdt, ZeroAddress, false], name: "Vault_ZeroAddress", values: {} },
    {
      contract: vault,
      entry: "claim",
      args: [usdt, trader.address, false],
      name: "Vault_NothingToClaim",
      values: { token: usdt, account: trader.address },
    },
    {
      contract: vault,
      entry: "claim",
      args: [usdt, keeper.address, true],
      from: keeper.address,
      name: "Vault_NotWrappedNative",
      values: { token: usdt },
    },
    {
      contract: feeDistributor,
      entry: "collect",
      args: [wrapped],
      name: "FeeDistributor_NothingToCollect",
      values: { token: wrapped },
    },
    {
      contract: feeDistributor,
      entry: "collectBroker",
      args: [7, wrapped],
      name: "FeeDistributor_NothingToCollect",
      values: { token: wrapped },
    },
  ];
}

async function routerCalls(fixture: Workplace): Promise<BadCall[]> {
  const { desk, system, trader, stranger, profile } = fixture;
  const { router, trading, prediction } = system;
  const native = await desk.replica.token(profile.wrappedNativeSymbol).getAddress();
  const usdt = await desk.replica.token("USDT").getAddress();
  const order = await desk.openRequest(trader);
  const bet = await betRequest(desk, trader);
  const calls: BadCall[] = [];
  const add = (entry: string, args: readonly unknown[], name: string, values: Record<string, ErrorValue>, rest = {}) =>
    calls.push({ contract: router, entry, args, name, values, ...rest });
  for (const [entry, product, request] of [
    ["requestOpen", trading, order],
    ["requestLimit", trading, { ...order, acceptablePrice: px("50000") }],
    ["requestBet", prediction, bet],
  ] as const) {
    const needed = "stake" in request ? request.stake : request.amount;
    const wrapped = { ...request, token: native };
    const notMine = { owner: trader.address, caller: stranger.address };
    for (const name of [entry, `${entry}Native`]) {
      add(name, [product.target, request], "Router_NotForCaller", notMine, { from: stranger.address });
      add(name, [usdt, request], "Router_NotAProduct", { target: usdt });
    }
    add(entry, [product.target, request], "ERC20InsufficientAllowance", {
      spender: router.target as string,
      allowance: 0n,
      needed,
    });
    add(`${entry}Native`, [product.target, request], "Router_NotWrappedNative", { token: usdt, wrappedNative: native });
    add(
      `${entry}Native`,
      [product.target, wrapped],
      "Router_NativeTooLow",
      { available: 1n, required: needed },
      { value: 1n },
    );
    const inner = router.interface.encodeFunctionData(`${entry}Native` as "requestOpenNative", [
      product.target,
      wrapped as never,
    ]);
    add("multicall", [[inner]], "Router_NativeTooLow", { available: 0n, required: needed });
  }
  add("multicall", [["0xdeadbeef"]], "FailedCall", {});
  // A permit that fails stops nothing: only the call as such can be wrong.
  add(
    "permit",
    [{ token: usdt, amount: 1n, deadline: 1n, v: 27, r: ZeroHash, s: ZeroHash }],
    "Empty",
    {},
    { value: 1n },
  );
  return calls;
}

async function keeperCalls(fixture: Workplace): Promise<BadCall[]> {
  const { desk, system, trader, order, orderedAt } = fixture;
  const { executor, liquidator, trading } = system;
  const target = orderedAt + desk.delayOf("degen");
  const late = { ...desk.firstTick("BTC", target), minPublishTime: target - 5 };
  const forged = { ...late, updateData: ["0x1234"] };
  const future = { ...late, minPublishTime: FAR };
  const now = BigInt(await desk.now()) + 1n;
  const unlisted = { ...late, assetIds: [200] };
  return (
    [
      [executor, "execute", [{ tradeId: order, tickIndex: 0 }]],
      [liquidator, "liquidate", [{ tradeId: order, tickIndex: 0, closeTickIndex: MaxUint256 }]],
    ] as const
  ).flatMap(([contract, entry, items]): BadCall[] => {
    const call = (args: readonly unknown[], name: string, values: Record<string, ErrorValue> = {}): BadCall => ({
      ...{ contract, entry, args, name, values },
    });
    return [
      call([trader.address, [], items], "KeeperBatch_NotATrading", { target: trader.address }),
      call([trading.target, [forged], items], "InvalidUpdateData"),
      call([trading.target, [late], items], "PriceFeedNotFoundWithinRange"),
      call([trading.target, [future], items], "PriceAggregator_MinPublishTimeInFuture", {
        minPublishTime: BigInt(FAR),
        timestamp: now,
      }),
      call([trading.target, [unlisted], items], "PriceAggregator_AssetNotListed", { assetId: 200n }),
    ];
  });
}

describe("attacks: reverts that nobody could read", () => {
  it("A37: every entry's refusals decode to their name and arguments", async () => {
    const fixture = await loadFixture(workplace);
    const { system, trader } = fixture;
    const calls = [
      ...(await tradingCalls(fixture)),
      ...(await predictionCalls(fixture)),
      ...(await liquidityCalls(fixture)),
      ...(await routerCalls(fixture)),
      ...(await keeperCalls(fixture)),
    ];
    await expectDecoded(calls, trader.address);
    // No entry is left out.
    const { trading, prediction, alpManager, router, executor, liquidator } = system;
    for (const contract of [trading, prediction, alpManager, router, executor, liquidator]) {
      const tried = calls.filter((call) => call.contract === contract).map(({ entry }) => entry);
      const names = entriesOf(contract)
        .map(({ name }) => name)
        .filter((name) => name !== "setAuthority");
      expect([...new Set(tried)].sort()).to.deep.equal([...new Set(names)].sort());
    }
  });

  it("A37: native coin that comes by itself, or goes back to who takes none", async () => {
    const { desk, system, trader, keeper, profile } = await loadFixture(deskFixture);
    const { router, executor, liquidator, alpManager, vault, trading } = system;
    for (const [contract, name] of [
      [router, "Router_NativeNotExpected"],
      [executor, "KeeperBatch_NativeNotExpected"],
      [liquidator, "KeeperBatch_NativeNotExpected"],
      [alpManager, "AlpManager_NativeNotExpected"],
      [vault, "Vault_NativeNotExpected"],
    ] as const) {
      const call = { to: await contract.getAddress(), from: trader.address, data: "0x", value: 1n };
      const { name: found, args } = decodeError(await refusalOf(call));
      expect([found, args]).to.deep.equal([name, { sender: trader.address }]);
    }
    const receiver = await ethers.deployContract("RevertingReceiver");
    await confirmed(await receiver.getFunction("setHostile")(true));
    const from = await receiver.getAddress();
    await setBalance(from, 10n ** 20n);
    const amount = 10n ** 18n;
    const wrapped = await desk.replica.token(profile.wrappedNativeSymbol).getAddress();
    const request = { ...(await desk.openRequest(trader, { mode: "standard", owner: from, amount })), token: wrapped };
    const refusal = { receiver: from, amount: EXCESS_WEI };
    await expectDecoded(
      [
        ...([executor, liquidator] as const).map((contract, index) => ({
          ...{
            contract: contract,
            entry: ["execute", "liquidate"][index],
            args: [trading.target, [], []],
          },
          ...{ value: EXCESS_WEI, name: "KeeperBatch_RefundRefused", values: refusal },
        })),
        {
          ...{ contract: router, entry: "requestOpenNative", args: [trading.target, request] },
          ...{ value: amount + EXCESS_WEI, name: "Router_RefundRefused", values: refusal },
        },
      ],
      from,
    );
    // With too little gas a batch stops before its first item.
    const data = executor.interface.encodeFunctionData("execute", [
      trading.target,
      [],
      [{ tradeId: 1n, tickIndex: 0n }],
    ]);
    const starved = decodeError(
      await refusalOf({ to: executor.target as string, from: keeper.address, data, gas: 500_000 }),
    );
    const itemGas = await executor.ITEM_GAS();
    expect([starved.name, starved.args.required]).to.deep.equal([
      "KeeperBatch_GasTooLow",
      (itemGas * 64n) / 63n + 60_000n,
    ]);
    expect(starved.args.gasLeft).to.be.lessThan(500_000n);
  });

  it("A37: at each level of the breaker, and while the vault is full", async () => {
    const fixture = await loadFixture(workplace);
    const { desk, system, trader, guardian, lp, standard } = fixture;
    const { trading, prediction, alpManager, vault, breaker } = system;
    const usdt = await desk.replica.token("USDT").getAddress();
    const order = await desk.openRequest(trader);
    const bet = await betRequest(desk, trader);
    const reserve = (bet.stake * 770_000n) / 1_000_000n;
    await confirmed(vault.connect(guardian).cutCeiling(prediction, usdt, 0n));
    await expectDecoded(
      [
        {
          ...{ contract: prediction, entry: "requestBet", args: [bet] },
          ...{ name: "Vault_ReserveFull", values: { token: usdt, reserve } },
        },
      ],
      trader.address,
    );
    const raised = (
      level: bigint,
      contract: BaseContract,
      entry: string,
      args: readonly unknown[],
      product: string,
    ): BadCall => ({
      ...{ contract, entry, args, name: `${product}_BreakerRaised`, values: { level } },
    });
    const mint = [usdt, 1n, 0n, FAR, [], []];
    const burn = [usdt, 1n, 0n, FAR, lp.address, false, [], []];
    await confirmed(breaker.connect(guardian).raise(1));
    await expectDecoded(
      [
        raised(1n, trading, "requestOpen", [order], "Trading"),
        raised(1n, trading, "requestLimit", [{ ...order, acceptablePrice: px("50000") }], "Trading"),
        raised(1n, prediction, "requestBet", [bet], "Prediction"),
        {
          contract: alpManager,
          entry: "mint",
          args: mint,
          name: "AlpManager_MintHalted",
          values: { breakerLevel: 1n },
        },
      ],
      trader.address,
    );
    await confirmed(breaker.connect(guardian).raise(3));
    await expectDecoded(
      [
        raised(3n, trading, "requestClose", [standard, 0n, FAR], "Trading"),
        raised(3n, trading, "requestPartialClose", [standard, 1n, 0n, FAR], "Trading"),
        raised(3n, trading, "updateTpSl", [standard, 0n, 0n], "Trading"),
        raised(3n, trading, "addMargin", [standard, 1n], "Trading"),
        raised(3n, trading, "addMarginWithPermit", [standard, 1n, FAR, ...NO_PERMIT], "Trading"),
        {
          contract: alpManager,
          entry: "burn",
          args: burn,
          name: "AlpManager_BurnHalted",
          values: { breakerLevel: 3n },
        },
      ],
      trader.address,
    );
  });

  it("A37: ALP that still cools, and a mint that gives too little", async () => {
    const { desk, system, lp, other } = await loadFixture(deskFixture);
    const { alp, alpManager } = system;
    await desk.replica.setUpdateFee(0n);
    await desk.mint(other, "USDT", desk.tokenUnits("USDT", 1_000n));
    const held = await alp.balanceOf(other);
    await desk.refresh();
    const { assetIds, updateData } = desk.referenceTicks(await desk.now());
    const usdt = await desk.replica.token("USDT").getAddress();
    const amount = desk.tokenUnits("USDT", 100n);
    await desk.replica.mintToken("USDT", lp.address, amount);
    await confirmed(desk.replica.token("USDT").connect(lp).approve(alpManager, amount));
    const amountOut = await alpManager.connect(lp).mint.staticCall(usdt, amount, 0n, FAR, assetIds, updateData);
    const cooling = { name: "Alp_StillCooling", values: { account: other.address, amount: held, free: 0n } };
    await expectDecoded(
      [
        { contract: alp, entry: "transfer", args: [lp.address, held], from: other.address, ...cooling },
        {
          ...{ contract: alpManager, entry: "burn", from: other.address, ...cooling },
          args: [usdt, held, 0n, FAR, other.address, false, assetIds, updateData],
        },
        {
          ...{ contract: alpManager, entry: "mint", args: [usdt, amount, amountOut + 1n, FAR, assetIds, updateData] },
          ...{ name: "AlpManager_TooLittleOut", values: { amountOut, minAmountOut: amountOut + 1n } },
        },
      ],
      lp.address,
    );
  });

  it("A37: tokens that refuse: an error that nobody lists comes with its bytes, a claim says who was refused", async () => {
    const { desk, system, trader, keeper } = await loadFixture(workplace);
    const { vault, trading } = system;
    const usdt = await replaceToken(desk, "USDT", "BlacklistToken");
    const token = BlacklistToken__factory.connect(usdt, trader);
    await confirmed(token.setBlacklisted(keeper, true));
    await confirmed(token.setBlacklisted(trader, true));
    const amount = await vault.claimableOf(usdt, keeper);
    const request = await desk.openRequest(trader);
    const data = token.interface.encodeErrorResult("BlacklistToken_Blacklisted", [trader.address]);
    await expectDecoded(
      [
        {
          ...{ contract: vault, entry: "claim", args: [usdt, keeper.address, false], from: keeper.address },
          ...{ name: "Vault_PaymentFailed", values: { token: usdt, receiver: keeper.address, amount } },
        },
      ],
      trader.address,
    );
    const found: DecodedError = decodeError(
      await refusalOf({
        ...{ to: trading.target as string, from: trader.address },
        data: trading.interface.encodeFunctionData("requestOpen", [request]),
      }),
    );
    expect(found).to.deep.equal({ name: "Unknown", args: { data }, words: `None of the system's errors: ${data}` });
  });

  it("A37: what a hook meets in the middle of a transfer, what fails in a batch, what a permit was refused for", async () => {
    const { desk, system, trader, keeper } = await loadFixture(workplace);
    const { trading, vault, alpManager, router, executor, alp } = system;
    const usdt = await replaceToken(desk, "USDT", "ReentrantToken");
    const token = ReentrantToken__factory.connect(usdt, trader);
    const request = await desk.openRequest(trader);
    for (const [target, data] of [
      [trading, trading.interface.encodeFunctionData("cancelExpired", [1n])],
      [vault, vault.interface.encodeFunctionData("claim", [usdt, trader.address, false])],
    ] as const) {
      await confirmed(token.arm(target, data, true));
      await confirmed(trading.connect(trader).requestOpen(request));
      const { name, args } = decodeError(await token.lastReturnData());
      expect([name, args]).to.deep.equal(["ReentrancyGuardReentrantCall", {}]);
    }
    await confirmed(token.arm(trading, trading.interface.encodeFunctionData("lpPnl", [0n, []]), true));
    await confirmed(trading.connect(trader).requestOpen(request));
    expect(decodeError(await token.lastReturnData()).name).to.equal("Trading_MidCall");
    await confirmed(token.disarm());

    const items = [{ tradeId: 1n, tickIndex: 0n }];
    const batch = await confirmed(executor.connect(keeper).execute(await vault.getAddress(), [], items));
    const [failed] = eventsOf(executor, "ItemFailed", batch);
    expect(decodeError(failed.reason as string)).to.deep.include({ name: "Empty", args: {} });

    const permit = { token: await alp.getAddress(), amount: 1n, deadline: 1n, v: 27, r: ZeroHash, s: ZeroHash };
    const skipped = await confirmed(router.connect(trader).permit(permit));
    const [{ reason }] = eventsOf(router, "PermitSkipped", skipped);
    const decoded = decodeError(reason as string);
    expect([decoded.name, decoded.args]).to.deep.equal(["ERC2612ExpiredSignature", { deadline: 1n }]);

    // The prices of fewer assets than the mask names, which no check of this view looks for.
    const mask = 1n << BigInt(assetIdOf("BTC"));
    const valuation = trading.interface.encodeFunctionData("lpPnl", [mask, []]);
    const panic = decodeError(
      await refusalOf({ to: await trading.getAddress(), from: alpManager.target as string, data: valuation }),
    );
    expect([panic.name, panic.args]).to.deep.equal(["Panic", { code: 0x32n }]);
  });
});
