import type { HDNodeWallet, JsonRpcProvider } from "ethers";
import { Codec } from "../../../sdk/abi";
import { erc20Abi, priceAggregatorAbi, proAbi, proLensAbi, proTriggersAbi } from "../../../sdk/abis";
import { assetOf, proMarketOf, tokenOf } from "../../../sdk/chains";
import type { ChainFacts, ProMarketFacts } from "../../../sdk/chains";
import type { Deployment } from "../../../sdk/chains/deployment";
import type { PriceProof } from "../../../sdk/clients/keeper";
import { priceOfTicks, sizeOfLots } from "../../../sdk/pro/actions";
import { refresh, soft } from "../../../sdk/pro/words";
import type { PriceSource } from "../../../sdk/pyth/source";
import { Reader, query } from "../../../sdk/reading";
import type { Outbox } from "../Outbox";

const PRO = new Codec(proAbi);
const LENS = new Codec(proLensAbi);
const TRIGGERS = new Codec(proTriggersAbi);
const AGGREGATOR = new Codec(priceAggregatorAbi);
const ERC20 = new Codec(erc20Abi);

export const MARKET = "BTC";
/** Of a call of `act`: a ladder on both sides takes half of it. Of any other. */
const ACT_GAS = 6_000_000;
const GAS = 1_500_000;

/** Somebody with an account. */
export interface Seat {
  readonly owner: HDNodeWallet;
  readonly account: bigint;
}

type Triggers = Parameters<typeof TRIGGERS.encode<"place">>[1][1];

/** Everything that is sent to the order book: to its market of bitcoin, at the tick of the present second. */
export class Venue {
  readonly market: ProMarketFacts;
  private readonly reader: Reader;
  private proofs: readonly PriceProof[] = [];
  private fee = 0n;

  constructor(
    readonly provider: JsonRpcProvider,
    readonly chain: ChainFacts,
    readonly contracts: Deployment["contracts"],
    private readonly prices: PriceSource,
    private readonly outbox: Outbox,
  ) {
    this.market = proMarketOf(chain, MARKET);
    this.reader = new Reader(provider);
  }

  /** Lets accounts bring the token, and the first of them pay so many whole dollars into the fund. */
  async prepare(payers: readonly HDNodeWallet[], fundUsd: bigint): Promise<void> {
    const { contracts, outbox } = this;
    const data = ERC20.encode("approve", [contracts.pro, 2n ** 256n - 1n]);
    for (const payer of payers) await outbox.send(payer, { to: this.token.address, data, gasLimit: GAS });
    const fund = PRO.encode("addToFund", [this.market.id, this.unitsOf(fundUsd)]);
    await outbox.send(payers[0], { to: contracts.pro, data: fund, gasLimit: GAS });
    await this.takeTick();
    this.fee = await this.reader.one(query(AGGREGATOR, contracts.priceAggregator, "updateFee", [this.proofs]));
  }

  /** Takes up the latest tick: what is sent from now on brings it. */
  async takeTick(): Promise<void> {
    const { id, pythId } = assetOf(this.chain, MARKET);
    const { data } = await this.prices.latest([pythId]);
    this.proofs = [{ assetIds: [id], minPublishTime: 0, isUnique: false, updateData: data }];
  }

  /** So many whole dollars for an owner's account. */
  async deposit(payer: HDNodeWallet, { address }: HDNodeWallet, usd: bigint): Promise<void> {
    const data = PRO.encode("deposit", [address, 0, this.unitsOf(usd)]);
    await this.outbox.send(payer, { to: this.contracts.pro, data, gasLimit: GAS });
  }

  /** Of an owner whose first deposit was mined. */
  async seatOf(owner: HDNodeWallet): Promise<Seat> {
    const asked = query(PRO, this.contracts.pro, "accountOf", [owner.address, 0]);
    return { owner, account: await this.reader.one(asked) };
  }

  /** Each action is skipped where it is refused, and so is a tick that is not later than the stored one; `last` are words as they are. */
  async act({ account, owner }: Seat, actions: readonly bigint[], last: readonly bigint[] = []): Promise<void> {
    const all = [refresh(BigInt(this.market.id), 0n), ...actions].map(soft);
    const data = PRO.encode("act", [account, this.proofs, [...all, ...last]]);
    await this.outbox.send(owner, { to: this.contracts.pro, data, value: this.fee, gasLimit: ACT_GAS });
  }

  async delegate({ account, owner }: Seat, to: string, rights: number, expiry: number): Promise<void> {
    const data = PRO.encode("setDelegate", [account, to, rights, expiry]);
    await this.outbox.send(owner, { to: this.contracts.pro, data, gasLimit: GAS });
  }

  async placeTriggers({ account, owner }: Seat, orders: Triggers): Promise<void> {
    const data = TRIGGERS.encode("place", [account, orders]);
    await this.outbox.send(owner, { to: this.contracts.proTriggers, data, gasLimit: GAS });
  }

  /** Ids of an account's resting orders. */
  async ordersOf({ account }: Seat): Promise<bigint[]> {
    const { pro, proLens } = this.contracts;
    const orders = await this.reader.one(query(LENS, proLens, "ordersOf", [pro, account, this.market.id]));
    return orders.map(({ id }) => id);
  }

  /** Its cross scope as it stands. */
  async positionOf({ account }: Seat): Promise<bigint> {
    const { pro, proLens } = this.contracts;
    const { positions } = await this.reader.one(query(LENS, proLens, "health", [pro, account << 8n]));
    return positions.find(({ market }) => Number(market) === this.market.id)?.lots ?? 0n;
  }

  /** Which of these scopes are liquidatable at a price, USD with 10 decimals. */
  async liquidatable(scopes: readonly bigint[], price: bigint): Promise<readonly boolean[]> {
    const { pro, proLens } = this.contracts;
    return this.reader.one(query(LENS, proLens, "liquidatable", [pro, scopes, [this.market.id], [price]]));
  }

  /** Ticks of a price, USD with 10 decimals, rounded down. */
  ticksOf(price: bigint): bigint {
    return price / priceOfTicks(this.market, 1n);
  }

  /** Lots worth about so many whole dollars at a price; at least one. */
  lotsOf(usd: bigint, price: bigint): bigint {
    const lot = (price * sizeOfLots(this.market, 1n)) / 10n ** 8n;
    return (usd * 10n ** 10n) / lot + 1n;
  }

  private get token() {
    return tokenOf(this.chain, this.chain.pro.token);
  }

  /** Units of the settlement token. */
  unitsOf(usd: bigint): bigint {
    return usd * 10n ** BigInt(this.token.decimals);
  }
}
