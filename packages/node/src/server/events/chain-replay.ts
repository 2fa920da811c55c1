import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { Chain } from "../../chain/chain.ts";
import type { Clock } from "../../ports.ts";
import { socketTurn } from "../../turns.ts";
import { after, blockFields, type ChainStep, nextStep, partOf, stepCount } from "./chain-step.ts";
import { type Cursor, type CursorCodec, hasPrefix, isBefore, type Ordinal } from "./event-cursor.ts";
import { type EventFrame, eventFrame } from "./event-frame.ts";
import type { EventLog, EventPart } from "./event-log.ts";
import type { TopicSet } from "./topic-set.ts";

/** Blocks, taken away and added together, that a client is told after a break: two weeks of a network with ten minutes a block. */
export const REPLAY_BLOCKS_MAX = 2016;
/** A client may come from a server that is ahead of this one: so long its blocks have time to come here too. */
export const AHEAD_WAIT_MS = 5000;
/** Steps without a look into a block before others have a turn. */
const STEPS_PER_TURN = 32;
const START: Ordinal = { tx: 0, script: 0 };

export interface ReplayDependencies {
  /** {@link REPLAY_BLOCKS_MAX}, but for tests. */
  readonly blocksMax: number;
  readonly events: Pick<EventLog, "position">;
  readonly chain: Pick<Chain, "find">;
  readonly cursors: Pick<CursorCodec, "text">;
  readonly clock: Pick<Clock, "monotonicMs">;
  /** The inside of a block, of what the client wants; `undefined` where it cannot be read. */
  readonly partsOf: (step: ChainStep, cursor: (next: Ordinal) => string) => Promise<readonly EventPart[] | undefined>;
}

/** Who is told. `send` resolves when there is room for more. */
export interface ReplayClient {
  readonly topics: TopicSet;
  isOver(): boolean;
  send(frame: EventFrame): Promise<void>;
}

/** How far a replay is: `waiting` for blocks of this server, `done` with the log's position reached, or not possible, and why. */
export type ReplayState = "going" | "waiting" | "done" | { readonly impossible: string };

/**
 * Leads a client from the block where it left, on any server, to where this server's log stands: blocks taken away down to the fork,
 * then blocks added. The log moves on meanwhile; each step looks anew where it is, and the last one meets it.
 */
export class ChainReplay {
  readonly #cursor: Cursor;
  readonly #deps: ReplayDependencies;
  readonly #client: ReplayClient;
  readonly #waitUntilMs: number;
  #at: BlockIndexEntry | undefined;
  /** A step that the client was told a part of. */
  #begun: { readonly step: ChainStep; readonly next: Ordinal } | undefined;
  #isMeasured = false;
  #stepCount = 0;

  constructor(cursor: Cursor, deps: ReplayDependencies, client: ReplayClient) {
    this.#cursor = cursor;
    this.#deps = deps;
    this.#client = client;
    this.#waitUntilMs = deps.clock.monotonicMs() + AHEAD_WAIT_MS;
  }

  /** Whether the client was told of any block. */
  get hasMoved(): boolean {
    return this.#stepCount > 0;
  }

  /** Tells the next step. Not called again before it resolves. */
  async advance(): Promise<ReplayState> {
    if (this.#at === undefined) return this.#find();
    if (this.#begun !== undefined) {
      const { step, next } = this.#begun;
      await this.#tellParts(step, next);
      this.#begun = undefined;
      return "going";
    }
    const target = this.#deps.events.position;
    if (this.#at === target) return "done";
    if (this.#at.chainwork > target.chainwork && this.#mayWait()) return "waiting";
    if (!this.#isMeasured) {
      const count = stepCount(this.#at, target);
      const { blocksMax } = this.#deps;
      if (count > blocksMax) return { impossible: `More than ${blocksMax} blocks were missed.` };
      this.#isMeasured = true;
    }
    await this.#tell(nextStep(this.#at, target)!);
    return "going";
  }

  #mayWait(): boolean {
    return this.#deps.clock.monotonicMs() < this.#waitUntilMs;
  }

  /** Where the client stands, in blocks that this server knows. */
  async #find(): Promise<ReplayState> {
    const { chain, events } = this.#deps;
    const { hash, height, part } = this.#cursor;
    const entry = chain.find(hash);
    // A header alone is nothing that could be told of.
    if (entry !== undefined && entry.transactionCount > 0) {
      this.#at = entry;
      if (part.kind === "connected") this.#begun = { step: { kind: "connected", entry }, next: part.next };
      if (part.kind === "disconnected") {
        const gone = chain.find(part.block);
        if (gone !== undefined) this.#begun = { step: { kind: "disconnected", entry: gone }, next: part.next };
      }
      return "going";
    }
    if (height > events.position.height && this.#mayWait()) return "waiting";
    return this.#rewind();
  }

  async #rewind(): Promise<ReplayState> {
    const ancestor = this.#commonAncestor();
    if (ancestor === undefined) return { impossible: "The chain of the cursor is not known here." };
    this.#at = ancestor;
    this.#stepCount++;
    if (this.#client.topics.followsChain) {
      const fields = () => ({ height: ancestor.height, hash: displayHash(ancestor.hash) });
      await this.#client.send(eventFrame("chain-rewound", () => this.#deps.cursors.text(ancestor, undefined), fields));
    }
    return "going";
  }

  /** The highest block that the cursor names and this server's chain has. */
  #commonAncestor(): BlockIndexEntry | undefined {
    const { position } = this.#deps.events;
    const { ancestors, height } = this.#cursor;
    for (const { height: ancestorHeight, prefix } of ancestors) {
      const entry = position.ancestor(ancestorHeight);
      if (entry !== undefined && hasPrefix(entry, prefix)) return entry;
    }
    return height <= this.#deps.blocksMax ? position.ancestor(0) : undefined;
  }

  async #tell(step: ChainStep): Promise<void> {
    const { topics } = this.#client;
    const { cursors } = this.#deps;
    const { entry, kind } = step;
    const position = after(step);
    // Before anything is sent: while it waits for room the client must not be told of the step twice.
    this.#at = position;
    this.#stepCount++;
    if (topics.has("blocks")) {
      const cursor = () => cursors.text(position, undefined, partOf(step, START));
      await this.#client.send(eventFrame(`block-${kind}`, cursor, () => blockFields(entry)));
    }
    await this.#tellParts(step, START);
    if (this.#stepCount % STEPS_PER_TURN === 0) await socketTurn();
  }

  async #tellParts(step: ChainStep, from: Ordinal): Promise<void> {
    if (!this.#client.topics.looksIntoBlocks) return;
    const cursor = (next: Ordinal) => this.#deps.cursors.text(after(step), undefined, partOf(step, next));
    for (const part of (await this.#deps.partsOf(step, cursor)) ?? []) {
      if (this.#client.isOver()) return;
      if (!isBefore(part, from)) await this.#client.send(part.frame);
    }
  }
}
