import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import type { AddressPrefixes } from "@bitfleet/protocol/script/address.ts";
import { HDKey } from "@scure/bip32";
import type { AddressType, DescriptorRecord } from "../keychain/descriptor-record.ts";
import {
  type AccountPurpose,
  accountDescriptors,
  accountPath,
  coinTypeOf,
  masterKeyOf,
  privateAccountDescriptors,
} from "../keys/accounts.ts";
import { extendedKeyVersions, formatKeyPath } from "../keys/keys.ts";
import { seedOfMnemonic } from "../keys/mnemonic.ts";
import { SigningMaterial } from "../signing/signing-material.ts";

/** The accounts of a recovery phrase (BIP39, BIP44): what they watch, and what they sign with. */

/** Addresses in a row without any use, behind which nobody looks further (BIP44). */
export const GAP_LIMIT = 20;
/** More are not looked through in a row, whoever asks for it: of eight descriptors they are far less than an account may have. */
export const GAP_LIMIT_MAX = 1_000;

/** Whether a wallet may look so far: no less than all others do. */
export function isGapLimit(count: number): boolean {
  return Number.isSafeInteger(count) && count >= GAP_LIMIT && count <= GAP_LIMIT_MAX;
}

/** BIP39: words in their usual form, and what was said beside them; "" for nothing. */
export interface Phrase {
  readonly words: string;
  readonly passphrase: string;
}

/** What an account gives addresses of, the first choice first; and older kinds, which are kept only where they were used. */
const PURPOSES_GIVEN = [86, 84] as const;
const PURPOSES_OLD = [49, 44] as const;
export const ACCOUNT_PURPOSES: readonly AccountPurpose[] = [...PURPOSES_GIVEN, ...PURPOSES_OLD];

const TYPE_OF: Readonly<Record<AccountPurpose, AddressType>> = {
  44: "legacy",
  49: "p2sh-segwit",
  84: "bech32",
  86: "bech32m",
};

/** A descriptor of an account, as it is stored: whether it is for change is told apart from which kind it gives addresses for. */
export interface AccountDescriptor extends DescriptorRecord {
  readonly isInternal: boolean;
  /**
   * Why it may be given up again when it was looked at: `old`: it was never used. `guess`: one of several forms that a key may be for, and another
   * one is in use. Each pair, to receive by and for change, is judged together.
   */
  readonly doubt?: "old" | "guess" | undefined;
}

/**
 * The public descriptors of account number `account`, two for each kind of address. Each kind has the same ids in every account. Throws
 * `Error` where the words stand for no seed. Takes tenths of a second: the seed is slow to make on purpose.
 */
export function phraseDescriptors(
  phrase: Phrase,
  account: number,
  prefixes: AddressPrefixes,
): readonly AccountDescriptor[] {
  const master = masterOf(phrase, prefixes);
  const coinType = coinTypeOf(prefixes);
  return ACCOUNT_PURPOSES.flatMap((purpose, place) => {
    const texts = accountDescriptors({ master }, { purpose, coinType, account }, prefixes);
    if ("error" in texts) throw new Error(`the account of a phrase cannot be derived: ${texts.error}`);
    const isGiven = (PURPOSES_GIVEN as readonly number[]).includes(purpose);
    return [texts.external, texts.internal].map((text, chain): AccountDescriptor => {
      const isInternal = chain === 1;
      const activeFor = isGiven ? { addressType: TYPE_OF[purpose], isInternal } : undefined;
      return {
        id: 2 * place + chain + 1,
        text,
        normalizedText: text,
        createdAt: 0,
        activeFor,
        isInternal,
        ...(isGiven ? {} : { doubt: "old" }),
      };
    });
  });
}

/** What those descriptors are signed with. Whoever asks wipes it. */
export function phraseSecrets(
  phrase: Phrase,
  account: number,
  { prefixes, secp256k1 }: { readonly prefixes: AddressPrefixes; readonly secp256k1: Pick<Secp256k1, "publicKeyOf"> },
): SigningMaterial {
  const master = HDKey.fromExtendedKey(masterOf(phrase, prefixes), extendedKeyVersions(prefixes));
  const secrets = new SigningMaterial();
  for (const purpose of ACCOUNT_PURPOSES) {
    const path = formatKeyPath(accountPath(purpose, coinTypeOf(prefixes), account), true);
    const { privateKey } = master.derive(`m${path}`);
    secrets.addPrivateKey({ privateKey: privateKey!.slice(), compressed: true }, secp256k1);
  }
  master.wipePrivateData();
  return secrets;
}

/** The same descriptors with private keys (`tprv…`), for other wallets. */
export function privatePhraseDescriptors(
  phrase: Phrase,
  account: number,
  descriptors: readonly AccountDescriptor[],
  prefixes: AddressPrefixes,
): readonly string[] {
  const master = masterOf(phrase, prefixes);
  const all = phrasePrivateTexts(master, account, prefixes);
  return descriptors.flatMap(({ id }) => all[id - 1] ?? []);
}

function phrasePrivateTexts(master: string, account: number, prefixes: AddressPrefixes): readonly string[] {
  const coinType = coinTypeOf(prefixes);
  return ACCOUNT_PURPOSES.flatMap((purpose) => {
    const { external, internal } = privateAccountDescriptors(master, { purpose, coinType, account });
    return [external, internal];
  });
}

/** The names of the master keys that descriptors say their keys come from, in hex. */
export function fingerprintsOf(descriptors: readonly AccountDescriptor[]): ReadonlySet<string> {
  return new Set(
    descriptors.flatMap(({ text }) => [...text.matchAll(/\[([0-9a-f]{8})/gi)].map(([, name]) => name!.toLowerCase())),
  );
}

function masterOf({ words, passphrase }: Phrase, prefixes: AddressPrefixes): string {
  const seed = seedOfMnemonic(words, passphrase);
  const master = masterKeyOf(seed, prefixes);
  seed.fill(0);
  return master;
}
