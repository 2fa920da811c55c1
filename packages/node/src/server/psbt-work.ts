import { type CheckingWork, checkingWorkOf } from "@bitfleet/wallet/psbt/checking-work.ts";
import type { Psbt } from "@bitfleet/wallet/psbt/psbt.ts";

/** All signatures of a PSBT are checked in one go, in which nobody else is answered. So there are limits to what is checked. */

/** Where everybody may ask: about a second. Of what is relayed nothing comes near (16,000 signature operations; 2,500 outside witnesses). */
export const PUBLIC_WORK_MAX: CheckingWork = { operations: 16_000, hashedBytes: 200_000_000 };
/** Of callers with a password: some seconds. As many signature operations as a block may have. */
export const CALLERS_WORK_MAX: CheckingWork = { operations: 80_000, hashedBytes: 1_000_000_000 };

/** Why a PSBT is not looked at; `undefined` where it is no more work than `most`. */
export function tooMuchWork(psbt: Psbt, most: CheckingWork): string | undefined {
  const { operations, hashedBytes } = checkingWorkOf(psbt);
  if (operations <= most.operations && hashedBytes <= most.hashedBytes) return undefined;
  return "To check the signatures of the PSBT would take too long: it has more inputs or signature operations than a transaction can have that is relayed";
}
