import { countSigops, lastPushOf, witnessProgramOf } from "@bitfleet/protocol/script/script.ts";
import type { Psbt, PsbtInput } from "./psbt.ts";
import { spentOutputOf } from "./sign-input.ts";

/**
 * What it takes to find out whether signatures suffice. A PSBT says itself what its inputs spend: none of the limits of blocks and mempool
 * holds for what somebody makes up.
 */
export interface CheckingWork {
  /** Signatures that are verified, and what costs about as much. */
  readonly operations: number;
  /** What signatures outside witnesses sign is the whole transaction, each of them another form of it. */
  readonly hashedBytes: number;
}

const BLANK_INPUT_SIZE = 41;
const OUTPUT_HEAD_SIZE = 9;
/** To multiply a point costs more here than to verify. */
const OPERATIONS_PER_PARTICIPANT = 4;
/** Of an aggregate signature: its key and both its nonces come to be summed up. */
const OPERATIONS_PER_PART = 15;
/** Of the way from an aggregate key to one that is derived from it. */
const OPERATIONS_PER_STEP = 1;
const NO_SCRIPT = new Uint8Array(0);

/** The work at most, by what the scripts of a PSBT announce: none is run for it. */
export function checkingWorkOf({ inputs, outputs }: Psbt): CheckingWork {
  const outputsSize = outputs.reduce((sum, { scriptPubKey }) => sum + OUTPUT_HEAD_SIZE + scriptPubKey.length, 0);
  const size = inputs.length * BLANK_INPUT_SIZE + outputsSize;
  let operations = 0;
  let hashedBytes = 0;
  for (const input of inputs) {
    const legacy = legacyOperations(input);
    operations += 1 + legacy + witnessOperations(input) + musigOperations(input);
    hashedBytes += legacy * size;
  }
  return { operations, hashedBytes };
}

function legacyOperations(input: PsbtInput): number {
  const { redeemScript = NO_SCRIPT, finalScriptSig = NO_SCRIPT } = input;
  const scripts = [redeemScript, finalScriptSig, lastPushOf(finalScriptSig) ?? NO_SCRIPT];
  const spent = spentOutputOf(input)?.scriptPubKey ?? NO_SCRIPT;
  if (witnessProgramOf(spent) === undefined) scripts.push(spent);
  return sigopsOf(scripts);
}

/** Of tapscript too: what runs of one has its signatures in the input, but for those behind branches. */
function witnessOperations({ witnessScript = NO_SCRIPT, finalWitness = [], ...input }: PsbtInput): number {
  const leaves = [...input.taprootScripts.values()].map(({ script }) => script);
  return sigopsOf([witnessScript, ...finalWitness.slice(-3), ...leaves]);
}

/** Each key is aggregated, each derivation followed, and each part put in its place once at most. */
function musigOperations({ musigPartialSignatures, musigParticipants, taprootDerivations }: PsbtInput): number {
  if (musigParticipants.size === 0) return 0;
  let operations = musigPartialSignatures.size * OPERATIONS_PER_PART;
  for (const { participants } of musigParticipants.values()) {
    operations += participants.length * OPERATIONS_PER_PARTICIPANT;
  }
  for (const { origin } of taprootDerivations.values()) operations += origin.path.length * OPERATIONS_PER_STEP;
  return operations;
}

const sigopsOf = (scripts: readonly Uint8Array[]) =>
  scripts.reduce((sum, script) => sum + countSigops(script, true), 0);
