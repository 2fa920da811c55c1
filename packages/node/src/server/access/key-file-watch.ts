import { statSync } from "node:fs";
import type { Clock, Logger } from "../../ports.ts";
import type { ApiKeys } from "./api-keys.ts";
import { KeyFileError } from "./key-file.ts";
import { readKeys } from "./key-store.ts";

/** How often the file is looked at, so that whoever makes a key may use it at once. Not by notices of the system, which do not come for files that are mounted into a container. */
export const KEY_FILE_LOOK_MS = 250;

export interface KeyFileOptions {
  readonly path: string;
  /** Whether it was named by the operator, and must be there at the start. */
  readonly isRequired: boolean;
}

/** Keeps keys as their file has them, while the node runs. */
export class KeyFileWatch {
  readonly #options: KeyFileOptions;
  readonly #deps: { readonly keys: ApiKeys; readonly clock: Clock; readonly log: Logger };
  /** What distinguishes the file as it was read last. */
  #mark = "";
  #cancel: (() => void) | undefined;

  constructor(options: KeyFileOptions, deps: { readonly keys: ApiKeys; readonly clock: Clock; readonly log: Logger }) {
    this.#options = options;
    this.#deps = deps;
  }

  /** Reads the file, and goes on looking at it. Throws {@link KeyFileError}: a node does not start on half of what it was told. */
  start(): void {
    const { path, isRequired } = this.#options;
    this.#mark = markOf(path);
    const found = readKeys(path);
    if (found === undefined && isRequired) {
      throw new KeyFileError(
        `There is no file ${path} for -webkeysfile; "bitfleet keys add <name> --role admin --file=${path}" makes one.`,
      );
    }
    this.#deps.keys.replace(found ?? []);
    this.#lookLater();
  }

  /** Reads the file again, whether or not it seems to have changed. */
  reload(): void {
    const { keys, log } = this.#deps;
    const { path } = this.#options;
    this.#mark = markOf(path);
    try {
      const found = readKeys(path);
      // Whoever removes the file takes its keys back: of two ways to read that, it is the one that opens nothing.
      keys.replace(found ?? []);
      log.info("API keys read", { file: path, keys: found?.length ?? 0 });
    } catch (error) {
      if (!(error instanceof KeyFileError)) throw error;
      log.warn(`${error.message} The keys that were read before stay.`);
    }
  }

  stop(): void {
    this.#cancel?.();
  }

  #lookLater(): void {
    this.#cancel = this.#deps.clock.after(KEY_FILE_LOOK_MS, () => {
      this.#deps.keys.dropExpired();
      if (markOf(this.#options.path) !== this.#mark) this.reload();
      this.#lookLater();
    });
  }
}

/** Of time, size and number of the file: one that was put in its place within the same moment has another number. */
function markOf(path: string): string {
  try {
    const { mtimeMs, ctimeMs, size, ino } = statSync(path);
    return `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
  } catch {
    return "absent";
  }
}
