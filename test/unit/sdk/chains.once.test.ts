import { readFileSync } from "node:fs";
import { expect } from "chai";
import { profileFor } from "../../../deploy/profiles";
import { bookIdOf } from "../../../deploy/arguments/books";
import {
  UnknownNameError,
  assetKeyOf,
  assetOf,
  bookOf,
  chainById,
  chains,
  marketOf,
  marketOfBook,
  predictionMarketOf,
  tokenOf,
} from "../../../sdk/chains";
import { CONTRACT_NAMES, DeploymentError, deploymentOn, readDeployment } from "../../../sdk/chains/deployment";

const ADDRESS = "0x00000000000000000000000000000000000000AA";

function record(changes: object = {}): unknown {
  const contracts = Object.fromEntries(CONTRACT_NAMES.map((name) => [name, { address: ADDRESS.toLowerCase() }]));
  return { format: 1, chain: { id: 56 }, startBlock: 7, contracts, ...changes };
}

describe("sdk/chains", () => {
  it("has the tokens, books and assets of each profile, by the numbers of the contracts", () => {
    for (const chain of Object.values(chains)) {
      const profile = profileFor(chain.chainId);
      for (const { symbol, address, decimals, assetKey } of profile.tokens) {
        expect(tokenOf(chain, symbol)).to.include({ symbol, address, decimals, asset: assetKey });
        expect(tokenOf(chain, address.toLowerCase()).symbol).to.equal(symbol);
      }
      for (const [marketId, { name, assetKey, books }] of profile.markets.entries()) {
        expect(marketOf(chain, assetKey)).to.equal(marketOf(chain, name));
        for (const { mode, maxLeverage } of books) {
          const id = bookIdOf(marketId, mode);
          expect(bookOf(chain, assetKey, mode)).to.include({ id, maxLeverage });
          expect(marketOfBook(chain, id)).to.deep.equal({ market: marketOf(chain, name), mode });
        }
        expect(assetKeyOf(chain, assetOf(chain, assetKey).id)).to.equal(assetKey);
        expect(assetOf(chain, assetKey).pythId).to.equal(profile.pyth.priceIds[assetKey]);
      }
    }
  });

  it("has the numbers that the README says", () => {
    const readme = readFileSync("sdk/README.md", "utf8");
    const table = (title: string): [string, string][] => {
      const cells = (line: string) =>
        line
          .split("|")
          .slice(2, -1)
          .map((cell) => cell.trim());
      const [head, , ids] = readme.slice(readme.indexOf(`| ${title} `)).split("\n");
      return cells(head).map((name, index) => [name, cells(ids)[index]]);
    };
    const assets = new Map<string, number>();
    const books = new Map<string, number>();
    for (const chain of Object.values(chains)) {
      for (const [key, { id }] of Object.entries(chain.assets)) assets.set(key, id);
      for (const [name, market] of Object.entries(chain.markets)) {
        for (const [mode, { id }] of Object.entries(market.books)) books.set(`${name} ${mode}`, id);
      }
    }
    for (const [title, numbers] of [
      ["asset", assets],
      ["book", books],
    ] as const) {
      const sorted = [...numbers].sort(([, a], [, b]) => a - b).map(([name, id]) => [name, String(id)]);
      expect(table(title), title).to.deep.equal(sorted);
    }
  });

  it("names what there is where something is unknown", () => {
    const chain = chainById(56);
    expect(() => chainById(1)).to.throw(
      UnknownNameError,
      'no chain "1"; there are 56 (BNB Chain), 42161 (Arbitrum One)',
    );
    expect(() => tokenOf(chain, "DOGE")).to.throw(
      UnknownNameError,
      'no token "DOGE"; there are USDT, USDC, WBNB, BTCB, ETH',
    );
    expect(() => marketOf(chain, "SOL")).to.throw(UnknownNameError, 'no market "SOL/USD"; there are BTC/USD, ETH/USD');
    expect(() => bookOf(chain, "ETH", "degen")).to.throw(
      UnknownNameError,
      'no book of ETH in mode "degen"; there are standard',
    );
    expect(() => tokenOf(chain, "toString")).to.throw(UnknownNameError, 'no token "toString"');
    expect(() => predictionMarketOf(chain, "SOL")).to.throw(UnknownNameError, 'no market for bets "SOL/USD"');
  });
});

describe("readDeployment", () => {
  it("reads addresses, checksummed, and where events begin", () => {
    const { chainId, startBlock, contracts } = readDeployment(record());
    expect([chainId, startBlock, contracts.trading]).to.deep.equal([56, 7, ADDRESS]);
    expect(Object.keys(contracts)).to.deep.equal([...CONTRACT_NAMES]);
  });

  it("says all that is wrong with a record", () => {
    expect(() => readDeployment("deployments/56.json")).to.throw(DeploymentError, "the record is no object");
    expect(() => readDeployment(record({ format: 2 }))).to.throw(
      DeploymentError,
      "the record's format is 2, this version reads 1",
    );
    const contracts = { trading: { address: "0x12" } };
    expect(() => readDeployment(record({ startBlock: "7", contracts }))).to.throw(
      DeploymentError,
      /^no record of a deployment: startBlock is 7; contracts\.accessManager is missing; .*contracts\.trading has no address/,
    );
  });

  it("knows no deployment where there is none", () => {
    expect(() => deploymentOn(1)).to.throw(
      DeploymentError,
      "this version knows no deployment on chain 1: connect with its record as `deployment`",
    );
  });
});
