import type { BaseContract, ContractTransactionResponse, Signer } from "ethers";
import type { CallProxy } from "../../typechain-types";

/** Somebody who acts: an account, or a contract wallet that an account drives. */
export class Party {
  constructor(
    readonly address: string,
    private readonly signer: Signer,
    private readonly wallet?: CallProxy,
  ) {}

  /** Contract wallets pay no gas: what they hold of the native coin is what they were paid. */
  get isWallet(): boolean {
    return this.wallet !== undefined;
  }

  async send(contract: BaseContract, name: string, args: readonly unknown[]): Promise<ContractTransactionResponse> {
    const data = contract.interface.encodeFunctionData(name, args);
    const target = contract.target as string;
    if (this.wallet === undefined) return this.signer.sendTransaction({ to: target, data }) as never;
    return this.wallet.connect(this.signer).execute(target, 0n, data);
  }
}
