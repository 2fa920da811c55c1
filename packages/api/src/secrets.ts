/** What is secret by its name or its look: passphrases, private keys, seeds. For logs and histories, which are never to hold it. */

const SECRET_NAME = /pass|secret|priv|wif|mnemonic|seed|phrase|token|credential|xprv|descriptor|^keys?$|key$/i;
/**
 * An extended private key, of whatever prefix. The same letters come up inside one extended public key of some thousands, which is no secret: whoever has
 * that one could not be shown what it has.
 */
const EXTENDED_PRIVATE_KEY = /(?<![a-zA-Z]pub[1-9A-HJ-NP-Za-km-z]{1,106})[a-zA-Z]prv[1-9A-HJ-NP-Za-km-z]{20,}/;
const SECRET_VALUES: readonly RegExp[] = [
  EXTENDED_PRIVATE_KEY,
  // Base58 with checksum of a private key, on main network or another.
  /\b[5KL9c][1-9A-HJ-NP-Za-km-z]{50,51}\b/,
  // Words in a row, as of a mnemonic.
  /^\s*([a-z]{3,10}\s+){11,}[a-z]{3,10}\s*$/,
];

/** What stands where something secret was. */
export const HIDDEN = "(hidden)";

/** Whether a field or parameter of this name holds what is never shown, whatever it is. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** Whether an extended private key (BIP32, SLIP132) stands in a text, right or with a slip. */
export function holdsExtendedPrivateKey(text: string): boolean {
  return EXTENDED_PRIVATE_KEY.test(text);
}

/** Whether a text is, or has in it, what looks like a private key or the words of a seed, right or with a slip. */
export function holdsSecret(text: string): boolean {
  return SECRET_VALUES.some((form) => form.test(text));
}

/** A sentence or an address of a page without the private keys that stand in it: who mistook one for an address has it told back. */
export function withoutSecrets(text: string): string {
  return SECRET_VALUES.reduce((shown, form) => shown.replace(new RegExp(form, "g"), HIDDEN), text);
}
