import type { LiveEvent } from "@bitfleet/api/events.ts";
import { FollowedChain, SocketClient, SseClient } from "@bitfleet/node/server/events/event-test-kit.ts";

/** A client that goes by events alone, from server to server, and what it believes of chain, mempool and one address. */

export class EventFollower {
  readonly address: string;
  chain: FollowedChain;
  /** Transactions that wait. */
  waiting = new Set<string>();
  /** What each transaction of the chain gives the address, and the height of its block. */
  readonly confirmed = new Map<string, { readonly value: number; readonly height: number }>();
  /** The same of the mempool's. */
  readonly seen = new Map<string, number>();
  cursor: string | undefined;
  /** Kinds of topics whose state must be asked anew, as a gap said. */
  readonly missed = new Set<string>();
  #client: SocketClient | SseClient | undefined;
  #applied = 0;

  constructor(address: string, hashes: readonly string[]) {
    this.address = address;
    this.chain = new FollowedChain(hashes);
  }

  async connect(url: string, usesSocket: boolean): Promise<void> {
    const Client = usesSocket ? SocketClient : SseClient;
    const topics = `blocks,transactions,address:${this.address}`;
    this.#client = await Client.open(new URL(url).host, topics, this.cursor);
    this.#applied = 0;
  }

  /** Applies what came, but for the last `unreadCount` events, which it is to be told again. */
  disconnect(unreadCount = 0): void {
    const client = this.#client;
    if (client === undefined) return;
    this.take(unreadCount);
    client.close();
    this.#client = undefined;
  }

  take(unreadCount = 0): void {
    const events = this.#client?.events ?? [];
    for (; this.#applied < events.length - unreadCount; this.#applied++) this.#apply(events[this.#applied]!);
  }

  get isLive(): boolean {
    return this.#client !== undefined && this.#client.ending === undefined;
  }

  #apply(event: LiveEvent): void {
    this.cursor = event.cursor;
    this.chain.apply(event);
    switch (event.type) {
      case "reset":
        throw new Error(`reset: ${event.reason}`);
      case "gap":
        for (const topic of event.topics) this.missed.add(topic);
        break;
      case "chain-rewound":
        for (const [txid, { height }] of this.confirmed) if (height > event.height) this.confirmed.delete(txid);
        break;
      case "transaction-added":
        this.waiting.add(event.txid);
        break;
      case "transaction-removed":
      case "transaction-confirmed":
        this.waiting.delete(event.txid);
        break;
      case "address-seen":
        this.seen.set(event.txid, event.received - event.spent);
        break;
      case "address-removed":
        this.seen.delete(event.txid);
        break;
      case "address-confirmed":
        if (this.confirmed.has(event.txid)) throw new Error(`${event.txid} was confirmed twice`);
        this.seen.delete(event.txid);
        this.confirmed.set(event.txid, { value: event.received - event.spent, height: event.height });
        break;
      case "address-disconnected":
        if (!this.confirmed.delete(event.txid)) throw new Error(`${event.txid} was not confirmed`);
        break;
      default:
    }
  }
}
