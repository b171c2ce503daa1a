import type { ContractTransactionReceipt, Signer } from "ethers";
import { ethers } from "hardhat";
import type { AssetKey } from "../../deploy/profiles";
import { confirmed } from "../../kit/desk/Desk";
import type { Desk } from "../../kit/desk/Desk";
import { refresh, resultOf } from "./proActions";

/** Tasks of `ProKeeper`. */
export const TASK = { refresh: 0n, liquidate: 1n, deleverage: 2n, shareLoss: 3n, beginSettling: 4n, closeSettled: 5n };

/** An item of a keeper's batch; what a task does not need is not looked at. */
export const keeperItem = (
  task: bigint,
  fields: { market?: bigint; scope?: bigint; other?: bigint; amount?: bigint } = {},
) => ({ task, market: 0n, scope: 0n, other: 0n, amount: 0n, ...fields });

/** Pro of the production deployment in the hands of traders: brings ticks and acts. */
export class ProCalls {
  constructor(readonly desk: Desk) {}

  get pro() {
    return this.desk.system.pro;
  }

  /** The asset of a market. */
  assetOf(market: bigint): AssetKey {
    return this.desk.profile.pro.markets[Number(market)].assetKey;
  }

  /** The price of now in steps of a market. */
  tickAt(market: bigint): bigint {
    return this.desk.priceOf(this.assetOf(market)) / this.desk.profile.pro.markets[Number(market)].tickSize;
  }

  /** Whole dollars into an account of a trader, who is given them first. */
  async deposit(trader: Signer, sub: bigint, dollars: bigint): Promise<bigint> {
    const { replica, profile } = this.desk;
    const symbol = profile.pro.settlementSymbol;
    const amount = this.desk.tokenUnits(symbol, dollars);
    const owner = await trader.getAddress();
    await replica.mintToken(symbol, owner, amount);
    await confirmed(replica.token(symbol).connect(trader).approve(this.pro, ethers.MaxUint256));
    await confirmed(this.pro.connect(trader).deposit(owner, sub, amount));
    return this.pro.accountOf(owner, sub);
  }

  /** Whole dollars into the fund of a market. */
  async fill(donor: Signer, market: bigint, dollars: bigint): Promise<void> {
    const { replica, profile } = this.desk;
    const symbol = profile.pro.settlementSymbol;
    const amount = this.desk.tokenUnits(symbol, dollars);
    await replica.mintToken(symbol, await donor.getAddress(), amount);
    await confirmed(replica.token(symbol).connect(donor).approve(this.pro, ethers.MaxUint256));
    await confirmed(this.pro.connect(donor).addToFund(market, amount));
  }

  /** Proofs of a tick of each market of now, and what they cost. */
  async ticksOf(markets: readonly bigint[]) {
    const at = await this.desk.now();
    const proofs = markets.map((market) => this.desk.anyTick(this.assetOf(market), at));
    return { proofs, value: await this.desk.updateFee(proofs) };
  }

  /** Actions of an account's owner, after refreshes of some markets by ticks of now. */
  async act(
    trader: Signer,
    account: bigint,
    actions: readonly bigint[],
    refreshed: readonly bigint[] = [],
  ): Promise<{ results: ReturnType<typeof resultOf>[]; receipt: ContractTransactionReceipt }> {
    const { proofs, value } = await this.ticksOf(refreshed);
    const all = [...refreshed.map((market, index) => refresh(market, BigInt(index))), ...actions];
    const pro = this.pro.connect(trader);
    const results = await pro.act.staticCall(account, proofs, all, { value });
    const receipt = await confirmed(pro.act(account, proofs, all, { value }));
    return { results: results.slice(refreshed.length).map(resultOf), receipt };
  }

  /** New indices of markets, by whoever has an account. */
  async refresh(trader: Signer, account: bigint, markets: readonly bigint[]): Promise<ContractTransactionReceipt> {
    await this.desk.refresh();
    return (await this.act(trader, account, [], markets)).receipt;
  }

  /** A keeper's batch, after refreshes of some markets. */
  async run(keeper: Signer, items: ReturnType<typeof keeperItem>[], refreshed: readonly bigint[] = []) {
    const { proofs, value } = await this.ticksOf(refreshed);
    const all = [
      ...refreshed.map((market, index) => keeperItem(TASK.refresh, { market, amount: BigInt(index) })),
      ...items,
    ];
    const connected = this.desk.system.proKeeper.connect(keeper);
    const results = await connected.run.staticCall(this.pro, proofs, all, { value });
    const receipt = await confirmed(connected.run(this.pro, proofs, all, { value }));
    return { results: results.slice(refreshed.length), receipt };
  }
}
