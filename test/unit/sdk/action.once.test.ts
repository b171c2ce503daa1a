import { expect } from "chai";
import type { TransactionReceipt, TransactionRequest } from "ethers";
import { approval } from "../../../sdk/action";
import type { Connection } from "../../../sdk/connection";

const [TOKEN, SPENDER, ACCOUNT] = ["11", "22", "33"].map((pair) => `0x${pair.repeat(20)}`);

describe("sdk: an action", () => {
  it("tells the signer for which chain it is, so that one that stands on another refuses", async () => {
    const asked: TransactionRequest[] = [];
    const receipt = { hash: "0x01" } as TransactionReceipt;
    const connection = {
      chain: { chainId: 56 },
      // A chain without the contract: a call of it succeeds with nothing.
      provider: { call: () => Promise.resolve("0x"), send: () => Promise.resolve("0x2") },
      signer: {
        getAddress: () => Promise.resolve(ACCOUNT),
        estimateGas: () => Promise.resolve(21_000n),
        sendTransaction: (request: TransactionRequest) => {
          asked.push(request);
          return Promise.resolve({ wait: () => Promise.resolve(receipt) });
        },
      },
    } as unknown as Connection;
    expect(await approval(connection, { token: TOKEN, spender: SPENDER, amount: 5n }).send()).to.equal(receipt);
    expect(asked.map(({ chainId, to, nonce }) => [chainId, to, nonce])).to.deep.equal([[56n, TOKEN, 2]]);
  });
});
