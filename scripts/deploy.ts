/**
 * Deploys the system and hands it over to its governance:
 *
 *   npm run deploy                        a rehearsal on a fork of the chain, in memory
 *   npm run deploy -- --dry-run           the same, and every call with what it costs
 *   npm run deploy -- --network bnb       the chain itself (or arbitrum)
 *
 * Everything comes from the environment, see docs/deploying.md. Whatever is wrong is told in one list, before anything is
 * compiled or sent. On a chain it writes `deployments/<id>.json`; an interrupted run goes on where it stopped.
 */
import { RefusedError } from "../deploy/environment";
import { LockedError } from "../deploy/lock";
import { deployMain, parseDeploy } from "./deploy/main";
import { runMain } from "./lib/main";

runMain(() => deployMain(parseDeploy(process.argv.slice(2))), [], [RefusedError, LockedError]);
