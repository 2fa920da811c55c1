import type { TopicKind } from "@bitfleet/api/events/topics.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { ChainStep } from "./chain-step.ts";
import type { Ordinal } from "./event-cursor.ts";
import type { EventFrame } from "./event-frame.ts";

/** Events kept for clients that come back, or are slow. */
const EVENTS_MAX = 20_000;
const BYTES_MAX = 16 * 1024 * 1024;
/** What is kept of the insides of blocks; they can be read again. */
const PARTS_BYTES_MAX = 16 * 1024 * 1024;
/** What an entry takes besides its text. */
const ENTRY_BYTES = 200;
/** Entries that left are taken out of the list in lots: one by one would move all others each time. */
const TRIM_LOT = 1024;

/** A part of an event of many parts: a transaction of a block, a script of a transaction. */
export interface EventPart extends Ordinal {
  readonly kind: "transactions" | "address";
  /** With `address`. */
  readonly scriptHash?: string;
  readonly frame: EventFrame;
}

/** The parts of a block's event that somebody wanted when it was told. */
export interface BlockParts {
  readonly parts: readonly EventPart[];
  /** Of what was wanted: who has come since, or wants more since, may miss some. */
  readonly interestVersion: number;
}

/** What happened, as it is told. */
export interface NewEntry {
  readonly kind: TopicKind;
  /** The last block of the chain behind it. */
  readonly position: BlockIndexEntry;
  readonly frame: EventFrame;
  /** With an event of a block. */
  readonly step?: ChainStep;
  readonly blockParts?: BlockParts | undefined;
  /** Addresses that an event of the mempool touches. */
  readonly parts?: readonly EventPart[];
  /** With a gap: the kinds of topics that it is about. */
  readonly gapOf?: readonly TopicKind[];
}

export interface LogEntry extends NewEntry {
  readonly sequence: number;
  /** Bytes of all entries before it. */
  readonly bytesBefore: number;
  /** Goes when there are too many. */
  blockParts?: BlockParts | undefined;
}

export interface EventLogOptions {
  readonly eventsMax?: number;
  readonly bytesMax?: number;
}

/** The last events of this server in the order in which they are told, each with a number. Every client reads it at its own pace. */
export class EventLog {
  readonly #options: Required<EventLogOptions>;
  #entries: LogEntry[] = [];
  /** Index of the first entry that is still there. */
  #head = 0;
  #last = 0;
  #bytes = 0;
  #position: BlockIndexEntry;
  /** Oldest first. */
  readonly #withParts: { readonly entry: LogEntry; readonly bytes: number }[] = [];
  #partsBytes = 0;

  /** Events begin behind `position`. */
  constructor(options: EventLogOptions, position: BlockIndexEntry) {
    this.#options = { eventsMax: EVENTS_MAX, bytesMax: BYTES_MAX, ...options };
    this.#position = position;
  }

  /** The last block of the chain behind the last event. */
  get position(): BlockIndexEntry {
    return this.#position;
  }

  /** Number of the last event; 0 before there is any. */
  get last(): number {
    return this.#last;
  }

  /** Number of the oldest event that is here; one more than {@link last} where none is. */
  get first(): number {
    return this.#last + 1 - (this.#entries.length - this.#head);
  }

  at(sequence: number): LogEntry | undefined {
    return sequence < this.first ? undefined : this.#entries[this.#head + sequence - this.first];
  }

  /** Bytes of the events behind `sequence`. */
  bytesBehind(sequence: number): number {
    const entry = this.at(sequence + 1);
    return entry === undefined ? 0 : this.#bytes - entry.bytesBefore;
  }

  append(event: NewEntry): LogEntry {
    this.#last++;
    const entry: LogEntry = { ...event, sequence: this.#last, bytesBefore: this.#bytes };
    this.#entries.push(entry);
    this.#position = event.position;
    this.#bytes += ENTRY_BYTES + event.frame.sizeBytes + partsBytes(event.parts ?? []);
    if (event.blockParts !== undefined) this.#keepParts(entry, event.blockParts);
    this.#trim();
    return entry;
  }

  #keepParts(entry: LogEntry, { parts }: BlockParts): void {
    const bytes = partsBytes(parts);
    this.#withParts.push({ entry, bytes });
    this.#partsBytes += bytes;
    this.#bytes += bytes;
    // The newest stays in any case: everybody is about to read it.
    while (this.#partsBytes > PARTS_BYTES_MAX && this.#withParts.length > 1) {
      const oldest = this.#withParts.shift()!;
      this.#partsBytes -= oldest.bytes;
      oldest.entry.blockParts = undefined;
    }
  }

  #trim(): void {
    const { eventsMax, bytesMax } = this.#options;
    const isOver = () => {
      const first = this.#entries[this.#head]!;
      return (
        this.#entries.length - this.#head > eventsMax || this.#bytes - first.bytesBefore > bytesMax + this.#partsBytes
      );
    };
    while (this.#entries.length - this.#head > 1 && isOver()) this.#head++;
    if (this.#head < TRIM_LOT) return;
    this.#entries = this.#entries.slice(this.#head);
    this.#head = 0;
  }
}

function partsBytes(parts: readonly EventPart[]): number {
  return parts.reduce((sum, { frame }) => sum + ENTRY_BYTES + frame.sizeBytes, 0);
}
