import type { BaseContract, FunctionFragment, Interface } from "ethers";
import type { CallReader } from "../../typechain-types";

/** Views in one call: two hundred of them stay below the gas of a block. */
const MOST_AT_ONCE = 200;

interface Question {
  readonly target: string;
  readonly contract: Interface;
  readonly fragment: FunctionFragment;
  readonly data: string;
  answer: unknown;
}

/** Views that are asked together. `ask` returns what will hold the answer once `run` has been awaited. */
export class Reads {
  private readonly questions: Question[] = [];

  constructor(private readonly reader: CallReader) {}

  ask<T>(contract: BaseContract, name: string, args: readonly unknown[] = []): () => T {
    const fragment = contract.interface.getFunction(name);
    if (fragment === null) throw new Error(`no view ${name}`);
    const data = contract.interface.encodeFunctionData(fragment, args);
    const target = contract.target as string;
    const question: Question = { target, contract: contract.interface, fragment, data, answer: undefined };
    this.questions.push(question);
    return () => question.answer as T;
  }

  async run(): Promise<void> {
    for (let from = 0; from < this.questions.length; from += MOST_AT_ONCE) {
      const part = this.questions.slice(from, from + MOST_AT_ONCE);
      const answers = await this.reader.read(
        part.map(({ target }) => target),
        part.map(({ data }) => data),
      );
      for (const [index, question] of part.entries()) {
        const decoded = question.contract.decodeFunctionResult(question.fragment, answers[index]);
        question.answer = decoded.length === 1 ? (decoded[0] as unknown) : decoded;
      }
    }
  }
}
