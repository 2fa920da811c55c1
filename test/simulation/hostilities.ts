import { commitToWitnesses } from "@bitfleet/protocol/consensus/witness-commitment.ts";
import { Block, type BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { blockMerkleRoot } from "@bitfleet/protocol/primitives/merkle.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { MerkleRoot, Txid } from "@bitfleet/protocol/primitives/types.ts";
import { makeCompactBlock } from "@bitfleet/protocol/wire/compact-blocks.ts";
import type { Message } from "@bitfleet/protocol/wire/message.ts";
import { InventoryType } from "@bitfleet/protocol/wire/relay.ts";
import { NETWORK, solve } from "./base-chain.ts";
import type { Attack } from "./hostile-peers.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** How a hostile peer behaves. */
export interface Harm {
  /** Introduces itself as a node. */
  readonly greets: boolean;
  readonly neverReads?: boolean;
  /** So many connections to one and the same node, more than it takes. */
  readonly crowdSize?: number;
  /** Done every now and then. */
  readonly act?: (attack: Attack) => void | Promise<void>;
  readonly answer?: (attack: Attack, message: Message) => void;
  /** Begins nothing new once the network is to become calm: while it goes on, nobody need agree. */
  readonly restsInCalm?: boolean;
}

/** Fewer than any chain here has: nobody may keep them. */
const SPAM_HEADERS = 50;
const HEADERS_IN_ANSWER_MAX = 2000;
const SLOW_REQUESTS = 5;
const SLOW_ITEMS = 50;
/** At once; in a minute more than a node keeps. */
const ORPHANS = 50;

const GENESIS = NETWORK.params.genesis;
/** Old enough versions are refused before anything else is looked at. */
const VERSION = 0x20000000;

export const HARMS = {
  garbage: { greets: false, act: ({ socket, random }) => socket.write(random.bytes(1 + random.below(2000))) },
  "wrong-magic": { greets: false, act: ({ socket, random }) => socket.write(frame(random.bytes(4), "ping", 8)) },
  "oversized-length": {
    greets: false,
    act: ({ socket, random }) =>
      socket.write(frame(NETWORK.magic, "block", random.chance(0.5) ? 4_000_001 : 0xffffffff)),
  },
  "half-frame": { greets: true, act: ({ socket }) => socket.write(frame(NETWORK.magic, "headers", 3_999_999)) },
  silence: { greets: false },
  crowd: { greets: true, crowdSize: 40 },
  "slow-reader": { greets: true, neverReads: true, act: askForMuch },
  "header-spam": { greets: true, act: sendLowWorkHeaders },
  "block-spam": { greets: true, act: ({ send, random }) => send({ type: "block", block: blockOnGenesis(random) }) },
  "invalid-blocks": { greets: true, act: sendInvalidBlock, restsInCalm: true },
  "address-spam": { greets: true, act: sendAddresses },
  "transaction-spam": {
    greets: true,
    act: ({ send, random }) => {
      for (let count = 0; count < ORPHANS; count++) send({ type: "tx", tx: orphan(random) });
    },
  },
  "inventory-spam": { greets: true, act: sendInventory },
  "transaction-withholding": { greets: true, act: announceTransactions },
  withholding: { greets: true, act: announceTip, answer: answerWithoutBlocks, restsInCalm: true },
} satisfies { readonly [name: string]: Harm };

export type Hostility = keyof typeof HARMS;
export const HOSTILITIES: readonly Hostility[] = Object.keys(HARMS) as Hostility[];

/** Asks for much and takes none of it. */
function askForMuch({ send }: Attack): void {
  const items = new Array(SLOW_ITEMS).fill({ kind: InventoryType.WITNESS_BLOCK, hash: GENESIS.hash });
  for (let count = 0; count < SLOW_REQUESTS; count++) send({ type: "getdata", items });
}

/** A chain without any blocks, whose proof of work is right but little. Each time its last is another. */
function sendLowWorkHeaders({ send, random }: Attack): void {
  while (spamHeaders.length < SPAM_HEADERS)
    spamHeaders.push(headerOn(spamHeaders.at(-1) ?? GENESIS.header, new Uint8Array(32)));
  send({ type: "headers", headers: [...spamHeaders, headerOn(spamHeaders.at(-1)!, random.bytes(32))] });
}

const spamHeaders: BlockHeader[] = [];

function headerOn(previous: BlockHeader, merkleRoot: Uint8Array): BlockHeader {
  const { hash: previousBlockHash, time } = previous;
  const fields = { ...fieldsOf(previous), version: VERSION, previousBlockHash, time: time + 1 };
  return solve({ ...fields, merkleRoot: merkleRoot as MerkleRoot });
}

/** Right proof of work, but its only transaction is no coinbase. */
function blockOnGenesis(random: SeededRandom): Block {
  const transactions = [orphan(random)];
  const { root: merkleRoot } = blockMerkleRoot({ transactions });
  const { bits, time } = GENESIS.header;
  const fields = {
    version: VERSION,
    bits,
    previousBlockHash: GENESIS.hash,
    merkleRoot,
    time: time + 1 + random.below(1000),
  };
  return new Block(solve({ ...fields, nonce: 0 }), transactions);
}

/** A block on the tip that everybody wants, until it turns out that its miner takes too much. */
async function sendInvalidBlock({ send, random, node, onBadBlock }: Attack): Promise<void> {
  const good = await node.secretBlock();
  if (good === undefined) return;
  const [honest] = good.transactions;
  const [reward, ...others] = honest!.outputs;
  const { version, inputs, lockTime } = honest!;
  const outputs = [{ ...reward!, value: reward!.value + 1n }, ...others.slice(0, -1)];
  const transactions = [commitToWitnesses(new Transaction({ version, inputs, outputs, lockTime }), [])];
  const merkleRoot = blockMerkleRoot({ transactions }).root;
  const block = new Block(solve({ ...fieldsOf(good.header), merkleRoot }), transactions);
  onBadBlock(block.hash);
  if (random.chance(0.5)) send({ type: "block", block });
  else send(makeCompactBlock(block, BigInt(random.uint32())));
}

function sendAddresses({ send, random, clock }: Attack): void {
  const timeSeconds = Math.floor(clock.nowMs() / 1000);
  // Few are news that is passed on, many are kept within limits.
  const count = random.chance(0.5) ? 10 : 1000;
  const addresses = Array.from({ length: count }, () => ({
    address: { network: "ipv4", bytes: random.bytes(4) } as const,
    port: 8333,
    services: 0x409n,
    timeSeconds,
  }));
  send({ type: "addr", count, addresses });
}

function sendInventory({ send, random }: Attack): void {
  const items = Array.from({ length: 2000 }, () => ({ kind: InventoryType.WTX, hash: random.bytes(32) }));
  send({ type: "inv", items });
  send({ type: "inv", items: [{ kind: InventoryType.BLOCK, hash: random.bytes(32) }] });
}

/** Tells of transactions that there are, maybe before others do, but does not send them. */
function announceTransactions({ send, node }: Attack): void {
  const items = [...(node.mempool?.entries() ?? [])].map(({ tx }) => ({ kind: InventoryType.WTX, hash: tx.wtxid }));
  if (items.length > 0) send({ type: "inv", items });
}

/** Is the first to tell of a block, but does not send it. */
function announceTip({ send, node }: Attack): void {
  const tip = node.chain?.tip;
  if (tip !== undefined) send({ type: "headers", headers: [tip.header] });
}

function answerWithoutBlocks({ send, node }: Attack, message: Message): void {
  if (message.type === "version") return;
  if (message.type === "ping") send({ type: "pong", nonce: message.nonce ?? 0n });
  const { chain } = node;
  if (message.type !== "getheaders" || chain === undefined) return;
  const known = message.locator.map((hash) => chain.find(hash)).find((entry) => entry && chain.isInActiveChain(entry));
  const headers: BlockHeader[] = [];
  for (let height = (known?.height ?? 0) + 1; height <= chain.height; height++) {
    if (headers.length < HEADERS_IN_ANSWER_MAX) headers.push(chain.blockAt(height)!.header);
  }
  send({ type: "headers", headers });
}

/** A v1 frame whose payload never comes. */
function frame(magic: Uint8Array, type: string, size: number): Uint8Array {
  const bytes = new Uint8Array(24);
  bytes.set(magic);
  bytes.set(new TextEncoder().encode(type), 4);
  new DataView(bytes.buffer).setUint32(16, size, true);
  return bytes;
}

function orphan(random: SeededRandom): Transaction {
  const previousOutput = { txid: random.bytes(32) as Txid, index: 0 };
  return new Transaction({
    version: 2,
    inputs: [{ previousOutput, scriptSig: new Uint8Array(0), sequence: 0xffffffff, witness: [] }],
    outputs: [{ value: 1000n, scriptPubKey: random.bytes(22) }],
    lockTime: 0,
  });
}

function fieldsOf({ version, previousBlockHash, merkleRoot, time, bits }: BlockHeader) {
  return { version, previousBlockHash, merkleRoot, time, bits, nonce: 0 };
}
