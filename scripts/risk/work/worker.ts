/** A thread that does one piece of work after the other. */
import { parentPort } from "node:worker_threads";
import type { Task } from "./tasks";
import { perform } from "./tasks";

const port = parentPort;
if (port === null) throw new Error("this file is the body of a worker thread");
port.on("message", ({ place, task }: { place: number; task: Task }) => {
  port.postMessage({ place, results: perform(task) });
});
