import type { HDNodeWallet, JsonRpcProvider } from "ethers";
import { Codec } from "../../sdk/abi";
import { erc20Abi, predictionAbi, tradingAbi } from "../../sdk/abis";
import { bookOf, tokenOf } from "../../sdk/chains";
import type { ChainFacts } from "../../sdk/chains";
import type { Deployment } from "../../sdk/chains/deployment";
import { createRandom } from "../../kit/prices";
import type { Outbox } from "./Outbox";

const TRADING = new Codec(tradingAbi);
const PREDICTION = new Codec(predictionAbi);
const ERC20 = new Codec(erc20Abi);
/** Of one call; what a request takes is a third of it. */
const GAS = 1_500_000;
const LONG = 4n;
const ENDS = new Set(["OrderRefused", "OrderCancelled", "TradeClosed", "TradeLiquidated"]);
/** Blocks that may be asked for at once. */
const PAGE = 500;

interface Held {
  readonly owner: HDNodeWallet;
  readonly isLong: boolean;
}

/** People who trade: one of the replica's rich accounts pays for them, and each closes what is his own. */
export class Traders {
  readonly counts = { opens: 0, limits: 0, closes: 0, triggers: 0, bets: 0, refused: 0 };
  private readonly random: () => number;
  /** Orders and positions that are there as far as the blocks that were read tell. */
  private readonly trades = new Map<bigint, Held>();
  private readonly byAddress: ReadonlyMap<string, HDNodeWallet>;
  private asked = 0;
  private nextBlock = 0;

  constructor(
    private readonly provider: JsonRpcProvider,
    private readonly chain: ChainFacts,
    private readonly contracts: Deployment["contracts"],
    private readonly outbox: Outbox,
    private readonly payer: HDNodeWallet,
    private readonly owners: readonly HDNodeWallet[],
    seed: number,
  ) {
    this.random = createRandom(seed);
    this.byAddress = new Map(owners.map((owner) => [owner.address, owner]));
  }

  async prepare(): Promise<void> {
    const { address } = tokenOf(this.chain, "USDT");
    for (const product of ["trading", "prediction"] as const) {
      const data = ERC20.encode("approve", [this.contracts[product], 2n ** 256n - 1n]);
      await this.outbox.send(this.payer, { to: address, data, gasLimit: GAS });
    }
    this.nextBlock = (await this.provider.getBlockNumber()) + 1;
  }

  /** Reads what has become of them in the blocks since. */
  async learn(): Promise<void> {
    const head = await this.provider.getBlockNumber();
    if (head < this.nextBlock) return;
    const toBlock = Math.min(head, this.nextBlock + PAGE - 1);
    const logs = await this.provider.getLogs({ address: this.contracts.trading, fromBlock: this.nextBlock, toBlock });
    this.nextBlock = toBlock + 1;
    for (const log of logs) {
      const event = TRADING.event(log);
      if (event === undefined) continue;
      if (event.name === "OrderPlaced") {
        const owner = this.byAddress.get(event.args.owner);
        if (owner !== undefined) this.trades.set(event.args.id, { owner, isLong: (event.args.state & LONG) !== 0n });
      } else if (ENDS.has(event.name) && "id" in event.args) {
        this.trades.delete(event.args.id);
      }
    }
  }

  /** One of them does something, by the price of the second and the time of the latest block. */
  async act(price: bigint, now: number): Promise<void> {
    const dice = this.random();
    try {
      if (this.asked < this.owners.length || this.trades.size === 0 || dice < 0.45)
        await this.open(price, now, dice < 0.1);
      else if (dice < 0.75) await this.close(now);
      else if (dice < 0.9) await this.trigger(price);
      else await this.bet(now);
    } catch {
      // The node did not take it: no coin for gas, or a number that another transaction has.
      this.counts.refused += 1;
    }
  }

  private async open(price: bigint, now: number, isLimit: boolean): Promise<void> {
    const owner = this.someone();
    const isDegen = !isLimit && this.random() < 0.3;
    const isLong = this.random() < 0.6;
    const mode = isDegen ? "degen" : "standard";
    const token = tokenOf(this.chain, "USDT");
    const limit = isLong ? (price * 9_985n) / 10_000n : (price * 10_015n) / 10_000n;
    const amount = BigInt(10 + Math.floor(this.random() * 30)) * 10n ** BigInt(token.decimals);
    const leverage = isDegen ? 500 + Math.floor(this.random() * 501) : 25 + Math.floor(this.random() * 100);
    const request = {
      ...{ owner: owner.address, bookId: bookOf(this.chain, "BTC", mode).id, isLong, leverage },
      ...{ token: token.address, amount, acceptablePrice: isLimit ? limit : 0n, takeProfit: 0n, stopLoss: 0n },
      ...{ deadline: now + 120, broker: 0, asNative: false },
    };
    this.asked += 1;
    await this.send(this.payer, TRADING.encode(isLimit ? "requestLimit" : "requestOpen", [request]));
    this.counts[isLimit ? "limits" : "opens"] += 1;
  }

  private async close(now: number): Promise<void> {
    const [id, { owner }] = this.some();
    await this.send(owner, TRADING.encode("requestClose", [id, 0n, now + 120]));
    this.counts.closes += 1;
  }

  private async trigger(price: bigint): Promise<void> {
    const [id, { owner, isLong }] = this.some();
    const [above, below] = [(price * 10_020n) / 10_000n, (price * 9_985n) / 10_000n];
    await this.send(owner, TRADING.encode("updateTpSl", [id, isLong ? above : below, isLong ? below : above]));
    this.counts.triggers += 1;
  }

  private async bet(now: number): Promise<void> {
    const token = tokenOf(this.chain, "USDT");
    const request = {
      ...{ owner: this.someone().address, marketId: 0, isUp: this.random() < 0.5 },
      ...{ periodSeconds: 300, token: token.address, stake: 20n * 10n ** BigInt(token.decimals), minPayoutPips: 0 },
      ...{ asNative: false, deadline: now + 60 },
    };
    const data = PREDICTION.encode("requestBet", [request]);
    await this.outbox.send(this.payer, { to: this.contracts.prediction, data, gasLimit: GAS });
    this.counts.bets += 1;
  }

  private async send(account: HDNodeWallet, data: string): Promise<void> {
    await this.outbox.send(account, { to: this.contracts.trading, data, gasLimit: GAS });
  }

  private someone(): HDNodeWallet {
    return this.owners[Math.floor(this.random() * this.owners.length)];
  }

  private some(): readonly [bigint, Held] {
    const all = [...this.trades];
    return all[Math.floor(this.random() * all.length)];
  }
}
