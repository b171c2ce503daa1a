/** Whether tests notice a mutant: compiled as far as the next test needs it, the nearest and cheapest tests first. */
import { CompileError } from "../lib/compile";
import { closureOf } from "../lib/sources";
import { compileContracts } from "./base";
import type { Base, Contract } from "./base";
import { mutated } from "./operators";
import type { Mutant } from "./operators";
import type { Outcome } from "./record";
import type { Sandbox } from "./Sandbox";
import type { TouchingTest } from "./touching";

/** A test that deploys no more of what is changed does not deploy the whole system. */
const FEW_CONTRACTS = 2;

export interface Verdict {
  outcome: Outcome;
  by: string;
}

export class Judge {
  /** Whether a test passes over the sources as they stand: only then can it fail because of a mutant. */
  private readonly passes = new Map<string, boolean>();

  constructor(
    private readonly base: Base,
    private readonly sandbox: Sandbox,
    /** Seconds of tests, as they are weighed, that a mutant must outlive; one test at least. */
    private readonly secondsToOutlive: number,
  ) {}

  async verdict(mutant: Mutant, source: string, tests: readonly TouchingTest[]): Promise<Verdict> {
    const usable = chosen(tests, this.secondsToOutlive);
    if (usable.length === 0) return { outcome: "uncovered", by: "no test deploys what it is in" };
    const changed = new Map([[mutant.file, mutated(source, mutant)]]);
    const compiled = new Map<string, Contract>();
    let outlived = 0;
    for (const batch of batchesOf(usable)) {
      try {
        const names = new Set(batch.flatMap(({ contracts }) => contracts));
        await this.compile(
          [...names].filter((name) => !compiled.has(name)),
          changed,
          compiled,
        );
      } catch (error) {
        if (!(error instanceof CompileError)) throw error;
        return { outcome: "invalid", by: error.message.split("\n")[0] };
      }
      const different = new Set([...compiled.values()].filter((each) => this.differs(each)).map(({ name }) => name));
      const touched = batch.filter(({ contracts }) => contracts.some((name) => different.has(name)));
      const killer = await this.killerAmong(touched, [...compiled.values()]);
      if (killer !== undefined) return { outcome: "killed", by: killer };
      outlived += touched.length;
    }
    if (outlived === 0) return { outcome: "equivalent", by: "the same code" };
    return { outcome: "survived", by: `${outlived} test files` };
  }

  /** The first test that fails over the changed code and passes over the sources as they stand. */
  private async killerAmong(tests: readonly TouchingTest[], code: readonly Contract[]): Promise<string | undefined> {
    let left = tests.filter(({ file }) => this.passes.get(file) !== false);
    while (left.length > 0) {
      this.sandbox.place(code);
      const failure = await this.sandbox.run(left);
      if (failure === undefined) return undefined;
      const [failed] = left.filter(({ file }) => file === failure.file);
      if (failed === undefined || (await this.doesPass(failed))) {
        return failed === undefined ? failure.test : `${failed.file}: ${failure.test}`;
      }
      // Those before it have passed.
      left = left.slice(left.indexOf(failed) + 1);
    }
    return undefined;
  }

  private async doesPass(test: TouchingTest): Promise<boolean> {
    const known = this.passes.get(test.file);
    if (known !== undefined) return known;
    this.sandbox.place([]);
    const failure = await this.sandbox.run([test]);
    if (failure !== undefined)
      console.log(`left out, fails without any mutant: ${test.file}: ${failure.test}: ${failure.message}`);
    this.passes.set(test.file, failure === undefined);
    return failure === undefined;
  }

  private async compile(names: readonly string[], changed: ReadonlyMap<string, string>, into: Map<string, Contract>) {
    if (names.length === 0) return;
    const contracts = names.map((name) => this.base.contracts.get(name)).filter((each) => each !== undefined);
    const selected: Record<string, string[]> = {};
    for (const { source, name } of contracts) selected[source] = [...(selected[source] ?? []), name];
    for (const contract of await compileContracts(closureOf(Object.keys(selected), changed), selected)) {
      into.set(contract.name, contract);
    }
  }

  private differs({ name, bytecode }: Contract): boolean {
    return this.base.contracts.get(name)?.bytecode.object !== bytecode.object;
  }
}

function chosen(tests: readonly TouchingTest[], most: number): TouchingTest[] {
  const found: TouchingTest[] = [];
  let seconds = 0;
  for (const test of tests) {
    if (found.length > 0 && seconds + test.seconds > most) continue;
    found.push(test);
    seconds += test.seconds;
  }
  return found;
}

/** Those near that need few contracts, then all others: files that run together share what they deploy. */
function batchesOf(tests: readonly TouchingTest[]): TouchingTest[][] {
  const isQuick = ({ contracts }: TouchingTest) => contracts.length <= FEW_CONTRACTS;
  const near = tests.filter((test) => test.isNear && isQuick(test));
  return [near, tests.filter((test) => !near.includes(test))].filter((batch) => batch.length > 0);
}
