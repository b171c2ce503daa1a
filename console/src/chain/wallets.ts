/** Wallets of the browser, found by EIP-6963: each announces itself, and is asked for nothing until it is chosen. */
import { AbstractSigner, TypedDataEncoder, hexlify, toQuantity, toUtf8Bytes } from "ethers";
import type {
  JsonRpcProvider,
  Provider,
  TransactionRequest,
  TransactionResponse,
  TypedDataDomain,
  TypedDataField,
} from "ethers";
import { PlainError } from "../view/plainly";

export interface Eip1193 {
  request(args: { method: string; params?: unknown }): Promise<unknown>;
  on?(event: string, listener: (value: unknown) => void): void;
  removeListener?(event: string, listener: (value: unknown) => void): void;
}

export interface WalletInfo {
  readonly uuid: string;
  readonly name: string;
  /** An image as data. */
  readonly icon: string;
  readonly rdns: string;
}

export interface FoundWallet {
  readonly info: WalletInfo;
  readonly provider: Eip1193;
}

/** Calls back with each wallet that announces itself; returns what ends it. */
export function findWallets(onFound: (wallet: FoundWallet) => void): () => void {
  const listener = (event: Event) => {
    const { detail } = event as CustomEvent<FoundWallet | undefined>;
    if (typeof detail?.info?.uuid === "string" && typeof detail.provider?.request === "function") onFound(detail);
  };
  window.addEventListener("eip6963:announceProvider", listener);
  window.dispatchEvent(new Event("eip6963:requestProvider"));
  return () => window.removeEventListener("eip6963:announceProvider", listener);
}

/** Blocks that are deep enough for two nodes to agree on. */
const AGREED_DEPTH = 3;
const PATIENCE = 40;
const PAUSE_MS = 250;

/** Whether a wallet looks at the chain that the page looks at: the same number is not enough, a replica has that of the real one. */
export async function checkChain(wallet: Eip1193, provider: JsonRpcProvider, chainId: number): Promise<void> {
  const theirs = Number(await wallet.request({ method: "eth_chainId" }));
  if (theirs !== chainId)
    throw new PlainError(`The wallet is on chain ${theirs}, this page on chain ${chainId}: switch it over.`);
  const number = Math.max(0, (await provider.getBlockNumber()) - AGREED_DEPTH);
  const [own, other] = await Promise.all([
    provider.getBlock(number),
    wallet.request({ method: "eth_getBlockByNumber", params: [toQuantity(number), false] }),
  ]);
  if ((other as { hash?: string } | null)?.hash !== own?.hash) {
    throw new PlainError(
      "The wallet looks at another chain of the same number: give it this page's node. Nothing was sent.",
    );
  }
}

/** Signs and sends by a wallet; everything else is asked of the page's own node. */
export class InjectedSigner extends AbstractSigner<JsonRpcProvider> {
  constructor(
    readonly wallet: Eip1193,
    private readonly account: string,
    provider: JsonRpcProvider,
    private readonly chainId: number,
  ) {
    super(provider);
  }

  getAddress(): Promise<string> {
    return Promise.resolve(this.account);
  }

  connect(provider: Provider | null): InjectedSigner {
    return new InjectedSigner(this.wallet, this.account, provider as JsonRpcProvider, this.chainId);
  }

  async sendTransaction({ to, data, value }: TransactionRequest): Promise<TransactionResponse> {
    if (typeof to !== "string") throw new PlainError("A transaction of this page is for a contract.");
    await checkChain(this.wallet, this.provider, this.chainId);
    const sent = {
      from: this.account,
      to,
      data,
      value: toQuantity(value ?? 0n),
    };
    const hash = (await this.wallet.request({ method: "eth_sendTransaction", params: [sent] })) as string;
    // The page's node may hear of it a little later than the wallet's.
    for (let attempt = 0; attempt < PATIENCE; attempt++) {
      const found = await this.provider.getTransaction(hash);
      if (found !== null) return found;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    throw new PlainError(
      `The wallet sent ${hash}, and the page's node has not heard of it: look for it before you send again.`,
    );
  }

  signTransaction(): Promise<string> {
    throw new PlainError("A wallet of the browser signs and sends in one.");
  }

  async signMessage(message: string | Uint8Array): Promise<string> {
    const bytes = typeof message === "string" ? toUtf8Bytes(message) : message;
    return (await this.wallet.request({ method: "personal_sign", params: [hexlify(bytes), this.account] })) as string;
  }

  async signTypedData(
    domain: TypedDataDomain,
    types: Record<string, TypedDataField[]>,
    value: Record<string, unknown>,
  ): Promise<string> {
    await checkChain(this.wallet, this.provider, this.chainId);
    const payload = JSON.stringify(TypedDataEncoder.getPayload(domain, types, value));
    return (await this.wallet.request({ method: "eth_signTypedData_v4", params: [this.account, payload] })) as string;
  }
}

/** EIP-1193: not supported. JSON-RPC: no such method. */
const UNSUPPORTED: readonly unknown[] = [4_200, -32_601];

/** Whether a wallet can't do what it was asked, rather than was told not to. */
export function isUnsupported(error: unknown): boolean {
  return UNSUPPORTED.includes((error as { code?: unknown } | null)?.code);
}
