import { type Transaction, WITNESS_SCALE_FACTOR } from "../primitives/transaction.ts";
import type { Sats } from "../primitives/types.ts";
import { isPushOnly } from "../script/script.ts";
import { templateOf } from "../script/templates.ts";
import { DUST_RELAY_FEERATE_DEFAULT, dustOutputs } from "./dust.ts";
import { type PolicyReject, policyReject } from "./verdict.ts";

export const TRANSACTION_VERSION_MIN = 1;
export const TRANSACTION_VERSION_MAX = 3;
/** Larger transactions cost more to check than a node likes to give away. */
export const STANDARD_WEIGHT_MAX = 400_000;
/** CVE-2017-12842: 64 bytes could be an inner node of a merkle tree. */
export const STANDARD_STRIPPED_SIZE_MIN = 65;
/** A 15-of-15 multisig of compressed keys in a redeem script fits. */
const SCRIPT_SIG_SIZE_MAX = 1650;
/** Keys of a multisig that stands in the output itself. */
const BARE_MULTISIG_KEYS_MAX = 3;
/** Outputs below the dust threshold: one, which the child has to spend (ephemeral dust). */
const DUST_OUTPUTS_MAX = 1;

/** The taste of this node in single transactions. */
export interface StandardnessOptions {
  /** `-dustrelayfee`, satoshis a thousand vbytes. */
  readonly dustFeerateSatPerKvb: Sats;
  /** `-datacarriersize`: bytes of all data outputs together; `undefined` with `-datacarrier=0`. */
  readonly dataCarrierSizeMax: number | undefined;
  /** `-permitbaremultisig` */
  readonly permitBareMultisig: boolean;
}

export const STANDARDNESS_DEFAULT: StandardnessOptions = {
  dustFeerateSatPerKvb: DUST_RELAY_FEERATE_DEFAULT,
  dataCarrierSizeMax: STANDARD_WEIGHT_MAX / WITNESS_SCALE_FACTOR,
  permitBareMultisig: true,
};

/** What can be said against a transaction without its coins, beyond consensus and {@link checkStrippedSize}. */
export function checkStandard(tx: Transaction, options: StandardnessOptions): PolicyReject | undefined {
  if (tx.version < TRANSACTION_VERSION_MIN || tx.version > TRANSACTION_VERSION_MAX) return notStandard("version");
  if (tx.weight > STANDARD_WEIGHT_MAX) return notStandard("tx-size");
  for (const { scriptSig } of tx.inputs) {
    if (scriptSig.length > SCRIPT_SIG_SIZE_MAX) return notStandard("scriptsig-size");
    // What does more than push could be changed by others without making it invalid.
    if (!isPushOnly(scriptSig)) return notStandard("scriptsig-not-pushonly");
  }
  const reject = checkOutputScripts(tx, options);
  if (reject !== undefined) return reject;
  const isDusty = dustOutputs(tx, options.dustFeerateSatPerKvb).length > DUST_OUTPUTS_MAX;
  return isDusty ? notStandard("dust") : undefined;
}

/** Holds with `-acceptnonstdtxn` too. */
export function checkStrippedSize(tx: Transaction): PolicyReject | undefined {
  return tx.strippedSize < STANDARD_STRIPPED_SIZE_MIN ? notStandard("tx-size-small") : undefined;
}

function checkOutputScripts(tx: Transaction, options: StandardnessOptions): PolicyReject | undefined {
  let dataSizeLeft = options.dataCarrierSizeMax ?? 0;
  for (const { scriptPubKey } of tx.outputs) {
    const template = templateOf(scriptPubKey);
    if (template.type === "nonstandard") return notStandard("scriptpubkey");
    if (template.type === "multisig") {
      if (template.publicKeys.length > BARE_MULTISIG_KEYS_MAX) return notStandard("scriptpubkey");
      if (!options.permitBareMultisig) return notStandard("bare-multisig");
    }
    if (template.type !== "nulldata") continue;
    if (scriptPubKey.length > dataSizeLeft) return notStandard("datacarrier");
    dataSizeLeft -= scriptPubKey.length;
  }
  return undefined;
}

const notStandard = (reason: string) => policyReject("not-standard", reason);
