import { HDNodeWallet, Wallet } from "ethers";
import type { Provider } from "ethers";

/** The accounts of every development node. */
const MNEMONIC = "test test test test test test test test test test test junk";

export function walletOf(index: number, provider: Provider | null = null): Wallet {
  return new Wallet(HDNodeWallet.fromPhrase(MNEMONIC, "", `m/44'/60'/0'/0/${index}`).privateKey, provider);
}
