import { fileURLToPath } from "node:url";
import { type ProgramPlace, runDesktop } from "./desktop.ts";
import { commandNow, runInstall } from "./install/install-command.ts";
import { readOptions } from "./options.ts";

/** What `bitfleet wallet` and `bitfleet admin` load: runs the words and answers the exit code. Throws `Error` with what to do. */
export async function run(words: readonly string[]): Promise<number> {
  const place = placeOf(import.meta.url);
  if (words[0] === "desktop") return runInstall(words[1], commandNow(import.meta.url), place.icons);
  return runDesktop(readOptions(words, process.cwd()), place);
}

/** Beside the bundle in /dist. */
function placeOf(url: string): ProgramPlace {
  const at = (path: string) => fileURLToPath(new URL(path, url));
  return {
    folders: { wallet: at("../apps/wallet/dist"), admin: at("../apps/admin/dist") },
    windowHost: at("./bitfleet-window.cjs"),
    icons: {
      wallet: at("../apps/desktop/icons/bitfleet-wallet.png"),
      admin: at("../apps/desktop/icons/bitfleet-admin.png"),
    },
  };
}
