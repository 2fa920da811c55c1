/** What tests of descriptors and signing share: keys of every form, and descriptors made of them at random. */
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { type AddressPrefixes, encodeWif } from "@bitfleet/protocol/script/address.ts";
import { HDKey } from "@scure/bip32";
import { extendedKeyVersions } from "./keys/keys.ts";

export type Pick = (bound: number) => number;

export interface TestKey {
  readonly privateKey: Uint8Array;
  /** Compressed. */
  readonly publicKey: Uint8Array;
  readonly wif: string;
  readonly xprv: string;
  readonly xpub: string;
}

const KEY_COUNT = 4;

/** The same few keys each time. */
export function testKeys(prefixes: AddressPrefixes): readonly TestKey[] {
  return Array.from({ length: KEY_COUNT }, (_, index) => {
    const privateKey = sha256(Uint8Array.of(index + 1));
    const extended = HDKey.fromMasterSeed(privateKey, extendedKeyVersions(prefixes));
    return {
      privateKey,
      publicKey: portableSecp256k1.publicKeyOf(privateKey, true),
      wif: encodeWif({ privateKey, compressed: true }, prefixes),
      xprv: extended.privateExtendedKey,
      xpub: extended.publicExtendedKey,
    };
  });
}

type Place = "top" | "sh" | "wsh" | "tr";

/** A descriptor without checksum; most are valid, and some of each reason for refusal come along. */
export function randomDescriptor(pick: Pick, prefixes: AddressPrefixes): string {
  const keys = testKeys(prefixes);
  const one = <Item>(items: readonly Item[]): Item => items[pick(items.length)]!;
  const steps = () => Array.from({ length: pick(3) }, () => `/${pick(5)}${one(["", "", "h", "'"])}`).join("");
  const multipath = pick(4) === 0 ? "/<0;1>" : "";
  const range = one(["", "/*", "/*", "/*h"]);

  const key = (place: Place): string => {
    const { privateKey, publicKey, wif, xprv, xpub } = one(keys);
    const origin = pick(4) === 0 ? `[${toHex(publicKey.subarray(1, 5))}${steps()}]` : "";
    const uncompressed = portableSecp256k1.publicKeyOf(privateKey, false);
    const forms = [
      () => toHex(publicKey),
      () => wif,
      () => `${xprv}${steps()}${multipath}${range}`,
      () => `${xprv}${steps()}${multipath}${range}`,
      () => `${xpub}/${pick(9)}${multipath}${range === "/*h" ? "/*" : range}`,
      () => `${xpub}${multipath}`,
      () => (place === "tr" ? toHex(publicKey.subarray(1)) : toHex(pick(3) === 0 ? uncompressed : publicKey)),
      () => (pick(4) === 0 ? encodeWif({ privateKey, compressed: false }, prefixes) : wif),
    ];
    return origin + one(forms)();
  };
  const musig = () => {
    const plain = pick(2) === 0;
    const members = Array.from({ length: 1 + pick(3) }, () => (plain ? key("wsh") : one(keys).xpub));
    return `musig(${members.join(",")})${plain ? "" : one(["", "/0", "/1/*", "/<0;1>/*"])}`;
  };
  const list = (place: Place) => Array.from({ length: 1 + pick(place === "top" ? 3 : 4) }, () => key(place));
  const multi = (place: Place, names: readonly string[]) => {
    const members = list(place);
    return `${one(names)}(${1 + pick(members.length)},${members.join(",")})`;
  };
  const taprootKey = () => (pick(4) === 0 ? musig() : key("tr"));
  const tree = (depth: number): string => {
    if (depth > 0 && pick(2) === 0) return `{${tree(depth - 1)},${tree(depth - 1)}}`;
    return pick(2) === 0 ? `pk(${taprootKey()})` : multi("tr", ["multi_a", "sortedmulti_a"]);
  };
  const script = (place: Place): string => {
    const forms: (() => string)[] = [
      () => `pk(${key(place)})`,
      () => `pkh(${key(place)})`,
      () => multi(place, ["multi", "sortedmulti"]),
    ];
    if (place !== "wsh")
      forms.push(
        () => `wpkh(${key("wsh")})`,
        () => `wsh(${script("wsh")})`,
      );
    if (place === "top") {
      forms.push(
        () => `combo(${key("top")})`,
        () => `sh(${script("sh")})`,
        () => `sh(${script("sh")})`,
        () => `tr(${taprootKey()})`,
        () => `tr(${taprootKey()},${tree(2)})`,
        () => `tr(${key("tr")},${tree(3)})`,
        () => `rawtr(${taprootKey()})`,
        () => `unused(${key("top")})`,
        () => `raw(${one(["51", "6a", "00", `5120${toHex(keys[0]!.publicKey.subarray(1))}`])})`,
        () =>
          `addr(${one(["2NF2b3KS8xXb9XHvbRMXdZh8s5g92rUZHtp", "bcrt1qamhwamhwamhwamhwamhwamhwamhwamhwvnk9pn", "x"])})`,
      );
    }
    return one(forms)();
  };
  return script("top");
}
