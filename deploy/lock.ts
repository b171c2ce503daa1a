import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";

interface Owner {
  pid: number;
  host: string;
  since: string;
}

/** Another run is at work. */
export class LockedError extends Error {
  constructor(
    readonly path: string,
    owner: Owner,
    what: string,
  ) {
    super(
      `process ${owner.pid} on ${owner.host} has been ${what} since ${owner.since} (${path}); if it is not, remove that file`,
    );
    this.name = "LockedError";
  }
}

/**
 * Takes a lock file, which two runs can't both have; returns how to give it back. A lock of a process of this machine that
 * has ended is taken over. Throws {@link LockedError}.
 */
export function takeLock(path: string, what = "deploying"): () => void {
  mkdirSync(dirname(path), { recursive: true });
  const owner: Owner = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  const file = create(path) ?? takeOver(path, what);
  const release = () => rmSync(path, { force: true });
  try {
    writeSync(file, `${JSON.stringify(owner)}\n`);
  } catch (error) {
    // On a full disk it would stand empty, and lock out everybody.
    release();
    throw error;
  } finally {
    closeSync(file);
  }
  return release;
}

function create(path: string): number | undefined {
  try {
    return openSync(path, "wx");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return undefined;
    throw error;
  }
}

/**
 * One process at a time: of two that have seen the same one ended, the slower would remove the lock of the quicker. It holds a lock
 * of its own meanwhile, which is taken over in the same way.
 */
function takeOver(path: string, what: string): number {
  requireEnded(path, what);
  const release = takeLock(`${path}.takeover`, `taking over ${path}`);
  try {
    // Another may have taken it over since it was looked at.
    requireEnded(path, what);
    rmSync(path, { force: true });
    const file = create(path);
    if (file === undefined) throw new LockedError(path, readOwner(path), what);
    return file;
  } finally {
    release();
  }
}

function requireEnded(path: string, what: string): void {
  const owner = readOwner(path);
  if (owner.host !== hostname() || isRunning(owner.pid)) throw new LockedError(path, owner, what);
}

/** A run that has just created its lock may not have written to it yet: it counts as running. */
function readOwner(path: string): Owner {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Owner;
  } catch {
    return { pid: process.pid, host: hostname(), since: "a moment" };
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
