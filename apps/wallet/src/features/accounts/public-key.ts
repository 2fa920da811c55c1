/** The extended public key of a descriptor that has one and no more, without where it comes from and what follows it. */
export function publicKeyIn(descriptor: string): string | undefined {
  const keys = descriptor.match(/[a-zA-Z]pub[1-9A-HJ-NP-Za-km-z]{100,112}/g) ?? [];
  return keys.length === 1 ? keys[0] : undefined;
}
