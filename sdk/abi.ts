/** Contracts' functions and events with the types that their ABIs give them. */
import { Interface } from "ethers";
import { namedValues, plainValue } from "./plain";

export interface AbiParam {
  readonly name: string;
  readonly type: string;
  readonly components?: readonly AbiParam[];
}

interface AbiItem {
  readonly type: string;
  readonly name?: string;
  readonly inputs?: readonly AbiParam[];
  readonly outputs?: readonly AbiParam[];
}

/** An ABI `as const`. */
export type Abi = readonly AbiItem[];

type FunctionItem<A extends Abi> = Extract<A[number], { readonly type: "function" }>;
type EventItem<A extends Abi> = Extract<A[number], { readonly type: "event" }>;

export type FunctionName<A extends Abi> = FunctionItem<A>["name"] & string;
export type EventName<A extends Abi> = EventItem<A>["name"] & string;

type Fields<P extends readonly AbiParam[], Whole> = {
  readonly [Param in P[number] as Param["name"]]: Value<Param, Whole>;
};

/** What a parameter takes or gives, integers being `Whole`. */
type Value<P extends { readonly type: string }, Whole> = P["type"] extends `${infer Item}[${string}]`
  ? readonly Value<Omit<P, "type"> & { readonly type: Item }, Whole>[]
  : P["type"] extends "tuple"
    ? P extends { readonly components: infer C extends readonly AbiParam[] }
      ? Fields<C, Whole>
      : never
    : P["type"] extends "bool"
      ? boolean
      : P["type"] extends `uint${string}` | `int${string}`
        ? Whole
        : string;

type Values<P extends readonly AbiParam[], Whole> = { readonly [Index in keyof P]: Value<P[Index], Whole> };

type InputsOf<Item> = Item extends { readonly inputs: infer P extends readonly AbiParam[] } ? P : readonly [];
type OutputsOf<Item> = Item extends { readonly outputs: infer P extends readonly AbiParam[] } ? P : readonly [];
type Named<Item, Name> = Item extends { readonly name: Name } ? Item : never;

/** Arguments of a function: integers as bigints or numbers. */
export type Args<A extends Abi, Name extends FunctionName<A>> = Values<
  InputsOf<Named<FunctionItem<A>, Name>>,
  bigint | number
>;

type Output<P extends readonly AbiParam[]> = P extends readonly []
  ? undefined
  : P extends readonly [infer Only extends AbiParam]
    ? Value<Only, bigint>
    : P[number]["name"] extends ""
      ? Values<P, bigint>
      : Fields<P, bigint>;

/** What a function returns: its only value, or all by name. */
export type Returned<A extends Abi, Name extends FunctionName<A>> = Output<OutputsOf<Named<FunctionItem<A>, Name>>>;

/** The arguments of an event by name. */
export type EventArgs<A extends Abi, Name extends EventName<A>> = Fields<InputsOf<Named<EventItem<A>, Name>>, bigint>;

/** An event of a contract: what it is called and what it says. */
export type EventOf<A extends Abi> = {
  [Name in EventName<A>]: { readonly name: Name; readonly args: EventArgs<A, Name> };
}[EventName<A>];

export interface RawLog {
  readonly topics: readonly string[];
  readonly data: string;
}

/** Encodes calls of a contract, and decodes what it returns and emits. */
export class Codec<const A extends Abi> {
  readonly interface: Interface;

  constructor(abi: A) {
    this.interface = new Interface(abi);
  }

  encode<Name extends FunctionName<A>>(name: Name, args: Args<A, Name>): string {
    return this.interface.encodeFunctionData(name, args as readonly unknown[]);
  }

  decode<Name extends FunctionName<A>>(name: Name, data: string): Returned<A, Name> {
    const { outputs } = this.fragment(name);
    const values = this.interface.decodeFunctionResult(name, data);
    if (outputs.length === 0) return undefined as Returned<A, Name>;
    if (outputs.length === 1) return plainValue(outputs[0], values[0]) as Returned<A, Name>;
    const isNamed = outputs.every((output) => output.name !== "");
    const all = isNamed
      ? namedValues(outputs, values)
      : outputs.map((output, index) => plainValue(output, values[index]));
    return all as Returned<A, Name>;
  }

  /** The event of a log, or undefined where it is none of the contract's. */
  event(log: RawLog): EventOf<A> | undefined {
    const parsed = this.interface.parseLog(log);
    if (parsed === null) return undefined;
    const args = namedValues(parsed.fragment.inputs, parsed.args);
    return { name: parsed.name, args } as unknown as EventOf<A>;
  }

  private fragment(name: string) {
    const fragment = this.interface.getFunction(name);
    if (fragment === null) throw new Error(`no function ${name}`);
    return fragment;
  }
}
