import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import execa from "execa";

/**
 * Runs something in throw-away copies of the tree: what git knows or would, as it stands now, and the installed packages
 * by reference. However it ends, by a signal too, the copies go and the tree is as before.
 */
export async function withCopies<T>(count: number, use: (folders: string[]) => Promise<T>): Promise<T> {
  const parent = mkdtempSync(join(tmpdir(), "asterism-copy-"));
  const remove = () => rmSync(parent, { recursive: true, force: true });
  // Processes started meanwhile end with this one; what they still write goes with the folder.
  const onSignal = (signal: NodeJS.Signals) => {
    remove();
    process.off(signal, onSignal);
    process.kill(process.pid, signal);
  };
  const signals: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, onSignal);
  process.on("exit", remove);
  try {
    const { stdout } = await execa("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    const files = stdout.split("\0").filter((file) => file !== "" && existsSync(file));
    const folders = Array.from({ length: count }, (_, index) => join(parent, String(index)));
    for (const folder of folders) {
      for (const file of files) {
        mkdirSync(dirname(join(folder, file)), { recursive: true });
        copyFileSync(file, join(folder, file));
      }
      symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
    }
    return await use(folders);
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
    process.off("exit", remove);
    remove();
  }
}
