import { closeSync, openSync, statSync } from "node:fs";
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
  const file = join(path, ".lock");
  try {
    closeSync(openSync(file, "a", 0o600));
  } catch {
    throw new DirectoryLockError(`Cannot write to directory '${path}'; check permissions.`);
  }
  if (process.platform !== "linux") return { release: async () => {} };
  const { dev, ino } = statSync(file);
  const server = await listenAbstract(`\0bitfleet-lock-${dev}-${ino}`).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EADDRINUSE") throw new DirectoryLockError(directoryInUse(path));
    return undefined;
  });
  return { release: () => new Promise((resolve) => (server ? server.close(() => resolve()) : resolve())) };
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
