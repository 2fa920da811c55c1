import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { contextualCheckBlock } from "@bitfleet/protocol/consensus/check-block.ts";
import { checkBlockHeader, contextualCheckBlockHeader } from "@bitfleet/protocol/consensus/check-header.ts";
import { type BlockReject, blockReject, rejectText } from "@bitfleet/protocol/consensus/verdict.ts";
import type { Block, BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { FilePosition } from "../ports.ts";
import type { BlockIndexEntry } from "./block-index.ts";
import type { Chainstate } from "./chainstate.ts";

/** Blocks that nobody asked for are kept only this near above the tip: further out they would defeat pruning. */
export const UNREQUESTED_BLOCKS_AHEAD_MAX = 288;

export type Accepted =
  | { readonly entry: BlockIndexEntry; readonly reject?: undefined; readonly isNew: boolean }
  | { readonly entry?: BlockIndexEntry; readonly reject: BlockReject; readonly isNew: false };

export interface AcceptBlockOptions {
  readonly requested: boolean;
  readonly minPowChecked: boolean;
  /** Where the block is stored already (`-reindex`). */
  readonly position?: FilePosition;
}

/** Puts a header into the index where it passes the header rules, or says why not. */
export function acceptHeader(state: Chainstate, header: BlockHeader, minPowChecked: boolean): Accepted {
  const { index } = state.deps;
  const known = index.find(header.hash);
  if (known !== undefined) {
    if (!known.isInvalid) return { entry: known, isNew: false };
    const hash = displayHash(header.hash);
    logRefusal(state, `AcceptBlockHeader: block ${hash} is marked invalid`);
    if (known.isSetAside) return { entry: known, reject: setAside("duplicate-invalid"), isNew: false };
    const reject = blockReject("cached-invalid", "duplicate-invalid", `block ${hash} was previously marked invalid`);
    return { entry: known, reject, isNew: false };
  }
  const reject = refuseHeader(state, header, minPowChecked);
  if (reject !== undefined) return { reject, isNew: false };
  return { entry: index.addHeader(header, index.find(header.previousBlockHash)), isNew: true };
}

function refuseHeader(state: Chainstate, header: BlockHeader, minPowChecked: boolean): BlockReject | undefined {
  if (equalBytes(header.hash, state.params.genesis.hash)) return undefined;
  const hash = () => displayHash(header.hash);
  const reject = checkBlockHeader(header, state.params);
  if (reject !== undefined) {
    logRefusal(state, `AcceptBlockHeader: Consensus::CheckBlockHeader: ${hash()}, ${rejectText(reject)}`);
    return reject;
  }
  const previous = state.deps.index.find(header.previousBlockHash);
  if (previous === undefined) {
    logRefusal(state, `header ${hash()} has prev block not found: ${displayHash(header.previousBlockHash)}`);
    return blockReject("missing-previous", "prev-blk-not-found");
  }
  if (previous.isInvalid) {
    logRefusal(state, `header ${hash()} has prev block invalid: ${displayHash(header.previousBlockHash)}`);
    return previous.isSetAside ? setAside("bad-prevblk") : blockReject("invalid-previous", "bad-prevblk");
  }
  const contextual = contextualCheckBlockHeader(header, previous, state.params, state.nowSeconds());
  if (contextual !== undefined) {
    const where = "AcceptBlockHeader: Consensus::ContextualCheckBlockHeader";
    logRefusal(state, `${where}: ${hash()}, ${rejectText(contextual)}`);
    return contextual;
  }
  if (minPowChecked) return undefined;
  const why = "missing anti-dos proof-of-work validation";
  logRefusal(state, `AcceptBlockHeader: not adding new block header ${hash()}, ${why}`);
  return blockReject("header-low-work", "too-little-chainwork");
}

const setAside = (reason: string) => blockReject("set-aside", reason, "the chain was taken back from it");

/** The line that tools wait for. */
function logRefusal(state: Chainstate, line: string): void {
  state.deps.log.debug("validation", line);
}

/**
 * Stores a block that passed `checkBlock`, where its header is accepted and it was asked for or is worth keeping. `isNew` tells
 * that it was stored by this call. A block that breaks a rule marks its header as invalid, unless the data may be not what
 * the header commits to.
 */
export function acceptBlock(state: Chainstate, block: Block, options: AcceptBlockOptions): Accepted {
  const header = acceptHeader(state, block.header, options.minPowChecked);
  if (header.reject !== undefined) return header;
  const { entry } = header;
  if (entry.hasData || (!options.requested && !isWorthKeeping(state, entry))) return { entry, isNew: false };
  // Genesis is what the network says it is, also where rules begin with it (BIP34 at height 0).
  const reject = entry.previous && contextualCheckBlock(block, entry.previous, state.params);
  if (reject !== undefined) {
    if (reject.kind !== "mutated") markInvalid(state, entry);
    return { entry, reject, isNew: false };
  }
  if (!state.isInitialBlockDownload && state.active.tip === entry.previous)
    state.deps.events.emit({ type: "block-arrived", entry, block });
  storeBlock(state, entry, block, options.position);
  return { entry, isNew: true };
}

/** Anti-DoS for blocks that nobody asked for: at least the tip's work, near it, and on a chain with the work we know to exist. */
function isWorthKeeping(state: Chainstate, entry: BlockIndexEntry): boolean {
  const { tip, height } = state.active;
  if (entry.transactionCount > 0) return false;
  if (tip !== undefined && entry.chainwork < tip.chainwork) return false;
  return entry.height <= height + UNREQUESTED_BLOCKS_AHEAD_MAX && entry.chainwork >= state.options.minimumChainwork;
}

function storeBlock(state: Chainstate, entry: BlockIndexEntry, block: Block, known: FilePosition | undefined): void {
  const { files, index } = state.deps;
  const { bytes } = block;
  if (known !== undefined) files.noteBlock(known, bytes.length, entry.height, entry.time);
  const position = known ?? files.appendBlock(bytes, entry.height, entry.time);
  const hasWitnessRules = entry.height >= state.params.activationHeights.segwit;
  for (const complete of index.addData(entry, position, block.transactions.length, hasWitnessRules))
    state.addCandidate(complete);
}

/** Marks a block and its descendants as never to be connected. */
export function markInvalid(state: Chainstate, entry: BlockIndexEntry): void {
  state.deps.index.markInvalid(entry);
  state.noteInvalid(entry);
}
