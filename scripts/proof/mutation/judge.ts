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
    for (const { file, seconds, contracts } of usable) {
      try {
        await this.compile(
          contracts.filter((name) => !compiled.has(name)),
          changed,
          compiled,
        );
      } catch (error) {
        if (!(error instanceof CompileError)) throw error;
        return { outcome: "invalid", by: error.message.split("\n")[0] };
      }
      const different = contracts
        .map((name) => compiled.get(name))
        .filter((each) => each !== undefined && this.differs(each));
      if (different.length === 0) continue;
      this.sandbox.place([...compiled.values()]);
      const failure = await this.sandbox.run(file, seconds);
      if (failure !== undefined && !(await this.doesPass(file, seconds))) continue;
      if (failure !== undefined) return { outcome: "killed", by: `${file}: ${failure.test}` };
      outlived++;
    }
    if (outlived === 0) return { outcome: "equivalent", by: "the same code" };
    return { outcome: "survived", by: `${outlived} test files` };
  }

  private async doesPass(file: string, seconds: number): Promise<boolean> {
    const known = this.passes.get(file);
    if (known !== undefined) return known;
    this.sandbox.place([]);
    const failure = await this.sandbox.run(file, seconds);
    if (failure !== undefined)
      console.log(`left out, fails without any mutant: ${file}: ${failure.test}: ${failure.message}`);
    this.passes.set(file, failure === undefined);
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
