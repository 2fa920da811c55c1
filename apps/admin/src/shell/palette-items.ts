import type { SearchHit } from "@bitfleet/api/rest/search.ts";
import { holdsExtendedPrivateKey } from "@bitfleet/api/secrets.ts";
import { formatCount, shortHash } from "@bitfleet/ui/format.ts";
import type { Place } from "@bitfleet/ui/places.tsx";
import { shellTexts } from "./texts.ts";

const texts = shellTexts.palette;

/** Digits may be grouped, and what was copied has spaces around it. */
export function searchedText(text: string): string {
  const trimmed = text.trim();
  return /^[\d\s,.']+$/.test(trimmed) ? trimmed.replace(/[\s,.']/g, "") : trimmed;
}

/** Whether the node might know it: one word of letters and digits, an output with its index. */
export function isSearchable(text: string): boolean {
  return /^[0-9a-z]{1,128}(:\d{1,10})?$/i.test(text) && text.length <= 128;
}

/** Whether it is a descriptor or an extended public key, which have a page of their own. What has a private key in it is none. */
export function isDescriptor(text: string): boolean {
  const trimmed = text.trim();
  if (holdsExtendedPrivateKey(trimmed)) return false;
  return (
    /^(\[[0-9a-fA-F/hH']+\])?[a-zA-Z]pub[1-9A-HJ-NP-Za-km-z]{40,}/.test(trimmed) ||
    /^[a-z]{2,9}\(\S+\)(#\w{0,8})?$/.test(trimmed)
  );
}

/** Whether it may be a part of a method's name: one word of small letters, long enough to mean something. */
export function isMethodName(text: string): boolean {
  return /^[a-z]{3,64}$/.test(text.trim());
}

/** What a hit is called, where it is, and the place it leads to: the block, where a page for the thing itself is missing. */
export function hitFacts(hit: SearchHit): {
  readonly title: string;
  readonly detail: string;
  readonly places: readonly Place[];
} {
  const { kind, id, height, block_hash: blockHash } = hit;
  if (kind === "block") {
    const title = texts.block(height === null ? "" : formatCount(height));
    return { title, detail: shortHash(id, 12), places: [{ kind, id }] };
  }
  if (kind === "address") return { title: texts.address, detail: shortHash(id, 16), places: [{ kind, id }] };
  if (kind === "gone-transaction") {
    const detail = `${shortHash(id, 10)} · ${texts.gone}`;
    return { title: texts.transaction, detail, places: [{ kind: "transaction", id }] };
  }
  const where = height === null ? texts.waiting : texts.inBlock(formatCount(height));
  const inBlock: readonly Place[] = blockHash === null ? [] : [{ kind: "block", id: blockHash }];
  return { title: texts[kind], detail: `${shortHash(id, 10)} · ${where}`, places: [{ kind, id }, ...inBlock] };
}
