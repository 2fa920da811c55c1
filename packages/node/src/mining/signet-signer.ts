import type { ConsensusParams } from "@bitfleet/protocol/consensus/params.ts";
import {
  checkSignetSolution,
  SIGNET_HEADER,
  signetMessage,
  withSignetSolution,
} from "@bitfleet/protocol/consensus/signet.ts";
import { witnessCommitmentIndex } from "@bitfleet/protocol/consensus/witness-commitment.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { Block, BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { blockMerkleRoot } from "@bitfleet/protocol/primitives/merkle.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { ScriptBuilder } from "@bitfleet/protocol/script/script.ts";
import type { SignetKey } from "./signet-key.ts";

/** Makes the blocks of a signet such that everybody takes them. */
export interface BlockSigner {
  /** The block with a solution in its coinbase, and the merkle root that follows; its nonce is to be found then. */
  sign(block: Block): Block;
}

/**
 * BIP325: signs blocks with a key of ours. The signature covers version, previous block, time and transactions; the nonce is free.
 * Throws where the key does not satisfy the network's challenge, which {@link SignetKey} has seen to.
 */
export class SignetSigner implements BlockSigner {
  readonly #key: SignetKey;
  readonly #deps: { readonly params: ConsensusParams; readonly secp256k1: Secp256k1 };

  constructor(key: SignetKey, deps: { readonly params: ConsensusParams; readonly secp256k1: Secp256k1 }) {
    this.#key = key;
    this.#deps = deps;
  }

  sign(block: Block): Block {
    const { params, secp256k1 } = this.#deps;
    const index = witnessCommitmentIndex(block);
    if (index === undefined) throw new Error("a block of a signet commits to its witnesses");
    const commitment = block.transactions[0]!.outputs[index]!.scriptPubKey;
    // What is signed has the solution's push cut down to its head.
    const headed = new ScriptBuilder().raw(commitment).push(SIGNET_HEADER).bytes();
    const message = signetMessage(withCommitment(block, index, headed), params.signetChallenge!)!;
    const solution = this.#key.solve(message, secp256k1);
    const signed = withCommitment(block, index, withSignetSolution(commitment, solution));
    if (checkSignetSolution(signed, params, secp256k1) !== undefined) {
      throw new Error("the signet's key does not satisfy its challenge");
    }
    return signed;
  }
}

function withCommitment(block: Block, outputIndex: number, scriptPubKey: Uint8Array): Block {
  const [coinbase, ...rest] = block.transactions;
  const { version, inputs, lockTime } = coinbase!;
  const outputs = coinbase!.outputs.map((output, index) =>
    index === outputIndex ? { ...output, scriptPubKey } : output,
  );
  const transactions = [new Transaction({ version, inputs, outputs, lockTime }), ...rest];
  const { previousBlockHash, time, bits, nonce } = block.header;
  const { root: merkleRoot } = blockMerkleRoot({ transactions });
  const header = new BlockHeader({ version: block.header.version, previousBlockHash, merkleRoot, time, bits, nonce });
  return new Block(header, transactions);
}
