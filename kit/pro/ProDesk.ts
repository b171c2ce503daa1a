import type { Signer } from "ethers";
import type { AssetKey, TokenProfile } from "../../deploy/profiles";
import { Exchange } from "../../sdk/model/pro";
import type { Action, ActionResult, Outcome, Passing, Reason, Scope, StepOutcome } from "../../sdk/model/pro";
import type { Desk, Proof } from "../desk/Desk";
import { confirmed } from "../desk/Desk";
import { compareMarket, compareScope, scopesOf } from "./compare";
import { marketConfigs } from "./configs";
import type { MarketTick } from "./ticks";
import { modelTick, proofOf, tickOfDesk } from "./ticks";
import type { CallReceipt, Contract } from "./told";
import {
  ModelMismatchError,
  checkTold,
  expectedOfAct,
  expectedOfPassing,
  expectedOfRefresh,
  expectedOfStep,
  toldByAct,
  toldByKeeper,
} from "./told";
import { scopeIdOf, wordsOf } from "./words";

const QUOTE_DECIMALS = 18;
/** Enough for an owner's call, and for a keeper's batch: what its last item must find, and what each may take. */
const ACT_GAS = 15_000_000;
const BATCH_GAS = 9_000_000;
const ITEM_GAS = 2_000_000;
/** Orders that a step of a liquidation may meet. */
const MOST_ORDERS = 100;
/** `ProTask` of the contracts. */
const TASK = { refresh: 0, liquidate: 1, deleverage: 2, shareLoss: 3 } as const;

/** What a keeper is to try, in the model's numbers. */
export type KeeperTask =
  | { readonly kind: "liquidate"; readonly scope: Scope; readonly market: number }
  | {
      readonly kind: "deleverage" | "shareLoss";
      readonly scope: Scope;
      readonly market: number;
      readonly other: number;
    };

/** What became of an owner's call. */
export interface Acted {
  /** Of each action, refreshes left out. */
  readonly results: readonly ActionResult[];
  readonly at: bigint;
  readonly gas: bigint;
}

/** What became of a keeper's batch. */
export interface Kept {
  /** Of each task. */
  readonly outcomes: readonly (Outcome<StepOutcome> | Outcome<Passing>)[];
  readonly at: bigint;
  readonly gas: bigint;
}

/** A transaction on Pro that nobody has sent yet, and what is to be done with its receipt. */
export interface ProCall<T> {
  readonly from: string;
  readonly to: string;
  readonly data: string;
  readonly value: bigint;
  readonly gas: number;
  /** Has the model do the same in the same second. Throws `ModelMismatchError` where they differ. */
  settle(receipt: CallReceipt, at: bigint): T;
  /** The chain has refused it: so must the model. Why; throws where the model does it, or where it can't be refused. */
  settleReverted(at: bigint): Reason;
}

interface Member {
  readonly address: string;
  readonly sub: number;
}

/**
 * Pro on a desk, with the exact model beside it: every call is made on both, in the same second, and what comes of it is
 * compared. Accounts go by the model's numbers, in the order in which they joined.
 */
export class ProDesk {
  readonly exchange: Exchange;
  readonly ids: bigint[] = [];
  private readonly members: Member[] = [];
  private readonly owners: string[] = [];

  private constructor(
    readonly desk: Desk,
    readonly token: TokenProfile,
    readonly pro: Contract,
    readonly keeper: Contract,
    now: number,
  ) {
    this.exchange = new Exchange(marketConfigs(desk.profile), BigInt(now));
  }

  /** On a system in whose Pro nothing has happened yet. */
  static async open(desk: Desk): Promise<ProDesk> {
    const { pro, proKeeper } = desk.system;
    const { settlementSymbol } = desk.profile.pro;
    const token = desk.profile.tokens.find(({ symbol }) => symbol === settlementSymbol);
    if (token === undefined) throw new Error(`${desk.profile.name} has no ${settlementSymbol}`);
    const contract = { address: await pro.getAddress(), abi: pro.interface };
    const keeper = { address: await proKeeper.getAddress(), abi: proKeeper.interface };
    return new ProDesk(desk, token, contract, keeper, await desk.now());
  }

  /** Quote in one unit of the settlement token. */
  get quotePerUnit(): bigint {
    return 10n ** BigInt(QUOTE_DECIMALS - this.token.decimals);
  }

  marketOf(asset: AssetKey): number {
    const market = this.desk.profile.pro.markets.findIndex(({ assetKey }) => assetKey === asset);
    if (market < 0) throw new Error(`Pro has no market of ${asset}`);
    return market;
  }

  assetOf(market: number): AssetKey {
    return this.desk.profile.pro.markets[market].assetKey;
  }

  /** Owner of an account. */
  addressOf(account: number): string {
    return this.members[account].address;
  }

  // Cash

  /** Opens an account with a deposit of quote, which whoever pays is given first; its number. */
  async join(owner: Signer, amount: bigint, sub = 0, payer = owner): Promise<number> {
    const address = await owner.getAddress();
    if (!this.owners.includes(address)) this.owners.push(address);
    const account = this.exchange.open(this.owners.indexOf(address));
    this.members.push({ address, sub });
    await this.deposit(payer, account, amount);
    this.ids.push(await this.desk.system.pro.accountOf(address, sub));
    return account;
  }

  /** Brings an account quote; whoever pays is given it first. */
  async deposit(payer: Signer, account: number, amount: bigint): Promise<void> {
    const { address, sub } = this.members[account];
    const { pro } = this.desk.system;
    const units = await this.fund(payer, amount);
    await confirmed(pro.connect(payer).deposit(address, sub, units));
    const outcome = this.exchange.deposit(account, amount);
    if ("refused" in outcome)
      throw new ModelMismatchError(`deposit of account ${account}`, ["done"], [outcome.refused]);
  }

  /** Adds quote to the fund of a market. */
  async addToFund(payer: Signer, market: number, amount: bigint): Promise<void> {
    const units = await this.fund(payer, amount);
    await confirmed(this.desk.system.pro.connect(payer).addToFund(market, units));
    this.passTo(await this.desk.now());
    this.exchange.addToFund(market, amount);
  }

  // Trading

  /** What an account does in one call, prices brought first. */
  async act(account: number, actions: readonly Action[], refreshed: readonly number[] = []): Promise<Acted> {
    return this.send(await this.acting(account, actions, await this.ticksOf(refreshed)));
  }

  /** The same, not sent. Where somebody else may bring the same ticks before, let them be soft. */
  async acting(
    account: number,
    actions: readonly Action[],
    ticks: readonly MarketTick[],
    areSoft = false,
  ): Promise<ProCall<Acted>> {
    const { address } = this.members[account];
    const refreshes = this.refreshes(ticks, areSoft);
    const all: readonly Action[] = [...refreshes, ...actions];
    const addressOf = (number: number) => this.addressOf(number);
    const context = { ids: this.ids, receiver: address, quotePerUnit: this.quotePerUnit, addressOf };
    const list = all.flatMap((action, index) => wordsOf({ ...context, tickIndex: BigInt(index) }, action));
    const proofs = proofOf(this.desk, ticks);
    const data = this.pro.abi.encodeFunctionData("act", [this.ids[account], proofs, list]);
    const settle = (receipt: CallReceipt, at: bigint): Acted => {
      this.passTo(at);
      const outcome = this.exchange.act(account, all);
      if ("refused" in outcome) throw new Error(`the model refuses what the chain has done: ${outcome.refused}`);
      const markets = all.map((action) => (action.kind === "place" ? action.order.market : 0));
      const told = toldByAct(receipt, this.pro.address, this.pro.abi);
      checkTold(`account ${account}`, told, expectedOfAct(outcome.done, markets, this.ids));
      return { results: outcome.done.slice(refreshes.length), at, gas: BigInt(receipt.gasUsed) };
    };
    const settleReverted = (at: bigint): Reason => {
      this.passTo(at);
      const outcome = this.exchange.act(account, all);
      if ("refused" in outcome) return outcome.refused;
      throw new ModelMismatchError(`account ${account}`, ["refused"], ["done"]);
    };
    const value = await this.feeOf(proofs);
    return { from: address, to: this.pro.address, data, value, gas: ACT_GAS, settle, settleReverted };
  }

  // Keeping

  /** A batch of a keeper's, prices brought first. */
  async keep(keeper: number, tasks: readonly KeeperTask[], refreshed: readonly number[] = []): Promise<Kept> {
    return this.send(await this.keeping(keeper, tasks, await this.ticksOf(refreshed)));
  }

  /** The same, not sent. */
  async keeping(keeper: number, tasks: readonly KeeperTask[], ticks: readonly MarketTick[]): Promise<ProCall<Kept>> {
    const { address } = this.members[keeper];
    const proofs = proofOf(this.desk, ticks);
    const items = [
      ...ticks.map(({ asset }, tick) => itemOf("refresh", this.marketOf(asset), 0n, 0n, tick)),
      ...tasks.map((task) => this.itemOf(task)),
    ];
    const data = this.keeper.abi.encodeFunctionData("run", [this.pro.address, proofs, items]);
    const settle = (receipt: CallReceipt, at: bigint): Kept => {
      this.passTo(at);
      const refreshed = this.refreshes(ticks).flatMap(({ market, tick }) =>
        expectedOfRefresh(this.exchange.refresh(market, tick)),
      );
      const outcomes = tasks.map((task) => this.attempt(task, keeper));
      checkTold("the keeper", toldByKeeper(receipt, this.pro, this.keeper), [
        ...refreshed,
        ...outcomes.flatMap(({ expected }) => expected),
      ]);
      return { outcomes: outcomes.map(({ outcome }) => outcome), at, gas: BigInt(receipt.gasUsed) };
    };
    const gas = BATCH_GAS + ITEM_GAS * items.length;
    const settleReverted = (): Reason => {
      throw new Error("a batch of a keeper reverted");
    };
    const value = await this.feeOf(proofs);
    return { from: address, to: this.keeper.address, data, value, gas, settle, settleReverted };
  }

  /** Sends a call by itself. */
  async send<T>(call: ProCall<T>): Promise<T> {
    const { data, from, gas, to, value } = call;
    const { provider } = this.desk;
    const transaction = { from, to, data, gas: `0x${gas.toString(16)}`, value: `0x${value.toString(16)}` };
    const hash = (await provider.send("eth_sendTransaction", [transaction])) as string;
    const receipt = (await provider.send("eth_getTransactionReceipt", [hash])) as CallReceipt;
    return call.settle(receipt, BigInt(await this.desk.now()));
  }

  // Books

  /** Everything in which the chain and the model differ: markets, accounts, and what the vault holds for Pro. */
  async differences(): Promise<string[]> {
    const { pro, vault } = this.desk.system;
    const { state } = this.exchange;
    const found: string[] = [];
    for (const market of state.markets.keys()) found.push(...(await compareMarket(this.desk.system, state, market)));
    for (const account of this.ids.keys()) {
      for (const scope of scopesOf(state, account)) {
        found.push(...(await compareScope(this.desk.system, state, this.ids, scope)));
      }
    }
    const { collateral, reserved } = await vault.productLedger(pro, this.token.address);
    const held = collateral * this.quotePerUnit;
    if (held !== state.collateral) found.push(`collateral: ${held}, ${state.collateral}`);
    if (reserved !== 0n) found.push(`reserved: ${reserved}`);
    return found;
  }

  /** The ticks of the desk's prices of now. */
  async ticksOf(markets: readonly number[]): Promise<MarketTick[]> {
    return Promise.all(markets.map((market) => tickOfDesk(this.desk, this.assetOf(market))));
  }

  /** What brings ticks, as the model does it. */
  refreshes(ticks: readonly MarketTick[], isSoft = false) {
    return ticks.map((tick) => ({
      kind: "refresh" as const,
      isSoft,
      market: this.marketOf(tick.asset),
      tick: modelTick(this.desk, tick),
    }));
  }

  private itemOf(task: KeeperTask) {
    const scope = scopeIdOf(this.ids, task.scope);
    const other = task.kind === "liquidate" ? 0n : this.ids[task.other];
    return itemOf(task.kind, task.market, scope, other, MOST_ORDERS);
  }

  private attempt(task: KeeperTask, keeper: number) {
    const { exchange } = this;
    if (task.kind === "liquidate") {
      const outcome = exchange.liquidate(task.scope, task.market, MOST_ORDERS, keeper);
      return { outcome, expected: expectedOfStep(outcome) };
    }
    const isShared = task.kind === "shareLoss";
    const outcome = isShared
      ? exchange.shareLoss(task.scope, task.market, task.other)
      : exchange.deleverage(task.scope, task.market, task.other, keeper);
    return { outcome, expected: expectedOfPassing(outcome, isShared) };
  }

  private passTo(at: bigint | number): void {
    this.exchange.state.now = BigInt(at);
  }

  private async feeOf(proofs: Proof[]): Promise<bigint> {
    return this.desk.updateFee(proofs);
  }

  /** Gives somebody so much quote of the settlement token, and lets Pro take it; units of the token. */
  private async fund(payer: Signer, amount: bigint): Promise<bigint> {
    const units = amount / this.quotePerUnit;
    if (units * this.quotePerUnit !== amount) throw new Error(`${amount} is no whole unit of ${this.token.symbol}`);
    const { replica } = this.desk;
    await replica.mintToken(this.token.symbol, await payer.getAddress(), units);
    const token = replica.token(this.token.symbol).connect(payer);
    await confirmed(token.approve(this.pro.address, units));
    return units;
  }
}

function itemOf(kind: keyof typeof TASK, market: number, scope: bigint, other: bigint, amount: number) {
  return { task: TASK[kind], market, scope, other, amount };
}
