/** Work that a worker does: each piece is the same wherever and whenever it is done. */
import type { Recording } from "../market/recorded";
import { replayMarket } from "../market/recorded";
import { REGIMES, generateMarket } from "../market/path";
import { randomOf } from "../random";
import type { Outcome } from "../session/outcome";
import { Session } from "../session/session";
import type { Setting } from "../setting";
import type { Sample, Stage } from "../strategies";
import { sampleStrategies } from "../strategies";
import { requestsOf } from "../traders";

interface Piece {
  setting: Setting;
  seed: number;
  /** Number of the first path or sample, and how many. */
  from: number;
  count: number;
}

/** Generated paths, of one regime or of all by their weights. */
export interface PathsTask extends Piece {
  kind: "paths";
  seconds: number;
  regime?: string;
}

/** One recording, each time with other traders. */
export interface ReplayTask extends Piece {
  kind: "replay";
  seconds: number;
  recording: Recording;
}

export interface StrategiesTask extends Piece {
  kind: "strategies";
  stage: Stage;
}

export type Task = PathsTask | ReplayTask | StrategiesTask;
export type Result<T extends Task> = T extends StrategiesTask ? (Sample | undefined)[] : Outcome;

/** Draws of a path, of its traders and of what happens within bars. */
const [OF_PATH, OF_TRADERS, OF_BARS] = [0, 1, 4];

export function perform<T extends Task>(task: T): Result<T>[] {
  const numbers = Array.from({ length: task.count }, (_, index) => task.from + index);
  return numbers.map((number) => performOne(task, number) as Result<T>);
}

function performOne(task: Task, number: number): Outcome | (Sample | undefined)[] {
  const { setting, seed } = task;
  if (task.kind === "strategies") return sampleStrategies(setting, task.stage, seed, number);
  const traders = randomOf(seed, number, OF_TRADERS);
  if (task.kind === "replay") {
    const path = replayMarket(task.recording, task.seconds, seed * 1_000 + OF_BARS + number, setting.anchors);
    return new Session(path, setting, requestsOf(path, setting, traders)).run();
  }
  const regime = REGIMES.find(({ name }) => name === task.regime);
  const path = generateMarket(randomOf(seed, number, OF_PATH), task.seconds, setting.anchors, regime);
  return new Session(path, setting, requestsOf(path, setting, traders)).run();
}
