import { amountNumber } from "@bitfleet/api/amount.ts";
import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { RpcValue } from "@bitfleet/api/json.ts";
import { helpFor } from "@bitfleet/api/rpc/rpc-methods.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { isActive } from "@bitfleet/protocol/consensus/deployments.ts";
import { medianTimePast } from "@bitfleet/protocol/consensus/locktime.ts";
import { difficultyInterval, nextWorkRequired } from "@bitfleet/protocol/consensus/pow.ts";
import { WITNESS_RESERVED_VALUE, witnessCommitmentIndex } from "@bitfleet/protocol/consensus/witness-commitment.ts";
import { Block, BlockHeader, decodeBlockHeader, readBlock } from "@bitfleet/protocol/primitives/block.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, parseDisplayHash, type Txid, ZERO_HASH } from "@bitfleet/protocol/primitives/types.ts";
import { decodeAddress } from "@bitfleet/protocol/script/address.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import { type GenerateRefusal, isGenerateRefusal } from "../../mining/generate.ts";
import { bitsText, difficultyOf, targetText } from "../chain-json.ts";
import { HASHRATE_BLOCKS, hashesPerSecond } from "../hash-rate.ts";
import { decodeHex } from "./decode-hex.ts";
import { decodeTransactionText } from "./decode-transaction.ts";
import { type DescriptorContext, scriptToPay } from "./descriptor-params.ts";
import { busyOr } from "./rpc-chain.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";

/** Calls that take blocks, make blocks and tell miners where the chain is. */
export function miningHandlers(deps: Pick<RpcDependencies, "chain" | "clock" | "generator" | "mempool" | "secp256k1">) {
  const { chain, generator } = deps;
  const { params, addressPrefixes } = chain.network;
  const scripts: DescriptorContext = { prefixes: addressPrefixes, secp256k1: deps.secp256k1 };

  /** Core fills in the witness reserved value of a coinbase that commits to witnesses and has none itself. */
  const withReservedValue = (block: Block): Block => {
    const [coinbase, ...rest] = block.transactions;
    const input = coinbase?.inputs[0];
    const previous = chain.find(block.header.previousBlockHash);
    if (coinbase === undefined || input === undefined || previous === undefined || coinbase.hasWitness) return block;
    if (witnessCommitmentIndex(block) === undefined || !isActive("segwit", previous, params)) return block;
    const inputs = [{ ...input, witness: [WITNESS_RESERVED_VALUE] }, ...coinbase.inputs.slice(1)];
    const { version, outputs, lockTime } = coinbase;
    return new Block(block.header, [new Transaction({ version, inputs, outputs, lockTime }), ...rest]);
  };

  const scriptOfAddress = (address: string): Uint8Array | undefined => {
    const decoded = decodeAddress(address, addressPrefixes);
    return "script" in decoded ? decoded.script : undefined;
  };

  const generate = async (script: Uint8Array, count: number, triesMax: number): Promise<RpcValue> => {
    const hashes = await generator.generate(script, Math.max(0, count), Math.max(0, triesMax));
    if (isGenerateRefusal(hashes)) {
      throw new RpcError(RpcErrorCode.INTERNAL_ERROR, `ProcessNewBlock, block not accepted: ${hashes.reason}`);
    }
    return hashes.map(displayHash);
  };

  return {
    submitblock: async ({ hexdata }) => {
      const block = decodeHex(hexdata, readBlock);
      if (block === undefined) throw new RpcError(RpcErrorCode.DESERIALIZATION_ERROR, "Block decode failed");
      const submission = await chain.submitBlock(withReservedValue(block));
      if (submission.accepted && !submission.isNew) return "duplicate";
      const { reject } = submission;
      if (reject?.kind === "busy") throw busyOr(reject, RpcErrorCode.VERIFY_ERROR, "");
      if (reject !== undefined) return reject.reason === "" ? "rejected" : reject.reason;
      return submission.isChecked ? null : "inconclusive";
    },

    submitheader: async ({ hexdata }) => {
      const header = decodeHex(hexdata, decodeBlockHeader);
      if (header === undefined) throw new RpcError(RpcErrorCode.DESERIALIZATION_ERROR, "Block header decode failed");
      if (chain.find(header.previousBlockHash) === undefined) {
        const hash = displayHash(header.previousBlockHash);
        throw new RpcError(RpcErrorCode.VERIFY_ERROR, `Must submit previous header (${hash}) first`);
      }
      const { reject } = await chain.submitHeader(header);
      if (reject !== undefined) throw busyOr(reject, RpcErrorCode.VERIFY_ERROR, reject.reason);
      return null;
    },

    generate: () => {
      throw new RpcError(RpcErrorCode.METHOD_NOT_FOUND, helpFor("generate"));
    },

    generatetoaddress: ({ nblocks, address, maxtries }) => {
      const script = scriptOfAddress(address);
      if (script === undefined) throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, "Error: Invalid address");
      // As in Core, whose count has no sign: a negative one is more than anybody lives to see.
      return generate(script, nblocks, maxtries < 0 ? Number.MAX_SAFE_INTEGER : maxtries);
    },

    generatetodescriptor: ({ num_blocks: count, descriptor, maxtries }) => {
      const read = scriptToPay(descriptor, scripts);
      if ("error" in read) throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, read.error);
      return generate(read.script, count, maxtries);
    },

    generateblock: async ({ output, transactions, submit }) => {
      const read = scriptToPay(output, scripts);
      const script = "script" in read ? read.script : scriptOfAddress(output);
      if (script === undefined) {
        throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, "Error: Invalid address or descriptor");
      }
      const block = await generator.generateBlock(
        script,
        transactions.map((text) => blockTransaction(text, deps.mempool)),
        submit,
      );
      if (isGenerateRefusal(block)) throw generateBlockError(block);
      return { hash: displayHash(block.hash), hex: submit ? undefined : toHex(block.bytes) };
    },

    getnetworkhashps: ({ nblocks, height }) => {
      if (nblocks < -1 || nblocks === 0) {
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, "Invalid nblocks. Must be a positive number or -1.");
      }
      const top = height === -1 ? chain.tip : height < -1 ? undefined : chain.blockAt(height);
      if (top === undefined) {
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, "Block does not exist at specified height");
      }
      return hashesPerSecond(top, nblocks === -1 ? (top.height % difficultyInterval(params)) + 1 : nblocks);
    },

    getmininginfo: () => {
      const { tip } = chain;
      const { bits } = tip.header;
      const next = nextBits(tip, deps.clock.nowMs(), params);
      return {
        blocks: tip.height,
        currentblockweight: generator.lastAssembled?.weight,
        currentblocktx: generator.lastAssembled?.transactionCount,
        bits: bitsText(bits),
        difficulty: difficultyOf(bits),
        target: targetText(bits),
        networkhashps: hashesPerSecond(tip, HASHRATE_BLOCKS),
        pooledtx: deps.mempool.size,
        blockmintxfee: amountNumber(generator.minFeerateSatPerKvb),
        chain: chain.network.name,
        next: {
          height: tip.height + 1,
          bits: bitsText(next),
          difficulty: difficultyOf(next),
          target: targetText(next),
        },
        signet_challenge: params.signetChallenge && toHex(params.signetChallenge),
        warnings: chain.warnings(),
      };
    },
  } satisfies Partial<RpcHandlers>;
}

function generateBlockError({ reason, step }: GenerateRefusal): RpcError {
  switch (step) {
    case "test":
      return new RpcError(RpcErrorCode.VERIFY_ERROR, `TestBlockValidity failed: ${reason}`);
    case "search":
      return new RpcError(RpcErrorCode.MISC_ERROR, "Failed to make block.");
    case "submit":
      return new RpcError(RpcErrorCode.INTERNAL_ERROR, `ProcessNewBlock, block not accepted: ${reason}`);
  }
}

/** A transaction of generateblock: one of the mempool by its id, or any by its bytes. */
function blockTransaction(text: string, mempool: RpcDependencies["mempool"]): Transaction {
  const txid = parseDisplayHash<Txid>(text);
  if (txid !== undefined) {
    const entry = mempool.get(txid);
    if (entry !== undefined) return entry.tx;
    throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, `Transaction ${text} not in mempool.`);
  }
  const tx = decodeTransactionText(text, "either");
  if (tx !== undefined) return tx;
  throw new RpcError(
    RpcErrorCode.DESERIALIZATION_ERROR,
    `Transaction decode failed for ${text}. Make sure the tx has at least one input.`,
  );
}

/** Compact target of an empty block that is made now. */
function nextBits(tip: BlockIndexEntry, nowMs: number, params: RpcDependencies["chain"]["network"]["params"]): number {
  const time = Math.max(medianTimePast(tip) + 1, Math.floor(nowMs / 1000));
  const header = new BlockHeader({
    version: 0,
    previousBlockHash: tip.hash,
    merkleRoot: ZERO_HASH as BlockHeader["merkleRoot"],
    time,
    bits: 0,
    nonce: 0,
  });
  return nextWorkRequired(tip, header, params);
}
