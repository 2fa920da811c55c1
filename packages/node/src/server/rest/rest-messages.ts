import { ApiError } from "@bitfleet/api/errors.ts";
import type { MessageVerification } from "@bitfleet/api/rest/messages.ts";
import { templateOf } from "@bitfleet/protocol/script/templates.ts";
import { type Bip322Claim, verifyBip322 } from "@bitfleet/wallet/signing/bip322-verify.ts";
import { verifyMessage } from "@bitfleet/wallet/signing/sign-message.ts";
import type { FastifyInstance } from "fastify";
import { type RunningWebNode, runningNode } from "../web/web-state.ts";
import { type RouteDependencies, route } from "./rest-route.ts";
import { scriptNamed } from "./script-name.ts";

/** Checks signed messages. */
export function messageRoutes(app: FastifyInstance, deps: RouteDependencies): void {
  route(app, deps, "verifyMessage", (_params, _query, { address, message, signature }) => {
    const node = runningNode(deps.state);
    const { script } = scriptNamed(address, node.chain.network);
    if (script === undefined)
      throw new ApiError(400, "A script hash does not do here: give the address that is said to have signed.");
    return isLegacy(script, signature)
      ? legacyVerdict(address, message, signature, node)
      : bip322Verdict({ script, message, signature }, node);
  });
}

/** Signatures of old have 65 bytes and are of P2PKH addresses; those of BIP322 for such addresses have a prefix. */
function isLegacy(script: Uint8Array, signature: string): boolean {
  return templateOf(script).type === "pubkeyhash" && !/^(smp|ful|pof)/.test(signature);
}

const notValid = { is_valid: false, status: "invalid", lock_time: null, sequence: null } as const;

function legacyVerdict(
  address: string,
  message: string,
  signature: string,
  { chain }: Pick<RunningWebNode, "chain">,
): MessageVerification {
  const verdict = verifyMessage(address, signature, message, chain.network.addressPrefixes);
  if (verdict === "valid") {
    return { is_valid: true, status: "valid", format: "legacy", reason: null, lock_time: 0, sequence: 0 };
  }
  const reason =
    verdict === "malformed-signature"
      ? "The signature is no base64."
      : "The signature is for another message or by another key than the address has.";
  return { ...notValid, format: "legacy", reason };
}

function bip322Verdict(claim: Bip322Claim, { secp256k1 }: Pick<RunningWebNode, "secp256k1">): MessageVerification {
  const verdict = verifyBip322(claim, secp256k1);
  if (verdict.status !== "valid")
    return { ...notValid, format: "bip322", status: verdict.status, reason: verdict.reason };
  const { lockTime, sequence } = verdict;
  return { is_valid: true, status: "valid", format: "bip322", reason: null, lock_time: lockTime, sequence };
}
