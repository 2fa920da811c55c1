import { formatEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { decodeMessage, encodeMessage, type Message } from "@bitfleet/protocol/wire/message.ts";
import {
  type NetworkAddress,
  type NetworkEndpoint,
  UNSPECIFIED_ENDPOINT,
} from "@bitfleet/protocol/wire/network-address.ts";
import { TransportError } from "@bitfleet/protocol/wire/transport.ts";
import { V1Transport } from "@bitfleet/protocol/wire/v1-framing.ts";
import type { PeerSocket, SocketPort } from "../../packages/node/src/p2p/connections/sockets.ts";
import { NETWORK } from "./base-chain.ts";
import { HARMS, type Harm, type Hostility } from "./hostilities.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { SimulatedClock } from "./simulated-clock.ts";
import { NODE_PORT, type SimulatedNode } from "./simulated-node.ts";

/** Time between two outbursts, on average. */
const OUTBURST_MS = 700;
/** Time until it comes back after it was thrown out. */
const RETURN_MS = 3000;
const DIAL_OPTIONS = { timeoutMs: 5000, signal: new AbortController().signal };

export interface HostileDependencies {
  readonly sockets: SocketPort;
  readonly nodes: readonly SimulatedNode[];
  readonly clock: SimulatedClock;
  readonly random: SeededRandom;
  /** It has made a block that nobody may accept. */
  readonly onBadBlock: (hash: Uint8Array) => void;
}

/** One connection of a hostile peer to a node, as the harm that it does sees it. */
export interface Attack extends Pick<HostileDependencies, "clock" | "random" | "onBadBlock"> {
  readonly socket: PeerSocket;
  /** A node to spy on. Who it is connected to may be another, where others connect to it. */
  readonly node: SimulatedNode;
  send(message: Message): void;
}

/** Connects to one node after the other, again and again, and does harm; and to those who connect to it. */
export class HostilePeer {
  readonly hostility: Hostility;
  readonly address: NetworkAddress;
  readonly #harm: Harm;
  readonly #deps: HostileDependencies;
  readonly #connected = new Set<PeerSocket>();
  #isCalm = false;
  #isStopped = false;

  constructor(hostility: Hostility, address: NetworkAddress, deps: HostileDependencies) {
    this.hostility = hostility;
    this.address = address;
    this.#harm = HARMS[hostility];
    this.#deps = deps;
  }

  get endpoint(): NetworkEndpoint {
    return { address: this.address, port: NODE_PORT };
  }

  get name(): string {
    return formatEndpoint(this.endpoint);
  }

  start(): void {
    void this.#deps.sockets.listen(this.endpoint, (socket) => this.#attack(socket, this.#target()));
    const victim = this.#target();
    const { crowdSize } = this.#harm;
    if (crowdSize === undefined) void this.#connect(() => this.#target());
    else for (let count = 0; count < crowdSize; count++) void this.#connect(() => victim);
  }

  /** The network is to become calm. */
  calmDown(): void {
    this.#isCalm = true;
  }

  stop(): void {
    this.#isStopped = true;
    for (const socket of this.#connected) socket.destroy();
  }

  #target(): SimulatedNode {
    return this.#deps.random.pick(this.#deps.nodes);
  }

  async #connect(choose: () => SimulatedNode): Promise<void> {
    if (this.#isStopped) return;
    const { sockets, clock } = this.#deps;
    const node = choose();
    const again = () => void clock.after(RETURN_MS, () => void this.#connect(choose));
    const socket = await sockets.connect(node.endpoint, DIAL_OPTIONS).catch(() => undefined);
    if (socket === undefined) again();
    else this.#attack(socket, node, again);
  }

  /** `onEnd` is there where this peer has connected: it speaks first. */
  #attack(socket: PeerSocket, node: SimulatedNode, onEnd?: () => void): void {
    const transport = new V1Transport({ magic: NETWORK.magic });
    let isOver = false;
    const send = (message: Message) => {
      const { type, payload } = encodeMessage(message);
      transport.send(type, payload);
      for (const chunk of transport.takeOutput()) socket.write(chunk);
    };
    const attack: Attack = { ...this.#deps, socket, node, send };
    this.#connected.add(socket);
    socket.start({
      onData: (bytes) => this.#received(bytes, transport, attack, onEnd !== undefined),
      onDrain: () => {},
      onClose: () => {
        isOver = true;
        this.#connected.delete(socket);
        onEnd?.();
      },
    });
    if (this.#harm.neverReads) socket.pause();
    if (this.#harm.greets && onEnd !== undefined) greet(attack);
    const outburst = () => {
      if (isOver || this.#isStopped) return;
      if (!(this.#isCalm && this.#harm.restsInCalm)) void this.#harm.act?.(attack);
      this.#deps.clock.after(OUTBURST_MS * this.#deps.random.between(0.5, 1.5), outburst);
    };
    // Whom others connect to waits for them to speak.
    if (onEnd === undefined && this.#harm.greets) this.#deps.clock.after(OUTBURST_MS, outburst);
    else outburst();
  }

  #received(bytes: Uint8Array, transport: V1Transport, attack: Attack, hasGreeted: boolean): void {
    const { answer, greets } = this.#harm;
    if (!greets) return;
    try {
      transport.receive(bytes, ({ type, payload }) => {
        if (type === "version" && !hasGreeted) greet(attack);
        const message = answer && decodeMessage(type, payload);
        if (message !== undefined) answer!(attack, message);
      });
    } catch (error) {
      // It speaks v1 only.
      if (!(error instanceof TransportError)) throw error;
      attack.socket.destroy();
    }
  }
}

function greet({ send, random }: Attack): void {
  const nobody = { ...UNSPECIFIED_ENDPOINT, services: 0n };
  send({
    type: "version",
    version: 70_016,
    services: 0x409n,
    timeSeconds: 0n,
    receiver: nobody,
    sender: nobody,
    nonce: BigInt(random.uint32()),
    userAgent: "/hostile/",
    startingHeight: 1_000_000,
    relaysTransactions: true,
  });
  send({ type: "wtxidrelay" });
  send({ type: "verack" });
}
