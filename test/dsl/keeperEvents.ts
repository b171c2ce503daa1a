import type { Desk } from "../../kit/desk/Desk";

/** The names of all that has happened to a trade, in their order. */
export async function eventsOf(desk: Desk, id: bigint): Promise<string[]> {
  const { trading } = desk.system;
  const logs = await trading.queryFilter("*" as never, 0);
  return logs.flatMap((log) => {
    const parsed = trading.interface.parseLog(log);
    return parsed !== null && (parsed.args.toObject() as { id?: bigint }).id === id ? [parsed.name] : [];
  });
}
