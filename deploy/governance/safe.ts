import { writeFileSync } from "node:fs";

/** A transaction of a multi-signature wallet. */
export interface WalletTransaction {
  readonly to: string;
  readonly data: string;
}

/** A file that Safe's Transaction Builder takes: what it holds is made in one transaction, in its order. */
export function safeFile(
  chainId: number,
  wallet: string,
  name: string,
  description: string,
  transactions: readonly WalletTransaction[],
): object {
  return {
    version: "1.0",
    chainId: String(chainId),
    createdAt: Date.now(),
    meta: {
      name,
      description,
      txBuilderVersion: "1.16.5",
      createdFromSafeAddress: wallet,
      createdFromOwnerAddress: "",
    },
    transactions: transactions.map(({ to, data }) => ({
      ...{ to, value: "0", data, contractMethod: null, contractInputsValues: null },
    })),
  };
}

export function writeSafeFile(path: string, file: object): void {
  writeFileSync(path, `${JSON.stringify(file, null, 2)}\n`);
}
