import type { Command } from "commander";
import { callPlain, type NetworkNode } from "../network/operations.ts";
import { DATA_FOLDER_DEFAULT, requireRunningNetwork } from "./find-network.ts";
import { nodeOf } from "./network-commands.ts";

/** Commands on the wallets of a network that runs. Each throws `Error` with what to do. */

/** Where wallets are, where nobody says otherwise. */
const NODE_DEFAULT = "miner-0";
/** The wallet that is meant where none is named. */
export const WALLET_NAME_DEFAULT = "default";

interface CommandOptions {
  readonly data: string;
  readonly node: string;
  readonly label?: string;
}

/** Adds the commands. */
export function addWalletCommands(program: Command): void {
  program
    .command("createwallet")
    .description("print a new address of a wallet of the network, which is made where there is none of that name")
    .option("--data <dir>", "where the network is kept", DATA_FOLDER_DEFAULT)
    .option("--node <name>", "which node has the wallet", NODE_DEFAULT)
    .option("--label <text>", "what the address is for")
    .argument("[name]", "name of the wallet", WALLET_NAME_DEFAULT)
    .action((name: string, { data, ...options }: CommandOptions) =>
      runCreateWallet(walletNodeOf(data, options), name, options.label),
    );
  program
    .command("listaddresses")
    .description("print the addresses that wallets of the network have given out")
    .option("--data <dir>", "where the network is kept", DATA_FOLDER_DEFAULT)
    .option("--node <name>", "which node has the wallets", NODE_DEFAULT)
    .argument("[name]", "name of the wallet (default: all that are loaded)")
    .action((name: string | undefined, { data, ...options }: CommandOptions) =>
      runListAddresses(walletNodeOf(data, options), name),
    );
}

/** `bitfleet createwallet`: prints a new address of the wallet, which is made or loaded where it is not there. */
export async function runCreateWallet(node: NetworkNode, name: string, label = ""): Promise<void> {
  await haveWallet(node, name);
  const address = await callPlain(inWallet(node, name), "getnewaddress", [label]);
  process.stdout.write(`Your new address: ${String(address)}\n`);
}

/** `bitfleet listaddresses`: prints the addresses that a wallet, or each that is loaded, has given out; one a line. */
export async function runListAddresses(node: NetworkNode, name: string | undefined): Promise<void> {
  const names = name === undefined ? ((await callPlain(node, "listwallets", [])) as string[]) : [name];
  for (const one of names) {
    const given = (await callPlain(inWallet(node, one), "listreceivedbyaddress", [0, true])) as { address: string }[];
    for (const { address } of given) process.stdout.write(`${address}\n`);
  }
}

function walletNodeOf(folder: string, { node }: Pick<CommandOptions, "node">): NetworkNode {
  return nodeOf(requireRunningNetwork(folder), node);
}

async function haveWallet(node: NetworkNode, name: string): Promise<void> {
  const loaded = (await callPlain(node, "listwallets", [])) as string[];
  if (loaded.includes(name)) return;
  const { wallets } = (await callPlain(node, "listwalletdir", [])) as { wallets: { name: string }[] };
  const isThere = wallets.some((wallet) => wallet.name === name);
  if (isThere) await callPlain(node, "loadwallet", { filename: name, load_on_startup: true });
  else await callPlain(node, "createwallet", { wallet_name: name, load_on_startup: true });
}

/** The same node, asked about one wallet. */
function inWallet(node: NetworkNode, name: string): NetworkNode {
  return { ...node, target: { ...node.target, path: `/wallet/${encodeURIComponent(name)}` } };
}
