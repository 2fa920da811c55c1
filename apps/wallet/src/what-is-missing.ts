import { desktopSession } from "@bitfleet/ui/desktop/desktop-session.ts";
import { textsOf } from "@bitfleet/ui/texts.ts";

const texts = textsOf({
  en: {
    insecure: (host: string) =>
      `This page came over plain HTTP from another computer, where anybody on the way could have changed it, and browsers give such pages no means to encrypt. Open it over HTTPS, or on the computer where the server runs as http://localhost${host}.`,
    noDatabase:
      "This browser keeps nothing for this page: private windows of some browsers do so. Open the page in a usual window.",
  },
});

/** What this browser does not give the page and a wallet needs, in a sentence; `undefined` where all is there. In the desktop the program has it. */
export function whatIsMissing(): string | undefined {
  if (desktopSession() !== undefined) return undefined;
  if (!globalThis.isSecureContext || globalThis.crypto.subtle === undefined) {
    return texts.insecure(location.port === "" ? "" : `:${location.port}`);
  }
  return typeof indexedDB === "undefined" ? texts.noDatabase : undefined;
}
