/** Why a wallet cannot be had: what callers tell apart, with the sentence for them. */
export type WalletFaultCode =
  | "not-found"
  | "already-loaded"
  | "already-exists"
  | "bad-request"
  | "bad-descriptor"
  | "encryption-failed"
  | "wrong-passphrase"
  | "failed";

export class WalletFault extends Error {
  readonly code: WalletFaultCode;

  constructor(code: WalletFaultCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "WalletFault";
    this.code = code;
  }
}
