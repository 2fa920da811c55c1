import { fromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import { decodeAddress } from "@bitfleet/protocol/script/address.ts";
import { base64 } from "@scure/base";
import { describe, expect, test } from "vitest";
import { signBip137, verifyAddressMessage } from "./address-message.ts";

function scriptOf(address: string, network: "main" | "test" = "main"): Uint8Array {
  const decoded = decodeAddress(address, networkByName(network)!.addressPrefixes);
  if ("error" in decoded) throw new Error(decoded.error);
  return decoded.script;
}

const ofHex = (signature: string) => base64.encode(fromHex(signature));

/** With another first byte: the same key and signature under it. */
function withHeader(signature: string, header: number): string {
  const bytes = base64.decode(signature);
  bytes[0] = header;
  return base64.encode(bytes);
}

/** Those of bitcoinjs-message (`test/fixtures.json`): of the private key 1, and of another one. */
const NUMBERS = "vires is numeris";
const ONE = { nested: "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN", segwit: "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4" };
const ONE_NESTED = "JF8nHqFr3K2UKYahhX3soVeoW8W1ECNbr0wfck7lzyXjCS5Q16Ek45zyBuy1Fiy9sTPKVgsqqOuPvbycuVSSVl8=";
const ONE_SEGWIT = "KF8nHqFr3K2UKYahhX3soVeoW8W1ECNbr0wfck7lzyXjCS5Q16Ek45zyBuy1Fiy9sTPKVgsqqOuPvbycuVSSVl8=";

/** Those of Trezor's firmware (`tests/device_tests/bitcoin/test_signmessage.py`), of its test phrase. */
const EXAMPLE = "This is an example of a signed message.";
/** That of Electrum (`tests/test_bitcoin.py`), the same for both kinds. */
const ELECTRUM = "HyFaND+87TtVbRhkTfT3mPNBCQcJ32XXtNZGW8sFldJsNpOPCegEmdcCf5Thy18hdMH88GLxZLkOby/EwVUuSeA=";

describe("a signature of others is verified, and its form told:", () => {
  test.each<[string, string, string, string, string]>([
    [
      "bitcoinjs-message, uncompressed",
      "16UwLL9Risc3QfPqBUvKofHmBQ7wMtjvM",
      NUMBERS,
      "G8JawPtQOrybrSP1WHQnQPr67B9S3qrxBrl1mlzoTJOSHEpmnF7D3+t+LX0Xei9J20B5AIdPbeL3AaTBZ4N3bY0=",
      "legacy",
    ],
    [
      "bitcoinjs-message, compressed",
      "1PMycacnJaSqwwJqjawXBErnLsZ7RkXUAs",
      NUMBERS,
      "H8JawPtQOrybrSP1WHQnQPr67B9S3qrxBrl1mlzoTJOSHEpmnF7D3+t+LX0Xei9J20B5AIdPbeL3AaTBZ4N3bY0=",
      "legacy",
    ],
    ["bitcoinjs-message, nested", ONE.nested, NUMBERS, ONE_NESTED, "bip137"],
    ["bitcoinjs-message, segwit", ONE.segwit, NUMBERS, ONE_SEGWIT, "bip137"],
    [
      "Trezor, nested",
      "3L6TyTisPBmrDAj6RoKmDzNnj4eQi54gD2",
      EXAMPLE,
      ofHex(
        "23744de4516fac5c140808015664516a32fead94de89775cec7e24dbc24fe133075ac09301c4cc8e197bea4b6481661d5b8e9bf19d8b7b8a382ecdb53c2ee0750d",
      ),
      "bip137",
    ],
    [
      "Trezor, nested, as Electrum does",
      "3L6TyTisPBmrDAj6RoKmDzNnj4eQi54gD2",
      EXAMPLE,
      ofHex(
        "1f744de4516fac5c140808015664516a32fead94de89775cec7e24dbc24fe133075ac09301c4cc8e197bea4b6481661d5b8e9bf19d8b7b8a382ecdb53c2ee0750d",
      ),
      "electrum",
    ],
    [
      "Trezor, segwit",
      "bc1qannfxke2tfd4l7vhepehpvt05y83v3qsf6nfkk",
      EXAMPLE,
      ofHex(
        "28b55d7600d9e9a7e2a49155ddf3cfdb8e796c207faab833010fa41fb7828889bc47cf62348a7aaa0923c0832a589fab541e8f12eb54fb711c90e2307f0f66b194",
      ),
      "bip137",
    ],
    [
      "Trezor, segwit, as Electrum does",
      "bc1qannfxke2tfd4l7vhepehpvt05y83v3qsf6nfkk",
      EXAMPLE,
      ofHex(
        "20b55d7600d9e9a7e2a49155ddf3cfdb8e796c207faab833010fa41fb7828889bc47cf62348a7aaa0923c0832a589fab541e8f12eb54fb711c90e2307f0f66b194",
      ),
      "electrum",
    ],
    ["Electrum, nested", "3DYoBqQ5N6dADzyQjy9FT1Ls4amiYVaqTG", "Electrum", ELECTRUM, "electrum"],
    ["Electrum, segwit", "bc1qq2tmmcngng78nllq2pvrkchcdukemtj56uyue0", "Electrum", ELECTRUM, "electrum"],
    [
      "Electrum, with a high s",
      "15hETetDmcXm1mM4sEf7U2KXC9hDHFMSzz",
      "Chancellor on brink of second bailout for banks",
      "IDsu0U/THAsPz/MSuXGBKSULz2dTfmrg1NsAhFp+wH5a1gZoH8kE7O05lE65YLZFzLx3sh/rDzXMbo1dQAJhhnU=",
      "legacy",
    ],
  ])("%s", (_name, address, message, signature, form) => {
    const script = scriptOf(address);
    expect(verifyAddressMessage(script, signature, message)).toEqual({ status: "valid", form });
    expect(verifyAddressMessage(script, signature, `${message} `)).toEqual({ status: "not-signed", form });
    const bytes = base64.decode(signature);
    bytes[64]! ^= 1;
    expect(verifyAddressMessage(script, base64.encode(bytes), message).status).toBe("not-signed");
    // As it is handed on without its end.
    expect(verifyAddressMessage(script, signature.replace("=", ""), message).status).toBe("valid");
  });

  test("a test network's (Trezor)", () => {
    const script = scriptOf("tb1qkvwu9g3k2pdxewfqr7syz89r3gj557l3uuf9r9", "test");
    const signature = ofHex(
      "27758b3393396ad9fe48f6ce81f63410145e7b2b69a5dfc1d48b5e6e623e91e08e3afb60bda1546f9c6f9fb5bd0a41887b784c266036dd4b4015a0abc1137daa1d",
    );
    expect(verifyAddressMessage(script, signature, EXAMPLE)).toEqual({ status: "valid", form: "bip137" });
  });
});

describe("the first byte", () => {
  const legacy = scriptOf("1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH");
  const uncompressed = scriptOf("1EHNa6Q4Jz2uvNExL497mE43ikXhwF6kZm");
  const [nested, segwit] = [scriptOf(ONE.nested), scriptOf(ONE.segwit)];
  const verdict = (script: Uint8Array, header: number) =>
    verifyAddressMessage(script, withHeader(ONE_SEGWIT, header), NUMBERS);
  const valid = (form: string) => ({ status: "valid", form });
  const other = (signed: string) => ({ status: "other-kind", signed });

  // The signature is of the second of four keys: so are the headers 28, 32, 36 and 40.
  test.each([
    ["of an uncompressed key", uncompressed, 28, valid("legacy")],
    ["of an uncompressed key", uncompressed, 32, { status: "not-signed", form: "legacy" }],
    ["of an uncompressed key", uncompressed, 36, other("nested")],
    ["of the oldest kind", legacy, 28, { status: "not-signed", form: "legacy" }],
    ["of the oldest kind", legacy, 31, { status: "not-signed", form: "legacy" }],
    ["of the oldest kind", legacy, 32, valid("legacy")],
    ["of the oldest kind", legacy, 34, { status: "not-signed", form: "legacy" }],
    ["of the oldest kind", legacy, 35, other("nested")],
    ["of the oldest kind", legacy, 36, other("nested")],
    ["of the oldest kind", legacy, 40, other("segwit")],
    ["nested", nested, 28, other("uncompressed")],
    ["nested", nested, 30, other("uncompressed")],
    ["nested", nested, 32, valid("electrum")],
    ["nested", nested, 34, { status: "not-signed", form: "electrum" }],
    ["nested", nested, 35, { status: "not-signed", form: "bip137" }],
    ["nested", nested, 36, valid("bip137")],
    ["nested", nested, 39, other("segwit")],
    ["nested", nested, 40, other("segwit")],
    ["segwit", segwit, 28, other("uncompressed")],
    ["segwit", segwit, 32, valid("electrum")],
    ["segwit", segwit, 36, other("nested")],
    ["segwit", segwit, 38, other("nested")],
    ["segwit", segwit, 39, { status: "not-signed", form: "bip137" }],
    ["segwit", segwit, 40, valid("bip137")],
    ["segwit", segwit, 42, { status: "not-signed", form: "bip137" }],
    ["segwit", segwit, 26, { status: "none" }],
    ["segwit", segwit, 43, { status: "none" }],
    ["segwit", segwit, 0, { status: "none" }],
  ])("of an address %s, %#: %i", (_name, script, header, expected) => {
    expect(verdict(script, header)).toEqual(expected);
  });

  test("says of taproot and scripts of several that it is for others", () => {
    const taproot = scriptOf("bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr");
    const several = scriptOf("bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3");
    for (const script of [taproot, several]) {
      expect(verdict(script, 32)).toEqual(other("compressed"));
      expect(verdict(script, 40)).toEqual(other("segwit"));
    }
  });
});

test.each([
  ["a byte less", (bytes: Uint8Array) => bytes.subarray(0, 64)],
  ["a byte more", (bytes: Uint8Array) => Uint8Array.of(...bytes, 0)],
  ["nothing", () => new Uint8Array()],
])("%s than 65 bytes is no signature of these forms", (_name, change) => {
  const text = base64.encode(change(base64.decode(ONE_SEGWIT)));
  expect(verifyAddressMessage(scriptOf(ONE.segwit), text, NUMBERS)).toEqual({ status: "none" });
});

test("text that is no base 64 is none", () => {
  expect(verifyAddressMessage(scriptOf(ONE.segwit), "no signature!", NUMBERS)).toEqual({ status: "none" });
});

test("signs after BIP137 as others do", () => {
  const one = new Uint8Array(32);
  one[31] = 1;
  expect(signBip137(NUMBERS, one, "nested")).toBe(ONE_NESTED);
  expect(signBip137(NUMBERS, one, "segwit")).toBe(ONE_SEGWIT);
});
