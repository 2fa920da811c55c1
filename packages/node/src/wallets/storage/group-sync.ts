import { open } from "node:fs/promises";
import { walletErrorFor } from "./wallet-storage-error.ts";

/** Forces a file to disk for many at once: who asks while it is being done waits for the next time, together with all others. */
export class GroupSync {
  readonly #path: string;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Resolves when all that was written to the file before the call survives a power cut. */
  flush(): Promise<void> {
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        this.#running = syncFile(this.#path);
        return this.#running;
      });
    return this.#next;
  }
}

/** A file that is not there holds nothing that could be lost. */
async function syncFile(path: string): Promise<void> {
  try {
    const file = await open(path, "r");
    try {
      await file.datasync();
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw walletErrorFor(error, path);
  }
}
