import { checkProofOfWork } from "@bitfleet/protocol/consensus/pow.ts";
import { Block, BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { blockMerkleRoot } from "@bitfleet/protocol/primitives/merkle.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { BlockHash, MerkleRoot, Txid } from "@bitfleet/protocol/primitives/types.ts";
import { encodeMessage, type Message } from "@bitfleet/protocol/wire/message.ts";
import { type NetworkAddress, UNSPECIFIED_ENDPOINT } from "@bitfleet/protocol/wire/network-address.ts";
import { InventoryType } from "@bitfleet/protocol/wire/relay.ts";
import { V1Transport } from "@bitfleet/protocol/wire/v1-framing.ts";
import type { PeerSocket, SocketPort } from "../../packages/node/src/p2p/connections/sockets.ts";
import type { SeededRandom, SimulatedClock } from "./simulated-clock.ts";
import { NETWORK, type SimulatedNode } from "./simulated-node.ts";

/** How a hostile peer behaves. */
export const HOSTILITIES = [
  "garbage",
  "wrong-magic",
  "oversized-length",
  "slow-reader",
  "header-spam",
  "block-spam",
  "address-spam",
  "transaction-spam",
  "inventory-spam",
] as const;
export type Hostility = (typeof HOSTILITIES)[number];

/** Fewer than blocks are mined: who has most of the work is no spammer but right. */
const SPAM_HEADERS = 3;

/** Time between two outbursts. */
const OUTBURST_MS = 700;
/** Time until it comes back after it was thrown out. */
const RETURN_MS = 3000;

/** Connects to a node again and again and does harm. */
export class HostilePeer {
  readonly #hostility: Hostility;
  readonly #sockets: SocketPort;
  readonly #target: SimulatedNode;
  readonly #clock: SimulatedClock;
  readonly #random: SeededRandom;
  #isStopped = false;
  #cancel: (() => void) | undefined;
  #socket: PeerSocket | undefined;

  constructor(
    hostility: Hostility,
    deps: {
      readonly sockets: SocketPort;
      readonly target: SimulatedNode;
      readonly clock: SimulatedClock;
      readonly random: SeededRandom;
    },
  ) {
    this.#hostility = hostility;
    this.#sockets = deps.sockets;
    this.#target = deps.target;
    this.#clock = deps.clock;
    this.#random = deps.random;
  }

  start(): void {
    void this.#connect();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
    this.#socket?.destroy();
  }

  async #connect(): Promise<void> {
    if (this.#isStopped) return;
    const options = { timeoutMs: 5000, signal: new AbortController().signal };
    const socket = await this.#sockets.connect(this.#target.endpoint, options).catch(() => undefined);
    if (socket === undefined || this.#isStopped) {
      this.#later(RETURN_MS, () => void this.#connect());
      return;
    }
    this.#socket = socket;
    let isOver = false;
    socket.start({
      onData: () => {},
      onDrain: () => {},
      onClose: () => {
        isOver = true;
        this.#later(RETURN_MS, () => void this.#connect());
      },
    });
    if (this.#hostility === "slow-reader") socket.pause();
    const transport = new V1Transport({ magic: NETWORK.magic });
    const send = (message: Message) => {
      const { type, payload } = encodeMessage(message);
      transport.send(type, payload);
      for (const chunk of transport.takeOutput()) socket.write(chunk);
    };
    if (this.#hostility !== "garbage" && this.#hostility !== "wrong-magic") greet(send, this.#random);
    const outburst = () => {
      if (isOver || this.#isStopped) return;
      this.#harm(socket, send);
      this.#later(OUTBURST_MS * (0.5 + this.#random.unit()), outburst);
    };
    outburst();
  }

  #harm(socket: PeerSocket, send: (message: Message) => void): void {
    const random = this.#random;
    switch (this.#hostility) {
      case "garbage":
        socket.write(random.bytes(1 + random.below(2000)));
        break;
      case "wrong-magic":
        socket.write(frame(random.bytes(4), "ping", 8));
        break;
      case "oversized-length":
        socket.write(frame(NETWORK.magic, "block", random.chance(0.5) ? 4_000_001 : 0xffffffff));
        break;
      case "slow-reader":
        for (let count = 0; count < 20; count++) {
          const items = Array.from({ length: 50 }, () => ({
            kind: InventoryType.WITNESS_BLOCK,
            hash: NETWORK.params.genesis.hash,
          }));
          send({ type: "getdata", items });
        }
        break;
      case "header-spam":
        send({ type: "headers", headers: headersFrom(NETWORK.params.genesis.header, SPAM_HEADERS, random) });
        break;
      case "block-spam":
        send({ type: "block", block: invalidBlock(random) });
        break;
      case "address-spam":
        send({
          type: "addr",
          count: 1000,
          addresses: Array.from({ length: 1000 }, () => randomAddress(random, this.#clock)),
        });
        break;
      case "transaction-spam":
        for (let count = 0; count < 20; count++) send({ type: "tx", tx: orphan(random) });
        break;
      case "inventory-spam":
        send({
          type: "inv",
          items: Array.from({ length: 2000 }, () => ({ kind: InventoryType.WTX, hash: random.bytes(32) })),
        });
        send({ type: "inv", items: [{ kind: InventoryType.BLOCK, hash: random.bytes(32) }] });
    }
  }

  #later(delayMs: number, run: () => void): void {
    if (!this.#isStopped) this.#cancel = this.#clock.after(delayMs, run);
  }
}

function greet(send: (message: Message) => void, random: SeededRandom): void {
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

/** A v1 frame whose payload never comes. */
function frame(magic: Uint8Array, type: string, size: number): Uint8Array {
  const bytes = new Uint8Array(24);
  bytes.set(magic);
  bytes.set(new TextEncoder().encode(type), 4);
  new DataView(bytes.buffer).setUint32(16, size, true);
  return bytes;
}

/** Headers with the least proof of work: a chain without any blocks. */
function headersFrom(start: BlockHeader, count: number, random: SeededRandom): readonly BlockHeader[] {
  const headers: BlockHeader[] = [];
  let previous = start;
  while (headers.length < count) {
    previous = solve(previous.hash, random.bytes(32) as MerkleRoot, previous.time + 1);
    headers.push(previous);
  }
  return headers;
}

function solve(previousBlockHash: BlockHash, merkleRoot: MerkleRoot, time: number): BlockHeader {
  const { bits } = NETWORK.params.genesis.header;
  for (let nonce = 0; ; nonce++) {
    const header = new BlockHeader({ version: 0x20000000, previousBlockHash, merkleRoot, time, bits, nonce });
    if (checkProofOfWork(header.hash, bits, NETWORK.params)) return header;
  }
}

/** A block on genesis with right proof of work, whose only transaction is no coinbase. */
function invalidBlock(random: SeededRandom): Block {
  const transactions = [orphan(random)];
  const { root } = blockMerkleRoot({ transactions });
  const genesis = NETWORK.params.genesis.header;
  return new Block(solve(genesis.hash, root, genesis.time + 1 + random.below(1000)), transactions);
}

function orphan(random: SeededRandom): Transaction {
  return new Transaction({
    version: 2,
    inputs: [
      {
        previousOutput: { txid: random.bytes(32) as Txid, index: 0 },
        scriptSig: new Uint8Array(0),
        sequence: 0xffffffff,
        witness: [],
      },
    ],
    outputs: [{ value: 1000n, scriptPubKey: random.bytes(22) }],
    lockTime: 0,
  });
}

function randomAddress(random: SeededRandom, clock: SimulatedClock) {
  const address: NetworkAddress = { network: "ipv4", bytes: random.bytes(4) };
  return { address, port: 8333, services: 0x409n, timeSeconds: Math.floor(clock.nowMs() / 1000) };
}
