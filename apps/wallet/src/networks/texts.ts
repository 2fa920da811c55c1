import { textsOf } from "@bitfleet/ui/texts.ts";

export const networkTexts = textsOf({
  en: {
    thisServer: "This server",
    onThisComputer: "On this computer",
    chains: {
      main: "Bitcoin's main network",
      test: "Testnet 3",
      testnet4: "Testnet 4",
      signet: "Signet",
      regtest: "Regtest, a network for development",
    },
    realMoney: "This is the network where coins are money. Keep the words of your wallet where nobody else finds them.",
    chain: "Network",
    height: "Newest block",
    protocol: "Speaks",
    watch: "Bitfleet (the wallet hears of payments at once)",
    esplora: "Esplora (addresses are asked for one by one)",
    faucet: "Faucet",
    hasFaucet: "Yes, for whoever has the admin key",
    url: "Address of the server",
    urlHint: "Of a Bitfleet web server (http://localhost:8080), or of an Esplora server with its path.",
    urlMissing: "Enter where the server is, such as http://localhost:8080.",
    urlWrong: "That is no address of a server. It looks like http://localhost:8080 or https://example.org/api.",
    urlCredentials: "A name and password cannot stand in the address. Enter a key below if the server wants one.",
    urlInsecure:
      "This page came over HTTPS, and browsers let it reach other places over HTTPS only, besides this computer.",
    key: "Key (only where the server asks for one)",
    name: "Name",
    nameHint: "What this network is called here.",
    look: "Look what answers there",
    again: "Look again",
    looking: "Looking what answers there…",
    answers: (place: string) => `${place} answers`,
    silent: (place: string) => `${place} cannot be used`,
    elsewhere: (origin: string) =>
      `A server elsewhere must also allow pages of ${origin} to ask it: a Bitfleet server does with -webcors=${origin}.`,
    use: "Use this network",
    save: "Save",
    otherChain: (was: string, is: string) =>
      `There is ${is}, and this network was saved as ${was}. Wallets stay with their network: add the server as another network instead.`,
  },
});

/** What a chain is called for people. */
export function chainName(chain: string): string {
  const names: Readonly<Record<string, string>> = networkTexts.chains;
  return names[chain] ?? chain;
}
