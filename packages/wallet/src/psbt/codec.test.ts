import { concatBytes, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { describeVectors } from "@bitfleet/protocol/script/test-kit.ts";
import { base64 } from "@scure/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodePsbt, encodePsbt, psbtFromBase64, psbtToBase64 } from "./codec.ts";
import { createPsbt } from "./psbt.ts";
import { PsbtError } from "./psbt-error.ts";
import { anyPsbt } from "./test-kit.ts";

interface Vectors {
  readonly invalid: readonly string[];
  readonly invalid_with_msg: readonly (readonly [psbt: string, message: string])[];
  readonly valid: readonly string[];
}

const decode = (text: string) => psbtFromBase64(text, portableSecp256k1);

describeVectors<Vectors>(
  "core/rpc_psbt.json",
  ({ invalid, invalid_with_msg, valid }) =>
    `core/rpc_psbt.json: BIP174, BIP370, BIP371, BIP373: ${invalid.length + invalid_with_msg.length} invalid, ${valid.length} valid`,
  ({ invalid, invalid_with_msg, valid }) => {
    test.each(invalid.map((text, index) => [index, text] as const))("invalid %i", (_, text) => {
      expect(() => decode(text)).toThrow(PsbtError);
    });
    test.each(invalid_with_msg)("%s: %s", (text, message) => {
      expect(() => decode(text)).toThrow(message);
    });
    test.each(valid.map((text, index) => [index, text] as const))("valid %i", (_, text) => {
      const psbt = decode(text);
      const again = psbtToBase64(psbt);
      expect(decode(again)).toEqual(decode(psbtToBase64(decode(again))));
      expect(psbtToBase64(decode(again))).toBe(again);
    });

    test("what is changed at random is a PSBT or refused, and nothing else", () => {
      const samples = [...valid, ...invalid_with_msg.map(([text]) => text)].map((text) => base64.decode(text));
      let refused = 0;
      fc.assert(
        fc.property(
          fc.nat({ max: samples.length - 1 }),
          fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 3 }),
          fc.option(fc.nat(), { nil: undefined }),
          (sample, flips, cut) => {
            const bytes = Uint8Array.from(samples[sample]!);
            for (const [at, bits] of flips) bytes[at % bytes.length]! ^= bits;
            try {
              const psbt = decodePsbt(
                cut === undefined ? bytes : bytes.subarray(0, cut % bytes.length),
                portableSecp256k1,
              );
              const again = encodePsbt(psbt);
              expect(toHex(encodePsbt(decodePsbt(again, portableSecp256k1)))).toBe(toHex(again));
            } catch (error) {
              expect(error).toBeInstanceOf(PsbtError);
              refused++;
            }
          },
        ),
        { numRuns: 3000 },
      );
      expect(refused).toBeGreaterThan(0);
    });
  },
);

describe("encoding", () => {
  test.each([0, 2] as const)("of version %i: what is written is read back", (version) => {
    fc.assert(
      fc.property(anyPsbt(version), (psbt) => {
        const read = decodePsbt(encodePsbt(psbt), portableSecp256k1);
        // A final input keeps nothing of how it came to be.
        expect(toHex(encodePsbt(read))).toBe(toHex(encodePsbt(psbt)));
        expect(read.inputs.map(({ previousOutput }) => previousOutput)).toEqual(
          psbt.inputs.map(({ previousOutput }) => previousOutput),
        );
        expect(read.outputs).toEqual(psbt.outputs.map((output) => expect.objectContaining({ value: output.value })));
        expect(read.xpubs).toEqual(psbt.xpubs);
        psbt.inputs.forEach((input, index) => {
          const isFinal = input.finalScriptSig !== undefined || input.finalWitness !== undefined;
          if (!isFinal) expect({ ...read.inputs[index], nonWitnessUtxo: 0 }).toEqual({ ...input, nonWitnessUtxo: 0 });
        });
        psbt.outputs.forEach((output, index) => {
          expect(read.outputs[index]).toEqual(output);
        });
      }),
      { numRuns: 100 },
    );
  });

  test("order in the bytes does not matter, and none stand behind it", () => {
    const psbt = createPsbt({ version: 2, inputs: [], outputs: [], lockTime: 0 });
    const bytes = encodePsbt(psbt);
    expect(decodePsbt(bytes, portableSecp256k1)).toEqual(psbt);
    const trailing = () => decodePsbt(concatBytes(bytes, Uint8Array.of(0)), portableSecp256k1);
    expect(trailing).toThrow("extra data after PSBT");
    const magic = bytes.subarray(0, 5);
    const pairs = toHex(bytes.subarray(5, -1)).match(/.*(01fb0402000000)/)!;
    expect(pairs[1]).toBe("01fb0402000000");
    const versionFirst = Uint8Array.from([...magic, ...bytes.subarray(-8, -1), ...bytes.subarray(5, -8), 0]);
    expect(decodePsbt(versionFirst, portableSecp256k1)).toEqual(psbt);
  });

  test("version 0 names no version, version 2 no transaction", () => {
    const fields = { version: 2, inputs: [], outputs: [], lockTime: 0 };
    expect(toHex(encodePsbt(createPsbt(fields, { version: 0 })))).toBe("70736274ff01000a0200000000000000000000");
    expect(toHex(encodePsbt(createPsbt(fields)))).toBe(
      "70736274ff0102040200000001030400000000010401000105010001fb040200000000",
    );
  });

  test("of text: base 64 with its padding, and nothing else", () => {
    const text = psbtToBase64(createPsbt({ version: 2, inputs: [], outputs: [], lockTime: 0 }, { version: 0 }));
    expect(psbtToBase64(decode(text))).toBe(text);
    for (const slip of [text.slice(0, -1), `${text} `, ` ${text}`, `${text}=`, text.replace(/.$/, "!"), ";"]) {
      expect(() => decode(slip), slip).toThrow("invalid base64");
    }
    expect(() => decode("")).toThrow("SpanReader::read(): end of data");
  });
});
