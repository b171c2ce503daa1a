import type { ContractTransactionReceipt } from "ethers";
import { Action } from "../action";
import { Codec } from "../abi";
import type { Returned } from "../abi";
import { alpAbi, alpLensAbi, alpManagerAbi, priceAggregatorAbi } from "../abis";
import { toAmount } from "../amounts";
import type { AmountInput } from "../amounts";
import { tokenOf } from "../chains";
import { accountOf, latestTime } from "../connection";
import type { Connection } from "../connection";
import { query } from "../reading";
import type { PriceSource } from "../pyth/source";
import { parseDecimal } from "../units";

const MANAGER = new Codec(alpManagerAbi);
const LENS = new Codec(alpLensAbi);
const ALP = new Codec(alpAbi);
const AGGREGATOR = new Codec(priceAggregatorAbi);
const ALP_DECIMALS = 18;
const DEADLINE_SECONDS = 60;
const MILLION = 1_000_000n;
/** The bound on what comes out, below what the preview says. */
const DEFAULT_SLIPPAGE_PIPS = 1_000n;

export interface LpOptions {
  /** Least that comes out, in its units; by default a tenth of a percent less than the preview says. */
  readonly minOut?: bigint;
  readonly deadlineSeconds?: number;
}

export interface BurnOptions extends LpOptions {
  readonly receiver?: string;
  /** Of wrapped coin: pay out in the native coin. */
  readonly payoutInNative?: boolean;
}

export interface LpResult {
  /** ALP of a mint, token units of a burn. */
  readonly amountOut: bigint;
  readonly feePips: bigint;
  readonly receipt: ContractTransactionReceipt;
}

export type Nav = Returned<typeof alpLensAbi, "nav">;

/** Liquidity: minting and burning ALP. */
export class AlpClient {
  constructor(
    private readonly connection: Connection,
    private readonly prices: PriceSource | null,
  ) {}

  /** Mints ALP for a token, with the ticks of every asset that the vault's worth depends on. */
  async mint(symbol: string, amount: AmountInput, options: LpOptions = {}): Promise<Action<LpResult>> {
    const { contracts, chain } = this.connection;
    const token = tokenOf(chain, symbol);
    const units = toAmount(amount, token);
    const deadline = await this.deadline(options);
    const ticks = await this.ticks();
    const minOut = options.minOut ?? lessSlippage((await this.previewMint(symbol, units)).amountOut);
    const { assetIds, updateData, feeWei } = ticks;
    const data = MANAGER.encode("mint", [token.address, units, minOut, deadline, assetIds, updateData]);
    const allowances = [{ token: token.address, spender: contracts.alpManager, amount: units }];
    return this.act(data, feeWei, "AlpMinted", allowances);
  }

  /** Burns ALP that has cooled for a token. */
  async burn(symbol: string, alpAmount: bigint | string, options: BurnOptions = {}): Promise<Action<LpResult>> {
    const token = tokenOf(this.connection.chain, symbol);
    const shares = typeof alpAmount === "string" ? parseDecimal(alpAmount, ALP_DECIMALS) : alpAmount;
    const receiver = options.receiver ?? (await accountOf(this.connection));
    const deadline = await this.deadline(options);
    const ticks = await this.ticks();
    const { payoutInNative = false } = options;
    const minOut = options.minOut ?? lessSlippage((await this.previewBurn(symbol, shares)).amountOut);
    const data = MANAGER.encode("burn", [
      ...([token.address, shares, minOut, deadline, receiver, payoutInNative] as const),
      ...([ticks.assetIds, ticks.updateData] as const),
    ]);
    return this.act(data, ticks.feeWei, "AlpBurned", []);
  }

  /** What a mint would give now by the push prices; the ticks of the mint itself make it as much or slightly less. */
  previewMint(symbol: string, amount: AmountInput): Promise<Returned<typeof alpLensAbi, "previewMint">> {
    const { reader, contracts, chain } = this.connection;
    const token = tokenOf(chain, symbol);
    const args = [contracts.alpManager, token.address, toAmount(amount, token)] as const;
    return reader.one(query(LENS, contracts.alpLens, "previewMint", args));
  }

  /** The same of a burn. */
  previewBurn(symbol: string, alpAmount: bigint): Promise<Returned<typeof alpLensAbi, "previewBurn">> {
    const { reader, contracts, chain } = this.connection;
    const args = [contracts.alpManager, tokenOf(chain, symbol).address, alpAmount] as const;
    return reader.one(query(LENS, contracts.alpLens, "previewBurn", args));
  }

  /** What the vault is worth, and an ALP. */
  nav(): Promise<Nav> {
    const { reader, contracts } = this.connection;
    return reader.one(query(LENS, contracts.alpLens, "nav", [contracts.alpManager]));
  }

  /** All ALP of an account, and what of it is still cooling. */
  async balance(owner?: string): Promise<{ total: bigint; cooling: bigint }> {
    const { reader, contracts } = this.connection;
    const account = await accountOf(this.connection, owner);
    const [total, cooling] = await reader.all([
      query(ALP, contracts.alp, "balanceOf", [account]),
      query(ALP, contracts.alp, "lockedOf", [account]),
    ]);
    return { total, cooling };
  }

  private async deadline({ deadlineSeconds = DEADLINE_SECONDS }: LpOptions): Promise<number> {
    return (await latestTime(this.connection)) + deadlineSeconds;
  }

  /** The latest tick of every asset of the chain. */
  private async ticks(): Promise<{ assetIds: number[]; updateData: readonly string[]; feeWei: bigint }> {
    if (this.prices === null) throw new Error("connected without a source of prices: name one, as `new Hermes()`");
    const { chain, contracts, reader } = this.connection;
    const assets = Object.values(chain.assets).sort((a, b) => a.id - b.id);
    const { data: updateData } = await this.prices.latest(assets.map(({ pythId }) => pythId));
    const assetIds = assets.map(({ id }) => id);
    const proofs = [{ assetIds, minPublishTime: 0, isUnique: false, updateData }];
    const feeWei = await reader.one(query(AGGREGATOR, contracts.priceAggregator, "updateFee", [proofs]));
    return { assetIds, updateData, feeWei };
  }

  private act(
    data: string,
    value: bigint,
    name: "AlpMinted" | "AlpBurned",
    allowances: readonly { token: string; spender: string; amount: bigint }[],
  ): Action<LpResult> {
    const to = this.connection.contracts.alpManager;
    const outcome = (receipt: ContractTransactionReceipt): LpResult => {
      for (const log of receipt.logs) {
        const event = log.address === to ? MANAGER.event(log) : undefined;
        if (event?.name !== name) continue;
        if (event.name === "AlpMinted") return { amountOut: event.args.alpOut, feePips: event.args.feePips, receipt };
        if (event.name === "AlpBurned")
          return { amountOut: event.args.amountOut, feePips: event.args.feePips, receipt };
      }
      throw new Error(`transaction ${receipt.hash} has no ${name}`);
    };
    return new Action(this.connection, { to, data, value, allowances, outcome });
  }
}

function lessSlippage(amount: bigint): bigint {
  return (amount * (MILLION - DEFAULT_SLIPPAGE_PIPS)) / MILLION;
}
