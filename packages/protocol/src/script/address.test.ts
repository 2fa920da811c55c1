import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../bytes/bytes.ts";
import { type AddressPrefixes, addressFactsOf, decodeAddress, decodeWif, encodeAddress, encodeWif } from "./address.ts";
import { decodeBase58, decodeBase58Check, encodeBase58, encodeBase58Check } from "./base58.ts";
import { decodeBech32, encodeBech32, explainBech32, regroupBits } from "./bech32.ts";
import { payToAnchor, payToMultisig, payToPublicKey, payToWitnessProgram } from "./templates.ts";
import { describeVectors, script } from "./test-kit.ts";

const TEST = { pubKeyHash: 111, scriptHash: 196, privateKey: 239, extPublicKey: 0x043587cf, extPrivateKey: 0x04358394 };
const PREFIXES: Readonly<Record<string, AddressPrefixes>> = {
  main: {
    pubKeyHash: 0,
    scriptHash: 5,
    privateKey: 128,
    extPublicKey: 0x0488b21e,
    extPrivateKey: 0x0488ade4,
    bech32: "bc",
  },
  test: { ...TEST, bech32: "tb" },
  testnet4: { ...TEST, bech32: "tb" },
  signet: { ...TEST, bech32: "tb" },
  regtest: { ...TEST, bech32: "bcrt" },
};
const MAIN = PREFIXES.main!;
const REGTEST = PREFIXES.regtest!;

type ValidCase = readonly [
  text: string,
  hex: string,
  meta: { chain: string; isPrivkey: boolean; isCompressed?: boolean; tryCaseFlip?: boolean },
];

const swapCase = (text: string): string =>
  [...text].map((one) => (one === one.toLowerCase() ? one.toUpperCase() : one.toLowerCase())).join("");

describeVectors<readonly ValidCase[]>(
  "core/key_io_valid.json",
  (cases) => `key_io_valid.json: ${cases.length} addresses and keys`,
  (cases) => {
    test("no case is lost", () => {
      expect(cases.length).toBe(70);
    });

    for (const [text, hex, { chain, isPrivkey, isCompressed, tryCaseFlip }] of cases) {
      const prefixes = PREFIXES[chain]!;
      test(`${chain} ${text}`, () => {
        if (isPrivkey) {
          const key = decodeWif(text, prefixes)!;
          expect({ hex: toHex(key.privateKey), compressed: key.compressed }).toEqual({ hex, compressed: isCompressed });
          expect(encodeWif(key, prefixes)).toBe(text);
          expect(decodeAddress(text, prefixes)).toHaveProperty("error");
          return;
        }
        expect(decodeAddress(text, prefixes)).toEqual({ script: fromHex(hex) });
        expect(encodeAddress(fromHex(hex), prefixes)).toBe(text);
        expect(decodeWif(text, prefixes)).toBeUndefined();
        const flipped = decodeAddress(swapCase(text), prefixes);
        if (tryCaseFlip) expect(flipped).toEqual({ script: fromHex(hex) });
        else expect(flipped).toHaveProperty("error");
      });
    }
  },
);

describeVectors<readonly (readonly [string])[]>(
  "core/key_io_invalid.json",
  (cases) => `key_io_invalid.json: ${cases.length} texts that are no address and no key`,
  (cases) => {
    test("no case is lost", () => {
      expect(cases.length).toBe(70);
    });
    for (const [text] of cases) {
      test(JSON.stringify(text), () => {
        for (const prefixes of Object.values(PREFIXES)) {
          const decoded = decodeAddress(text, prefixes);
          expect("error" in decoded && decoded.error).toMatch(/^[A-Z].+/);
          expect(decodeWif(text, prefixes)).toBeUndefined();
        }
      });
    }
  },
);

describeVectors<readonly (readonly [hex: string, text: string])[]>(
  "core/base58_encode_decode.json",
  (cases) => `base58_encode_decode.json: ${cases.length} byte strings`,
  (cases) => {
    test("encodes and decodes each", () => {
      for (const [hex, text] of cases) {
        expect(encodeBase58(fromHex(hex))).toBe(text);
        expect(decodeBase58(text, 256)).toEqual(fromHex(hex));
        if (hex !== "") expect(decodeBase58(text, hex.length / 2 - 1)).toBeUndefined();
      }
    });
  },
);

describe("base 58", () => {
  test("white space around the text is no error, inside it is", () => {
    expect(toHex(decodeBase58(" \t\n\v\f\r skip \r\f\v\n\t ".replace("skip", "2g"), 3)!)).toBe("61");
    expect(decodeBase58("2 g", 3)).toBeUndefined();
    expect(decodeBase58("2g\0", 3)).toBeUndefined();
    expect(decodeBase58("2gO", 9)).toBeUndefined();
  });

  test("the checksum covers every byte", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(decodeBase58Check(encodeBase58Check(bytes), 60)).toEqual(bytes);
        expect(decodeBase58(encodeBase58(bytes), 60)).toEqual(bytes);
      }),
    );
    const text = encodeBase58Check(Uint8Array.of(1, 2, 3));
    expect(decodeBase58Check(encodeBase58Check(new Uint8Array(21).fill(1)), 21)).toBeDefined();
    expect(decodeBase58Check(encodeBase58Check(new Uint8Array(22).fill(1)), 21)).toBeUndefined();
    expect(decodeBase58Check(text.slice(0, -1) + (text.endsWith("2") ? "3" : "2"), 60)).toBeUndefined();
  });
});

describe("bech32", () => {
  const text = encodeBech32(
    "bech32m",
    "bcrt",
    Uint8Array.from([1, ...regroupBits(new Uint8Array(32).fill(7), 8, 5, true)!]),
  );

  test("both encodings round-trip and are told apart", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(31), { maxLength: 60 }), fc.constantFrom("bech32", "bech32m"), (values, encoding) => {
        const encoded = encodeBech32(encoding as "bech32", "bcrt", Uint8Array.from(values));
        expect(decodeBech32(encoded)).toEqual({ encoding, prefix: "bcrt", values: Uint8Array.from(values) });
        expect(decodeBech32(encoded.toUpperCase())?.prefix).toBe("bcrt");
      }),
    );
  });

  test("one or two wrong characters are found", () => {
    let found = 0;
    let ambiguous = 0;
    const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const wrong = (source: string, at: number, step: number) => {
      const other = alphabet[(alphabet.indexOf(source[at]!) + step) % 32]!;
      return source.slice(0, at) + other + source.slice(at + 1);
    };
    for (let first = 5; first < text.length; first++) {
      expect(explainBech32(wrong(text, first, 1 + (first % 31)))).toEqual({
        error: "Invalid Bech32m checksum",
        positions: [first],
      });
      for (let second = first + 1; second < text.length; second += 7) {
        const { error, positions } = explainBech32(wrong(wrong(text, first, 3), second, 5));
        // Two errors in one encoding may look like two others in the other encoding, which is asked first.
        if (error === "Invalid Bech32m checksum") {
          expect(positions).toEqual([first, second]);
          found += 1;
        } else ambiguous += 1;
      }
    }
    expect(found).toBeGreaterThan(5 * ambiguous);
  });

  test("valid text has nothing to explain", () => {
    expect(explainBech32(text)).toEqual({ error: "", positions: [] });
  });

  test("decoding random text never throws", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), fc.string({ unit: "binary", maxLength: 40 }), (ascii, unicode) => {
        for (const one of [ascii, unicode, `bcrt1${ascii}`, `bcrt1${unicode}`]) {
          expect(decodeAddress(one, REGTEST)).toBeDefined();
          expect(decodeBech32(one) === undefined || explainBech32(one).error === "").toBe(true);
        }
      }),
    );
  });
});

describe("error texts of validateaddress", () => {
  // As Core's rpc_validateaddress.py and rpc_invalid_address_message.py expect them.
  const invalid = (text: string, prefixes: AddressPrefixes, error: string, errorPositions: readonly number[] = []) => {
    test(`${text}: ${error}`, () => {
      expect(decodeAddress(text, prefixes)).toEqual({ error, errorPositions });
    });
  };
  invalid("", MAIN, "Invalid checksum or length of Base58 address (P2PKH or P2SH)");
  invalid("asfah14i8fajz0123f", MAIN, "Invalid or unsupported Segwit (Bech32) or Base58 encoding.");
  invalid("1q2w3e4r5t6y7u8i9op", MAIN, "Invalid checksum or length of Base58 address (P2PKH or P2SH)");
  invalid(
    "tb1q5cuatynjmk4szh40mmunszfzh7zrc5xm9w8ccy",
    MAIN,
    "Invalid or unsupported Segwit (Bech32) or Base58 encoding.",
  );
  invalid("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3", MAIN, "Invalid checksum or length of Base58 address (P2PKH or P2SH)");
  invalid("mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", MAIN, "Invalid or unsupported Base58-encoded address.");
  invalid(encodeBase58Check(new Uint8Array(20)), MAIN, "Invalid length for Base58 address (P2PKH or P2SH)");
  invalid("bcrt1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqdmg0ra", REGTEST, "Invalid checksum", []);
  invalid(
    encodeBech32("bech32", "bcrt", Uint8Array.of(0)),
    MAIN,
    "Invalid or unsupported prefix for Segwit (Bech32) address (expected bc, got bcrt).",
  );
  invalid(encodeBech32("bech32", "bcrt", new Uint8Array()), REGTEST, "Empty Bech32 data section");
  const withProgram = (encoding: "bech32" | "bech32m", version: number, size: number) =>
    encodeBech32(encoding, "bcrt", Uint8Array.of(version, ...regroupBits(new Uint8Array(size), 8, 5, true)!));
  invalid(withProgram("bech32m", 0, 20), REGTEST, "Version 0 witness address must use Bech32 checksum");
  invalid(withProgram("bech32", 1, 32), REGTEST, "Version 1+ witness address must use Bech32m checksum");
  invalid(withProgram("bech32", 0, 21), REGTEST, "Invalid Bech32 v0 address program size (21 bytes), per BIP141");
  invalid(withProgram("bech32", 0, 1), REGTEST, "Invalid Bech32 v0 address program size (1 byte), per BIP141");
  invalid(withProgram("bech32m", 17, 32), REGTEST, "Invalid Bech32 address witness version");
  invalid(withProgram("bech32m", 2, 1), REGTEST, "Invalid Bech32 address program size (1 byte)");
  invalid(withProgram("bech32m", 2, 41), REGTEST, "Invalid Bech32 address program size (41 bytes)");
  invalid(encodeBech32("bech32m", "bcrt", Uint8Array.of(1, 1)), REGTEST, "Invalid padding in Bech32 data section");
  invalid("bcrt1qwertz1", REGTEST, "Invalid separator position", [11]);
  invalid("bcrtqqqq", REGTEST, "Missing separator", []);
  invalid("bcrt1qqqqqqqbq", REGTEST, "Invalid Base 32 character", [12]);
  invalid("bcrt1qqqQqqqqqq", REGTEST, "Invalid character or mixed case", [8]);
  invalid("bcrt1qqé", REGTEST, "Invalid character or mixed case", [7, 8]);
  invalid(`bcrt1${"q".repeat(87)}`, REGTEST, "Bech32 string too long", [90, 91]);
});

describe("what has an address", () => {
  const key = fromHex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
  test("keys, multisig, data and unknown scripts have none", () => {
    for (const one of [
      payToPublicKey(key),
      payToMultisig(1, [key]),
      script("RETURN"),
      script("1"),
      script("0 0x01 0x00"),
    ]) {
      expect(encodeAddress(one, MAIN)).toBeUndefined();
      expect(addressFactsOf(one)).toBeUndefined();
    }
  });

  test("later witness versions and the anchor have one", () => {
    for (const one of [
      payToAnchor(),
      payToWitnessProgram(2, new Uint8Array(2)),
      payToWitnessProgram(16, new Uint8Array(40)),
    ]) {
      const address = encodeAddress(one, REGTEST)!;
      expect(address).toMatch(/^bcrt1/);
      expect(decodeAddress(address, REGTEST)).toEqual({ script: one });
    }
    expect(addressFactsOf(payToAnchor())).toEqual({ isScript: true, isWitness: true });
    expect(addressFactsOf(payToWitnessProgram(2, new Uint8Array(2)))).toEqual({
      isWitness: true,
      witnessVersion: 2,
      witnessProgram: new Uint8Array(2),
    });
  });
});

describe("WIF", () => {
  test("a key of zero or beyond the curve's order is none", () => {
    const order = fromHex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    const last = order.slice();
    last[31]! -= 1;
    for (const [privateKey, isKey] of [
      [new Uint8Array(32), false],
      [order, false],
      [last, true],
    ] as const) {
      const text = encodeWif({ privateKey, compressed: true }, MAIN);
      expect(decodeWif(text, MAIN) !== undefined).toBe(isKey);
    }
  });
});
