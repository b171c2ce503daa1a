import { toBeHex } from "ethers";
import type { HDNodeWallet, JsonRpcProvider } from "ethers";
import { chains } from "../../sdk/chains";
import type { Deployment } from "../../sdk/chains/deployment";
import { Hermes } from "../../sdk/pyth/hermes";
import { Outbox } from "./Outbox";
import { peopleOf } from "./accounts";
import { DueScopes } from "./pro/DueScopes";
import { ProTraders } from "./pro/ProTraders";
import { Venue } from "./pro/Venue";
import { Traders } from "./traders";

const GAS_MONEY = 10n ** 20n;
/** Of the people, one of so many is in the order book too; of what is done, one of so many is done there. */
const SHARE_OF_PRO = 5;
const ACTS_OF_PRO = 3;
const LEAST_PRO = 10;
/** Between two looks at who is liquidatable. */
const LOOK_SECONDS = 10;

interface Settings {
  readonly chain: keyof typeof chains;
  readonly traders: number;
  readonly rate: number;
  readonly seed: number;
}

/** Everybody who trades: positions, bets, and the order book. */
export class Crowd {
  readonly traders: Traders;
  readonly pro: ProTraders;
  private readonly venue: Venue;
  private readonly owners: readonly HDNodeWallet[];
  private duesNow: DueScopes | undefined;

  constructor(
    private readonly provider: JsonRpcProvider,
    { contracts }: Deployment,
    hermes: string,
    private readonly settings: Settings,
  ) {
    const { chain, seed, traders } = settings;
    const { owners, payers } = peopleOf(provider, traders);
    this.owners = owners;
    const outbox = new Outbox(provider, chains[chain].chainId);
    this.traders = new Traders(provider, chains[chain], contracts, outbox, payers.positions, owners, seed);
    const prices = new Hermes({ endpoints: [hermes] });
    this.venue = new Venue(provider, chains[chain], contracts, prices, outbox);
    const count = Math.min(traders, Math.max(LEAST_PRO, Math.floor(traders / SHARE_OF_PRO)));
    this.pro = new ProTraders(this.venue, payers, owners.slice(0, count), seed + 1);
  }

  /** While the chain mines what is sent as it comes. */
  async prepare(): Promise<void> {
    for (const { address } of this.owners) {
      await this.provider.send("hardhat_setBalance", [address, toBeHex(GAS_MONEY)]);
    }
    await this.traders.prepare();
    await this.pro.prepare();
    this.duesNow = new DueScopes(this.venue, this.pro.scopes);
  }

  get counts() {
    return { ...this.traders.counts, pro: this.pro.counts };
  }

  get dues(): DueScopes {
    if (this.duesNow === undefined) throw new Error("nothing was prepared");
    return this.duesNow;
  }

  /** What is done in a second: makers first, then all others at once. */
  async live(second: number, price: bigint): Promise<void> {
    const [now] = await Promise.all([this.quote(second, price), this.traders.learn()]);
    const { rate } = this.settings;
    const acts = Array.from({ length: rate }, (_, act) =>
      act % ACTS_OF_PRO === 0 ? this.pro.act(price, now) : this.traders.act(price, now),
    );
    await Promise.all(acts);
  }

  /** Makers alone, and whoever looks on. Returns the time of the chain. */
  async quote(second: number, price: bigint): Promise<number> {
    const now = (await this.provider.getBlock("latest"))?.timestamp ?? 0;
    await this.pro.quote(second, price);
    if (second % LOOK_SECONDS === 0) await this.dues.look(price, now);
    return now;
  }
}
