import type { AssetKey } from "../../deploy/profiles";
import { readUpdate } from "../../sdk/pyth/source";
import type { PriceSource, PriceUpdate } from "../../sdk/pyth/source";
import type { Desk } from "./Desk";

/** The desk's prices as a client of the SDK asks for them; waiting for one moves the desk's clock, and its feeds report. */
export class DeskPrices implements PriceSource {
  constructor(private readonly desk: Desk) {}

  async latest(feedIds: readonly string[]): Promise<PriceUpdate> {
    await this.desk.refresh();
    return this.update(feedIds, await this.desk.now());
  }

  async at(time: number, feedIds: readonly string[]): Promise<PriceUpdate> {
    await this.desk.warpTo(time + 1);
    await this.desk.refresh();
    return this.update(feedIds, time);
  }

  stream(): AsyncIterable<PriceUpdate> {
    throw new Error("a desk's clock stands still: it has no stream");
  }

  private update(feedIds: readonly string[], time: number): PriceUpdate {
    const { desk } = this;
    const prices = feedIds.map((feedId) => desk.pythPrice(this.assetOf(feedId), time));
    return readUpdate([desk.publisher.update(prices)], feedIds);
  }

  private assetOf(feedId: string): AssetKey {
    const ids = Object.entries(this.desk.profile.pyth.priceIds);
    const [asset] = ids.find(([, id]) => id === feedId.toLowerCase()) ?? [];
    if (asset === undefined) throw new Error(`no asset has the feed ${feedId}`);
    return asset as AssetKey;
  }
}
