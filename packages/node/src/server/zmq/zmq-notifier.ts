import { Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Hash256 } from "@bitfleet/protocol/primitives/types.ts";
import type { Chain } from "../../chain/chain.ts";
import type { ChainEvent } from "../../chain/chain-events.ts";
import type { Mempool } from "../../mempool/mempool.ts";
import type { MempoolEvent } from "../../mempool/mempool-events.ts";
import type { Logger } from "../../ports.ts";
import { bindPublishers, newPublisher, type ZmqSocket } from "./zmq-sockets.ts";
import type { ZmqPublication, ZmqTopic } from "./zmq-topics.ts";

/**
 * Blocks and transactions to whoever subscribes over ZeroMQ, as Bitcoin Core publishes them: three frames, the topic, the body, and a
 * number of 32 bits (little endian) that grows by one with each message of a publication, by which a subscriber sees that some were lost.
 */

export interface ZmqDependencies {
  readonly chain: Pick<Chain, "events" | "settleWith">;
  readonly mempool: Pick<Mempool, "events">;
  readonly log: Logger;
}

/** Messages that wait for their turn; libzmq takes them at once, so that there are more only where a machine is overwhelmed. */
const WAITING_MAX = 100_000;
/** Bytes of those. */
const WAITING_BYTES_MAX = 256 * 1024 * 1024;
/** Events of blocks that wait for the mempool; a run of more is no reorganisation, whose order matters. */
const HELD_MAX = 64;
const SEQUENCE_MODULUS = 2 ** 32;

type EventOf<Type extends ChainEvent["type"]> = Extract<ChainEvent, { readonly type: Type }>;

interface Waiting {
  readonly publication: ZmqPublication;
  readonly body: Uint8Array;
  readonly sequence: number;
}

export class ZmqNotifier {
  readonly publications: readonly ZmqPublication[];
  readonly #sockets: ReadonlyMap<string, ZmqSocket>;
  readonly #sequences = new Map<ZmqPublication, number>();
  readonly #log: Logger;
  readonly #unsubscribe: readonly (() => void)[];
  readonly #held: (EventOf<"block-connected"> | EventOf<"tip-changed">)[] = [];
  readonly #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #isSending = false;
  #isClosed = false;
  /** The block that was connected last: what is told of a new tip. */
  #lastConnected: Block | undefined;

  /** Binds the sockets and begins. Rejects where the package is absent or an address cannot be bound. */
  static async open(
    publications: readonly ZmqPublication[],
    deps: ZmqDependencies,
    newSocket: () => ZmqSocket = newPublisher,
  ): Promise<ZmqNotifier> {
    return new ZmqNotifier(publications, await bindPublishers(publications, newSocket), deps);
  }

  private constructor(
    publications: readonly ZmqPublication[],
    sockets: ReadonlyMap<string, ZmqSocket>,
    { chain, mempool, log }: ZmqDependencies,
  ) {
    this.publications = publications;
    this.#sockets = sockets;
    this.#log = log;
    // Inline, both: what is told of blocks and of transactions comes in the order in which it happened.
    this.#unsubscribe = [
      chain.events.subscribe((event) => this.#ofChain(event), { name: "zmq", delivery: "inline" }),
      mempool.events.subscribe((event) => this.#ofMempool(event)),
      chain.settleWith(async () => this.#release()),
    ];
  }

  /** What was not sent yet is left out. */
  close(): void {
    this.#isClosed = true;
    for (const end of this.#unsubscribe) end();
    this.#waiting.length = 0;
    for (const socket of this.#sockets.values()) socket.close();
  }

  /** New blocks are told of, as in Bitcoin Core, when what a reorganisation brought back is in the mempool: the lost ones at once. */
  #ofChain(event: ChainEvent): void {
    if (event.type === "block-disconnected") {
      for (const tx of event.block.transactions) this.#transaction(tx);
      this.#publish("sequence", () => sequenceBody(event.entry.hash, "D"));
    } else if (event.type === "block-connected" || event.type === "tip-changed") {
      this.#held.push(event);
      if (this.#held.length >= HELD_MAX) this.#release();
    }
  }

  #release(): void {
    for (const event of this.#held.splice(0)) {
      if (event.type === "block-connected") this.#connected(event);
      else this.#newTip(event);
    }
  }

  #connected({ entry, block }: EventOf<"block-connected">): void {
    this.#lastConnected = block;
    for (const tx of block.transactions) this.#transaction(tx);
    this.#publish("sequence", () => sequenceBody(entry.hash, "C"));
  }

  /** Not while a chain is fetched, nor where blocks only went. */
  #newTip({ entry, fork, isInitialBlockDownload }: EventOf<"tip-changed">): void {
    const block = this.#lastConnected;
    if (isInitialBlockDownload || entry === fork || block === undefined) return;
    this.#publish("hashblock", () => reversed(entry.hash));
    this.#publish("rawblock", () => block.bytes);
  }

  #ofMempool(event: MempoolEvent): void {
    const { tx } = event.entry;
    if (event.type === "transaction-added") {
      this.#transaction(tx);
      this.#publish("sequence", () => sequenceBody(tx.txid, "A", event.sequence));
    } else if (event.reason !== "block") {
      this.#publish("sequence", () => sequenceBody(tx.txid, "R", event.sequence));
    }
  }

  #transaction(tx: Transaction): void {
    this.#publish("hashtx", () => reversed(tx.txid));
    this.#publish("rawtx", () => tx.bytes);
  }

  /** `bodyOf` is asked only where somebody publishes the topic. */
  #publish(topic: ZmqTopic, bodyOf: () => Uint8Array): void {
    for (const publication of this.publications) {
      if (publication.topic !== topic) continue;
      const sequence = this.#sequences.get(publication) ?? 0;
      // Also for one that is left out: its number is missing then.
      this.#sequences.set(publication, (sequence + 1) % SEQUENCE_MODULUS);
      if (this.#waiting.length >= WAITING_MAX || this.#waitingBytes >= WAITING_BYTES_MAX) continue;
      const body = bodyOf();
      this.#waiting.push({ publication, body, sequence });
      this.#waitingBytes += body.length;
    }
    if (!this.#isSending) void this.#send();
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    // Off the chain's own path.
    await Promise.resolve();
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const { publication, body, sequence } = next;
      this.#waitingBytes -= body.length;
      const frames = [Buffer.from(publication.topic), body, new Writer(4).uint32(sequence).finish()];
      try {
        await this.#sockets.get(publication.address)!.send(frames);
      } catch (error) {
        if (this.#isClosed) break;
        this.#log.error(`Unable to send ZMQ msg: ${(error as Error).message}`, { topic: publication.topic });
      }
    }
    this.#isSending = false;
  }
}

const reversed = (hash: Hash256) => Uint8Array.from(hash).reverse();

/** Hash as it is displayed, what happened, and for transactions the mempool's number of it (64 bits, little endian). */
function sequenceBody(hash: Hash256, label: "A" | "C" | "D" | "R", mempoolSequence?: number): Uint8Array {
  const writer = new Writer(41).bytes(reversed(hash)).uint8(label.charCodeAt(0));
  return (mempoolSequence === undefined ? writer : writer.uint64(BigInt(mempoolSequence))).finish();
}
