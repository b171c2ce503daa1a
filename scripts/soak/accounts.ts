import { HDNodeWallet } from "ethers";
import type { JsonRpcProvider } from "ethers";

/** The accounts of every development node; everybody knows their keys. */
export const MNEMONIC = "test test test test test test test test test test test junk";
/** Of those that a replica funds with a million of each token: who pays for positions and bets, for the order book, and for its makers. */
const PAYERS = { positions: 5, book: 6, makers: 7 };
/** Accounts beyond those of the node. */
const FIRST_TRADER = 1_000;

export interface People {
  readonly payers: Readonly<Record<keyof typeof PAYERS, HDNodeWallet>>;
  readonly owners: readonly HDNodeWallet[];
}

/** Who pays, and so many people who trade. */
export function peopleOf(provider: JsonRpcProvider, count: number): People {
  const root = HDNodeWallet.fromPhrase(MNEMONIC, "", "m/44'/60'/0'/0");
  const owners = Array.from({ length: count }, (_, index) => root.deriveChild(FIRST_TRADER + index).connect(provider));
  const payer = (index: number) => root.deriveChild(index).connect(provider);
  const { book, makers, positions } = PAYERS;
  return { payers: { positions: payer(positions), book: payer(book), makers: payer(makers) }, owners };
}
