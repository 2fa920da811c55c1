import { describe, expect, test } from "vitest";
import { concatBytes, fromHex } from "../bytes/bytes.ts";
import { encodeDer } from "../crypto/der.ts";
import { hash160, sha256 } from "../crypto/hash.ts";
import { portableSecp256k1 } from "../crypto/portable-secp256k1.ts";
import { type Block, decodeBlock } from "../primitives/block.ts";
import { Transaction } from "../primitives/transaction.ts";
import { displayHash } from "../primitives/types.ts";
import { pushData } from "../script/script.ts";
import { SighashCache, SighashType } from "../script/sighash.ts";
import { checkBlock, contextualCheckBlock } from "./check-block.ts";
import { contextualCheckBlockHeader } from "./check-header.ts";
import { regtestNetwork, signetNetwork } from "./networks.ts";
import {
  checkSignetSolution,
  decodeSignetSolution,
  encodeSignetSolution,
  isOpenChallenge,
  SIGNET_HEADER,
  type SignetMessage,
  type SignetSolution,
  signetMessage,
  withSignetSolution,
} from "./signet.ts";
import { ANYONE, appendLink, blockOf, coinbase, input, outPoint, transaction } from "./test-kit.ts";
import { commitToWitnesses, witnessCommitmentIndex } from "./witness-commitment.ts";

/** Blocks 1 and 2 of the public signet. */
const FIRST_BLOCK = [
  "00000020f61eee3b63a380a477a063af32b2bbc97c9ff9f01f2c4225e973988108000000f575c83235984e7dc4afc1f30944",
  "c170462e84437ab6f2d52e16878a79e4678bd1914d5fae77031eccf407000101000000000101000000000000000000000000",
  "0000000000000000000000000000000000000000ffffffff025151feffffff0200f2052a010000001600149243f727dd5343",
  "293eb83174324019ec16c2630f0000000000000000776a24aa21a9ede2f61c3f71d1defd3fa999dfa36953755c6906897999",
  "62b48bebd836974e8cf94c4fecc7daa2490047304402205e423a8754336ca99dbe16509b877ef1bf98d008836c725005b3c7",
  "87c41ebe46022047246e4467ad7cc7f1ad98662afcaf14c115e0095a227c7b05c5182591c23e7e0100012000000000000000",
  "0000000000000000000000000000000000000000000000000000000000",
].join("");
const SECOND_BLOCK = [
  "00000020533b53ded9bff4adc94101d32400a144c54edc5ed492a3b26c63b2d686000000b38fef50592017cfafbcab88eb3d",
  "9cf50b2c801711cad8299495d26df5e54812e7914d5fae77031ecfdd0b000101000000000101000000000000000000000000",
  "0000000000000000000000000000000000000000ffffffff025251feffffff0200f2052a01000000160014fd09839740f0e0",
  "b4fc6d5e2527e4022aa9b89dfa0000000000000000776a24aa21a9ede2f61c3f71d1defd3fa999dfa36953755c6906897999",
  "62b48bebd836974e8cf94c4fecc7daa24900473044022031d64a1692cdad1fc0ced69838169fe19ae01be524d831b95fcf5e",
  "a4e6541c3c02204f9dea0801df8b4d0cd0857c62ab35c6c25cc47c930630dc7fe723531daa3e9b0100012000000000000000",
  "0000000000000000000000000000000000000000000000000000000000",
].join("");

const PUBLIC = signetNetwork();
const REJECT = {
  kind: "consensus",
  reason: "bad-signet-blksig",
  detail: "signet block signature validation failure",
};
const ALL = { pow: true, merkle: true, secp256k1: portableSecp256k1 };

const key = sha256(Uint8Array.of(1));
const publicKey = portableSecp256k1.publicKeyOf(key, true);

function check(block: Block, challenge: Uint8Array) {
  return checkSignetSolution(block, signetNetwork({ challenge }).params, portableSecp256k1);
}

/** A block with a commitment, whose solution is what `solve` makes of the message. */
function solvedBlock(challenge: Uint8Array, solve: (message: SignetMessage) => SignetSolution): Block {
  const tx = transaction({ inputs: [input(outPoint(1), { witness: [Uint8Array.of(1)] })] });
  const first = commitToWitnesses(coinbase(1), [tx]);
  // Signers and checkers see the header pushed alone where the solution will stand.
  const prepared = withCommitment(first, [tx], (script) => concatBytes(script, pushData(SIGNET_HEADER)));
  const solution = solve(signetMessage(prepared, challenge)!);
  return withCommitment(first, [tx], (script) => withSignetSolution(script, solution));
}

function withCommitment(
  first: Transaction,
  others: readonly Transaction[],
  change: (script: Uint8Array) => Uint8Array,
) {
  const index = witnessCommitmentIndex({ transactions: [first] })!;
  const outputs = first.outputs.map((one, at) =>
    at === index ? { ...one, scriptPubKey: change(one.scriptPubKey) } : one,
  );
  const changed = new Transaction({ version: first.version, inputs: first.inputs, outputs, lockTime: first.lockTime });
  return blockOf([changed, ...others], { time: 1_700_000_000 });
}

function sign(hash: Uint8Array): Uint8Array {
  return concatBytes(encodeDer(portableSecp256k1.signEcdsa(hash, key)), Uint8Array.of(SighashType.ALL));
}

describe("the public signet (BIP325)", () => {
  const blocks = [FIRST_BLOCK, SECOND_BLOCK].map((hex) => decodeBlock(fromHex(hex)));

  test("accepts its first blocks", () => {
    const chain = [appendLink([], PUBLIC.params.genesis.header)];
    for (const block of blocks) {
      const previous = chain.at(-1)!;
      expect(block.header.previousBlockHash).toEqual(previous.header.hash);
      expect(checkBlock(block, PUBLIC.params, ALL)).toBeUndefined();
      expect(contextualCheckBlockHeader(block.header, previous, PUBLIC.params, 1_700_000_000)).toBeUndefined();
      expect(contextualCheckBlock(block, previous, PUBLIC.params)).toBeUndefined();
      appendLink(chain, block.header);
    }
    expect(displayHash(blocks[0]!.hash)).toBe("00000086d6b2636cb2a392d45edc4ec544a10024d30141c9adf4bfd9de533b53");
  });

  test("belongs to its challenge alone", () => {
    const challenge = PUBLIC.params.signetChallenge!;
    const bothKeys = concatBytes(Uint8Array.of(0x52), challenge.subarray(1));
    expect(check(blocks[0]!, challenge)).toBeUndefined();
    expect(check(blocks[0]!, bothKeys)).toEqual(REJECT);
    expect(check(blocks[0]!, ANYONE)).toBeUndefined();
  });

  test("refuses a changed time, version, predecessor or coinbase", () => {
    const challenge = PUBLIC.params.signetChallenge!;
    const changedAt = (offset: number) => {
      const bytes = fromHex(FIRST_BLOCK);
      bytes[offset]! ^= 1;
      return check(decodeBlock(bytes), challenge);
    };
    expect([0, 4, 68].map(changedAt)).toEqual([REJECT, REJECT, REJECT]);
    // The signature does not cover bits, nonce or the merkle root itself: miners need them.
    expect([36, 72, 76].map(changedAt)).toEqual([undefined, undefined, undefined]);
    // A byte of the coinbase's first output.
    expect(changedAt(150)).toEqual(REJECT);
  });

  test("is checked with the proof of work, before the merkle root", () => {
    const bytes = fromHex(FIRST_BLOCK);
    bytes[150]! ^= 1;
    const block = decodeBlock(bytes);
    expect(checkBlock(block, PUBLIC.params, ALL)).toEqual(REJECT);
    expect(checkBlock(block, PUBLIC.params, { ...ALL, pow: false })?.reason).toBe("bad-txnmrklroot");
  });

  test("leaves genesis and other networks alone", () => {
    expect(checkSignetSolution(PUBLIC.params.genesis, PUBLIC.params, portableSecp256k1)).toBeUndefined();
    const block = blockOf([coinbase(1)]);
    expect(checkSignetSolution(block, regtestNetwork().params, portableSecp256k1)).toBeUndefined();
    expect(checkSignetSolution(block, PUBLIC.params, portableSecp256k1)).toEqual(REJECT);
  });
});

describe("a signet of one's own", () => {
  const bareKey = concatBytes(pushData(publicKey), Uint8Array.of(0xac));
  const keyHash = concatBytes(Uint8Array.of(0), pushData(hash160(publicKey)));

  test("is signed in the scriptSig for a bare key", () => {
    const block = solvedBlock(bareKey, ({ toSign, toSpend }) => {
      const hash = new SighashCache(toSign, toSpend.outputs).legacySighash(0, bareKey, SighashType.ALL);
      return { scriptSig: pushData(sign(hash)), witness: [] };
    });
    expect(check(block, bareKey)).toBeUndefined();
    expect(check(block, keyHash)).toEqual(REJECT);
  });

  test("is signed in the witness for a key hash", () => {
    const block = solvedBlock(keyHash, ({ toSign, toSpend }) => {
      const code = concatBytes(Uint8Array.of(0x76, 0xa9), pushData(hash160(publicKey)), Uint8Array.of(0x88, 0xac));
      const hash = new SighashCache(toSign, toSpend.outputs).witnessV0Sighash(0, code, SighashType.ALL);
      return { scriptSig: new Uint8Array(0), witness: [sign(hash), publicKey] };
    });
    expect(check(block, keyHash)).toBeUndefined();
    // The signature covers the transactions.
    const tx = transaction({ inputs: [input(outPoint(2), { witness: [Uint8Array.of(1)] })] });
    const other = blockOf([block.transactions[0]!, tx], { time: 1_700_000_000 });
    expect(check(other, keyHash)).toEqual(REJECT);
  });

  test("without solution is good where anybody may extend it", () => {
    const block = blockOf([commitToWitnesses(coinbase(1), [])]);
    expect(check(block, ANYONE)).toBeUndefined();
    expect(check(block, bareKey)).toEqual(REJECT);
    expect(check(block, Uint8Array.of(0))).toEqual(REJECT);
    // Taproot is not among the rules, so that its outputs are anybody's.
    const taproot = Uint8Array.of(0x51, 0x20, ...publicKey.subarray(1));
    expect(check(block, taproot)).toBeUndefined();
    const open = [ANYONE, bareKey, Uint8Array.of(0), taproot].map((one) => isOpenChallenge(one, portableSecp256k1));
    expect(open).toEqual([true, false, false, true]);
  });

  test("needs a witness commitment, and a coinbase", () => {
    expect(check(blockOf([coinbase(1)]), ANYONE)).toEqual(REJECT);
    expect(check(blockOf([]), ANYONE)).toEqual(REJECT);
  });

  test("refuses a solution that cannot be read", () => {
    const first = commitToWitnesses(coinbase(1), []);
    const withPush = (...bytes: number[]) =>
      withCommitment(first, [], (script) => concatBytes(script, pushData(Uint8Array.of(...SIGNET_HEADER, ...bytes))));
    expect(check(withPush(0, 0), ANYONE)).toBeUndefined();
    expect(check(withPush(0), ANYONE)).toEqual(REJECT);
    expect(check(withPush(5, 0), ANYONE)).toEqual(REJECT);
    expect(check(withPush(0, 0, 0), ANYONE)).toEqual(REJECT);
    expect(check(withPush(0, 0xfd, 1, 0), ANYONE)).toEqual(REJECT);
    // The header alone is no solution, and nothing that follows another push of it is one.
    expect(check(withPush(), ANYONE)).toBeUndefined();
  });
});

describe("what signet's signers sign", () => {
  const first = commitToWitnesses(coinbase(1), []);
  const messageWith = (...tail: Uint8Array[]) =>
    signetMessage(
      withCommitment(first, [], (script) => concatBytes(script, ...tail)),
      ANYONE,
    )!;
  const header = pushData(SIGNET_HEADER);
  const solution = (byte: number) => pushData(Uint8Array.of(...SIGNET_HEADER, 1, byte, 0));

  test("is the same whatever the solution", () => {
    expect(messageWith(solution(7)).toSpend.txid).toEqual(messageWith(solution(8)).toSpend.txid);
    expect(messageWith(solution(7)).toSpend.txid).toEqual(messageWith(header).toSpend.txid);
    expect(messageWith(solution(7)).toSpend.txid).not.toEqual(messageWith().toSpend.txid);
    expect(messageWith(solution(7)).toSign.inputs[0]!.scriptSig).toEqual(Uint8Array.of(7));
  });

  test("covers all other pushes, a second solution included", () => {
    expect(messageWith(solution(7), solution(1)).toSpend.txid).not.toEqual(
      messageWith(solution(7), solution(2)).toSpend.txid,
    );
    expect(messageWith(solution(7), solution(1)).toSign.inputs[0]!.scriptSig).toEqual(Uint8Array.of(7));
  });

  test("has the form of BIP325", () => {
    const { toSpend, toSign } = messageWith();
    expect(toSpend).toMatchObject({ version: 0, lockTime: 0 });
    expect(toSpend.inputs[0]!.scriptSig.length).toBe(1 + 1 + 72);
    expect([...toSpend.inputs[0]!.scriptSig.subarray(0, 2)]).toEqual([0, 72]);
    expect(toSpend.outputs).toEqual([{ value: 0n, scriptPubKey: ANYONE }]);
    expect(toSign.inputs[0]!.previousOutput).toEqual({ txid: toSpend.txid, index: 0 });
    expect(toSign.outputs).toEqual([{ value: 0n, scriptPubKey: Uint8Array.of(0x6a) }]);
  });

  test("survives encoding", () => {
    const one = { scriptSig: Uint8Array.of(1, 2), witness: [Uint8Array.of(3), new Uint8Array(0)] };
    expect(decodeSignetSolution(encodeSignetSolution(one))).toEqual(one);
    expect(decodeSignetSolution(new Uint8Array(0))).toBeUndefined();
  });
});
