import { Interface, isError } from "ethers";
import type { Fragment, JsonFragment, ParamType, Result } from "ethers";
import * as abis from "../../sdk/abis";
import { RefusedError } from "../../sdk/failures";
import { namedValues, plainValue } from "../../sdk/plain";
import type { PlainValue } from "../../sdk/plain";
import type { Query, Reader } from "../../sdk/reading";
import { findingsOf } from "./finding";
import type { Finding, Value } from "./finding";

/** A view, what it is to answer, and what is looked at of its answer. */
export interface Question {
  readonly what: string;
  readonly query: Query<PlainValue>;
  readonly expected: Value;
  /** Leaves out what is no setting; everything by default. */
  readonly pick?: (answer: PlainValue) => Value;
}

/** Calls that fit one request: a node bounds the gas of a call and the size of an answer. */
const BATCH = 150;

const interfaces = new Map<string, Interface>();

/** The interface of a contract of the system by its name, `Vault`. */
export function interfaceOf(contract: string): Interface {
  const known = interfaces.get(contract);
  if (known !== undefined) return known;
  const key = `${contract[0].toLowerCase()}${contract.slice(1)}Abi`;
  const abi = (abis as Record<string, readonly unknown[] | undefined>)[key];
  if (abi === undefined) throw new Error(`no ABI of ${contract}`);
  const found = new Interface(abi as readonly (Fragment | JsonFragment)[]);
  interfaces.set(contract, found);
  return found;
}

/** A call of a view; several values are given by their names, one by itself. */
export function ask(contract: string, to: string, name: string, args: readonly unknown[] = []): Query<PlainValue> {
  const contractInterface = interfaceOf(contract);
  const fragment = contractInterface.getFunction(name);
  if (fragment === null) throw new Error(`${contract} has no function ${name}`);
  return {
    to,
    data: contractInterface.encodeFunctionData(fragment, args),
    decode: (data) => answerOf(fragment.outputs, contractInterface.decodeFunctionResult(fragment, data)),
  };
}

function answerOf(outputs: readonly ParamType[], values: Result): PlainValue {
  return outputs.length === 1 ? plainValue(outputs[0], values[0]) : namedValues(outputs, values);
}

/** What is found where a contract does not answer as it should: another stands there, or none. */
const NO_ANSWER = "no answer";

/** The answers in the order of the queries, all of one block; {@link NO_ANSWER} where there is none. */
export async function readAll(
  reader: Reader,
  queries: readonly Query<PlainValue>[],
  block: string,
): Promise<PlainValue[]> {
  const tolerant = queries.map((query) => ({ ...query, decode: (data: string) => decoded(query, data) }));
  const answers: PlainValue[] = [];
  for (let from = 0; from < tolerant.length; from += BATCH) {
    answers.push(...(await readBatch(reader, tolerant.slice(from, from + BATCH), block)));
  }
  return answers;
}

/** Where one of a batch reverts each is asked by itself. */
async function readBatch(reader: Reader, batch: readonly Query<PlainValue>[], block: string): Promise<PlainValue[]> {
  try {
    return await reader.all(batch, block);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
  }
  const answers: PlainValue[] = [];
  for (const query of batch) {
    answers.push(
      await reader.one(query, block).catch((error: unknown) => {
        if (error instanceof RefusedError) return NO_ANSWER;
        throw error;
      }),
    );
  }
  return answers;
}

function decoded(query: Query<PlainValue>, data: string): PlainValue {
  try {
    return query.decode(data);
  } catch (error) {
    if (isError(error, "BAD_DATA")) return NO_ANSWER;
    throw error;
  }
}

export async function answerAll(reader: Reader, questions: readonly Question[], block: string): Promise<Finding[]> {
  const queries = questions.map(({ query }) => query);
  const answers = await readAll(reader, queries, block);
  return questions.flatMap(({ what, expected, pick = asItIs }, index) => {
    const answer = answers[index];
    return findingsOf(what, expected, answer === NO_ANSWER ? answer : pick(answer));
  });
}

function asItIs(answer: PlainValue): Value {
  return answer;
}

/** A list, empty where there was no answer. */
export function listOf<T extends PlainValue>(answer: PlainValue): T[] {
  return Array.isArray(answer) ? (answer as T[]) : [];
}

/** A number, 0 where there was no answer. */
export function countOf(answer: PlainValue): number {
  return typeof answer === "bigint" ? Number(answer) : 0;
}

export type Fields = Readonly<Record<string, PlainValue>>;

/** The fields of a struct that are settings. */
export function fields(...names: readonly string[]): (answer: PlainValue) => Value {
  return (answer) => Object.fromEntries(names.map((name) => [name, (answer as Fields)[name]]));
}
