import { concatBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { decodeBase58Check, encodeBase58Check } from "@bitfleet/protocol/script/base58.ts";

/** What some wallets say by the first bytes of an extended key (SLIP132): for which kind of address it is. Descriptors say it better. */
export type Slip132Script = "pkh" | "sh-wpkh" | "wpkh" | "sh-wsh" | "wsh";

export interface Slip132Key {
  /** The same key as BIP32 writes it: `xpub…`, `tprv…`. */
  readonly text: string;
  readonly isPrivate: boolean;
  readonly isMainnet: boolean;
  /** `pkh` stands for keys that say nothing (`xpub`, `tpub`), too. */
  readonly script: Slip132Script;
}

type Version = Omit<Slip132Key, "text">;

/** BIP32's own versions: main public and private, test public and private. */
const PLAIN = { main: [0x0488b21e, 0x0488ade4], test: [0x043587cf, 0x04358394] } as const;

/** Versions of public and private keys: main ones (ypub, zpub, Ypub, Zpub) and test ones (upub, vpub, Upub, Vpub). */
const FAMILIES: readonly (readonly [Slip132Script, main: readonly number[], test: readonly number[]])[] = [
  ["pkh", PLAIN.main, PLAIN.test],
  ["sh-wpkh", [0x049d7cb2, 0x049d7878], [0x044a5262, 0x044a4e28]],
  ["wpkh", [0x04b24746, 0x04b2430c], [0x045f1cf6, 0x045f18bc]],
  ["sh-wsh", [0x0295b43f, 0x0295b005], [0x024289ef, 0x024285b5]],
  ["wsh", [0x02aa7ed3, 0x02aa7a99], [0x02575483, 0x02575048]],
];

const VERSIONS: ReadonlyMap<number, Version> = new Map(
  FAMILIES.flatMap(([script, main, test]) =>
    [main, test].flatMap((versions) =>
      versions.map((version, index): [number, Version] => [
        version,
        { script, isPrivate: index === 1, isMainnet: versions === main },
      ]),
    ),
  ),
);

/** Version, depth, fingerprint, index, chain code and key. */
const EXTENDED_KEY_SIZE = 78;
const VERSION_SIZE = 4;

/** Reads an extended key with any of these prefixes; `undefined` where the text is none. The key itself is not checked. */
export function readSlip132(text: string): Slip132Key | undefined {
  const bytes = decodeBase58Check(text, EXTENDED_KEY_SIZE);
  if (bytes === undefined || bytes.length !== EXTENDED_KEY_SIZE) return undefined;
  const version = VERSIONS.get(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0));
  if (version === undefined) return undefined;
  const plain = PLAIN[version.isMainnet ? "main" : "test"][version.isPrivate ? 1 : 0];
  return { ...version, text: encodeBase58Check(concatBytes(versionBytes(plain), bytes.subarray(VERSION_SIZE))) };
}

function versionBytes(version: number): Uint8Array {
  const bytes = new Uint8Array(VERSION_SIZE);
  new DataView(bytes.buffer).setUint32(0, version);
  return bytes;
}
