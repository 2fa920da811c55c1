import { concatBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { ChainLink } from "@bitfleet/protocol/consensus/chain-view.ts";
import { coinbaseHeightScript } from "@bitfleet/protocol/consensus/check-block.ts";
import { isActive } from "@bitfleet/protocol/consensus/deployments.ts";
import { medianTimePast } from "@bitfleet/protocol/consensus/locktime.ts";
import type { ConsensusParams } from "@bitfleet/protocol/consensus/params.ts";
import { difficultyInterval, nextWorkRequired } from "@bitfleet/protocol/consensus/pow.ts";
import { blockSubsidy } from "@bitfleet/protocol/consensus/subsidy.ts";
import { computeBlockVersion, type VersionBitsCache } from "@bitfleet/protocol/consensus/version-bits.ts";
import { commitToWitnesses } from "@bitfleet/protocol/consensus/witness-commitment.ts";
import { Block, BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { blockMerkleRoot } from "@bitfleet/protocol/primitives/merkle.ts";
import { COINBASE_INDEX, Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { type Sats, type Txid, ZERO_HASH } from "@bitfleet/protocol/primitives/types.ts";
import { pushData } from "@bitfleet/protocol/script/script.ts";

/** BIP94: how far before its previous block's time the first block of a period may lie, in seconds. */
const TIMEWARP_GRACE_SECONDS = 600;

/** One below final, so that the lock time counts: the coinbase cannot be valid before its own height. */
const COINBASE_SEQUENCE = 0xfffffffe;

/** A transaction chosen for a block, with what choosing it has already worked out. */
export interface TemplateTransaction {
  readonly tx: Transaction;
  readonly fee: Sats;
  /** BIP141 */
  readonly sigopsCost: number;
}

export interface TemplateOptions {
  /** `-blockversion`, on regtest; else by the signalling rules. */
  readonly version?: number;
}

/** What the chain says at the moment the template is made. */
export interface TemplateContext {
  readonly previous: ChainLink;
  readonly params: ConsensusParams;
  readonly nowSeconds: number;
  readonly versionBits: VersionBitsCache;
}

/** All of the next block but its coinbase's outputs and its proof of work. */
export interface BlockTemplate {
  readonly previous: ChainLink;
  readonly height: number;
  readonly version: number;
  readonly bits: number;
  readonly time: number;
  /** Earliest time that the rules allow, in seconds. */
  readonly timeMin: number;
  readonly transactions: readonly TemplateTransaction[];
  /** Subsidy and fees: what the coinbase may pay out. */
  readonly coinbaseValue: Sats;
  readonly commitsToWitnesses: boolean;
}

/** The template of the block after `context.previous` with `transactions` in that order behind the coinbase. */
export function createBlockTemplate(
  context: TemplateContext,
  transactions: readonly TemplateTransaction[],
  options: TemplateOptions = {},
): BlockTemplate {
  const { previous, params, nowSeconds } = context;
  const height = previous.height + 1;
  const timeMin = earliestTime(previous, params);
  const time = Math.max(timeMin, nowSeconds);
  const fees = transactions.reduce((sum, { fee }) => sum + fee, 0n);
  return {
    previous,
    height,
    version: options.version ?? computeBlockVersion(previous, params, context.versionBits),
    bits: nextWorkRequired(previous, { time }, params),
    time,
    timeMin,
    transactions,
    coinbaseValue: blockSubsidy(height, params) + fees,
    commitsToWitnesses: isActive("segwit", previous, params),
  };
}

/** Later than the median of eleven; at the start of a period not far before the last block, which BIP94 networks enforce. */
function earliestTime(previous: ChainLink, params: ConsensusParams): number {
  const afterMedian = medianTimePast(previous) + 1;
  const startsPeriod = (previous.height + 1) % difficultyInterval(params) === 0;
  return startsPeriod ? Math.max(afterMedian, previous.header.time - TIMEWARP_GRACE_SECONDS) : afterMedian;
}

/** The least that rules ask of a coinbase's script is two bytes; up to here the height is one. */
const ONE_BYTE_HEIGHT_MAX = 16;
const OP_0 = Uint8Array.of(0);

/**
 * The block of a template, without proof of work, that pays to `script`. `extraNonce` makes its coinbase unlike that of
 * others who mine on the same block for the same script; without one it is byte for byte what Core's is. `tag`, of at most
 * 75 bytes, says more of who made it.
 */
export function blockFromTemplate(
  template: BlockTemplate,
  script: Uint8Array,
  extraNonce?: Uint8Array,
  tag?: Uint8Array,
): Block {
  const padding = template.height <= ONE_BYTE_HEIGHT_MAX ? [OP_0] : [];
  const rest = template.transactions.map(({ tx }) => tx);
  const plain = new Transaction({
    version: 2,
    inputs: [
      {
        previousOutput: { txid: ZERO_HASH as Txid, index: COINBASE_INDEX },
        scriptSig: concatBytes(
          coinbaseHeightScript(template.height),
          ...(extraNonce === undefined ? padding : [pushData(extraNonce)]),
          ...(tag === undefined ? [] : [pushData(tag)]),
        ),
        sequence: COINBASE_SEQUENCE,
        witness: [],
      },
    ],
    outputs: [{ value: template.coinbaseValue, scriptPubKey: script }],
    lockTime: template.height - 1,
  });
  const coinbase = template.commitsToWitnesses ? commitToWitnesses(plain, rest) : plain;
  const transactions = [coinbase, ...rest];
  const header = new BlockHeader({
    version: template.version,
    previousBlockHash: template.previous.header.hash,
    merkleRoot: blockMerkleRoot({ transactions }).root,
    time: template.time,
    bits: template.bits,
    nonce: 0,
  });
  return new Block(header, transactions);
}
