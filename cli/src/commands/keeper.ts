import { Command } from "commander";
import { EXIT as KEEPER_EXIT, keep, withKeeperOptions } from "../../../keeper/main";
import { UsageError } from "../lib/errors";
import { EXIT } from "../lib/exit";
import type { Define } from "../lib/program";

const DESCRIPTION = "fill, close, trigger, settle and liquidate for what it pays; the key is ASTERISM_KEEPER_KEY";

/** What a keeper's process ends with, in the words of this program. */
const EXITS: Readonly<Record<number, number>> = {
  [KEEPER_EXIT.stopped]: EXIT.fine,
  [KEEPER_EXIT.failed]: EXIT.fault,
  [KEEPER_EXIT.badConfiguration]: EXIT.usage,
  [KEEPER_EXIT.wrongChain]: EXIT.unreachable,
  [KEEPER_EXIT.unreachable]: EXIT.unreachable,
  [KEEPER_EXIT.alarmed]: EXIT.found,
};

/** Named here for help and completion; {@link runKeeperCommand} reads its options, some of which are lists. */
export const defineKeeper: Define = (program, run) => {
  const command = withKeeperOptions(program.command("keeper")).description(DESCRIPTION);
  command.action((_: object, self: Command) =>
    run(self, () => {
      throw new UsageError(
        "`keeper` takes its options after its name",
        "asterism keeper --chain bnb --rpc … --hermes …",
      );
    }),
  );
};

/** Runs until a signal ends it. Throws commander's error for options that it does not have. */
export async function runKeeperCommand(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const command = withKeeperOptions(new Command("asterism keeper")).description(DESCRIPTION).exitOverride();
  const flags = command.parse([...args], { from: "user" }).opts();
  return EXITS[await keep(flags, environment)] ?? EXIT.fault;
}
