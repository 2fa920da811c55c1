import { closeSync, fstatSync, openSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";

/** Another process uses the directory, or it cannot be written to. One plain sentence. */
export class DirectoryLockError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "DirectoryLockError";
  }
}

export interface DirectoryLock {
  /** Gives it back. A second time does nothing more. */
  release(): Promise<void>;
}

/** The sentence for a directory that is in use. */
export function directoryInUse(path: string): string {
  return `Cannot obtain a lock on directory ${path}. Bitfleet is probably already running.`;
}

/**
 * Makes sure that no second node of this machine works in `path`. Core locks the file `.lock`; Node cannot lock files, so on
 * Linux a socket without a file, named after that file's device and number, stands for the lock: the system takes it back
 * however the process ends. Elsewhere, and across containers, LevelDB's own lock below stops the second node a little later.
 */
export async function lockDirectory(path: string): Promise<DirectoryLock> {
  const file = openLockFile(path);
  if (process.platform !== "linux") {
    closeSync(file);
    return { release: async () => {} };
  }
  const { dev, ino } = fstatSync(file);
  try {
    const server = await listenAbstract(`\0bitfleet-lock-${dev}-${ino}`);
    let released: Promise<void> | undefined;
    const release = async () => {
      await new Promise<void>((resolve) => server.close(() => resolve()));
      // Open until now: the number of a file that is removed under a node, or while it is ending, would be given to that of a new directory.
      closeSync(file);
    };
    // Once: by then the descriptor may be another file's.
    return { release: () => (released ??= release()) };
  } catch (error) {
    closeSync(file);
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") throw new DirectoryLockError(directoryInUse(path));
    return { release: async () => {} };
  }
}

function openLockFile(path: string): number {
  try {
    return openSync(join(path, ".lock"), "a", 0o600);
  } catch {
    throw new DirectoryLockError(`Cannot write to directory '${path}'; check permissions.`);
  }
}

function listenAbstract(name: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", reject);
    server.listen({ path: name }, () => {
      server.unref();
      resolve(server);
    });
  });
}
