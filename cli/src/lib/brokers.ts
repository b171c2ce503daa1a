import type { Asterism, Broker } from "../../../sdk/index";
import { wholeOf } from "./arguments";
import { UsageError } from "./errors";

/** The largest id that the registry's type holds. */
const MAX_ID = 2 ** 32 - 1;

/** The id of a broker, as an argument or the value of an option. */
export const brokerIdOf = wholeOf(1, MAX_ID);

/** Throws {@link UsageError} where there is no such broker: the contracts take any id, and give nobody a share. */
export async function brokerOf({ brokers }: Asterism, id: number): Promise<Broker> {
  const found = await brokers.broker(id);
  if (found !== undefined) return found;
  const count = await brokers.count();
  throw new UsageError(`there is no broker ${id}`, count === 0 ? "there is none yet" : `their ids are 1 to ${count}`);
}
