import { textsOf } from "@bitfleet/ui/texts.ts";

export const texts = textsOf({
  en: {
    title: "Network",
    about: "Whom this node talks to, and the network of this machine that it is part of.",
    tabs: { peers: "Peers", local: "Local network", faucet: "Faucet", bans: "Bans" },
  },
});
