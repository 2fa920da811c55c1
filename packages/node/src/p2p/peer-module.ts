import type { MessageOf, MessageType } from "@bitfleet/protocol/wire/message.ts";
import type { Peer } from "./peer.ts";

/** Handlers of message types. One that returns a promise holds back the peer's next message, not other peers. */
export type MessageHandlers = {
  readonly [Type in MessageType]?: (peer: Peer, message: MessageOf<Type>) => void | Promise<void>;
};

/**
 * One subject of the peer protocol (headers, blocks, transactions, addresses, …). It keeps its state about a peer itself, keyed
 * by the peer, and drops it in `peerGone`. After an await it asks `peer.connection.isOpen` before it goes on about a peer.
 */
export interface PeerModule {
  readonly handlers: MessageHandlers;
  /** Their `version` came; `verack` was not yet sent. */
  peerVersion?(peer: Peer): void;
  /** Our `verack` went out; theirs may still be on its way. */
  peerGreeted?(peer: Peer): void;
  /** The handshake is done. */
  peerReady?(peer: Peer): void;
  /** The connection ended, whether the handshake was done or not. */
  peerGone?(peer: Peer): void;
  /**
   * Called for every ready peer after each of its messages, after each change of the chain, and every 100 ms: sends what is due. Modules
   * are called in the order in which they are registered (ping, addresses, headers, announcements, transactions, downloads, fee filter).
   */
  tick?(peer: Peer, nowMs: number): void;
}

/** What modules see of all peers together. */
export interface Peers {
  /** Every connected peer, ready or not. */
  all(): Iterable<Peer>;
  /** Peers whose handshake is done. */
  ready(): Iterable<Peer>;
  find(id: number): Peer | undefined;
  /** Notes that a peer broke the protocol: unless protected it is discouraged and disconnected. `why` goes to the log. */
  misbehaved(peer: Peer, why: string): void;
  /** Ends a connection; `why` goes to the log as `<why>, disconnecting peer=<id>`. */
  disconnect(peer: Peer, why: string): void;
  /** Lets every ready peer have its `tick` soon, once, however often it is called. */
  wake(): void;
}
