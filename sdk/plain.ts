/** Decoded values without ethers' wrapping: structs by the names of their fields, lists as arrays, integers as bigints. */
import type { ParamType, Result } from "ethers";

export type PlainValue = string | boolean | bigint | PlainValue[] | { [field: string]: PlainValue };

export function plainValue(param: ParamType, value: unknown): PlainValue {
  if (param.arrayChildren) {
    const item = param.arrayChildren;
    return (value as Result).toArray().map((each) => plainValue(item, each));
  }
  return param.components ? namedValues(param.components, value as Result) : (value as string | boolean | bigint);
}

/** Values by the names of their parameters; one without a name goes by its place. */
export function namedValues(params: readonly ParamType[], values: Result): Record<string, PlainValue> {
  return Object.fromEntries(
    params.map((param, index) => [param.name || String(index), plainValue(param, values[index])]),
  );
}
