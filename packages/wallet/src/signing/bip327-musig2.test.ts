import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { describeVectors } from "@bitfleet/protocol/script/test-kit.ts";
import {
  deterministicSign,
  InvalidContributionErr,
  keyAggregate,
  nonceAggregate,
  nonceGen,
  Session,
} from "@scure/btc-signer/musig2.js";
import { expect, test } from "vitest";
import { aggregatePublicKey, sortedParticipants } from "../keys/musig.ts";
import { aggregateSignature, type MusigSession, partialSignature } from "./musig-session.ts";

/** The vectors of BIP327, against our functions where these are what is asked about, else against the library they use. */

interface Failure {
  readonly comment: string;
  readonly error: { readonly type: "invalid_contribution" | "value"; readonly signer?: number | null };
}

interface Signers {
  readonly key_indices: readonly number[];
  readonly nonce_indices: readonly number[];
}

interface Tweaked {
  readonly tweak_indices: readonly number[];
  readonly is_xonly: readonly boolean[];
}

const bytesOf = (texts: readonly string[]) => texts.map(fromHex);
const picked = <Value>(values: readonly Value[], indices: readonly number[]) => indices.map((index) => values[index]!);
const hex = (bytes: Uint8Array | undefined) => bytes && toHex(bytes).toUpperCase();
const path = (file: string) => `bips/bip-0327/vectors/${file}_vectors.json`;

/** A throw, and who is to blame for it where the vector says so. */
function expectFailure({ error }: Failure, act: () => unknown): void {
  let thrown: unknown;
  try {
    act();
  } catch (caught) {
    thrown = caught;
  }
  expect(thrown).toBeInstanceOf(Error);
  if (error.type === "invalid_contribution" && typeof error.signer === "number") {
    expect(thrown).toBeInstanceOf(InvalidContributionErr);
    expect((thrown as InvalidContributionErr).idx).toBe(error.signer);
  }
}

/** What {@link Session} of the library is given apart from the nonces, in our form. */
function sessionOf(
  participants: readonly Uint8Array[],
  publicNonces: readonly Uint8Array[],
  message: Uint8Array,
  tweaks: readonly Uint8Array[] = [],
  xOnly: readonly boolean[] = [],
): MusigSession {
  const pairs = tweaks.map((tweak, index) => ({ tweak, xOnly: xOnly[index]! }));
  const aggregateKey = aggregatePublicKey(participants)!;
  return { participants, aggregateKey, tweaks: pairs, publicNonces, message };
}

describeVectors<{ pubkeys: string[]; sorted_pubkeys: string[] }>(
  path("key_sort"),
  () => "BIP327: the order of keys",
  ({ pubkeys, sorted_pubkeys }) => {
    test("is that of their bytes", () => {
      expect(sortedParticipants(bytesOf(pubkeys)).map(hex)).toEqual(sorted_pubkeys);
    });
  },
);

interface KeyAggregation {
  readonly pubkeys: readonly string[];
  readonly tweaks: readonly string[];
  readonly valid_test_cases: readonly { key_indices: number[]; expected: string }[];
  readonly error_test_cases: readonly (Failure & Tweaked & { key_indices: number[] })[];
}

describeVectors<KeyAggregation>(
  path("key_agg"),
  ({ valid_test_cases: valid, error_test_cases: bad }) => `BIP327: aggregate keys, ${valid.length + bad.length}`,
  ({ pubkeys, tweaks, valid_test_cases, error_test_cases }) => {
    const keys = bytesOf(pubkeys);
    test.each(valid_test_cases)("of $key_indices", ({ key_indices, expected }) => {
      expect(hex(aggregatePublicKey(picked(keys, key_indices))?.subarray(1))).toBe(expected);
    });
    test.each(error_test_cases)("$comment", (failure) => {
      const { key_indices, tweak_indices, is_xonly } = failure;
      const participants = picked(keys, key_indices);
      expectFailure(failure, () => keyAggregate(participants, picked(bytesOf(tweaks), tweak_indices), [...is_xonly]));
      if (tweak_indices.length === 0) expect(aggregatePublicKey(participants)).toBeUndefined();
    });
  },
);

interface NonceCase {
  readonly rand_: string;
  readonly sk: string | null;
  readonly pk: string;
  readonly aggpk: string | null;
  readonly msg: string | null;
  readonly extra_in: string | null;
  readonly expected_secnonce: string;
  readonly expected_pubnonce: string;
}

describeVectors<{ test_cases: NonceCase[] }>(
  path("nonce_gen"),
  ({ test_cases }) => `BIP327: nonces, ${test_cases.length}`,
  ({ test_cases }) => {
    test.each(test_cases)("of a message $msg", ({ rand_, sk, pk, aggpk, msg, extra_in, ...expected }) => {
      const [key, aggregate, message, extra] = [sk, aggpk, msg, extra_in].map((text) =>
        text === null ? undefined : fromHex(text),
      );
      const made = nonceGen(fromHex(pk), key, aggregate, message, extra, fromHex(rand_));
      expect(hex(made.secret)).toBe(expected.expected_secnonce);
      expect(hex(made.public)).toBe(expected.expected_pubnonce);
    });
  },
);

interface NonceAggregation {
  readonly pnonces: readonly string[];
  readonly valid_test_cases: readonly { pnonce_indices: number[]; expected: string }[];
  readonly error_test_cases: readonly (Failure & { pnonce_indices: number[] })[];
}

describeVectors<NonceAggregation>(
  path("nonce_agg"),
  ({ valid_test_cases: valid, error_test_cases: bad }) => `BIP327: sums of nonces, ${valid.length + bad.length}`,
  ({ pnonces, valid_test_cases, error_test_cases }) => {
    test.each(valid_test_cases)("of $pnonce_indices", ({ pnonce_indices, expected }) => {
      expect(hex(nonceAggregate(picked(bytesOf(pnonces), pnonce_indices)))).toBe(expected);
    });
    test.each(error_test_cases)("$comment", (failure) => {
      expectFailure(failure, () => nonceAggregate(picked(bytesOf(pnonces), failure.pnonce_indices)));
    });
  },
);

interface SignVerify {
  readonly sk: string;
  readonly pubkeys: readonly string[];
  readonly secnonces: readonly string[];
  readonly pnonces: readonly string[];
  readonly aggnonces: readonly string[];
  readonly msgs: readonly string[];
  readonly valid_test_cases: readonly (Signers & { msg_index: number; signer_index: number; expected: string })[];
  readonly sign_error_test_cases: readonly (Failure &
    Pick<Signers, "key_indices"> & { aggnonce_index: number; msg_index: number; secnonce_index: number })[];
  readonly verify_fail_test_cases: readonly (Signers & SignatureCase)[];
  readonly verify_error_test_cases: readonly (Failure & Signers & SignatureCase)[];
}

interface SignatureCase {
  readonly sig: string;
  readonly msg_index: number;
  readonly signer_index: number;
  readonly comment: string;
}

describeVectors<SignVerify>(
  path("sign_verify"),
  (cases) =>
    `BIP327: partial signatures, ${Object.values(cases)
      .filter((list) => Array.isArray(list) && typeof list[0] === "object")
      .reduce((sum, list) => sum + list.length, 0)}`,
  ({ sk, pubkeys, secnonces, pnonces, aggnonces, msgs, ...cases }) => {
    const [keys, nonces, sums, messages] = [pubkeys, pnonces, aggnonces, msgs].map(bytesOf) as [
      Uint8Array[],
      Uint8Array[],
      Uint8Array[],
      Uint8Array[],
    ];
    const verify = ({ key_indices, nonce_indices, sig, msg_index, signer_index }: Signers & SignatureCase) => {
      const publicNonces = picked(nonces, nonce_indices);
      const session = new Session(nonceAggregate(publicNonces), picked(keys, key_indices), messages[msg_index]!);
      return session.partialSigVerify(fromHex(sig), publicNonces, signer_index);
    };

    test.each(cases.valid_test_cases)("of keys $key_indices, message $msg_index", (one) => {
      const { key_indices, nonce_indices, msg_index, expected } = one;
      const session = sessionOf(picked(keys, key_indices), picked(nonces, nonce_indices), messages[msg_index]!);
      const nonce = fromHex(secnonces[0]!);
      expect(hex(partialSignature(session, fromHex(sk), () => nonce))).toBe(expected);
      expect(nonce.every((byte) => byte === 0)).toBe(true);
      expect(verify({ ...one, sig: expected, comment: "" })).toBe(true);
    });
    test.each(cases.sign_error_test_cases)("$comment", (failure) => {
      const { key_indices, aggnonce_index, msg_index, secnonce_index } = failure;
      expectFailure(failure, () => {
        const session = new Session(sums[aggnonce_index]!, picked(keys, key_indices), messages[msg_index]!);
        return session.sign(fromHex(secnonces[secnonce_index]!), fromHex(sk));
      });
    });
    test.each(cases.verify_fail_test_cases)("$comment", (one) => {
      expect(verify(one)).toBe(false);
    });
    test.each(cases.verify_error_test_cases)("$comment", (failure) => {
      expectFailure(failure, () => verify(failure));
    });
  },
);

interface Tweaking {
  readonly sk: string;
  readonly secnonce: string;
  readonly pubkeys: readonly string[];
  readonly pnonces: readonly string[];
  readonly tweaks: readonly string[];
  readonly msg: string;
  readonly valid_test_cases: readonly (Signers & Tweaked & { expected: string; comment: string })[];
  readonly error_test_cases: readonly (Failure & Signers & Tweaked)[];
}

describeVectors<Tweaking>(
  path("tweak"),
  ({ valid_test_cases: valid, error_test_cases: bad }) => `BIP327: tweaks, ${valid.length + bad.length}`,
  ({ sk, secnonce, pubkeys, pnonces, tweaks, msg, valid_test_cases, error_test_cases }) => {
    const partsOf = ({ key_indices, nonce_indices, tweak_indices }: Signers & Tweaked) =>
      [
        picked(bytesOf(pubkeys), key_indices),
        picked(bytesOf(pnonces), nonce_indices),
        fromHex(msg),
        picked(bytesOf(tweaks), tweak_indices),
      ] as const;
    test.each(valid_test_cases)("$comment", (one) => {
      const session = sessionOf(...partsOf(one), one.is_xonly);
      expect(hex(partialSignature(session, fromHex(sk), () => fromHex(secnonce)))).toBe(one.expected);
    });
    test.each(error_test_cases)("$comment", (failure) => {
      const [participants, publicNonces, message, numbers] = partsOf(failure);
      const sum = nonceAggregate(publicNonces);
      expectFailure(failure, () => new Session(sum, participants, message, numbers, [...failure.is_xonly]));
      const session = sessionOf(...partsOf(failure), failure.is_xonly);
      expect(partialSignature(session, fromHex(sk), () => fromHex(secnonce))).toBeUndefined();
    });
  },
);

type AggregationCase = Signers & Tweaked & { readonly aggnonce: string; readonly psig_indices: readonly number[] };

interface Aggregation {
  readonly pubkeys: readonly string[];
  readonly pnonces: readonly string[];
  readonly tweaks: readonly string[];
  readonly psigs: readonly string[];
  readonly msg: string;
  readonly valid_test_cases: readonly (AggregationCase & { expected: string })[];
  readonly error_test_cases: readonly (AggregationCase & Failure)[];
}

describeVectors<Aggregation>(
  path("sig_agg"),
  ({ valid_test_cases: valid, error_test_cases: bad }) => `BIP327: whole signatures, ${valid.length + bad.length}`,
  ({ pubkeys, pnonces, tweaks, psigs, msg, valid_test_cases, error_test_cases }) => {
    const aggregated = (one: AggregationCase) => {
      const { key_indices, nonce_indices, tweak_indices, is_xonly, psig_indices, aggnonce } = one;
      const publicNonces = picked(bytesOf(pnonces), nonce_indices);
      const numbers = picked(bytesOf(tweaks), tweak_indices);
      const session = sessionOf(picked(bytesOf(pubkeys), key_indices), publicNonces, fromHex(msg), numbers, is_xonly);
      expect(hex(nonceAggregate(publicNonces))).toBe(aggnonce);
      return aggregateSignature(session, picked(bytesOf(psigs), psig_indices));
    };
    test.each(valid_test_cases)("of keys $key_indices, tweaks $tweak_indices", (one) => {
      expect(hex(aggregated(one))).toBe(one.expected);
    });
    test.each(error_test_cases)("$comment", (failure) => {
      expect(aggregated(failure)).toBeUndefined();
    });
  },
);

interface DeterministicCase {
  readonly rand: string | null;
  readonly aggothernonce: string;
  readonly key_indices: readonly number[];
  readonly tweaks: readonly string[];
  readonly is_xonly: readonly boolean[];
  readonly msg_index: number;
}

interface DeterministicSigning {
  readonly sk: string;
  readonly pubkeys: readonly string[];
  readonly msgs: readonly string[];
  readonly valid_test_cases: readonly (DeterministicCase & { expected: [string, string] })[];
  readonly error_test_cases: readonly (DeterministicCase & Failure)[];
}

describeVectors<DeterministicSigning>(
  path("det_sign"),
  ({ valid_test_cases: valid, error_test_cases: bad }) => `BIP327: signing last, ${valid.length + bad.length}`,
  ({ sk, pubkeys, msgs, valid_test_cases, error_test_cases }) => {
    const signed = ({ rand, aggothernonce, key_indices, tweaks, is_xonly, msg_index }: DeterministicCase) =>
      deterministicSign(
        fromHex(sk),
        fromHex(aggothernonce),
        picked(bytesOf(pubkeys), key_indices),
        fromHex(msgs[msg_index]!),
        bytesOf(tweaks),
        [...is_xonly],
        rand === null ? undefined : fromHex(rand),
      );
    test.each(valid_test_cases)("of keys $key_indices, message $msg_index", (one) => {
      const { publicNonce, partialSig } = signed(one);
      expect([hex(publicNonce), hex(partialSig)]).toEqual(one.expected);
    });
    test.each(error_test_cases)("$comment", (failure) => {
      expectFailure(failure, () => signed(failure));
    });
  },
);
