import { withChecksum } from "@bitfleet/wallet/descriptors/descriptor-checksum.ts";

/** The extended public key of a descriptor that has one and no more, without where it comes from and what follows it. */
export function publicKeyIn(descriptor: string): string | undefined {
  const keys = descriptor.match(/[a-zA-Z]pub[1-9A-HJ-NP-Za-km-z]{100,112}/g) ?? [];
  return keys.length === 1 ? keys[0] : undefined;
}

/**
 * The descriptors to hand to another program: where one is for receiving and the next the same for change, both as one (BIP389), so that nobody
 * watches without the change.
 */
export function watchDescriptors(descriptors: readonly string[]): readonly string[] {
  const bare = descriptors.map((descriptor) => descriptor.replace(/#[a-z0-9]{8}$/, ""));
  const all = new Set(bare);
  return bare.flatMap((descriptor) => {
    const change = descriptor.replaceAll("/0/*", "/1/*");
    if (change !== descriptor && all.has(change)) return [withChecksum(descriptor.replaceAll("/0/*", "/<0;1>/*"))];
    const receive = descriptor.replaceAll("/1/*", "/0/*");
    return receive !== descriptor && all.has(receive) ? [] : [withChecksum(descriptor)];
  });
}
