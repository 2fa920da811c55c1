import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { NETWORK } from "@bitfleet/node/chain/test-kit.ts";
import { PROTOCOL_VERSION } from "@bitfleet/node/p2p/versions.ts";
import { decodeMessage, encodeMessage, type Message } from "@bitfleet/protocol/wire/message.ts";
import { UNSPECIFIED_ENDPOINT } from "@bitfleet/protocol/wire/network-address.ts";
import type { RawMessage } from "@bitfleet/protocol/wire/transport.ts";
import { V1Transport } from "@bitfleet/protocol/wire/v1-framing.ts";

/** A bare peer of regtest over v1: it greets, says what it is told to, and hands on what it hears. */
export class RawPeer {
  readonly #socket: Socket;
  readonly #transport = new V1Transport({ magic: NETWORK.magic });
  readonly #onMessage: (message: Message) => void;

  private constructor(socket: Socket, onMessage: (message: Message) => void) {
    this.#socket = socket;
    this.#onMessage = onMessage;
    socket.setNoDelay(true);
    socket.on("data", (bytes) => this.#transport.receive(bytes, (raw) => this.#receive(raw)));
    // A node that ends takes its connections along.
    socket.on("error", () => {});
  }

  /**
   * Connects to a node on this machine; done when both have greeted. Rejects where nobody listens. Who offers no `services` is
   * not asked for blocks.
   */
  static async connect(
    port: number,
    onMessage: (message: Message) => void = () => {},
    services = 0n,
  ): Promise<RawPeer> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new Promise((resolve, reject) => {
      const peer = new RawPeer(socket, (message) => {
        if (message.type === "version") peer.send({ type: "verack" });
        if (message.type === "verack") resolve(peer);
        onMessage(message);
      });
      socket.once("close", () => reject(new Error(`the node on port ${port} closed the connection`)));
      peer.send(greeting(services));
    });
  }

  send(message: Message): void {
    this.sendFrame(frameOf(message));
  }

  /** Sends what {@link frameOf} made. */
  sendFrame(frame: readonly Uint8Array[]): void {
    for (const bytes of frame) this.#socket.write(bytes);
  }

  end(): void {
    this.#socket.destroy();
  }

  #receive({ type, payload }: RawMessage): void {
    const message = decodeMessage(type, payload);
    if (message !== undefined) this.#onMessage(message);
  }
}

/** The bytes of a message on the wire, made ahead where hashing a large one would hold up a measurement. */
export function frameOf(message: Message): readonly Uint8Array[] {
  const transport = new V1Transport({ magic: NETWORK.magic });
  const { type, payload } = encodeMessage(message);
  transport.send(type, payload);
  return transport.takeOutput();
}

function greeting(services: bigint): Message {
  return {
    type: "version",
    version: PROTOCOL_VERSION,
    services,
    timeSeconds: BigInt(Math.floor(Date.now() / 1000)),
    receiver: { services: 0n, ...UNSPECIFIED_ENDPOINT },
    sender: { services: 0n, ...UNSPECIFIED_ENDPOINT },
    nonce: BigInt(Math.floor(Math.random() * Number.MAX_SAFE_INTEGER)),
    userAgent: "/bench:1/",
    startingHeight: 0,
    relaysTransactions: false,
  };
}
