import { readFileSync } from "node:fs";
import { expect } from "chai";
import { AbiCoder, ErrorFragment, Interface, dataSlice, makeError } from "ethers";
import type { InterfaceAbi, ParamType } from "ethers";
import { artifacts } from "hardhat";
import { ERRORS_DOCUMENT, errorsDocument } from "../../../scripts/lib/errorsDocument";
import { productionContracts } from "../../../scripts/lib/artifacts";
import { Outcome, ProOutcome, ProReason, Reason } from "../../../sdk/enums";
import {
  ERRORS,
  ERRORS_ABI,
  OUTCOMES,
  PRO_OUTCOMES,
  PRO_REASONS,
  REASONS,
  decodeError,
  revertData,
} from "../../../sdk/errors";
import type { ErrorEntry, ErrorValue } from "../../../sdk/errors";
import { panicWords } from "../../../sdk/errors/panics";
import { ERROR_SOURCES } from "../../../sdk/errors/sources";
import { GROUPS } from "../../../sdk/errors/words";
import { GasFundsError, RefusedError, explained } from "../../../sdk/failures";

/** Rooms that are never deployed where value is. */
const NOT_IN_PRODUCTION = /^contracts\/(?:examples|test|replica)\//;
/** Raised by Solidity and listed by no ABI. */
const OF_SOLIDITY = ["Error", "Panic"];
const ADDRESS = "0x00000000000000000000000000000000000000AA";
const coder = AbiCoder.defaultAbiCoder();

function errorsIn(abi: InterfaceAbi): ErrorFragment[] {
  return Interface.from(abi).fragments.filter((fragment): fragment is ErrorFragment =>
    ErrorFragment.isFragment(fragment),
  );
}

/** Every error of every artifact of production, abstract contracts and interfaces included, by its selector. */
async function errorsOfArtifacts(): Promise<Map<string, { fragment: ErrorFragment; contracts: string[] }>> {
  const found = new Map<string, { fragment: ErrorFragment; contracts: string[] }>();
  const names = (await artifacts.getAllFullyQualifiedNames()).filter(
    (name) => name.startsWith("contracts/") && !NOT_IN_PRODUCTION.test(name),
  );
  for (const name of names) {
    for (const fragment of errorsIn((await artifacts.readArtifact(name)).abi as InterfaceAbi)) {
      const known = found.get(fragment.selector);
      expect(known?.fragment.format("sighash") ?? fragment.format("sighash"), fragment.selector).to.equal(
        fragment.format("sighash"),
      );
      if (known) known.contracts.push(name);
      else found.set(fragment.selector, { fragment, contracts: [name] });
    }
  }
  return found;
}

function sample(param: ParamType): unknown {
  if (param.arrayChildren) return [sample(param.arrayChildren)];
  if (param.components) return param.components.map(sample);
  if (param.type.startsWith("uint")) return 7n;
  if (param.type.startsWith("int")) return -7n;
  if (param.type === "address") return ADDRESS;
  if (param.type === "string") return "why not";
  if (param.type === "bool") return true;
  const bytes = /^bytes(\d+)$/.exec(param.type);
  if (bytes) return `0x${"ab".repeat(Number(bytes[1]))}`;
  throw new Error(`no sample of ${param.type}`);
}

function sampled(param: ParamType): ErrorValue {
  if (param.arrayChildren) return [sampled(param.arrayChildren)];
  if (!param.components) return sample(param) as ErrorValue;
  return Object.fromEntries(param.components.map((component) => [component.name, sampled(component)]));
}

function encoded(fragment: ErrorFragment): string {
  return fragment.selector + coder.encode(fragment.inputs, fragment.inputs.map(sample)).slice(2);
}

/** Names that words may mention: functions, arguments and fields of the contracts. */
function namesOfContracts(): Set<string> {
  const names = new Set<string>();
  const addParams = (params: readonly ParamType[]): void => {
    for (const param of params) {
      names.add(param.name);
      addParams(param.components ?? param.arrayChildren?.components ?? []);
    }
  };
  for (const abi of Object.values(ERROR_SOURCES)) {
    Interface.from(abi).forEachFunction((fragment) => {
      names.add(fragment.name);
      addParams([...fragment.inputs, ...fragment.outputs]);
    });
  }
  return names;
}

function unknownMentions(words: string, known: (name: string) => boolean): string[] {
  return [...words.matchAll(/`(\w+)(?:\(\))?`/g)].map(([, name]) => name).filter((name) => !known(name));
}

const listed = (name: string): ErrorEntry | undefined => ERRORS.find((entry) => entry.name === name);

describe("sdk/errors", () => {
  describe("the list", () => {
    it("has every error of every artifact of production, with its arguments", async () => {
      for (const { fragment, contracts } of (await errorsOfArtifacts()).values()) {
        const entry = listed(fragment.name);
        expect(entry, `${fragment.name} of ${contracts[0]}`).to.not.equal(undefined);
        expect([entry?.signature, entry?.selector]).to.deep.equal([fragment.format("sighash"), fragment.selector]);
        expect(entry?.args).to.deep.equal(
          fragment.inputs.map((input) => ({ name: input.name, type: input.format("sighash") })),
        );
      }
    });

    it("says of every error which deployed contracts raise it", () => {
      for (const { name, abi } of productionContracts()) {
        // What is only called while the system is deployed, and libraries that are part of a source of the list.
        if (!(name in ERROR_SOURCES)) continue;
        for (const fragment of errorsIn(abi)) {
          expect(listed(fragment.name)?.contracts, fragment.name).to.include(name);
        }
      }
    });

    it("has nothing stale: no entry that no contract raises, no words without an error", async () => {
      const ofArtifacts = await errorsOfArtifacts();
      const foreign = ["AccessManager", "Pyth", "ERC-20 tokens"].flatMap((name) =>
        errorsIn(ERROR_SOURCES[name]).map(({ selector }) => selector),
      );
      const stale = ERRORS.filter(
        ({ name, selector }) =>
          !ofArtifacts.has(selector) && !foreign.includes(selector) && !OF_SOLIDITY.includes(name),
      );
      expect(stale.map(({ name }) => name)).to.deep.equal([]);
      const worded = Object.values(GROUPS).flatMap((words) => Object.keys(words));
      expect([...worded, ...OF_SOLIDITY].sort()).to.deep.equal(ERRORS.map(({ name }) => name).sort());
    });

    it("names no error and no selector twice, and every argument", () => {
      for (const key of ["name", "selector", "signature"] as const) {
        expect(new Set(ERRORS.map((entry) => entry[key])).size, key).to.equal(ERRORS.length);
      }
      for (const { name, args } of ERRORS) {
        expect(new Set(args.map((arg) => arg.name)).size, name).to.equal(args.length);
        expect(args.map((arg) => arg.name)).to.not.include("");
      }
    });

    it("has words for each, that mention nothing but what there is", () => {
      const names = namesOfContracts();
      for (const { name, args, words } of ERRORS) {
        expect(words, name).to.match(/^[A-Z].{15,}\.$/s);
        const unknown = unknownMentions(words, (word) => names.has(word) || args.some((arg) => arg.name === word));
        expect(unknown, name).to.deep.equal([]);
      }
    });

    it("is an ABI that decodes each", () => {
      const abi = new Interface(ERRORS_ABI);
      for (const { selector, name } of ERRORS) expect(abi.getError(selector)?.name).to.equal(name);
    });

    it("is what docs/errors.md says", () => {
      expect(readFileSync(ERRORS_DOCUMENT, "utf8"), "run npm run docs:errors").to.equal(errorsDocument());
    });
  });

  describe("the contracts", () => {
    it("explain every error of their own in NatSpec", () => {
      const undocumented = new Set<string>();
      const outputs = new Map<string, Record<string, Record<string, { metadata: string }>>>();
      for (const { name, source, abi, buildInfo } of productionContracts()) {
        if (!outputs.has(buildInfo)) {
          const info = JSON.parse(readFileSync(buildInfo, "utf8")) as { output: { contracts: never } };
          outputs.set(buildInfo, info.output.contracts);
        }
        const metadata = JSON.parse(outputs.get(buildInfo)?.[source][name].metadata ?? "") as {
          output: Record<"devdoc" | "userdoc", { errors?: Record<string, { notice?: string; details?: string }[]> }>;
        };
        const { devdoc, userdoc } = metadata.output;
        for (const fragment of errorsIn(abi)) {
          const signature = fragment.format("sighash");
          const texts = [...(userdoc.errors?.[signature] ?? []), ...(devdoc.errors?.[signature] ?? [])];
          const isOwn = /^[A-Z]\w*_[A-Z]/.test(fragment.name);
          if (isOwn && !texts.some(({ notice, details }) => notice ?? details)) undocumented.add(fragment.name);
        }
      }
      expect([...undocumented]).to.deep.equal([]);
    });
  });

  describe("decodeError", () => {
    it("tells name, arguments by name and words of each", () => {
      for (const fragment of errorsIn(ERRORS_ABI)) {
        if (OF_SOLIDITY.includes(fragment.name)) continue;
        const decoded = decodeError(encoded(fragment));
        const args = Object.fromEntries(fragment.inputs.map((input) => [input.name, sampled(input)]));
        expect(decoded).to.deep.equal({ name: fragment.name, args, words: listed(fragment.name)?.words });
      }
    });

    it("names what was cut short, and keeps the bytes", () => {
      for (const fragment of errorsIn(ERRORS_ABI)) {
        if (fragment.inputs.length === 0) continue;
        const data = dataSlice(encoded(fragment), 0, 20);
        const { name, args, words } = decodeError(data);
        expect([name, args]).to.deep.equal([fragment.name, { data }]);
        expect(words).to.match(/\(Arguments cut short\.\)$/);
      }
    });

    it("passes texts on, and explains panics", () => {
      const text = new Interface(["error Error(string)", "error Panic(uint256)"]);
      expect(decodeError(text.encodeErrorResult("Error", ["BEP20: transfer amount exceeds balance"]))).to.deep.equal({
        name: "Error",
        args: { message: "BEP20: transfer amount exceeds balance" },
        words: "Refused with the text: BEP20: transfer amount exceeds balance",
      });
      for (const code of [0x01n, 0x11n, 0x12n, 0x21n, 0x22n, 0x31n, 0x32n, 0x41n, 0x51n]) {
        const { name, args, words } = decodeError(text.encodeErrorResult("Panic", [code]));
        expect([name, args, words]).to.deep.equal(["Panic", { code }, panicWords(code)]);
        expect(words).to.not.match(/does not define/);
      }
      expect(decodeError(text.encodeErrorResult("Panic", [0x99n])).words).to.match(/code 153, which Solidity does not/);
    });

    it("says so where it does not know, with the bytes", () => {
      for (const data of ["0xdeadbeef", "0xdeadbeef00", "0x01"]) {
        expect(decodeError(data)).to.deep.equal({
          name: "Unknown",
          args: { data },
          words: `None of the system's errors: ${data}`,
        });
      }
      const { name, args } = decodeError("0x");
      expect([name, args]).to.deep.equal(["Empty", {}]);
      expect(() => decodeError("reverted")).to.throw("not bytes in hexadecimal: reverted");
    });
  });

  describe("revertData", () => {
    it("finds the bytes wherever a client puts them", () => {
      const data = "0xdeadbeef";
      const shapes = [
        { data },
        { data: { data } },
        { error: { data } },
        { info: { error: { data } } },
        { cause: { data } },
        { cause: { data: { errorName: "Vault_ReserveFull" }, cause: { cause: { data: { data } } } } },
      ];
      for (const shape of shapes) expect(revertData(shape)).to.equal(data);
      for (const other of [undefined, null, "0xdeadbeef", new Error("no"), { data: "reverted" }]) {
        expect(revertData(other)).to.equal(undefined);
      }
    });
  });

  describe("explained", () => {
    it("tells an account without coin from whatever else a node says", () => {
      const unpaid =
        "Sender doesn't have enough funds to send tx. The max upfront cost is: 5 and the sender's balance is: 0.";
      const poor = [
        makeError("insufficient funds for gas", "INSUFFICIENT_FUNDS", { transaction: { data: "0x" } }),
        makeError("could not coalesce error", "UNKNOWN_ERROR", {
          error: { code: -32000, data: null, message: unpaid },
        }),
      ];
      for (const error of poor) {
        const told = explained(error);
        expect(told).to.be.instanceOf(GasFundsError);
        expect((told as GasFundsError).cause).to.equal(error);
      }
      for (const other of [new Error("no"), undefined, makeError("no", "SERVER_ERROR", { request: "0x" })])
        expect(explained(other)).to.equal(other);
      expect(explained({ data: "0x" })).to.be.instanceOf(RefusedError);
    });
  });

  describe("outcomes and reasons", () => {
    it("stand in what a refusal of the order book says", () => {
      const refused = (reason: bigint) =>
        new RefusedError(
          decodeError(
            Interface.from(["error Pro_ActionRefused(uint8 reason, uint256 value, uint256 bound)"]).encodeErrorResult(
              "Pro_ActionRefused",
              [reason, 7n, 5n],
            ),
          ),
        ).message;
      expect(refused(BigInt(ProReason.indexOf("TipTooHigh")))).to.contain(`TipTooHigh: ${PRO_REASONS.TipTooHigh}`);
      // Of a later version's reason only the number is known.
      expect(refused(255n)).to.contain("reason: 255").and.to.contain("An action was refused");
    });

    it("are those of the contracts, in their order, each with words", () => {
      const namesOf = (title: string, file = "contracts/product/Outcome.sol"): string[] => {
        const body = new RegExp(`enum ${title} \\{([^}]*)\\}`).exec(readFileSync(file, "utf8"))?.[1] ?? "";
        return body.replaceAll(/\/\/.*/g, "").match(/\w+/g) ?? [];
      };
      expect(namesOf("Outcome")).to.deep.equal([...Outcome]);
      expect(namesOf("Reason")).to.deep.equal([...Reason]);
      const ofPro = "contracts/pro/ProOutcome.sol";
      expect(namesOf("ProOutcome", ofPro)).to.deep.equal([...ProOutcome]);
      expect(namesOf("ProReason", ofPro)).to.deep.equal([...ProReason]);
      expect(Object.keys(OUTCOMES)).to.deep.equal([...Outcome]);
      expect(Object.keys(REASONS)).to.deep.equal([...Reason]);
      expect(Object.keys(PRO_OUTCOMES)).to.deep.equal([...ProOutcome]);
      expect(Object.keys(PRO_REASONS)).to.deep.equal([...ProReason]);
      const names = namesOfContracts();
      for (const words of [OUTCOMES, REASONS, PRO_OUTCOMES, PRO_REASONS].flatMap((each) => Object.values(each))) {
        expect(words).to.match(/^[A-Z].{15,}\.$/s);
        expect(unknownMentions(words, (name) => names.has(name))).to.deep.equal([]);
      }
    });
  });
});
