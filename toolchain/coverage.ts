/**
 * Has instrumented contracts say themselves what they reach, by a call to an address that the embedded chain listens at,
 * in place of a look at every step that the machine takes: a hundred times as fast. Takes effect where it is imported,
 * after solidity-coverage.
 */
import { EdrContext } from "@nomicfoundation/edr";
import fc from "fast-check";
import { TASK_COMPILE, TASK_COMPILE_SOLIDITY_GET_COMPILER_INPUT, TASK_TEST } from "hardhat/builtin-tasks/task-names";
import { subtask, task } from "hardhat/config";
import type { CompilerInput } from "hardhat/types";
import API from "solidity-coverage/lib/api";
import Injector from "solidity-coverage/lib/injector";

/** Where the embedded chain listens. */
const LISTENER = "0xc0bEc0BEc0BeC0bEC0beC0bEC0bEC0beC0beC0BE";
/** Answers what it is given: what the last call returned is there again after a mark, its first bytes at least. */
const IDENTITY = 4;
/** Sources of code that looks at what the last call returned, or inherits who does; elsewhere that doubled the gas of a mark. */
const OF_READERS = /returndata(size|copy)|_errorBytes/;
const MOST_RETURNED = 4_096;
/** A mark is eight bytes, the first of a word. */
const MARK_BYTES = 8;

// What is reached must not depend on what properties happen to draw.
fc.configureGlobal({ seed: Number(process.env.FUZZ_SEED ?? 1) });

let isReader = false;

/**
 * A function that sends its mark and answers `answer`. It is pure by the type of the pointer it calls alone: what it calls
 * is a view. `scope` is what stands after its arguments: nothing in a file, `internal` in a contract.
 */
function sender(name: string, scope: string, answer?: boolean): string {
  const returned = answer === undefined ? ["", ""] : [" returns (bool)", ` return ${answer};`];
  // Assembly may not declare what the contract around it, or its file, has by the same name.
  const [size, free] = [`${name}_size`, `${name}_free`];
  const keep = [
    `let ${size} := returndatasize() let ${free} := mload(0x40)`,
    `if gt(${size}, ${MOST_RETURNED}) { ${size} := ${MOST_RETURNED} } returndatacopy(${free}, 0, ${size})`,
  ].join(" ");
  const giveBack = `if ${size} { pop(staticcall(gas(), ${IDENTITY}, ${free}, ${size}, 0, 0)) }`;
  return [
    `\nfunction ${name}_send(bytes8 mark) ${scope} view {`,
    ` assembly ("memory-safe") { ${isReader ? keep : ""} mstore(0, mark)`,
    ` pop(staticcall(gas(), ${LISTENER}, 0, 32, 0, 0)) ${isReader ? giveBack : ""} } }`,
    `\nfunction ${name}(bytes8 mark) ${scope} pure${returned[0]} {`,
    ` function(bytes8) internal view viewed = ${name}_send; function(bytes8) internal pure sent;`,
    ` assembly ("memory-safe") { sent := viewed } sent(mark);${returned[1]} }\n`,
  ].join("");
}

const { injectHashMethod } = Injector.prototype;
Injector.prototype.injectHashMethod = function (contract, ...others) {
  isReader = OF_READERS.test(contract.source);
  injectHashMethod.call(this, contract, ...others);
};

Injector.prototype._getDefaultMethodDefinition = function (id) {
  return sender(this._getDefaultMethodIdentifier(id), "internal");
};
Injector.prototype._getFileScopedHashMethodDefinition = function (id) {
  return sender(this._getDefaultMethodIdentifier(id), "");
};
Injector.prototype._getTrueMethodDefinition = function (id) {
  return sender(this._getTrueMethodIdentifier(id), "internal", true);
};
Injector.prototype._getFileScopeTrueMethodDefinition = function (id) {
  return sender(this._getTrueMethodIdentifier(id), "", true);
};
Injector.prototype._getFalseMethodDefinition = function (id) {
  return sender(this._getFalseMethodIdentifier(id), "internal", false);
};
Injector.prototype._getFileScopedFalseMethodDefinition = function (id) {
  return sender(this._getFalseMethodIdentifier(id), "", false);
};

type Marks = API["instrumenter"]["instrumentationData"];
let known: Marks = {};

API.prototype.attachToHardhatVM = function (this: API) {
  known = this.instrumenter.instrumentationData;
  return Promise.resolve();
};

// The marks of one transaction or call, each once.
async function onCollectedCoverageCallback(marks: Uint8Array[]): Promise<void> {
  for (const mark of marks) {
    const name = `0x${Buffer.from(mark.subarray(0, MARK_BYTES)).toString("hex")}`;
    const entry = known[name];
    if (entry !== undefined) ++entry.hits;
  }
  return Promise.resolve();
}

type CreateProvider = (
  this: EdrContext,
  ...args: Parameters<EdrContext["createProvider"]>
) => ReturnType<EdrContext["createProvider"]>;

// Hardhat has no setting for it.
const prototype = EdrContext.prototype as { createProvider: CreateProvider };
const { createProvider } = prototype;
prototype.createProvider = function (chainType, config, ...others) {
  const observability = { ...config.observability, codeCoverage: { onCollectedCoverageCallback } };
  return Reflect.apply(createProvider, this, [chainType, { ...config, observability }, ...others]);
};

// The optimizer leaves these calls alone, and brings gas near to what it is.
subtask(TASK_COMPILE_SOLIDITY_GET_COMPILER_INPUT, async (_args: object, _hre, runSuper) => {
  const input = (await runSuper()) as CompilerInput;
  input.settings.optimizer = { enabled: true, runs: 200 };
  return input;
});

let isCompiled = false;

// The tests would compile everything again.
task(TASK_COMPILE, async (args: object, _hre, runSuper) => {
  if (isCompiled) return;
  isCompiled = true;
  await runSuper(args);
});

// The plugin takes a pattern for names of files, which keeps no order.
task(TASK_TEST, async (args: object, _hre, runSuper) => {
  const testFiles = process.env.ASTERISM_COVERAGE_FILES?.split(":");
  return (await runSuper(testFiles ? { ...args, testFiles } : args)) as unknown;
});
