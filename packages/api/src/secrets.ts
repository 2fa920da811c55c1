/** What is secret by its name or its look: passphrases, private keys, seeds. For logs and histories, which are never to hold it. */

const SECRET_NAME = /pass|secret|priv|wif|mnemonic|seed|phrase|token|credential|xprv|descriptor|^keys?$|key$/i;
const SECRET_VALUES: readonly RegExp[] = [
  /[xtyzuvYZUV]prv[1-9A-HJ-NP-Za-km-z]{20,}/,
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

/** Whether a text is, or has in it, what looks like a private key or the words of a seed, right or with a slip. */
export function holdsSecret(text: string): boolean {
  return SECRET_VALUES.some((form) => form.test(text));
}

/** A sentence or an address of a page without the private keys that stand in it: who mistook one for an address has it told back. */
export function withoutSecrets(text: string): string {
  return SECRET_VALUES.reduce((shown, form) => shown.replace(new RegExp(form, "g"), HIDDEN), text);
}
