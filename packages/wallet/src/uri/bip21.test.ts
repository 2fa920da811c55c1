import { mainNetwork, regtestNetwork, testnet4Network } from "@bitfleet/protocol/consensus/networks.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatPaymentUri, type PaymentUri, parsePaymentUri, URI_LENGTH_MAX } from "./bip21.ts";

const { addressPrefixes: MAIN } = mainNetwork();
const { addressPrefixes: REGTEST } = regtestNetwork();
const { addressPrefixes: TESTNET } = testnet4Network();

const BASE58 = "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2";
const SEGWIT = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
const TAPROOT = "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0";
const TEST_SEGWIT = "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx";

const read = (text: string, opensPop = false) => parsePaymentUri(text, { prefixes: MAIN, opensPop });
function uriOf(text: string, opensPop = false): PaymentUri {
  const found = read(text, opensPop);
  if ("error" in found) throw new Error(found.error);
  return found.uri;
}
function errorOf(text: string, opensPop = false): string {
  const found = read(text, opensPop);
  if ("uri" in found) throw new Error(`accepted: ${text}`);
  return found.error;
}

describe("payment URIs (BIP21, BIP321)", () => {
  test("address, amount, label and message, as the BIPs' examples have them", () => {
    expect(uriOf(`bitcoin:${BASE58}`)).toEqual({ addresses: [BASE58], others: [] });
    expect(uriOf(`bitcoin:${BASE58}?label=Luke-Jr`)).toEqual({ addresses: [BASE58], label: "Luke-Jr", others: [] });
    expect(uriOf(`bitcoin:${BASE58}?amount=20.3&label=Luke-Jr`).sats).toBe(2_030_000_000n);
    expect(uriOf(`bitcoin:${BASE58}?amount=50&label=L&message=Donation%20for%20project%20xyz`)).toEqual({
      addresses: [BASE58],
      sats: 5_000_000_000n,
      label: "L",
      message: "Donation for project xyz",
      others: [],
    });
  });

  test("other ways to pay, with and without an address", () => {
    expect(uriOf(`bitcoin:${BASE58}?lightning=lnbc420x`).others).toEqual([["lightning", "lnbc420x"]]);
    expect(uriOf("bitcoin:?lno=lno1bogus&sp=sp1q").others).toEqual([
      ["lno", "lno1bogus"],
      ["sp", "sp1q"],
    ]);
    expect(errorOf("bitcoin:")).toMatch(/no address/);
    expect(errorOf("bitcoin:?label=x")).toMatch(/no address/);
  });

  test("addresses of several kinds, and those of another network beside ours", () => {
    expect(uriOf(`bitcoin:?bc=${SEGWIT}&bc=${TAPROOT}`).addresses).toEqual([SEGWIT, TAPROOT]);
    expect(uriOf(`bitcoin:${BASE58}?tb=${TEST_SEGWIT}`)).toEqual({
      addresses: [BASE58],
      others: [["tb", TEST_SEGWIT]],
    });
    const testUri = parsePaymentUri(`bitcoin:?tb=${TEST_SEGWIT}`, { prefixes: TESTNET });
    expect(testUri).toEqual({ uri: { addresses: [TEST_SEGWIT], others: [] } });
    expect(errorOf(`bitcoin:?bc=${TEST_SEGWIT}`)).toMatch(/"bc" is no address/);
    expect(errorOf(`bitcoin:${TEST_SEGWIT}`)).toMatch(/no address of this network/);
    expect(errorOf(`bitcoin:${BASE58.replace("B", "C")}`)).toMatch(/no address of this network/);
    expect(errorOf(`bitcoin://${BASE58}`)).toMatch(/no address of this network/);
  });

  test("upper case, as QR codes have it", () => {
    const text = `BITCOIN:${SEGWIT.toUpperCase()}?BC=${TAPROOT.toUpperCase()}&AMOUNT=0.5&LABEL=Shop`;
    const uri = uriOf(text);
    expect(uri).toEqual({
      addresses: [SEGWIT.toUpperCase(), TAPROOT.toUpperCase()],
      sats: 50_000_000n,
      label: "Shop",
      others: [],
    });
    expect(formatPaymentUri(uri, { forQrCode: true })).toBe(text);
    const base58 = formatPaymentUri({ addresses: [BASE58], sats: 1n, others: [] }, { forQrCode: true });
    expect(base58).toBe(`BITCOIN:${BASE58}?AMOUNT=0.00000001`);
    expect(errorOf(`bitcoin:bc1${SEGWIT.slice(3).toUpperCase()}`)).toMatch(/no address/);
  });

  test.each([
    ["0", 0n],
    ["0.00000001", 1n],
    [".5", 50_000_000n],
    ["5.", 500_000_000n],
    ["1.100000000000", 110_000_000n],
    ["21000000", 2_100_000_000_000_000n],
    ["0.29", 29_000_000n],
    ["90071992.54740993", undefined],
    ["21000000.00000001", undefined],
    ["0.000000001", undefined],
    ["", undefined],
    [".", undefined],
    ["1,5", undefined],
    ["-1", undefined],
    ["1e3", undefined],
    [" 1", undefined],
    ["0x10", undefined],
  ])("amount %j is %s satoshis", (text, sats) => {
    const uri = `bitcoin:${BASE58}?amount=${encodeURIComponent(text)}`;
    if (sats === undefined) expect(errorOf(uri)).toMatch(/number of bitcoin/);
    else expect(uriOf(uri).sats).toBe(sats);
  });

  test.each([
    ["label=a&label=b", /more than one label/],
    ["amount=42&amount=42", /more than one amount/],
    ["message=a&MESSAGE=a", /more than one message/],
    ["pop=a%3a&pop=b%3a", /more than one pop/],
    ["req-somethingyoudontunderstand=50", /requires "somethingyoudontunderstand"/],
    ["REQ-x", /requires "x"/],
    // What would make another sentence of it.
    ["req-%e2%80%ae%22%20pay%0ame=1", /requires "\?\?\?pay\?me", which/],
    ["req-label=x", /requires "label"/],
    ["label=%", /encodes no character/],
    ["label=%ff", /encodes no character/],
  ])("refuses ?%s", (query, error) => {
    expect(errorOf(`bitcoin:${BASE58}?${query}`)).toMatch(error);
  });

  test("what is not known and not required is kept, however often it comes", () => {
    expect(uriOf(`bitcoin:${BASE58}?SomeThing=50&something=51&flag&&`).others).toEqual([
      ["something", "50"],
      ["something", "51"],
      ["flag", ""],
    ]);
  });

  test("a proof of payment is for who asks for it, and never for a browser", () => {
    const at = `bitcoin:${BASE58}?`;
    expect(uriOf(`${at}pop=app%3a`).pop).toBeUndefined();
    expect(uriOf(`${at}pop=app%3a%3f`, true).pop).toBe("app:?");
    expect(uriOf(`${at}req-pop=app%3a`, true).pop).toBe("app:");
    expect(errorOf(`${at}req-pop=app%3a`)).toMatch(/requires "pop"/);
    for (const scheme of ["https", "HTTP", "javascript", "mailto", "file"]) {
      expect(uriOf(`${at}pop=${scheme}%3aevil.example`, true).pop).toBeUndefined();
      expect(errorOf(`${at}req-pop=${scheme}%3aevil.example`, true)).toMatch(/requires "pop"/);
    }
    expect(errorOf(`${at}pop=a%3a&req-pop=a%3a`, true)).toMatch(/more than one pop/);
  });

  test("length, both sides of the limit; another scheme; a fragment", () => {
    const text = `bitcoin:${BASE58}?label=`;
    expect(uriOf(text.padEnd(URI_LENGTH_MAX, "x")).label).toHaveLength(URI_LENGTH_MAX - text.length);
    expect(errorOf(text.padEnd(URI_LENGTH_MAX + 1, "x"))).toMatch(/at most/);
    expect(errorOf(BASE58)).toMatch(/begins with/);
    expect(errorOf(`litecoin:${BASE58}`)).toMatch(/begins with/);
    expect(uriOf(`bitcoin:${BASE58}?label=a#b`).label).toBe("a");
  });

  test("whatever is written is read again", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 30 });
    const uris = fc.record(
      {
        addresses: fc.constantFrom<string[][]>([BASE58], [SEGWIT, TAPROOT], [BASE58, TAPROOT]),
        sats: fc.bigInt({ min: 0n, max: 2_100_000_000_000_000n }),
        label: text,
        message: text,
        pop: text.map((rest) => `app:${rest}`),
        others: fc.array(fc.tuple(fc.constantFrom("lightning", "x-y", "täg"), text), { maxLength: 4 }),
      },
      { requiredKeys: ["addresses", "others"] },
    );
    fc.assert(
      fc.property(uris, (uri) => {
        expect(uriOf(formatPaymentUri(uri), true)).toEqual(uri);
      }),
    );
  });

  test("no text makes it throw", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        for (const one of [text, `bitcoin:${text}`, `bitcoin:?${text}`]) {
          const found = parsePaymentUri(one, { prefixes: REGTEST });
          expect("uri" in found || found.error.endsWith(".")).toBe(true);
        }
      }),
    );
  });
});
