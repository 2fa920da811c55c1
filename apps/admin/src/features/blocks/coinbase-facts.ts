import { fromHex } from "@bitfleet/protocol/bytes/bytes.ts";

/** What miners put into the script of a coinbase beside what the rules ask for. */

/** Shorter runs of letters are chance. */
const RUN_LENGTH_MIN = 3;
const PUSH_DIRECT_MAX = 75;
const OP_PUSHDATA1 = 0x4c;
const OP_PUSHDATA2 = 0x4d;
/** OP_RETURN, a push of 36 bytes, and the header of BIP141. */
const COMMITMENT_HEAD = "6a24aa21a9ed";
const HASH_DIGITS = 64;

/** Readable text in a coinbase's script; empty where there is none. It is what somebody else wrote: to be shown as text alone. */
export function coinbaseMessage(scriptHex: string): string {
  const texts: string[] = [];
  for (const data of pushesOf(fromHex(scriptHex))) {
    const runs = new TextDecoder().decode(data).split(/[\p{C}\p{Z}\uFFFD]*[\p{C}\uFFFD]+[\p{C}\p{Z}\uFFFD]*/u);
    texts.push(...runs.map((run) => run.trim()).filter((run) => [...run].length >= RUN_LENGTH_MIN));
  }
  return texts.join(" · ");
}

/** The hash that commits to all witnesses (BIP141): in the last output that has its form. `undefined` where none has. */
export function witnessCommitment(outputScriptsHex: readonly string[]): string | undefined {
  const script = outputScriptsHex.findLast(
    (hex) => hex.startsWith(COMMITMENT_HEAD) && hex.length >= COMMITMENT_HEAD.length + HASH_DIGITS,
  );
  return script?.slice(COMMITMENT_HEAD.length, COMMITMENT_HEAD.length + HASH_DIGITS);
}

/** What the script pushes. It need not be a script at all: a push that is too long takes what is left. */
function pushesOf(script: Uint8Array): readonly Uint8Array[] {
  const pushes: Uint8Array[] = [];
  for (let at = 0; at < script.length; ) {
    const opcode = script[at++]!;
    let length = 0;
    if (opcode <= PUSH_DIRECT_MAX) length = opcode;
    else if (opcode === OP_PUSHDATA1) length = script[at++] ?? 0;
    else if (opcode === OP_PUSHDATA2) {
      length = (script[at] ?? 0) | ((script[at + 1] ?? 0) << 8);
      at += 2;
    }
    if (length > 0) pushes.push(script.subarray(at, at + length));
    at += length;
  }
  return pushes;
}
