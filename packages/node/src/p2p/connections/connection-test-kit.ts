import { concatBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { encodeMessage, type Message } from "@bitfleet/protocol/wire/message.ts";
import type { NetworkEndpoint } from "@bitfleet/protocol/wire/network-address.ts";
import { V1Transport } from "@bitfleet/protocol/wire/v1-framing.ts";
import type { PeerRecord } from "../peer-set.ts";
import type { TestPeer } from "../test-kit.ts";
import type { Connection } from "./connection.ts";
import type { PeerSocket, SocketCallbacks } from "./sockets.ts";

/** What tests of connections share: a socket that does as it is told, and messages as they look on the wire. */

export const MAGIC = Uint8Array.of(0xfa, 0xbf, 0xb5, 0xda);

/** A socket without another side: the test is the other side, and the system's buffers. */
export class TestSocket implements PeerSocket {
  readonly remote: NetworkEndpoint | undefined;
  readonly local: NetworkEndpoint | undefined;
  readonly written: Uint8Array[] = [];
  queuedSize = 0;
  isPaused = false;
  isEnded = false;
  isDestroyed = false;
  #callbacks: SocketCallbacks | undefined;

  constructor(remote?: NetworkEndpoint, local?: NetworkEndpoint) {
    this.remote = remote;
    this.local = local;
  }

  start(callbacks: SocketCallbacks): void {
    this.#callbacks = callbacks;
  }

  write(bytes: Uint8Array): void {
    this.written.push(bytes);
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  end(): void {
    this.isEnded = true;
  }

  destroy(): void {
    this.isDestroyed = true;
  }

  /** The other side sent something. */
  receive(...chunks: readonly Uint8Array[]): void {
    for (const bytes of chunks) this.#callbacks!.onData(bytes);
  }

  /** The system took everything. */
  drain(): void {
    this.queuedSize = 0;
    this.#callbacks!.onDrain();
  }

  closed(error?: Error): void {
    this.#callbacks!.onClose(error);
  }

  /** Types of the messages written since the last call. */
  takeTypes(): readonly string[] {
    const types: string[] = [];
    const bytes = concatBytes(...this.written.splice(0));
    new V1Transport({ magic: MAGIC }).receive(bytes, ({ type }) => types.push(type));
    return types;
  }
}

/** A message of any type as v1 frames it. */
export function frameOf(type: string, payload: Uint8Array = new Uint8Array(0)): Uint8Array {
  const transport = new V1Transport({ magic: MAGIC });
  transport.send(type, payload);
  return concatBytes(...transport.takeOutput());
}

/** A message of ours as v1 frames it. */
export function framed(message: Message): Uint8Array {
  const { type, payload } = encodeMessage(message);
  return frameOf(type, payload);
}

/** A peer without a socket for a `PeerSet`, which only closes connections. */
export function recordOf(peer: TestPeer): PeerRecord {
  return { peer, connection: peer.connection as unknown as Connection };
}
