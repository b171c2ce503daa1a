/** Allowances by signature (ERC-2612), for the contracts that take them. */
import { Signature, TypedDataEncoder } from "ethers";
import { Codec } from "../abi";
import { erc20Abi } from "../abis";
import { toAmount } from "../amounts";
import type { AmountInput } from "../amounts";
import { tokenOf } from "../chains";
import { NoSignerError, accountOf, latestTime } from "../connection";
import type { Connection } from "../connection";
import { query } from "../reading";

const ERC20 = new Codec(erc20Abi);
const SECONDS = 1_200;
/** Of the domain: tokens tell their separator, and few of them the version in it. */
const VERSIONS = ["1", "2"] as const;

/** Who takes an allowance by signature: the Router with orders and bets, Trading with margin that is added, Pro with deposits. */
export type PermitSpender = "router" | "trading" | "pro";

/** An allowance signed by its owner. */
export interface SignedPermit {
  readonly token: string;
  readonly amount: bigint;
  readonly deadline: bigint;
  readonly v: bigint;
  readonly r: string;
  readonly s: string;
}

/** What the owner signs, as wallets take it (EIP-712). */
export interface PermitData {
  readonly domain: { name: string; version: string; chainId: number; verifyingContract: string };
  readonly types: { Permit: { name: string; type: string }[] };
  readonly message: { owner: string; spender: string; value: bigint; nonce: bigint; deadline: bigint };
}

/** The token takes no signatures, or none of a shape that is known here. */
export class NoPermitError extends Error {
  constructor(symbol: string) {
    super(`${symbol} takes no permit: approve the contract instead`);
    this.name = "NoPermitError";
  }
}

const TYPES = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
};

export class PermitClient {
  constructor(private readonly connection: Connection) {}

  /** What the owner has to sign, for a signature made elsewhere: join it with {@link fromSignature}. */
  async data(
    symbol: string,
    amount: AmountInput,
    owner?: string,
    spender: PermitSpender = "router",
  ): Promise<PermitData> {
    const { chain, contracts, reader } = this.connection;
    const token = tokenOf(chain, symbol);
    if (!token.hasPermit) throw new NoPermitError(token.symbol);
    const account = await accountOf(this.connection, owner);
    const [name, nonce, separator] = await reader.all([
      query(ERC20, token.address, "name", []),
      query(ERC20, token.address, "nonces", [account]),
      query(ERC20, token.address, "DOMAIN_SEPARATOR", []),
    ]);
    const domain = permitDomain(separator, { name, chainId: chain.chainId, verifyingContract: token.address });
    if (domain === undefined) throw new NoPermitError(token.symbol);
    const deadline = BigInt((await latestTime(this.connection)) + SECONDS);
    const value = toAmount(amount, token);
    return { domain, types: TYPES, message: { owner: account, spender: contracts[spender], value, nonce, deadline } };
  }

  fromSignature({ domain, message }: PermitData, signature: string): SignedPermit {
    const { v, r, s } = Signature.from(signature);
    const { value: amount, deadline } = message;
    return { token: domain.verifyingContract, amount, deadline, v: BigInt(v), r, s };
  }

  /** Signed by the signer. */
  async sign(symbol: string, amount: AmountInput, spender: PermitSpender = "router"): Promise<SignedPermit> {
    const { signer } = this.connection;
    if (signer === null) throw new NoSignerError();
    const data = await this.data(symbol, amount, undefined, spender);
    return this.fromSignature(data, await signer.signTypedData(data.domain, data.types, data.message));
  }
}

/** The domain that a token's separator is of; undefined where it is none of the usual ones. */
export function permitDomain(
  separator: string,
  parts: Omit<PermitData["domain"], "version">,
): PermitData["domain"] | undefined {
  return VERSIONS.map((version) => ({ ...parts, version })).find(
    (domain) => TypedDataEncoder.hashDomain(domain) === separator,
  );
}
