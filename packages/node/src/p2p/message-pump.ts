import { DecodeError } from "@bitfleet/protocol/bytes/cursor.ts";
import { ProtocolViolation } from "@bitfleet/protocol/wire/codec.ts";
import { decodeMessage, type Message } from "@bitfleet/protocol/wire/message.ts";
import type { Clock, Logger } from "../ports.ts";
import type { ReceivedMessage } from "./connections/connection.ts";
import type { Peer } from "./peer.ts";
import type { PeerModule } from "./peer-module.ts";
import type { PeerRecord, PeerSet } from "./peer-set.ts";
import { sanitize } from "./sanitize.ts";

/** Every peer gets a turn at least this often. */
const TICK_INTERVAL_MS = 100;

/**
 * Time for messages before sockets, timers and RPC have their turn. Peers whose messages wait at the same time share it, but
 * each gets the smaller one at least: many that send as fast as they can must not make everyone else wait for each of them.
 */
const TURN_BUDGET_MS = 10;
const TURN_BUDGET_MS_MIN = 1;

/** What may come before both have said `verack`. */
const HANDSHAKE_TYPES: ReadonlySet<string> = new Set([
  "version",
  "verack",
  "wtxidrelay",
  "sendaddrv2",
  "feature",
  "sendtxrcncl",
  "sendheaders",
  "sendcmpct",
]);

export interface MessagePumpDependencies {
  readonly peers: PeerSet;
  /** In the order of their turns. */
  readonly modules: readonly PeerModule[];
  readonly clock: Clock;
  readonly log: Logger;
  /** Lets sockets and timers run. */
  readonly yield: () => Promise<void>;
  /** A bug of ours: the node must stop. */
  readonly onFatal: (error: Error) => void;
}

/**
 * Takes messages out of inboxes and to the modules that handle them: those of one peer strictly one after the other, those of
 * different peers as they come. Gives every ready peer its turns to send.
 */
export class MessagePump {
  readonly #deps: MessagePumpDependencies;
  readonly #running = new Set<PeerRecord>();
  /** Modules that have turns at all. */
  readonly #ticking: readonly PeerModule[];
  readonly #handlers = new Map<string, ((peer: Peer, message: Message) => void | Promise<void>)[]>();
  #isWaking = false;
  #isStopped = false;
  #cancelTick: (() => void) | undefined;

  constructor(deps: MessagePumpDependencies) {
    this.#deps = deps;
    this.#ticking = deps.modules.filter((module) => module.tick !== undefined);
    for (const module of deps.modules) {
      for (const [type, handler] of Object.entries(module.handlers)) {
        const handle = handler as (peer: Peer, message: Message) => void | Promise<void>;
        this.#handlers.set(type, [...(this.#handlers.get(type) ?? []), handle]);
      }
    }
  }

  start(): void {
    const next = () => {
      if (this.#isStopped) return;
      this.#cancelTick = this.#deps.clock.after(TICK_INTERVAL_MS, () => {
        this.#tickAll();
        next();
      });
    };
    next();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTick?.();
  }

  /** Gives everyone a turn soon. */
  wake(): void {
    if (this.#isWaking || this.#isStopped) return;
    this.#isWaking = true;
    void this.#deps.yield().then(() => {
      this.#isWaking = false;
      this.#tickAll();
    });
  }

  /** Handles what waits in the inbox of a peer, unless that is being done. */
  run(record: PeerRecord): void {
    if (this.#running.has(record) || this.#isStopped) return;
    this.#running.add(record);
    record.peer.backlog.observe((error) => this.#fail(error));
    this.#drain(record)
      .catch((error) => this.#fail(error))
      .finally(() => {
        this.#running.delete(record);
        // What came between the last look and now.
        if (record.connection.hasMessages && !record.connection.isSendPaused) this.run(record);
      });
  }

  async #drain(record: PeerRecord): Promise<void> {
    const { peer, connection } = record;
    const { clock } = this.#deps;
    let turnStartMs = clock.monotonicMs();
    while (connection.isOpen && !connection.isSendPaused && !this.#isStopped) {
      const message = connection.nextMessage();
      if (message === undefined) return;
      await this.#handle(peer, message);
      if (!connection.isOpen || this.#deps.peers.punish(peer)) return;
      if (peer.isReady) this.#tick(peer, clock.nowMs());
      const budgetMs = Math.max(TURN_BUDGET_MS / this.#running.size, TURN_BUDGET_MS_MIN);
      if (clock.monotonicMs() - turnStartMs > budgetMs) {
        await this.#deps.yield();
        turnStartMs = clock.monotonicMs();
      }
    }
  }

  async #handle(peer: Peer, raw: ReceivedMessage): Promise<void> {
    const { log } = this.#deps;
    const { type, payload, rejected } = raw;
    if (type !== "block" && peer.backlog.size > 0) {
      await peer.backlog.settled();
      if (!peer.connection.isOpen || this.#deps.peers.punish(peer)) return;
    }
    if (rejected !== undefined) {
      log.debug("net", `${rejected}, peer=${peer.id}`);
      return;
    }
    const name = sanitize(type);
    log.debug("net", `received: ${name} (${payload.length} bytes) peer=${peer.id}`);
    if (peer.version === 0 && type !== "version") {
      log.debug("net", `non-version message before version handshake. Message "${name}" from peer=${peer.id}`);
      return;
    }
    if (!peer.isReady && !HANDSHAKE_TYPES.has(type)) {
      log.debug("net", `Unsupported message "${name}" prior to verack from peer=${peer.id}`);
      return;
    }
    const message = this.#decode(peer, type, payload);
    if (message === undefined) return;
    const handlers = this.#handlers.get(type);
    if (handlers === undefined) return;
    for (const handle of handlers) {
      const pending = handle(peer, message);
      if (pending !== undefined) await pending;
      if (!peer.connection.isOpen) return;
    }
  }

  /** The message, or `undefined` where it is none that we know or its bytes are bad: that is said in the log. */
  #decode(peer: Peer, type: string, payload: Uint8Array): Message | undefined {
    const { log } = this.#deps;
    try {
      const message = decodeMessage(type, payload);
      if (message === undefined) log.debug("net", `Unknown message type "${sanitize(type)}" from peer=${peer.id}`);
      return message;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#badBytes(peer, type, payload, error);
      return undefined;
    }
  }

  /** Bytes that are no such message cost the message; a limit that everyone knows costs more. */
  #badBytes(peer: Peer, type: string, payload: Uint8Array, error: DecodeError): void {
    const { peers, log } = this.#deps;
    if (error instanceof ProtocolViolation) {
      if (error.consequence === "misbehaving") peers.misbehaved(peer, error.reason);
      else peers.disconnect(peer, error.reason);
      return;
    }
    log.debug(
      "net",
      `ProcessMessages(${sanitize(type)}, ${payload.length} bytes): Exception '${coreWords(error)}' (DecodeError) caught`,
    );
  }

  /** No message can be to blame for it: bad bytes and broken rules are answered where they are found. */
  #fail(error: unknown): void {
    this.stop();
    this.#deps.onFatal(error instanceof Error ? error : new Error(String(error)));
  }

  /** Runs outside of any caller, so that nobody else could report what goes wrong. */
  #tickAll(): void {
    try {
      this.#tickEach();
    } catch (error) {
      this.#fail(error);
    }
  }

  #tickEach(): void {
    const nowMs = this.#deps.clock.nowMs();
    for (const { peer } of this.#deps.peers.records()) {
      if (this.#isStopped) return;
      if (this.#deps.peers.punish(peer)) continue;
      if (peer.isReady && peer.connection.isOpen) this.#tick(peer, nowMs);
    }
  }

  #tick(peer: Peer, nowMs: number): void {
    for (const module of this.#ticking) {
      if (!peer.connection.isOpen) return;
      module.tick!(peer, nowMs);
    }
  }
}

/** What tools look for in Core's log, which begins the names of some faults with a capital and others not. */
const coreWords = ({ message }: DecodeError) =>
  message
    .replace(/^unexpected end of data/, "DataStream::read(): end of data")
    .replace(/^(superfluous|unknown) /, ([letter, ...rest]) => letter!.toUpperCase() + rest.join(""));
