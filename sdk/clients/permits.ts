/** Allowances by signature (ERC-2612), for the Router. */
import { Signature } from "ethers";
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

/** An allowance for the Router, signed by its owner. */
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

/** The token takes no signatures. */
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
  async data(symbol: string, amount: AmountInput, owner?: string): Promise<PermitData> {
    const { chain, contracts, reader } = this.connection;
    const token = tokenOf(chain, symbol);
    if (!token.hasPermit) throw new NoPermitError(token.symbol);
    const account = await accountOf(this.connection, owner);
    const [name, nonce] = await reader.all([
      query(ERC20, token.address, "name", []),
      query(ERC20, token.address, "nonces", [account]),
    ]);
    const deadline = BigInt((await latestTime(this.connection)) + SECONDS);
    return {
      domain: { name, version: "1", chainId: chain.chainId, verifyingContract: token.address },
      types: TYPES,
      message: { owner: account, spender: contracts.router, value: toAmount(amount, token), nonce, deadline },
    };
  }

  fromSignature({ domain, message }: PermitData, signature: string): SignedPermit {
    const { v, r, s } = Signature.from(signature);
    const { value: amount, deadline } = message;
    return { token: domain.verifyingContract, amount, deadline, v: BigInt(v), r, s };
  }

  /** Signed by the signer. */
  async sign(symbol: string, amount: AmountInput): Promise<SignedPermit> {
    const { signer } = this.connection;
    if (signer === null) throw new NoSignerError();
    const data = await this.data(symbol, amount);
    return this.fromSignature(data, await signer.signTypedData(data.domain, data.types, data.message));
  }
}
