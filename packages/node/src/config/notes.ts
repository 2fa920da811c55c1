import { OPTION_DEFINITIONS } from "./options.ts";
import { type SettingSources, settingOf } from "./settings.ts";
import { booleanSetting, listSetting, textSetting } from "./values.ts";

/** Core's, of which `addrman` and `bip94` do something here. */
const TEST_OPTIONS: readonly string[] = ["addrman", "reindex_after_failure_noninteractive_yes", "bip94"];

const NO_TOR_SERVICE =
  "This node makes no Tor onion service: peers reach it through Tor only where Tor itself forwards to -bind=<addr>=onion. Connecting through Tor works, with -onion or -proxy.";

const NO_SIGNER = "External signers are not called: sign with them through PSBTs.";

/** What is missing, where an option that does nothing would make somebody believe in being hidden or reached. */
const MISSING: ReadonlyMap<string, { readonly isAsked: (sources: SettingSources) => boolean; readonly text: string }> =
  new Map([
    [
      "i2psam",
      {
        isAsked: (sources) => isText(textSetting(sources, "i2psam")),
        text: "I2P is not supported: the node neither connects to I2P peers nor is reached by them.",
      },
    ],
    ["torcontrol", { isAsked: (sources) => isText(textSetting(sources, "torcontrol")), text: NO_TOR_SERVICE }],
    ["signer", { isAsked: (sources) => isText(textSetting(sources, "signer")), text: NO_SIGNER }],
    ["listenonion", { isAsked: (sources) => booleanSetting(sources, "listenonion") === true, text: NO_TOR_SERVICE }],
  ]);

const isText = (text: string | undefined) => text !== undefined && text !== "" && text !== "0";

/** One line for each option that was given and does nothing, so that nobody relies on it unknowingly. */
export function acceptedOptionNotes(sources: SettingSources): readonly string[] {
  return [...OPTION_DEFINITIONS.values()]
    .filter(({ name, status }) => status === "accepted" && settingOf(sources, name) !== undefined)
    .filter(({ name }) => MISSING.get(name)?.isAsked(sources) ?? true)
    .map(({ name }) => {
      const missing = MISSING.get(name);
      const what = `Option -${name} is accepted but has no effect`;
      return missing === undefined ? `${what} yet` : `${what}. ${missing.text}`;
    });
}

/** Core's warnings of `-test` options that nobody knows. */
export function testOptionWarnings(sources: SettingSources): readonly string[] {
  return listSetting(sources, "test")
    .filter((option) => !TEST_OPTIONS.includes(option))
    .map((option) => `Unrecognised option "${option}" provided in -test=<option>.`);
}
