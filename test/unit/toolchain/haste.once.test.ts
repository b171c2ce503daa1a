import { expect } from "chai";
import * as ethers from "ethers";
import { ORIGINALS, QUICK } from "../../../toolchain/haste";
import { Dice } from "../../invariant/dice";

const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const LENGTHS = [0, 1, 2, 19, 20, 31, 32, 33, 64, 1_000];

type Answer = { value: unknown } | { error: unknown };

/** What a call comes to: its value, or what it is refused with. */
function answerOf(call: () => unknown): Answer {
  try {
    return { value: call() };
  } catch (error) {
    const { code, argument, value, shortMessage } = error as Record<string, unknown>;
    return { error: { code, argument, value, shortMessage } };
  }
}

describe("haste", () => {
  const dice = new Dice(SEED);
  const bytesOf = (length: number) => Uint8Array.from({ length }, () => dice.between(0, 255));
  const mixed = (text: string) => [...text].map((digit) => (dice.percent(50) ? digit.toUpperCase() : digit)).join("");

  before(() => console.log(`      seed ${SEED}`));

  it("is what ethers and the matchers use", () => {
    expect(ethers.getBytes).to.equal(QUICK.data.getBytes);
    expect(ethers.getAddress).to.equal(QUICK.address.getAddress);
    expect(ethers.defineProperties).to.equal(QUICK.properties.defineProperties);
    expect(ethers.id).to.equal(QUICK.id.id);
  });

  it("reads and writes bytes as ethers does", () => {
    for (const length of LENGTHS) {
      const bytes = bytesOf(length);
      const text = ORIGINALS.data.hexlify(bytes);
      const part = new Uint8Array([1, 2, ...bytes, 3]).subarray(2, 2 + length);
      for (const value of [bytes, part, text, `0x${mixed(text.slice(2))}`]) {
        expect(QUICK.data.getBytes(value)).to.deep.equal(ORIGINALS.data.getBytes(value));
        expect(QUICK.data.getBytesCopy(value)).to.deep.equal(ORIGINALS.data.getBytesCopy(value));
        expect(QUICK.data.hexlify(value)).to.equal(ORIGINALS.data.hexlify(value));
        expect(QUICK.data.concat([value, text, part])).to.equal(ORIGINALS.data.concat([value, text, part]));
      }
      expect(QUICK.data.getBytes(bytes)).to.equal(bytes);
      expect(QUICK.data.getBytesCopy(bytes)).not.to.equal(bytes);
    }
  });

  it("refuses what ethers refuses, with the same words", () => {
    const wrong = ["", "0", "0x0", "12", "0xzz", "0x12zz", "0x1 ", "0x１２", "0x12\n", 5, null, undefined, {}, [1]];
    for (const value of wrong as string[]) {
      for (const name of ["getBytes", "getBytesCopy"] as const) {
        const expected = answerOf(() => ORIGINALS.data[name](value, "amount"));
        expect(
          answerOf(() => QUICK.data[name](value, "amount")),
          `${name} of ${String(value)}`,
        ).to.deep.equal(expected);
      }
      expect(answerOf(() => QUICK.data.hexlify(value))).to.deep.equal(answerOf(() => ORIGINALS.data.hexlify(value)));
    }
    expect(QUICK.data.getBytes("0X12")).to.deep.equal(ORIGINALS.data.getBytes("0X12"));
  });

  it("knows addresses and hashes of texts as ethers does, asked once and again", () => {
    const address = `0x${ORIGINALS.data.hexlify(bytesOf(20)).slice(2)}`;
    for (const text of [
      address,
      address.toUpperCase().replace("X", "x"),
      address,
      ORIGINALS.address.getAddress(address),
    ]) {
      expect(QUICK.address.getAddress(text)).to.equal(ORIGINALS.address.getAddress(text));
    }
    for (const text of ["0x", `${address}00`, "XE7338O073KYGTWWZN0F2WZ0R8PX5ZPPZ1", mixed(address)]) {
      for (const again of [false, true]) {
        const expected = answerOf(() => ORIGINALS.address.getAddress(text));
        expect(
          answerOf(() => QUICK.address.getAddress(text)),
          `${text}, ${String(again)}`,
        ).to.deep.equal(expected);
      }
    }
    for (const value of [
      address,
      ORIGINALS.address.getAddress(address),
      address.slice(2),
      "",
      5n,
      null,
      undefined,
      {},
    ]) {
      expect(QUICK.checks.isAddress(value)).to.equal(ORIGINALS.checks.isAddress(value));
    }
    for (const text of ["", "transfer(address,uint256)", "transfer(address,uint256)"]) {
      expect(QUICK.id.id(text)).to.equal(ORIGINALS.id.id(text));
    }
  });

  it("gives objects the properties that ethers gives them, those of functions among them", () => {
    const values = { name: "amount", size: 5, list: [1n], isIndexed: false };
    const types = { name: "string", size: "number", isIndexed: "boolean" };
    class Declared {
      name: unknown;
      size: unknown;
    }
    for (const make of [() => ({}), () => new Declared(), () => () => 1]) {
      const [quick, original] = [make(), make()];
      QUICK.properties.defineProperties(quick, values, types);
      ORIGINALS.properties.defineProperties(original, values, types);
      expect(Object.entries(quick)).to.deep.equal(Object.entries(original));
      expect((quick as { name: unknown }).name).to.equal("amount");
    }
    const wrong = () => answerOf(() => QUICK.properties.defineProperties({}, { size: "5" }, { size: "number" }));
    const expected = answerOf(() => ORIGINALS.properties.defineProperties({}, { size: "5" }, { size: "number" }));
    expect(wrong()).to.deep.equal(expected);
    expect(expected).to.have.property("error");
  });

  it("takes for a number what the matchers did, of what is used here", () => {
    for (const value of [5n, -5n, 5, "5", "0x5"]) {
      expect(QUICK.bigInt.normalizeToBigInt(value)).to.equal(ORIGINALS.bigInt.normalizeToBigInt(value));
      expect(QUICK.bigInt.isBigNumber(value)).to.equal(ORIGINALS.bigInt.isBigNumber(value));
    }
    for (const value of ["five", 0.5, 2 ** 53, true, null, undefined, {}, [5n], () => 5]) {
      const what = typeof value;
      expect(() => QUICK.bigInt.normalizeToBigInt(value), what).to.throw();
      expect(() => ORIGINALS.bigInt.normalizeToBigInt(value), what).to.throw();
      expect(QUICK.bigInt.isBigNumber(value)).to.equal(false);
      expect(ORIGINALS.bigInt.isBigNumber(value)).to.equal(false);
    }
  });

  it("lets a wrong expectation fail: of numbers, of what is nested, of numbers and others", () => {
    for (const [found, wanted] of [
      [5n, 6n],
      ["5", 6n],
      [5n, {}],
      [undefined, 5n],
    ]) {
      expect(() => expect(found).to.equal(wanted)).to.throw();
    }
    for (const [found, wanted] of [
      [{ a: [5n] }, { a: [6n] }],
      [{ a: 5n }, { a: {} }],
      [[5n], [5n, 6n]],
    ]) {
      expect(() => expect(found).to.deep.equal(wanted)).to.throw();
    }
    expect({ a: [5n, { b: "5" }] }).to.deep.equal({ a: [5, { b: 5n }] });
  });
});
