import { TOPIC_KINDS, type TopicKind } from "@bitfleet/api/events/topics.ts";
import type { Network } from "@bitfleet/protocol/consensus/networks.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { Chain } from "../../chain/chain.ts";
import type { ChainEvent } from "../../chain/chain-events.ts";
import type { Mempool } from "../../mempool/mempool.ts";
import type { MempoolEvent } from "../../mempool/mempool-events.ts";
import type { Miner, MinerEvent } from "../../mining/miner.ts";
import type { PeerChange, PeerSet } from "../../p2p/peer-set.ts";
import type { Clock, Logger } from "../../ports.ts";
import { blockParts } from "./block-parts.ts";
import type { BlockReader } from "./block-reader.ts";
import { after, before, blockFields, type ChainStep, nextStep, partOf } from "./chain-step.ts";
import { type CursorCodec, type CursorPart, WHOLE } from "./event-cursor.ts";
import { eventFrame } from "./event-frame.ts";
import type { EventLog, EventPart } from "./event-log.ts";
import type { Interests } from "./interests.ts";
import { MempoolTouch } from "./mempool-touch.ts";
import { type TouchedScript, touchedFields } from "./touched-scripts.ts";

/** Things that happened and are not told yet. Beyond, all are thrown away, and what the chain can tell is read from it. */
const WAITING_MAX = 20_000;
/** Of those that wait, the first so many keep their block; it is read again for the others. */
const BLOCKS_HELD_MAX = 16;
const SUMMARY_INTERVAL_MS = 1000;

/** What happened in the node, in the order in which it happened. */
type Happening =
  | { readonly type: "step"; readonly step: ChainStep }
  | { readonly type: "tip"; readonly entry: BlockIndexEntry }
  | {
      readonly type: "mempool";
      readonly event: MempoolEvent;
      readonly touched: readonly TouchedScript[];
    }
  | { readonly type: "summary" }
  | { readonly type: "peer"; readonly change: PeerChange }
  | { readonly type: "miner"; readonly event: MinerEvent }
  /** Everything up to this block was thrown away. */
  | { readonly type: "lost"; readonly count: number; readonly to: BlockIndexEntry };

/** What can be told of the chain again. */
const REBUILT: readonly TopicKind[] = ["blocks"];

export interface EventFeedDependencies {
  readonly chain: Pick<Chain, "events">;
  readonly network: Network;
  readonly mempool: Pick<Mempool, "events" | "size" | "virtualSize" | "totalFee" | "minFeerateSatPerKvb">;
  readonly peers: Pick<PeerSet, "watch">;
  readonly miner: Pick<Miner, "watch" | "status">;
  readonly events: EventLog;
  readonly interests: Interests;
  readonly cursors: CursorCodec;
  readonly reader: BlockReader;
  readonly clock: Pick<Clock, "after">;
  readonly log: Logger | undefined;
  /** Called behind each event that was appended. */
  readonly onAppend: () => void;
}

/**
 * Turns what happens in the node into events of the log. It hears of everything within the change itself, so that chain and mempool
 * keep their order, and never delays it: what happened waits in a bounded queue until its coins and blocks were read.
 */
export class EventFeed {
  readonly #deps: EventFeedDependencies;
  readonly #touch = new MempoolTouch();
  readonly #waitingMax: number;
  #waiting: Happening[] = [];
  /** Blocks among those that wait. */
  #heldCount = 0;
  #isRunning = false;
  /** The last block of the chain behind all that happened. */
  #latest: BlockIndexEntry;
  #cancelSummary: (() => void) | undefined;
  #unsubscribe: readonly (() => void)[] = [];

  constructor(options: { readonly waitingMax?: number }, deps: EventFeedDependencies) {
    this.#waitingMax = options.waitingMax ?? WAITING_MAX;
    this.#deps = deps;
    this.#latest = deps.events.position;
  }

  start(): void {
    const { chain, mempool, peers, miner } = this.#deps;
    this.#unsubscribe = [
      chain.events.subscribe((event) => this.#chainChanged(event), { name: "event stream", delivery: "inline" }),
      mempool.events.subscribe((event) => this.#mempoolChanged(event)),
      peers.watch((change) => this.#noteIf("peers", { type: "peer", change })),
      miner.watch((event) => this.#noteIf("miner", { type: "miner", event })),
    ];
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#cancelSummary?.();
    this.#waiting = [];
  }

  #chainChanged(event: ChainEvent): void {
    if (event.type === "block-connected" || event.type === "block-disconnected") {
      const isHeld = this.#deps.interests.partsWanted !== undefined && this.#heldCount < BLOCKS_HELD_MAX;
      if (isHeld) this.#heldCount++;
      const kind = event.type === "block-connected" ? "connected" : "disconnected";
      const step: ChainStep = { kind, entry: event.entry, block: isHeld ? event.block : undefined };
      this.#latest = after(step);
      this.#note({ type: "step", step });
    } else if (event.type === "tip-changed") this.#note({ type: "tip", entry: event.entry });
  }

  #mempoolChanged(event: MempoolEvent): void {
    const { interests } = this.#deps;
    if (interests.wants("mempool")) this.#planSummary();
    const wantsAddresses = interests.wants("address");
    if (!wantsAddresses) this.#touch.clear();
    if (!wantsAddresses && !interests.wants("transactions")) return;
    const isAdded = event.type === "transaction-added";
    const touched = wantsAddresses ? this.#touch.of(event) : [];
    // The block tells of those that it took.
    if (isAdded || event.reason !== "block") this.#note({ type: "mempool", event, touched });
  }

  #planSummary(): void {
    this.#cancelSummary ??= this.#deps.clock.after(SUMMARY_INTERVAL_MS, () => {
      this.#cancelSummary = undefined;
      this.#note({ type: "summary" });
    });
  }

  #noteIf(kind: TopicKind, happening: Happening): void {
    if (this.#deps.interests.wants(kind)) this.#note(happening);
  }

  #note(happening: Happening): void {
    if (this.#waiting.length >= this.#waitingMax) {
      this.#heldCount = 0;
      this.#waiting = [{ type: "lost", count: this.#waiting.length + 1, to: this.#latest }];
    } else this.#waiting.push(happening);
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    // Off the path of the change itself.
    await Promise.resolve();
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (next.type === "step" && next.step.block !== undefined) this.#heldCount--;
      try {
        await this.#tell(next);
      } catch (error) {
        this.#deps.log?.error("an event could not be told", { type: next.type, error: String(error) });
      }
    }
    this.#isRunning = false;
  }

  async #tell(happening: Happening): Promise<void> {
    switch (happening.type) {
      case "step":
        return this.#tellStep(happening.step);
      case "tip":
        return this.#append("blocks", "tip-changed", () => blockFields(happening.entry));
      case "mempool":
        return this.#tellMempool(happening.event, happening.touched);
      case "summary":
        return this.#tellSummary();
      case "peer":
        return this.#tellPeer(happening.change);
      case "miner":
        return this.#tellMiner(happening.event);
      case "lost":
        return this.#tellLost(happening.count, happening.to);
    }
  }

  /** Every step begins where the one before it ended, whatever was lost in between. */
  async #tellStep(step: ChainStep): Promise<void> {
    await this.#walkTo(before(step) ?? this.#deps.events.position);
    await this.#appendStep(step);
  }

  async #walkTo(target: BlockIndexEntry): Promise<void> {
    const { events } = this.#deps;
    for (let step = nextStep(events.position, target); step !== undefined; step = nextStep(events.position, target)) {
      await this.#appendStep(step);
    }
  }

  async #appendStep(step: ChainStep): Promise<void> {
    const { events, interests, cursors, network } = this.#deps;
    const position = after(step);
    const sequence = events.last + 1;
    const interestVersion = interests.version;
    const wanted = interests.partsWanted;
    const read = wanted && (await this.#read(step, wanted.hasScript !== undefined));
    const context = {
      prefixes: network.addressPrefixes,
      cursor: (next: { readonly tx: number; readonly script: number }) =>
        cursors.text(position, sequence, partOf(step, next)),
    };
    const parts = read && (await blockParts(step, read, wanted, context));
    const { kind, entry } = step;
    const frame = eventFrame(
      `block-${kind}`,
      () => cursors.text(position, sequence, partOf(step, { tx: 0, script: 0 })),
      () => blockFields(entry),
    );
    events.append({
      kind: "blocks",
      position,
      frame,
      step: { kind, entry },
      blockParts: parts && { parts, interestVersion },
    });
    this.#deps.onAppend();
  }

  /** The block, and what it spent where that matters. */
  async #read({ entry, block }: ChainStep, needsUndo: boolean) {
    if (block !== undefined && !needsUndo) return { block, undo: { transactions: [] } };
    return this.#deps.reader.read(entry, block);
  }

  #tellMempool(event: MempoolEvent, touched: readonly TouchedScript[]): void {
    const { tx, virtualSize, weight, fee, timeSeconds } = event.entry;
    const ids = { txid: displayHash(tx.txid), wtxid: displayHash(tx.wtxid) };
    const parts = this.#addressParts(event, touched);
    const part: CursorPart = parts.length === 0 ? WHOLE : { kind: "own", next: { tx: 0, script: 1 } };
    if (event.type === "transaction-added") {
      const fields = { ...ids, vsize: virtualSize, weight, fee: Number(fee), time: timeSeconds };
      this.#append("transactions", "transaction-added", () => fields, part, parts);
    } else if (event.reason !== "block") {
      const { reason } = event;
      this.#append("transactions", "transaction-removed", () => ({ ...ids, reason }), part, parts);
    }
  }

  #addressParts(event: MempoolEvent, touched: readonly TouchedScript[]): readonly EventPart[] {
    const { events, cursors, network } = this.#deps;
    const { position } = events;
    const sequence = events.last + 1;
    const txid = displayHash(event.entry.tx.txid);
    const removal = event.type === "transaction-removed" && event.reason !== "block" ? event.reason : undefined;
    return touched.map((one, index) => {
      const script = index + 1;
      const cursor = () => cursors.text(position, sequence, { kind: "own", next: { tx: 0, script: script + 1 } });
      const fields = () => touchedFields(txid, one, network.addressPrefixes);
      const frame =
        removal === undefined
          ? eventFrame("address-seen", cursor, fields)
          : eventFrame("address-removed", cursor, () => ({ ...fields(), reason: removal }));
      return { tx: 0, script, kind: "address", scriptHash: one.scriptHash, frame };
    });
  }

  #tellSummary(): void {
    const { size, virtualSize, totalFee, minFeerateSatPerKvb } = this.#deps.mempool;
    this.#append("mempool", "mempool-summary", () => ({
      count: size,
      vsize: virtualSize,
      min_feerate: Number(minFeerateSatPerKvb) / 1000,
      total_fee: Number(totalFee),
    }));
  }

  #tellPeer({ type, peer }: PeerChange): void {
    const fields = {
      id: peer.id,
      direction: peer.isInbound ? ("inbound" as const) : ("outbound" as const),
      user_agent: peer.userAgent,
    };
    this.#append("peers", `peer-${type}`, () => fields);
  }

  #tellMiner(event: MinerEvent): void {
    if (event.type === "settings-changed") {
      const { pacing, intervalMs, script } = this.#deps.miner.status();
      const fields = { pacing, interval_seconds: intervalMs / 1000, has_address: script !== undefined };
      this.#append("miner", "miner-changed", () => fields);
      return;
    }
    const fields = { height: event.height, hash: displayHash(event.hash), is_stale: !event.isActive };
    this.#append("miner", event.type === "block-found" ? "miner-block-found" : "miner-block-stale", () => fields);
  }

  async #tellLost(count: number, to: BlockIndexEntry): Promise<void> {
    const { events, interests, log } = this.#deps;
    log?.warn("events were lost: they came faster than they could be told", { count });
    if (events.position !== to) {
      await this.#walkTo(to);
      this.#append("blocks", "tip-changed", () => blockFields(to));
    }
    const lost = TOPIC_KINDS.filter((kind) => !REBUILT.includes(kind));
    this.#append(
      "blocks",
      "gap",
      () => ({ topics: lost, reason: "More happened at once than the server could tell." }),
      WHOLE,
      undefined,
      lost,
    );
    interests.lost(lost);
  }

  #append<Name extends Parameters<typeof eventFrame>[0]>(
    kind: TopicKind,
    name: Name,
    fields: Parameters<typeof eventFrame<Name>>[2],
    part: CursorPart = WHOLE,
    parts?: readonly EventPart[],
    gapOf?: readonly TopicKind[],
  ): void {
    const { events, cursors } = this.#deps;
    const { position } = events;
    const sequence = events.last + 1;
    const frame = eventFrame(name, () => cursors.text(position, sequence, part), fields);
    events.append({ kind, position, frame, ...(parts && { parts }), ...(gapOf && { gapOf }) });
    this.#deps.onAppend();
  }
}
