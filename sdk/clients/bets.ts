import type { ContractTransactionReceipt } from "ethers";
import { Action } from "../action";
import { Codec } from "../abi";
import type { Returned } from "../abi";
import { predictionAbi, predictionLensAbi } from "../abis";
import { paymentOf, toAmount, toPrice } from "../amounts";
import type { AmountInput, PriceInput } from "../amounts";
import { assetKeyOf, predictionMarketOf } from "../chains";
import { accountOf, latestTime } from "../connection";
import type { Connection } from "../connection";
import { query } from "../reading";
import type { Pending } from "./orders";
import type { SignedPermit } from "./permits";
import { routed } from "./router";

const PREDICTION = new Codec(predictionAbi);
const LENS = new Codec(predictionLensAbi);
const DEADLINE_SECONDS = 60;
const PAGE_IDS = 2_000n;

export type BetRecord = Returned<typeof predictionLensAbi, "record">;

/** A bet that a price will be higher, or lower, after a period. */
export interface BetInput {
  /** "BTC/USD", or "BTC". */
  readonly market: string;
  readonly direction: "up" | "down";
  readonly periodSeconds: number;
  /** Symbol or address of the stake token; the native coin's symbol wraps it on the way. */
  readonly token: string;
  /** Stake and both execution fees together. */
  readonly stake: AmountInput;
  /** Least profit of a win, in pips of the stake; what the period pays as the bet is made by default. 0: any. */
  readonly minPayoutPips?: number;
  readonly payoutInNative?: boolean;
  readonly owner?: string;
  readonly deadlineSeconds?: number;
}

/** A bet that waits for its strike. */
export interface PlacedBet extends Pending {
  /** Profit of a win, in pips of the stake: fixed. */
  readonly payoutPips: bigint;
}

/** Price predictions. */
export class BetClient {
  constructor(private readonly connection: Connection) {}

  /** Places a bet; its strike is the first tick at or after its target. */
  async place(input: BetInput, permit?: SignedPermit): Promise<Action<PlacedBet>> {
    const { chain, contracts } = this.connection;
    const { token, isNative } = paymentOf(chain, input.token);
    const stake = toAmount(input.stake, token);
    const { market, periodSeconds } = input;
    const minPayoutPips =
      input.minPayoutPips ?? Number((await this.odds(market, token.address, periodSeconds)).payoutPips);
    const request = {
      owner: await accountOf(this.connection, input.owner),
      marketId: predictionMarketOf(chain, market).id,
      isUp: input.direction === "up",
      periodSeconds,
      token: token.address,
      stake,
      minPayoutPips,
      asNative: input.payoutInNative ?? isNative,
      deadline: (await latestTime(this.connection)) + (input.deadlineSeconds ?? DEADLINE_SECONDS),
    };
    const outcome = (receipt: ContractTransactionReceipt) => this.placed(receipt);
    const to = contracts.prediction;
    if (isNative || permit !== undefined) {
      const call = isNative ? "requestBetNative" : "requestBet";
      return routed(this.connection, { call, args: [to, request], value: isNative ? stake : 0n, permit, outcome });
    }
    const data = PREDICTION.encode("requestBet", [request]);
    const allowances = [{ token: token.address, spender: to, amount: stake }];
    return new Action(this.connection, { to, data, allowances, outcome });
  }

  /** Takes back the stake of a bet that was not struck in time, or never settled. */
  returnStake(id: bigint): Action<ContractTransactionReceipt> {
    const data = PREDICTION.encode("returnStake", [id]);
    return new Action(this.connection, {
      to: this.connection.contracts.prediction,
      data,
      outcome: (receipt) => receipt,
    });
  }

  record(id: bigint): Promise<BetRecord> {
    const { reader, contracts } = this.connection;
    return reader.one(query(LENS, contracts.predictionLens, "record", [contracts.prediction, id]));
  }

  /** A struck bet as it waits for its settlement, for {@link KeeperClient.fill}. */
  async settlement(id: bigint, receipt: ContractTransactionReceipt): Promise<Pending> {
    const { target, assetId } = await this.record(id);
    const asset = assetKeyOf(this.connection.chain, assetId);
    return { product: "prediction", id, asset, target: Number(target), receipt };
  }

  /** All bets of an account that have not ended, the signer's by default. */
  async all(owner?: string): Promise<BetRecord[]> {
    const { reader, contracts } = this.connection;
    const account = await accountOf(this.connection, owner);
    const end = await reader.one(query(PREDICTION, contracts.prediction, "nextBetId", []));
    const found: BetRecord[] = [];
    for (let from = 1n; from < end; from += PAGE_IDS) {
      const args = [contracts.prediction, account, from, from + PAGE_IDS] as const;
      found.push(...(await reader.one(query(LENS, contracts.predictionLens, "scanOwner", args))));
    }
    return found;
  }

  /** Profit of a win and the house edge, in pips of the stake. */
  async odds(market: string, token: string, periodSeconds: number): Promise<{ payoutPips: bigint; edgePips: bigint }> {
    const { reader, contracts, chain } = this.connection;
    const args = [predictionMarketOf(chain, market).id, paymentOf(chain, token).token.address, periodSeconds] as const;
    const [period, edgePips] = await reader.all([
      query(PREDICTION, contracts.prediction, "period", args),
      query(PREDICTION, contracts.prediction, "houseEdgePips", args),
    ]);
    return { payoutPips: period.payoutPips, edgePips };
  }

  /** What a struck bet would pay if it were settled at a price. */
  result(id: bigint, price: PriceInput): Promise<{ readonly isWon: boolean; readonly payout: bigint }> {
    const { reader, contracts } = this.connection;
    return reader.one(query(PREDICTION, contracts.prediction, "previewResult", [id, toPrice(price)]));
  }

  private async placed(receipt: ContractTransactionReceipt): Promise<PlacedBet> {
    const { reader, contracts } = this.connection;
    for (const log of receipt.logs) {
      const event = log.address === contracts.prediction ? PREDICTION.event(log) : undefined;
      if (event?.name !== "BetPlaced") continue;
      const { id, payoutPips } = event.args;
      const { target, assetId } = await reader.one(
        query(LENS, contracts.predictionLens, "record", [contracts.prediction, id]),
        receipt.blockNumber,
      );
      const asset = assetKeyOf(this.connection.chain, assetId);
      return { product: "prediction", id, asset, target: Number(target), payoutPips, receipt };
    }
    throw new Error(`transaction ${receipt.hash} has no BetPlaced`);
  }
}
