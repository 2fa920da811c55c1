import { fromHex } from "@bitfleet/protocol/bytes/bytes.ts";

/** Peers up to this version have the alert system, whose key is known to others by now. */
export const ALERT_VERSION_LAST = 70_012;

/**
 * The last alert there will be, signed with the lost key: it says "URGENT: Alert key compromised, upgrade required", outranks every other
 * and cannot be cancelled. Who still listens to alerts is told no others after it.
 */
export const FINAL_ALERT: Uint8Array = fromHex(
  "60010000000000000000000000ffffff7f00000000ffffff7ffeffff7f01ffffff7f00000000ffffff7f00ffffff7f00" +
    "2f555247454e543a20416c657274206b657920636f6d70726f6d697365642c2075706772616465207265717569726564" +
    "004630440220653febd6410f470f6bae11cad19c48413becb1ac2c17f908fd0fd53bdc3abd5202206d0e9c96fe88d4a0" +
    "f01ed9dedae2b6f9e00da94cad0fecaae66ecf689bf71b50",
);
