import { EMPTY_BYTES } from "@bitfleet/protocol/bytes/bytes.ts";
import { type BuildRequest, isError } from "./build-request.ts";
import { changeTypeFor } from "./change-type.ts";
import type { ChangeReservation, SpendingWallet } from "./spending-wallet.ts";

/** Where change would go. */
export interface ChangeScript extends ChangeReservation {
  /** Why there is no script; the transaction may do without change. */
  readonly error?: string;
}

const NOTHING_RESERVED = { keep: () => {}, release: () => {} };

/** The script that the request names, or a new one of the wallet; with an empty one goes why there is none. */
export function changeScriptFor(
  request: Pick<BuildRequest, "changeScript" | "changeType" | "recipients">,
  wallet: SpendingWallet,
): ChangeScript {
  if (request.changeScript !== undefined) return { scriptPubKey: request.changeScript, ...NOTHING_RESERVED };
  const hasType = (type: Parameters<SpendingWallet["hasChangeType"]>[0]) => wallet.hasChangeType(type);
  const type = changeTypeFor(request.recipients, request.changeType, wallet.settings, hasType);
  const reserved = wallet.reserveChange(type);
  if (!isError(reserved)) return reserved;
  const error = `Transaction needs a change address, but we can't generate it. ${reserved.error}`;
  return { scriptPubKey: EMPTY_BYTES, error, ...NOTHING_RESERVED };
}
