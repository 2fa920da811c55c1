import type { TopicKind } from "@bitfleet/api/events/topics.ts";
import { EventCloseCode } from "@bitfleet/api/events/transport.ts";
import type { EventFields } from "@bitfleet/api/events.ts";
import type { AddressPrefixes } from "@bitfleet/protocol/script/address.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { Chain } from "../../chain/chain.ts";
import type { Clock, Logger } from "../../ports.ts";
import { blockParts } from "./block-parts.ts";
import type { BlockReader } from "./block-reader.ts";
import { AHEAD_WAIT_MS, ChainReplay } from "./chain-replay.ts";
import { blockFields, type ChainStep, partOf } from "./chain-step.ts";
import { type Cursor, type CursorCodec, isBefore, type Ordinal } from "./event-cursor.ts";
import { type EventFrame, eventFrame } from "./event-frame.ts";
import type { EventLog, EventPart, LogEntry } from "./event-log.ts";
import type { EventSink, Farewell } from "./event-sink.ts";
import type { Interests } from "./interests.ts";
import type { Topic, TopicSet } from "./topic-set.ts";

export interface SessionDependencies {
  readonly events: EventLog;
  readonly chain: Pick<Chain, "find">;
  readonly prefixes: AddressPrefixes;
  readonly interests: Interests;
  readonly cursors: CursorCodec;
  readonly reader: BlockReader;
  readonly clock: Clock;
  readonly log: Logger | undefined;
  readonly onSent: () => void;
  readonly onDropped: () => void;
}

export interface SessionOptions {
  readonly topics: TopicSet;
  /** Where the client left; events begin now where it is absent. */
  readonly cursor?: { readonly text: string; readonly value: Cursor } | undefined;
  /** Bytes of events that may wait for the client behind the one that it is taking. */
  readonly backlogBytesMax: number;
  /** Blocks that a client is told after a break. */
  readonly replayBlocksMax: number;
  /** For how long a client may take nothing while something waits for it. */
  readonly stallMs: number;
}

/** Kinds of topics of which events up to one of the log were missed. */
interface Missed {
  readonly kinds: readonly TopicKind[];
  readonly until: number;
  readonly position: BlockIndexEntry;
  readonly reason: string;
}

const NOT_RECORDED = "Nobody listened here, so nothing was recorded.";
const ELSEWHERE = "These events were told by another server, or too long ago.";
export const TOO_SLOW: Farewell = {
  reason: "Too slow: events came faster than they were taken. Come back with the last cursor.",
  code: EventCloseCode.TOO_SLOW,
};

/** A client: reads the log at its own pace, from where it left. */
export class EventSession {
  readonly sink: EventSink;
  readonly #options: SessionOptions;
  readonly #deps: SessionDependencies;
  readonly #topics: TopicSet;
  /** What is told next: of the log, where there is no {@link #replay}. */
  #next: { readonly sequence: number; readonly from?: Ordinal };
  #replay: ChainReplay | undefined;
  #missed: Missed | undefined;
  /** {@link Interests.version} of when the topics were the last time more. */
  #interestVersion: number;
  #lastFrame: EventFrame | undefined;
  #isRunning = false;
  #isOver = false;
  /** Since when there is no room for what waits. */
  #waitingSinceMs: number | undefined;
  #cancelWait: (() => void) | undefined;

  constructor(sink: EventSink, options: SessionOptions, deps: SessionDependencies) {
    this.sink = sink;
    this.#options = options;
    this.#deps = deps;
    this.#topics = options.topics;
    const { events, interests } = deps;
    this.#next = { sequence: events.last + 1 };
    // Before this client makes them be recorded.
    const hello = this.#begin();
    interests.join(this.#topics);
    this.#interestVersion = interests.version;
    this.#sendNow(hello);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Tells what there is to tell. To be called when there is more of it. */
  pump(): void {
    if (this.#isRunning || this.#isOver) return;
    this.#isRunning = true;
    this.#run().catch((error) => {
      this.#deps.log?.error("a stream of events failed", { error: String(error) });
      this.sink.destroy();
      this.leave();
    });
  }

  /** Drops the client where it is too slow. */
  judge(): void {
    if (this.#isOver || this.#waitingSinceMs === undefined) return;
    const { events, clock } = this.#deps;
    const isStalled = clock.monotonicMs() - this.#waitingSinceMs >= this.#options.stallMs;
    const { sequence } = this.#next;
    const isBehind = sequence + 1 < events.first || events.bytesBehind(sequence) > this.#options.backlogBytesMax;
    if (isStalled || (isBehind && this.#replay === undefined)) this.drop(TOO_SLOW);
  }

  /** Changes the topics from here on, and tells the client. */
  listenTo(topics: { readonly add: readonly Topic[]; readonly remove: readonly Topic[] }): void {
    const { interests } = this.#deps;
    interests.leave(this.#topics);
    try {
      for (const topic of topics.remove) this.#topics.remove(topic);
      for (const topic of topics.add) this.#topics.add(topic);
    } finally {
      interests.join(this.#topics);
      this.#interestVersion = interests.version;
    }
    this.#answer("subscribed", { topics: this.#topics.names() });
  }

  /** Tells the client that a message of it was of no use. */
  refuse(message: string): void {
    this.#answer("error", { message });
  }

  #answer<Name extends "subscribed" | "error">(name: Name, fields: EventFields<Name>): void {
    if (this.#isOver) return;
    // Who asks and does not take the answers could make them pile up.
    if (this.sink.hasRoom) this.#sendNow(this.#aboutStream(name, fields));
    else this.drop(TOO_SLOW);
  }

  /** An event that moves no cursor: who comes back with it comes back to the one before. */
  #aboutStream<Name extends "subscribed" | "error" | "dropped">(name: Name, fields: EventFields<Name>): EventFrame {
    const { cursor } = this.#lastFrame!;
    return eventFrame(
      name,
      () => cursor,
      () => fields,
    );
  }

  /** Ends the stream and says why, because of what the client did or did not do. */
  drop(farewell: Farewell): void {
    if (this.#isOver) return;
    this.leave();
    this.#deps.onDropped();
    const { reason } = farewell;
    const last = this.sink.hasRoom ? this.#aboutStream("dropped", { reason }) : undefined;
    this.sink.end(farewell, last);
  }

  /** The connection is over. */
  leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelWait?.();
    this.#deps.interests.leave(this.#topics);
  }

  /** Finds where to begin. */
  #begin(): EventFrame {
    const { events, cursors } = this.#deps;
    const { cursor } = this.#options;
    const tip = blockFields(events.position);
    const topics = this.#topics.names();
    const { last, position } = events;
    if (cursor === undefined) {
      const text = () => cursors.text(position, last);
      return eventFrame("hello", text, () => ({ ...tip, topics, replay: "none" as const }));
    }
    const isExact = this.#beginExactly(cursor.value);
    if (!isExact) this.#beginRebuilding(cursor.value);
    const replay = isExact ? ("exact" as const) : ("rebuilt" as const);
    return eventFrame(
      "hello",
      () => cursor.text,
      () => ({ ...tip, topics, replay }),
    );
  }

  /** Where the log has all that came behind the cursor. */
  #beginExactly(cursor: Cursor): boolean {
    const { events, cursors, interests } = this.#deps;
    const { sequence, part } = cursor;
    const next = part.kind === "whole" ? { sequence: sequence + 1 } : { sequence, from: part.next };
    if (!cursors.isOurs(cursor) || sequence > events.last || next.sequence < events.first) return false;
    this.#next = next;
    const kinds = this.#topics.kinds().filter((kind) => kind !== "blocks" && !interests.isComplete(kind, sequence));
    if (kinds.length > 0) this.#miss(kinds, NOT_RECORDED);
    return true;
  }

  #beginRebuilding(cursor: Cursor): void {
    if (!this.#topics.followsChain) {
      this.#endReplay();
      return;
    }
    const { events, chain, cursors, clock } = this.#deps;
    const partsOf = (step: ChainStep, text: (next: Ordinal) => string) => this.#read(step, text);
    const client = {
      topics: this.#topics,
      send: (frame: EventFrame) => this.#send(frame),
      isOver: () => this.#isOver,
    };
    this.#replay = new ChainReplay(
      cursor,
      { blocksMax: this.#options.replayBlocksMax, events, chain, cursors, clock, partsOf },
      client,
    );
  }

  #miss(kinds: readonly TopicKind[], reason: string): void {
    const { last, position } = this.#deps.events;
    this.#missed = { kinds, until: last, position, reason };
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      const entry = this.#deps.events.at(this.#next.sequence);
      if (this.#replay !== undefined) {
        if (!(await this.#goOnReplaying(this.#replay))) break;
      } else if (this.#missed !== undefined && this.#next.sequence > this.#missed.until)
        await this.#tellMissed(this.#missed);
      else if (entry !== undefined) {
        await this.#tell(entry, this.#next.from);
        this.#next = { sequence: entry.sequence + 1 };
      } else {
        if (this.#next.sequence <= this.#deps.events.last) this.drop(TOO_SLOW);
        break;
      }
    }
    // In the same step as the look at the log: whatever is appended next finds this idle.
    this.#isRunning = false;
  }

  /** False where it has to wait. */
  async #goOnReplaying(replay: ChainReplay): Promise<boolean> {
    const state = await replay.advance();
    if (state === "waiting") {
      this.#cancelWait ??= this.#deps.clock.after(AHEAD_WAIT_MS, () => {
        this.#cancelWait = undefined;
        this.pump();
      });
      return false;
    }
    if (state === "going") return true;
    // From here on the log is read: nothing may come between this and the look at where the chain stands.
    const { position, last } = this.#deps.events;
    this.#endReplay();
    const { cursors } = this.#deps;
    if (state !== "done") {
      const fields = { ...blockFields(position), reason: state.impossible };
      await this.#send(
        eventFrame(
          "reset",
          () => cursors.text(position, last),
          () => fields,
        ),
      );
    } else if (replay.hasMoved && this.#topics.has("blocks")) {
      await this.#send(
        eventFrame(
          "tip-changed",
          () => cursors.text(position, undefined),
          () => blockFields(position),
        ),
      );
    }
    return true;
  }

  #endReplay(): void {
    this.#replay = undefined;
    this.#next = { sequence: this.#deps.events.last + 1 };
    const kinds = this.#topics.kinds().filter((kind) => kind !== "blocks");
    if (kinds.length > 0) this.#miss(kinds, ELSEWHERE);
  }

  async #tellMissed({ kinds, position, until, reason }: Missed): Promise<void> {
    this.#missed = undefined;
    const cursor = () => this.#deps.cursors.text(position, until);
    await this.#send(eventFrame("gap", cursor, () => ({ topics: [...kinds], reason })));
  }

  async #tell(entry: LogEntry, from: Ordinal | undefined): Promise<void> {
    if (from === undefined && this.#wants(entry)) await this.#send(entry.frame);
    for (const part of await this.#partsOf(entry)) {
      if (this.#isOver) return;
      if (from !== undefined && isBefore(part, from)) continue;
      const isWanted =
        part.kind === "transactions" ? this.#topics.has("transactions") : this.#topics.hasScript(part.scriptHash!);
      if (isWanted) await this.#send(part.frame);
    }
  }

  #wants({ kind, gapOf, sequence }: LogEntry): boolean {
    if (gapOf !== undefined) return gapOf.some((one) => this.#topics.has(one));
    return this.#topics.has(kind) && !this.#isMissed(kind, sequence);
  }

  /** Whether events of that kind are told by a gap that is still to come. */
  #isMissed(kind: TopicKind, sequence: number): boolean {
    return this.#missed !== undefined && sequence <= this.#missed.until && this.#missed.kinds.includes(kind);
  }

  async #partsOf(entry: LogEntry): Promise<readonly EventPart[]> {
    const { step, sequence, position } = entry;
    if (step === undefined) return this.#isMissed("address", sequence) ? [] : (entry.parts ?? []);
    if (!this.#topics.looksIntoBlocks) return [];
    const made = entry.blockParts;
    if (made !== undefined && made.interestVersion >= this.#interestVersion) return made.parts;
    const cursor = (next: Ordinal) => this.#deps.cursors.text(position, sequence, partOf(step, next));
    return (await this.#read(step, cursor)) ?? [];
  }

  /** The inside of a block for this client alone; where it cannot be read a gap will say so. */
  async #read(step: ChainStep, cursor: (next: Ordinal) => string): Promise<readonly EventPart[] | undefined> {
    const { reader, prefixes } = this.#deps;
    const read = await reader.read(step.entry);
    const hasScript = this.#topics.has("address") ? (hash: string) => this.#topics.hasScript(hash) : undefined;
    if (read !== undefined)
      return blockParts(
        step,
        read,
        { transactions: this.#topics.has("transactions"), hasScript },
        { prefixes, cursor },
      );
    const kinds = (["transactions", "address"] as const).filter((kind) => this.#topics.has(kind));
    const text = () => cursor({ tx: 0, script: 0 });
    const reason = `Block ${step.entry.height} is not here any more.`;
    await this.#send(eventFrame("gap", text, () => ({ topics: [...kinds], reason })));
    return undefined;
  }

  async #send(frame: EventFrame): Promise<void> {
    if (!this.#isOver && !this.sink.hasRoom) {
      this.#waitingSinceMs = this.#deps.clock.monotonicMs();
      await this.sink.room();
      this.#waitingSinceMs = undefined;
    }
    if (!this.#isOver) this.#sendNow(frame);
  }

  #sendNow(frame: EventFrame): void {
    this.#lastFrame = frame;
    this.sink.send(frame);
    this.#deps.onSent();
  }
}
