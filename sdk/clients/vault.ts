import type { ContractTransactionReceipt } from "ethers";
import { Action, approval } from "../action";
import { Codec } from "../abi";
import { erc20Abi, vaultAbi } from "../abis";
import { toAmount } from "../amounts";
import type { AmountInput } from "../amounts";
import { tokenOf } from "../chains";
import type { ContractName } from "../chains/deployment";
import { accountOf } from "../connection";
import type { Connection } from "../connection";
import { query } from "../reading";

const VAULT = new Codec(vaultAbi);
const ERC20 = new Codec(erc20Abi);

/** Balances, allowances, and what the Vault holds for an account: keepers' pay and payments that were refused. */
export class VaultClient {
  constructor(private readonly connection: Connection) {}

  /** What an account can claim of each token, by symbol; tokens with nothing are left out. */
  async claimable(account?: string): Promise<Record<string, bigint>> {
    const { chain, contracts } = this.connection;
    const owner = await accountOf(this.connection, account);
    const ofToken = (token: string) => query(VAULT, contracts.vault, "claimableOf", [token, owner]);
    const amounts = await this.ofTokens(ofToken);
    return Object.fromEntries(
      Object.keys(chain.tokens).flatMap((symbol, i) => (amounts[i] > 0n ? [[symbol, amounts[i]]] : [])),
    );
  }

  /** Takes out all that the signer can claim of a token; of the wrapped coin, in the native coin if asked for. */
  async claim(
    symbol: string,
    { receiver, inNative = false }: { receiver?: string; inNative?: boolean } = {},
  ): Promise<Action<bigint>> {
    const { chain, contracts } = this.connection;
    const to = receiver ?? (await accountOf(this.connection));
    const data = VAULT.encode("claim", [tokenOf(chain, symbol).address, to, inNative]);
    return new Action(this.connection, { to: contracts.vault, data, outcome: claimedIn });
  }

  /** What an account has of each token, by symbol. */
  async balances(account?: string): Promise<Record<string, bigint>> {
    const owner = await accountOf(this.connection, account);
    const amounts = await this.ofTokens((token) => query(ERC20, token, "balanceOf", [owner]));
    return Object.fromEntries(Object.keys(this.connection.chain.tokens).map((symbol, i) => [symbol, amounts[i]]));
  }

  /** Allows a contract of the system to take tokens. */
  approve(symbol: string, spender: ContractName, amount: AmountInput): Action<ContractTransactionReceipt> {
    const { chain, contracts } = this.connection;
    const token = tokenOf(chain, symbol);
    return approval(this.connection, {
      token: token.address,
      spender: contracts[spender],
      amount: toAmount(amount, token),
    });
  }

  private ofTokens(
    ofToken: (address: string) => ReturnType<typeof query<typeof erc20Abi, "balanceOf">>,
  ): Promise<bigint[]> {
    const tokens = Object.values(this.connection.chain.tokens);
    return this.connection.reader.all(tokens.map(({ address }) => ofToken(address)));
  }
}

function claimedIn({ logs }: ContractTransactionReceipt): bigint {
  for (const log of logs) {
    const event = VAULT.event(log);
    if (event?.name === "Claimed") return event.args.amount;
  }
  return 0n;
}
