/** What somebody does on the page: browser windows of his own, closed when he leaves. */
import { join } from "node:path";
import { HDNodeWallet, JsonRpcProvider } from "ethers";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { Asterism } from "../../sdk/Asterism";
import { chains } from "../../sdk/chains";
import { Hermes } from "../../sdk/pyth/hermes";
import { SOON } from "./hand";
import { REPORTS } from "./stand";
import type { PublicConfig, Stand } from "./stand";

/** Everybody knows these words. */
export const MNEMONIC = "test test test test test test test test test test test junk";
export const BURNER_1 = 6;
export const BURNER_2 = 7;
/** One of those who have money, and whom no page uses. */
export const MAKER = 8;

export const pathOf = (index: number) => `m/44'/60'/0'/0/${index}`;

interface PageOptions {
  /** Of the address: "#/earn". */
  readonly at?: string;
  readonly width?: number;
  readonly height?: number;
  readonly theme?: "dark" | "light";
  /** Runs before the page's own. */
  readonly script?: string;
}

export class Visit {
  private readonly contexts: BrowserContext[] = [];
  private readonly providers: JsonRpcProvider[] = [];

  constructor(
    private readonly stand: Stand,
    private readonly browser: Browser,
  ) {}

  get url(): string {
    return this.stand.url;
  }

  get config(): PublicConfig {
    return this.stand.config;
  }

  /** A page in a browser that knows nothing of the others. */
  async page({ at = "", width = 1440, height = 1000, theme = "dark", script }: PageOptions = {}): Promise<Page> {
    const context = await this.browser.newContext({ viewport: { width, height }, colorScheme: theme });
    this.contexts.push(context);
    if (script !== undefined) await context.addInitScript(script);
    const page = await context.newPage();
    page.setDefaultTimeout(SOON.timeout);
    const { complaints } = this.stand;
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      // A request that is cut off by a test is told there too.
      if (message.type() === "error" && !/Failed to load resource/.test(message.text()))
        complaints.push(message.text());
    });
    await page.goto(`${this.url}/${at}`);
    return page;
  }

  /** Somebody who works beside the page. */
  async account(index: number) {
    const { chain, deployment } = this.config;
    const signer = HDNodeWallet.fromPhrase(MNEMONIC, "", pathOf(index)).connect(this.provider(chains[chain].chainId));
    const prices = new Hermes({ endpoints: [`${this.url}/hermes`] });
    const asterism = await Asterism.connect(signer, { deployment, prices });
    return { asterism, signer, address: signer.address };
  }

  /** What the replica's node can do and the page's server passes on to nobody. */
  node(method: string, params: readonly unknown[]): Promise<unknown> {
    return this.provider(chains[this.config.chain].chainId).send(method, [...params]);
  }

  price(command: Readonly<Record<string, unknown>>): Promise<void> {
    return this.stand.price(command);
  }

  /** Keeps what the open pages show, for whoever looks into a failure. */
  async show(name: string): Promise<void> {
    for (const [index, page] of this.contexts.flatMap((context) => context.pages()).entries()) {
      const file = `failed-${name.replace(/[^a-z0-9]+/gi, "-")}-${index}.png`;
      await page.screenshot({ path: join(REPORTS, file) }).catch(() => undefined);
    }
  }

  async leave(): Promise<void> {
    for (const context of this.contexts.splice(0)) await context.close();
    for (const provider of this.providers.splice(0)) provider.destroy();
  }

  private provider(chainId: number): JsonRpcProvider {
    const options = { staticNetwork: true, cacheTimeout: -1, pollingInterval: 250 };
    const provider = new JsonRpcProvider(this.config.practice.rpc, chainId, options);
    this.providers.push(provider);
    return provider;
  }
}
