import type { CosignerSummary } from "../session/records.ts";
import { sharedTexts } from "./texts.ts";

/** What a signer is called: by the name that was given, else by the wallet whose words the key comes from, else by its fingerprint. `place`: from 0. */
export function cosignerName(
  { name, owner, fingerprint }: Pick<CosignerSummary, "name" | "owner" | "fingerprint">,
  place: number,
): string {
  return name || owner || fingerprint || sharedTexts.unnamed(place + 1);
}

/** A name as part of a file's. */
export function fileNamePart(name: string): string {
  const plain = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^A-Za-z0-9]+/gu, "-");
  return (
    plain
      .replace(/^-+|-+$/gu, "")
      .toLowerCase()
      .slice(0, 40) || "wallet"
  );
}
