import { open, readdir, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../ports.ts";
import { storageErrorFor } from "../../storage/level-errors.ts";

/** Time from one look at the disk to the next. */
const PROBE_INTERVAL_MS = 15_000;
/** Sizes of databases change slowly, and reading them takes a look at every file. */
const SIZES_INTERVAL_MS = 60_000;
/** A write that takes longer has met a disk that does not answer. */
const PROBE_MS_MAX = 10_000;
/** Written, forced to disk and removed again. */
const PROBE_FILE = ".write-probe";

/** A directory that the node writes to. */
export interface WatchedPlace {
  /** For metrics: `data`, `blocks`. */
  readonly name: string;
  readonly path: string;
}

export interface StorageWatchOptions {
  readonly places: readonly WatchedPlace[];
  /** Directories whose size is told, by what is in them. */
  readonly sizes?: Readonly<Record<string, string>>;
}

/** What the last look at a place found. */
export interface PlaceState {
  readonly name: string;
  readonly path: string;
  /** What the system leaves to us; `undefined` where it did not say, or was not asked yet. */
  readonly freeBytes: number | undefined;
  /** Why nothing can be written there, as a sentence; `undefined` where it can. */
  readonly problem: string | undefined;
  /** How long the write took. */
  readonly writeSeconds: number | undefined;
}

/** Looks now and then at the disk: whether it takes a write, what is free, how large the databases are. Readers never wait for it. */
export class StorageWatch {
  readonly #options: StorageWatchOptions;
  readonly #clock: Clock;
  readonly #states: PlaceState[];
  readonly #sizes = new Map<string, number>();
  readonly #cancels = new Map<string, () => void>();
  /** When the look that is under way began. */
  #probeStartMs: number | undefined;
  #isStopped = false;

  constructor(options: StorageWatchOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#states = options.places.map((place) => ({ ...place, ...UNKNOWN }));
  }

  /** Begins to look. Resolves after the first look, which nobody has to wait for. */
  async start(): Promise<void> {
    await Promise.all([
      this.#repeat("probe", PROBE_INTERVAL_MS, () => this.probe()),
      this.#repeat("sizes", SIZES_INTERVAL_MS, () => this.#measure()),
    ]);
  }

  stop(): void {
    this.#isStopped = true;
    for (const cancel of this.#cancels.values()) cancel();
  }

  /** Every place as the last look found it; one that does not answer says so. */
  get places(): readonly PlaceState[] {
    const startMs = this.#probeStartMs;
    const isStuck = startMs !== undefined && this.#clock.monotonicMs() - startMs > PROBE_MS_MAX;
    if (!isStuck) return this.#states;
    const seconds = Math.floor((this.#clock.monotonicMs() - startMs) / 1000);
    const problemIn = (path: string) => `The disk of ${path} has not answered for ${seconds} seconds.`;
    return this.#states.map((state) => ({ ...state, problem: problemIn(state.path) }));
  }

  /** Bytes of the directories whose size is told, as far as known. */
  get sizes(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#sizes);
  }

  /** Looks at every place now. */
  async probe(): Promise<void> {
    this.#probeStartMs = this.#clock.monotonicMs();
    for (const [index, place] of this.#options.places.entries()) {
      this.#states[index] = { ...place, ...(await this.#probePlace(place.path)) };
    }
    this.#probeStartMs = undefined;
  }

  async #probePlace(path: string): Promise<Omit<PlaceState, keyof WatchedPlace>> {
    const startMs = this.#clock.monotonicMs();
    const disk = await statfs(path).catch(() => undefined);
    const freeBytes = disk && disk.bavail * disk.bsize;
    try {
      await writeProbe(join(path, PROBE_FILE));
      return { freeBytes, problem: undefined, writeSeconds: (this.#clock.monotonicMs() - startMs) / 1000 };
    } catch (error) {
      return { freeBytes, problem: storageErrorFor(error, path).message, writeSeconds: undefined };
    }
  }

  async #measure(): Promise<void> {
    for (const [name, path] of Object.entries(this.#options.sizes ?? {})) {
      const size = await sizeOf(path);
      if (size !== undefined) this.#sizes.set(name, size);
    }
  }

  async #repeat(name: string, intervalMs: number, work: () => Promise<void>): Promise<void> {
    await work();
    if (!this.#isStopped)
      this.#cancels.set(
        name,
        this.#clock.after(intervalMs, () => void this.#repeat(name, intervalMs, work)),
      );
  }
}

const UNKNOWN = { freeBytes: undefined, problem: undefined, writeSeconds: undefined };

async function writeProbe(path: string): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    await file.writeFile("This file is written to see whether the disk takes it.\n");
    await file.datasync();
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}

/** Bytes of all files below `path`; `undefined` where there is no such directory. */
async function sizeOf(path: string): Promise<number | undefined> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return undefined;
  let size = 0;
  for (const entry of entries) {
    const inner = join(path, entry.name);
    // Files come and go while they are counted.
    if (entry.isDirectory()) size += (await sizeOf(inner)) ?? 0;
    else
      size += await stat(inner).then(
        ({ size: bytes }) => bytes,
        () => 0,
      );
  }
  return size;
}
