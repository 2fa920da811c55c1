import { textsOf } from "@bitfleet/ui/texts.ts";

export const texts = textsOf({
  en: {
    open: {
      tx: (server: string) => `Open at ${server}, which learns that you look at this transaction`,
      address: (server: string) => `Open at ${server}, which learns that you look at this address`,
      block: (server: string) => `Open the block at ${server}, which learns that you look at it`,
    },
  },
});
