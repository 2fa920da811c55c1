import { ApiError } from "@bitfleet/api/errors.ts";
import type { MessageVerification } from "@bitfleet/api/rest/messages.ts";
import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { displayHash, outPointKey } from "@bitfleet/protocol/primitives/types.ts";
import { templateOf } from "@bitfleet/protocol/script/templates.ts";
import { type Bip322Claim, type ClaimedCoin, verifyBip322 } from "@bitfleet/wallet/signing/bip322-verify.ts";
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

const notValid = { is_valid: false, status: "invalid" as const, lock_time: null, sequence: null, coins: [] };

function legacyVerdict(
  address: string,
  message: string,
  signature: string,
  { chain }: Pick<RunningWebNode, "chain">,
): MessageVerification {
  const verdict = verifyMessage(address, signature, message, chain.network.addressPrefixes);
  if (verdict === "valid") {
    return { is_valid: true, status: "valid", format: "legacy", reason: null, lock_time: 0, sequence: 0, coins: [] };
  }
  const reason =
    verdict === "malformed-signature"
      ? "The signature is no base64."
      : "The signature is for another message or by another key than the address has.";
  return { ...notValid, format: "legacy", reason };
}

async function bip322Verdict(
  claim: Bip322Claim,
  { secp256k1, chain }: Pick<RunningWebNode, "secp256k1" | "chain">,
): Promise<MessageVerification> {
  const verdict = verifyBip322(claim, secp256k1);
  if (verdict.status !== "valid")
    return { ...notValid, format: "bip322", status: verdict.status, reason: verdict.reason };
  const { lockTime, sequence, coins = [] } = verdict;
  const reason = await whyNotThere(coins, chain);
  if (reason !== undefined) return { ...notValid, format: "bip322", reason };
  return {
    ...{ is_valid: true, status: "valid", format: "bip322", reason: null, lock_time: lockTime, sequence },
    coins: coins.map(({ outPoint: { txid, index }, output }) => {
      return { txid: displayHash(txid), vout: index, value: Number(output.value) };
    }),
  };
}

/** Why the coins of a proof of funds are not what the chain has, as a sentence: whoever made it may have said anything of them. */
async function whyNotThere(
  coins: readonly ClaimedCoin[],
  { coins: unspent }: RunningWebNode["chain"],
): Promise<string | undefined> {
  const lookup = await unspent.fetch(coins.map(({ outPoint }) => outPoint));
  for (const { outPoint, output } of coins) {
    const coin = lookup(outPointKey(outPoint));
    const name = `${displayHash(outPoint.txid)}:${outPoint.index}`;
    if (coin === undefined) return `The coin ${name} is spent, or never was in the chain.`;
    if (coin.output.value !== output.value || !equalBytes(coin.output.scriptPubKey, output.scriptPubKey)) {
      return `The coin ${name} is another than the proof says.`;
    }
  }
  return undefined;
}
