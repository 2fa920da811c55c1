import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { type Command, Option } from "commander";

const WALLET_EXAMPLES = `
Examples:
  bitfleet wallet                                the wallet of this user, in a window of its own
  bitfleet wallet bitcoin:bc1q...?amount=0.1     with a payment to look at
  bitfleet wallet --data /tmp/w --network http://localhost:8081
                                                 another wallet, which begins with another network
`;

const ADMIN_EXAMPLES = `
Examples:
  bitfleet admin                                 explorer and administration of http://127.0.0.1:8080
  bitfleet admin --url https://node.example      of another network
  bitfleet admin --window none                   print an address, for a browser of your choice
`;

const WINDOW_KINDS = ["auto", "webkit", "chromium", "browser", "none"];

/** `bitfleet wallet`, `bitfleet admin` and `bitfleet desktop`: loaded from a bundle of their own when they are called. */
export function addDesktopCommands(program: Command, finish: (exitCode: number) => void): void {
  const run = async (words: readonly string[]) => finish(await loadDesktop().run(words));
  withWindow(program.command("wallet"))
    .description("open the wallet in a window: its keys are on this machine alone")
    .option("--network <url>", "the network that is offered first (default: http://127.0.0.1:8080)")
    .argument("[link]", "a payment link to show, bitcoin:...")
    .addHelpText("after", WALLET_EXAMPLES)
    .action((link: string | undefined, options: WindowOptions) =>
      run(["wallet", ...wordsOf(options), ...(link === undefined ? [] : ["--", link])]),
    );
  withWindow(program.command("admin"))
    .description("open explorer and administration of a network in a window")
    .option("--url <url>", "the network that is shown first (default: http://127.0.0.1:8080)")
    .addHelpText("after", ADMIN_EXAMPLES)
    .action((options: WindowOptions) => run(["admin", ...wordsOf(options)]));
  const desktop = program.command("desktop").description("put both windows into this user's list of programs (Linux)");
  desktop
    .command("install")
    .description("write the entries, and have bitcoin: links open in the wallet")
    .action(() => run(["desktop", "install"]));
  desktop
    .command("uninstall")
    .description("remove them again")
    .action(() => run(["desktop", "uninstall"]));
}

interface WindowOptions {
  readonly data?: string;
  readonly network?: string;
  readonly url?: string;
  readonly window: string;
  readonly devtools: boolean;
}

const withWindow = (command: Command) =>
  command
    .option("--data <dir>", "where it keeps what it knows (default: in the user's own data)")
    .addOption(
      new Option("--window <kind>", "what draws the window; none prints an address to open")
        .choices(WINDOW_KINDS)
        .default("auto"),
    )
    .option("--devtools", "let the window show the tools of developers", false);

function wordsOf({ data, network, url, window, devtools }: WindowOptions): readonly string[] {
  const named = Object.entries({ data, network, url, window }).filter(([, value]) => value !== undefined);
  return [...named.map(([name, value]) => `--${name}=${value}`), ...(devtools ? ["--devtools"] : [])];
}

interface DesktopBundle {
  readonly run: (words: readonly string[]) => Promise<number>;
}

function loadDesktop(): DesktopBundle {
  const file = fileURLToPath(new URL("./bitfleet-desktop.cjs", import.meta.url));
  if (!existsSync(file)) throw new Error('The desktop programs are not built yet. Run "npm run build" first.');
  return createRequire(import.meta.url)(file) as DesktopBundle;
}
