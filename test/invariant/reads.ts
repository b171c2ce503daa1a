import type { BaseContract, FunctionFragment, Interface } from "ethers";
import type { CallReader } from "../../typechain-types";

/** Views in one call: two hundred of them stay below the gas of a block. */
const MOST_AT_ONCE = 200;

interface Question {
  readonly target: string;
  readonly contract: Interface;
  readonly fragment: FunctionFragment;
  readonly data: string;
  /** The answer as it came. */
  raw?: string;
  answer: unknown;
}

/** What was asked before: a question is encoded once, and an answer that is the one of last time is not decoded anew. */
export type Asked = Map<string, Question>;

/** Views that are asked together. `ask` returns what will hold the answer once `run` has been awaited. */
export class Reads {
  private readonly questions: Question[] = [];

  constructor(
    private readonly reader: CallReader,
    private readonly asked: Asked,
  ) {}

  ask<T>(contract: BaseContract, name: string, args: readonly unknown[] = []): () => T {
    const target = contract.target as string;
    const key = `${target} ${name} ${args.join(" ")}`;
    const question = this.asked.get(key) ?? questionOf(contract, name, args);
    this.asked.set(key, question);
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
      for (const [index, question] of part.entries()) take(question, answers[index]);
    }
  }
}

function questionOf({ interface: contract, target }: BaseContract, name: string, args: readonly unknown[]): Question {
  const fragment = contract.getFunction(name);
  if (fragment === null) throw new Error(`no view ${name}`);
  const data = contract.encodeFunctionData(fragment, args);
  return { target: target as string, contract, fragment, data, answer: undefined };
}

function take(question: Question, raw: string): void {
  if (raw === question.raw) return;
  const decoded = question.contract.decodeFunctionResult(question.fragment, raw);
  question.answer = decoded.length === 1 ? (decoded[0] as unknown) : decoded;
  question.raw = raw;
}
