import { Literal, String as StringType, Union } from "typebox";
import { flag, hashText, integer, list, nullable, object, type Static, sats, text } from "../schema.ts";
import { ADDRESS_NAME_LENGTH_MAX } from "./addresses.ts";
import { NoFields, type RestRoute } from "./route.ts";

/** Signed messages: the form of old, of P2PKH addresses, and BIP322, of all. */

export const MESSAGE_LENGTH_MAX = 10_000;
/** Characters of a signature: those of a multisig of fifteen keys have 2,000. */
export const SIGNATURE_LENGTH_MAX = 20_000;

export const MessageVerification = object({
  is_valid: flag("Whether it is signed by who could spend from the address"),
  status: Union([Literal("valid"), Literal("invalid"), Literal("inconclusive")], {
    description: "inconclusive: it follows rules that are not agreed yet",
  }),
  format: Union([Literal("legacy"), Literal("bip322")], {
    description: "legacy: a compact signature with a key of a P2PKH address; bip322: what would spend from the address",
  }),
  reason: nullable(text("Why it is not valid, in one sentence")),
  lock_time: nullable(
    integer("Lock time from which on the signer could spend; 0 for at once; null where it is not valid"),
  ),
  sequence: nullable(
    integer("Sequence number, by which the age of an output is meant (BIP68); null where it is not valid"),
  ),
  coins: list(
    object({ txid: hashText("Transaction that made it"), vout: integer("Which of its outputs"), value: sats("Worth") }),
    "Of a valid proof of funds: what its signer could spend besides, all of it unspent in the chain now; empty for other signatures",
  ),
});
export type MessageVerification = Static<typeof MessageVerification>;

export const messageRoutes = {
  verifyMessage: {
    method: "POST",
    path: "/api/v1/messages/verify",
    tag: "self-custody",
    summary: "Whether a message was signed by who could spend from an address",
    description:
      "Takes what `signmessage` makes for P2PKH addresses, and simple and full signatures and proofs of funds of BIP322 for all. That a signature is not right is no failure: the answer says so.",
    params: NoFields,
    query: NoFields,
    body: object({
      address: StringType({
        minLength: 1,
        maxLength: ADDRESS_NAME_LENGTH_MAX,
        description: "An address of this network",
      }),
      message: StringType({ maxLength: MESSAGE_LENGTH_MAX, description: "The message, as it was signed" }),
      signature: StringType({
        minLength: 1,
        maxLength: SIGNATURE_LENGTH_MAX,
        description: "In base 64; of BIP322, behind its prefix `smp`, `ful` or `pof`",
      }),
    }),
    bodyBytesMax: 4 * MESSAGE_LENGTH_MAX + SIGNATURE_LENGTH_MAX + 1024,
    data: MessageVerification,
    failures: [400, 503],
    isRepeatable: true,
    example: {
      body: {
        address: "bcrt1q9vza2e8x573nczrlzms0wvx3gsqjx7vay85cr9",
        message: "",
        signature:
          "smpAkcwRAIgM2gBAQqvZX15ZiysmKmQpDrG83avLIT492QBzLnQIxYCIBaTpOaD20qRlEylyxFSeEA2ba9YOixpX8z46TSDtS40ASECx/EgAxlkQpQ9hYjgGu6EBCPMVPwVIVJqO4XCsMvViHI=",
      },
    },
  },
} as const satisfies Record<string, RestRoute>;
