import { expect } from "chai";
import { permitDomain } from "../../../sdk/clients/permits";

/** As the contract of Ethereum's USDC answers `DOMAIN_SEPARATOR`: it signs as version 2. */
const USDC = { name: "USD Coin", chainId: 1, verifyingContract: "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48" };
const SEPARATOR = "0x06c37168a7db5138defc7866392bb87a741f9b3d104deb5094588ce041cae335";

describe("sdk: the domain of a permit", () => {
  it("has the version that the token's separator is of", () => {
    expect(permitDomain(SEPARATOR, USDC)).to.deep.equal({ ...USDC, version: "2" });
    expect(permitDomain(SEPARATOR, { ...USDC, chainId: 10 })).to.equal(undefined);
  });
});
