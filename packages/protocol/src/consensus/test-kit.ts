/** What the tests of this folder build chains, blocks and coins with. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { concatBytes } from "../bytes/bytes.ts";
import { Reader } from "../bytes/cursor.ts";
import { Block, BlockHeader, type BlockHeaderFields, decodeBlock } from "../primitives/block.ts";
import { merkleRoot } from "../primitives/merkle.ts";
import {
  COINBASE_INDEX,
  decodeTxOutput,
  isCoinbase,
  type OutPoint,
  Transaction,
  type TransactionFields,
  type TxInput,
  type TxOutput,
} from "../primitives/transaction.ts";
import {
  type BlockHash,
  type MerkleRoot,
  type OutPointKey,
  outPointKey,
  type Sats,
  type Txid,
  ZERO_HASH,
} from "../primitives/types.ts";
import { ancestorAt, type ChainLink, type Coin, type CoinLookup } from "./chain-view.ts";
import { coinbaseHeightScript } from "./check-block.ts";
import { outPointsOf } from "./connect-block.ts";
import type { ConsensusParams } from "./params.ts";
import { checkProofOfWork, nextWorkRequired, workOfBits } from "./pow.ts";
import { blockSubsidy } from "./subsidy.ts";
import { commitToWitnesses } from "./witness-commitment.ts";

/** OP_TRUE: anybody may spend. */
export const ANYONE = Uint8Array.of(0x51);

const vectorsFolder = resolve(process.env.VECTORS_DIR ?? join(import.meta.dirname, "../../../../../shared/vectors"));

/** False where the vectors are not on this machine: suites that need them skip, and say so by their names. */
export const hasVectors = existsSync(vectorsFolder);

export function readVector(path: string): Uint8Array {
  return new Uint8Array(readFileSync(join(vectorsFolder, path)));
}

/** A header of no particular content. Its hash is not mined. */
export function header(fields: Partial<BlockHeaderFields> = {}): BlockHeader {
  return new BlockHeader({
    version: 0x20000000,
    previousBlockHash: ZERO_HASH as BlockHash,
    merkleRoot: ZERO_HASH as MerkleRoot,
    time: 0,
    bits: 0x207fffff,
    nonce: 0,
    ...fields,
  });
}

/** A block in a chain of its own, with the ancestors that are given. */
export function linkAt(height: number, fields: Partial<BlockHeaderFields> = {}, previous?: ChainLink): ChainLink {
  const link: ChainLink = {
    header: header(fields),
    height,
    chainwork: (previous?.chainwork ?? 0n) + workOfBits(fields.bits ?? 0x207fffff),
    previous,
    ancestor: (at) => (at === height ? link : previous && ancestorAt(previous, at)),
  };
  return link;
}

/** A chain from genesis, whose headers `fieldsOf` tells by height; the last link is the tip. */
export function chainOf(
  blockCount: number,
  fieldsOf: (height: number, previous: ChainLink | undefined) => Partial<BlockHeaderFields>,
): ChainLink[] {
  return extendChain([], blockCount, fieldsOf);
}

/** A longer chain on top of `base`, which stays as it is. */
export function extendChain(
  base: readonly ChainLink[],
  blockCount: number,
  fieldsOf: (height: number, previous: ChainLink | undefined) => Partial<BlockHeaderFields>,
): ChainLink[] {
  const links = [...base];
  for (let index = 0; index < blockCount; index++) appendLink(links, header(fieldsOf(links.length, links.at(-1))));
  return links;
}

/** Puts a header on top of a chain. */
export function appendLink(links: ChainLink[], blockHeader: BlockHeader): ChainLink {
  const previous = links.at(-1);
  const link: ChainLink = {
    header: blockHeader,
    height: links.length,
    chainwork: (previous?.chainwork ?? 0n) + workOfBits(blockHeader.bits),
    previous,
    ancestor: (height) => links[height],
  };
  links.push(link);
  return link;
}

export function input(previousOutput: OutPoint, fields: Partial<TxInput> = {}): TxInput {
  return { previousOutput, scriptSig: new Uint8Array(0), sequence: 0xffffffff, witness: [], ...fields };
}

export function output(value: Sats, scriptPubKey: Uint8Array = ANYONE): TxOutput {
  return { value, scriptPubKey };
}

/** An outpoint of a transaction that does not exist, another one for each number. */
export function outPoint(number: number, index = 0): OutPoint {
  const txid = new Uint8Array(32).fill(0xaa);
  new DataView(txid.buffer).setUint32(0, number, true);
  return { txid: txid as Txid, index };
}

export function transaction(fields: Partial<TransactionFields> = {}): Transaction {
  return new Transaction({ version: 2, inputs: [input(outPoint(0))], outputs: [output(1n)], lockTime: 0, ...fields });
}

export function coinbase(height: number, fields: Partial<TransactionFields> = {}): Transaction {
  const scriptSig = concatBytes(coinbaseHeightScript(height), Uint8Array.of(0));
  return transaction({
    inputs: [input({ txid: ZERO_HASH as Txid, index: COINBASE_INDEX }, { scriptSig })],
    outputs: [output(0n)],
    ...fields,
  });
}

export function coin(value: Sats, fields: Partial<Coin> & { readonly script?: Uint8Array } = {}): Coin {
  return { output: output(value, fields.script), height: fields.height ?? 1, isCoinbase: fields.isCoinbase ?? false };
}

export function lookupOf(coins: Iterable<readonly [OutPoint, Coin]>): CoinLookup {
  const known = new Map<OutPointKey, Coin>();
  for (const [point, value] of coins) known.set(outPointKey(point), value);
  return (key) => known.get(key);
}

/** A block of these transactions, with a header that commits to them but is not mined. */
export function blockOf(transactions: readonly Transaction[], fields: Partial<BlockHeaderFields> = {}): Block {
  const { root } = merkleRoot(transactions.map((tx) => tx.txid));
  return new Block(header({ merkleRoot: root, ...fields }), transactions);
}

/** A valid regtest block on `previous`: full subsidy, commitment, mined. */
export function mineBlock(
  previous: ChainLink,
  params: ConsensusParams,
  transactions: readonly Transaction[] = [],
  fields: Partial<BlockHeaderFields> = {},
): Block {
  const height = previous.height + 1;
  const bare = coinbase(height, { outputs: [output(blockSubsidy(height, params))] });
  const all = [commitToWitnesses(bare, transactions), ...transactions];
  const time = fields.time ?? previous.header.time + 600;
  const bits = nextWorkRequired(previous, { time }, params);
  return mine(blockOf(all, { previousBlockHash: previous.header.hash, time, bits, ...fields }), params);
}

/** The block with the first nonce that makes it valid. Only for the lowest difficulty. */
export function mine(block: Block, params: ConsensusParams): Block {
  for (let nonce = 0; nonce < 1000; nonce++) {
    const mined = new BlockHeader({ ...fieldsOf(block.header), nonce });
    if (checkProofOfWork(mined.hash, mined.bits, params)) return new Block(mined, block.transactions);
  }
  throw new Error("no nonce found");
}

export function fieldsOf(blockHeader: BlockHeader): BlockHeaderFields {
  const { version, previousBlockHash, merkleRoot: root, time, bits, nonce } = blockHeader;
  return { version, previousBlockHash, merkleRoot: root, time, bits, nonce };
}

/** A real block with the outputs it spent. */
export interface RealBlock {
  readonly name: string;
  readonly height: number;
  readonly block: Block;
  readonly spent: readonly TxOutput[];
}

export function readRealBlock(name: string): Block {
  return decodeBlock(readVector(`blocks/${name}.block`));
}

/** Real blocks whose spent outputs are known; height from the name. */
export function readBlockWithSpent(name: string): RealBlock {
  const reader = new Reader(readVector(`blocks/${name}.spent`));
  const spent: TxOutput[] = [];
  while (reader.remaining > 0) spent.push(decodeTxOutput(reader));
  return { name, height: Number(name.split("-")[1]), block: readRealBlock(name), spent };
}

/** A coin lookup for a real block, in which every coin from outside the block is old and no coinbase. */
export function lookupOfSpent({ block, spent }: Pick<RealBlock, "block" | "spent">): CoinLookup {
  const fetched = new Set(outPointsOf(block).map(outPointKey));
  const coins: [OutPoint, Coin][] = [];
  let position = 0;
  for (const tx of block.transactions) {
    if (isCoinbase(tx)) continue;
    for (const { previousOutput } of tx.inputs) {
      const spentOutput = spent[position++]!;
      if (!fetched.has(outPointKey(previousOutput))) continue;
      coins.push([previousOutput, { output: spentOutput, height: 1, isCoinbase: false }]);
    }
  }
  return lookupOf(coins);
}
