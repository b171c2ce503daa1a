/** Where an allowance can be given by a signature instead of a transaction. */
import { NoPermitError, formatToken } from "@asterism/sdk";
import type { Action, Asterism, PermitData, PermitSpender } from "@asterism/sdk";

/** What to sign so that an action needs no allowance; undefined where the token or the account takes no signature. */
export async function permitFor<T>(
  { connection, permits }: Asterism,
  { allowances }: Action<T>,
  spender: PermitSpender,
): Promise<PermitData | undefined> {
  const { chain, provider, signer } = connection;
  if (signer === null || allowances.length !== 1) return undefined;
  const [{ token: address, amount }] = allowances;
  const token = Object.values(chain.tokens).find((each) => each.address.toLowerCase() === address.toLowerCase());
  if (token?.hasPermit !== true) return undefined;
  // An account that is a contract has no key to sign with.
  if ((await provider.getCode(await signer.getAddress())) !== "0x") return undefined;
  try {
    return await permits.data(token.symbol, formatToken(amount, token.decimals), undefined, spender);
  } catch (error) {
    if (error instanceof NoPermitError) return undefined;
    throw error;
  }
}
