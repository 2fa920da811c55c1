import { fromHex } from "../bytes/bytes.ts";
import { Writer } from "../bytes/cursor.ts";
import { Block, BlockHeader } from "../primitives/block.ts";
import { merkleRoot } from "../primitives/merkle.ts";
import { COINBASE_INDEX, Transaction } from "../primitives/transaction.ts";
import { type BlockHash, type Txid, ZERO_HASH } from "../primitives/types.ts";
import { COIN } from "./amount.ts";

/** What differs between the genesis blocks of the networks. */
export interface GenesisFacts {
  readonly time: number;
  readonly nonce: number;
  readonly bits: number;
  /** Proof that the block is no older than this, in ASCII. */
  readonly message: string;
  /** Hex of the key that the output pays. The output itself can never be spent. */
  readonly publicKey: string;
}

/** The message and key of the first Bitcoin block, which most test networks repeat. */
export const SATOSHI_GENESIS: Pick<GenesisFacts, "message" | "publicKey"> = {
  message: "The Times 03/Jan/2009 Chancellor on brink of second bailout for banks",
  publicKey:
    "04678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5f",
};

const OP_PUSHDATA1 = 0x4c;
const OP_CHECKSIG = 0xac;

/** Builds a network's first block: version 1, one coinbase that pays 50 BTC to a bare public key. */
export function genesisBlock(facts: GenesisFacts): Block {
  const message = new TextEncoder().encode(facts.message);
  const scriptSig = new Writer();
  // The bits and extra nonce that the first miner pushed: 0x1d00ffff as a number, then 4. Test networks kept them.
  scriptSig.bytes(fromHex("04ffff001d0104"));
  if (message.length >= OP_PUSHDATA1) scriptSig.uint8(OP_PUSHDATA1);
  scriptSig.uint8(message.length).bytes(message);

  const publicKey = fromHex(facts.publicKey);
  const scriptPubKey = new Writer().uint8(publicKey.length).bytes(publicKey).uint8(OP_CHECKSIG);

  const coinbase = new Transaction({
    version: 1,
    inputs: [
      {
        previousOutput: { txid: ZERO_HASH as Txid, index: COINBASE_INDEX },
        scriptSig: scriptSig.toBytes(),
        sequence: 0xffffffff,
        witness: [],
      },
    ],
    outputs: [{ value: 50n * COIN, scriptPubKey: scriptPubKey.toBytes() }],
    lockTime: 0,
  });
  const header = new BlockHeader({
    version: 1,
    previousBlockHash: ZERO_HASH as BlockHash,
    merkleRoot: merkleRoot([coinbase.txid]).root,
    time: facts.time,
    bits: facts.bits,
    nonce: facts.nonce,
  });
  return new Block(header, [coinbase]);
}
