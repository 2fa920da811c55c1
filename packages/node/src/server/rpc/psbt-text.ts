import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { psbtFromBase64 } from "@bitfleet/wallet/psbt/codec.ts";
import type { Psbt } from "@bitfleet/wallet/psbt/psbt.ts";
import { PsbtError } from "@bitfleet/wallet/psbt/psbt-error.ts";
import { type PsbtFillError, psbtFillErrorText } from "@bitfleet/wallet/psbt/sign-input.ts";
import { CALLERS_WORK_MAX, tooMuchWork } from "../psbt-work.ts";

/** What the C++ library that Core is built with adds to the words of a stream's failure. */
const STREAM_FAILURE = ": iostream error";

/** The PSBT of a parameter; -22 in Core's words where it is none. */
export function psbtParam(text: string, secp256k1: Pick<Secp256k1, "isPublicKey">): Psbt {
  try {
    return psbtFromBase64(text, secp256k1);
  } catch (error) {
    if (!(error instanceof PsbtError)) throw error;
    const reason = error.kind === "format" ? error.message + STREAM_FAILURE : error.message;
    throw new RpcError(RpcErrorCode.DESERIALIZATION_ERROR, `TX decode failed ${reason}`);
  }
}

/** As {@link psbtParam}, of one whose signatures are going to be checked; -8 where that is too much to be done in one go. */
export function checkablePsbtParam(text: string, secp256k1: Pick<Secp256k1, "isPublicKey">): Psbt {
  const psbt = psbtParam(text, secp256k1);
  const refusal = tooMuchWork(psbt, CALLERS_WORK_MAX);
  if (refusal !== undefined) throw new RpcError(RpcErrorCode.INVALID_PARAMETER, refusal);
  return psbt;
}

/** What a caller is told where nothing could be filled in. */
export function fillRefused(error: PsbtFillError): RpcError {
  const isMismatch = error === "sighash-mismatch";
  const code = isMismatch ? RpcErrorCode.DESERIALIZATION_ERROR : RpcErrorCode.VERIFY_ERROR;
  return new RpcError(code, psbtFillErrorText(error));
}
