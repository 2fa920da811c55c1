/** Version of this software, as in package.json. */
export const VERSION = "0.1.0";

/** How this node names itself: `/Bitfleet:0.1.0(comment; comment)/` (BIP14). */
export function userAgentOf(comments: readonly string[]): string {
  return `/Bitfleet:${VERSION}${comments.length > 0 ? `(${comments.join("; ")})` : ""}/`;
}
