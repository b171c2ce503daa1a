import { Contract, HDNodeWallet, Interface, NonceManager, toBeHex } from "ethers";
import type { JsonRpcProvider } from "ethers";
import { assetOf, bookOf, chains, tokenOf } from "../../sdk/chains";
import type { ChainFacts, ChainKey } from "../../sdk/chains";
import type { Deployment } from "../../sdk/chains/deployment";
import { predictionAbi, tradingAbi } from "../../sdk/abis";
import { createRandom } from "../../kit/prices";

/** The accounts of every development node; the first of those that a replica funds. */
const MNEMONIC = "test test test test test test test test test test test junk";
const PAYER = 5;
/** Accounts beyond those of the node. */
const FIRST_TRADER = 1_000;
const GAS_MONEY = 10n ** 19n;
const ERC20 = new Interface(["function approve(address spender, uint256 amount) returns (bool)"]);

/** Five hundred people who trade: one of the replica's rich accounts pays for them, and each closes what is his own. */
export class Traders {
  readonly counts = { opens: 0, limits: 0, closes: 0, triggers: 0, bets: 0, refused: 0 };
  private readonly random: () => number;
  private readonly payer: NonceManager;
  private readonly chain: ChainFacts;
  private readonly owners: HDNodeWallet[] = [];
  private readonly trades: { id: bigint; owner: number; isLong: boolean }[] = [];
  private nextId = 1n;

  constructor(
    private readonly provider: JsonRpcProvider,
    chain: ChainKey,
    private readonly deployment: Deployment,
    private readonly count: number,
    seed: number,
  ) {
    this.random = createRandom(seed);
    this.chain = chains[chain];
    const root = HDNodeWallet.fromPhrase(MNEMONIC, "", "m/44'/60'/0'/0");
    this.payer = new NonceManager(root.deriveChild(PAYER).connect(provider));
    for (let index = 0; index < count; index++) {
      this.owners.push(root.deriveChild(FIRST_TRADER + index).connect(provider));
    }
  }

  async prepare(): Promise<void> {
    const { address } = tokenOf(this.chain, "USDT");
    for (const { address: owner } of this.owners) {
      await this.provider.send("hardhat_setBalance", [owner, toBeHex(GAS_MONEY)]);
    }
    for (const product of ["trading", "prediction"] as const) {
      const data = ERC20.encodeFunctionData("approve", [this.deployment.contracts[product], 2n ** 256n - 1n]);
      await (await this.payer.sendTransaction({ to: address, data })).wait();
    }
    this.nextId = (await this.trading.nextTradeId()) as bigint;
  }

  /** One of them does something. */
  async act(price: bigint): Promise<void> {
    const dice = this.random();
    try {
      if (this.trades.length < this.count || dice < 0.45) await this.open(price, dice < 0.1);
      else if (dice < 0.75) await this.close();
      else if (dice < 0.9) await this.trigger(price);
      else await this.bet();
    } catch {
      // A trade may have ended, a cap be reached.
      this.counts.refused += 1;
      this.payer.reset();
    }
  }

  private async open(price: bigint, isLimit: boolean): Promise<void> {
    const owner = Math.floor(this.random() * this.count);
    const isDegen = !isLimit && this.random() < 0.3;
    const isLong = this.random() < 0.6;
    const mode = isDegen ? "degen" : "standard";
    const token = tokenOf(this.chain, "USDT");
    const limit = isLong ? (price * 9_985n) / 10_000n : (price * 10_015n) / 10_000n;
    const amount = BigInt(10 + Math.floor(this.random() * 30)) * 10n ** BigInt(token.decimals);
    const leverage = isDegen ? 500 + Math.floor(this.random() * 501) : 25 + Math.floor(this.random() * 100);
    const request = {
      ...{ owner: this.owners[owner].address, bookId: bookOf(this.chain, "BTC", mode).id, isLong, leverage },
      ...{ token: token.address, amount, acceptablePrice: isLimit ? limit : 0n, takeProfit: 0n, stopLoss: 0n },
      ...{ deadline: (await this.now()) + 120, broker: 0, asNative: false },
    };
    const name = isLimit ? "requestLimit" : "requestOpen";
    await this.sent(this.payer, name, [request]);
    this.trades.push({ id: this.nextId++, owner, isLong });
    this.counts[isLimit ? "limits" : "opens"] += 1;
  }

  private async close(): Promise<void> {
    const { id, owner } = this.trades[Math.floor(this.random() * this.trades.length)];
    const deadline = (await this.now()) + 120;
    await this.sent(this.owners[owner], "requestClose", [id, 0n, deadline]);
    this.counts.closes += 1;
  }

  private async trigger(price: bigint): Promise<void> {
    const { id, owner, isLong } = this.trades[Math.floor(this.random() * this.trades.length)];
    const [above, below] = [(price * 10_020n) / 10_000n, (price * 9_985n) / 10_000n];
    await this.sent(this.owners[owner], "updateTpSl", [id, isLong ? above : below, isLong ? below : above]);
    this.counts.triggers += 1;
  }

  private async bet(): Promise<void> {
    const token = tokenOf(this.chain, "USDT");
    const request = {
      ...{ owner: this.owners[Math.floor(this.random() * this.count)].address, marketId: 0, isUp: this.random() < 0.5 },
      ...{ periodSeconds: 300, token: token.address, stake: 20n * 10n ** BigInt(token.decimals), minPayoutPips: 0 },
      ...{ asNative: false, deadline: (await this.now()) + 60 },
    };
    const prediction = new Contract(this.deployment.contracts.prediction, predictionAbi, this.payer);
    await ((await prediction.requestBet(request)) as { wait(): Promise<unknown> }).wait();
    this.counts.bets += 1;
  }

  private async sent(signer: NonceManager | HDNodeWallet, name: string, args: readonly unknown[]): Promise<void> {
    const contract = this.trading.connect(signer) as Contract;
    await ((await contract[name](...args)) as { wait(): Promise<unknown> }).wait();
  }

  private get trading(): Contract {
    return new Contract(this.deployment.contracts.trading, tradingAbi, this.provider);
  }

  private async now(): Promise<number> {
    return (await this.provider.getBlock("latest"))?.timestamp ?? 0;
  }
}

/** The feed of the market that they trade. */
export function marketFeed(chain: ChainKey): string {
  return assetOf(chains[chain], "BTC").pythId;
}
