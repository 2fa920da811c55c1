import { type Command, Option } from "commander";
import { KEY_ROLES } from "../server/access/key-roles.ts";
import { DATA_FOLDER_DEFAULT } from "./find-network.ts";
import { addKey, type KeysPlace, listKeys, type NewKeyOptions, revokeKey } from "./manage-keys.ts";

const KEYS_EXAMPLES = `
Examples:
  bitfleet keys add ci --role admin              a new admin key of the network in ./${DATA_FOLDER_DEFAULT}, shown this once
  bitfleet keys add shop --role wallet --expires 30d --rate 5/s
  bitfleet keys add pacer --role admin --allow setMining --allow "GET /api/v1/*"
                                                 one that may do no more than that
  bitfleet keys list
  bitfleet keys revoke ci                        nodes that run refuse it from now on
  bitfleet keys add ops --role admin --file ~/.bitfleet/regtest/api-keys.json
                                                 of a node of its own
`;

/** `bitfleet keys add|list|revoke`. */
export function addKeysCommands(program: Command): void {
  const keys = program
    .command("keys")
    .description("make, list and revoke the keys that open the HTTP API, whether or not the network runs")
    .addHelpText("after", KEYS_EXAMPLES);
  withPlace(keys.command("add"))
    .description("make a key and print it, this once")
    .addOption(
      new Option("--role <role>", "what it opens: reading, also what is for wallets, or everything")
        .choices([...KEY_ROLES])
        .makeOptionMandatory(),
    )
    .option(
      "--allow <call>",
      'only this route, by name or as "PUT /api/admin/mining"; may be given several times',
      append,
    )
    .option("--rate <rate>", "calls a second, as 5/s, or calls at once / calls a second, as 100/10")
    .option("--expires <when>", "when it ends: 30d, 12h, 90m, or a date as 2026-12-31")
    .argument("<name>", "what it is called in lists and in the audit log")
    .action((name: string, options: NewKeyOptions) => addKey(name, options));
  withPlace(keys.command("list"))
    .description("show the keys, without what opens")
    .option("--json", "for programs", false)
    .action((options: KeysPlace & { json: boolean }) => listKeys(options, options.json));
  withPlace(keys.command("revoke"))
    .description("end a key")
    .argument("<name>", "as the list has it")
    .action((name: string, options: KeysPlace) => revokeKey(name, options));
}

const withPlace = (command: Command) =>
  command
    .option("--data <dir>", "where the network is kept", DATA_FOLDER_DEFAULT)
    .option("--file <file>", "file of a node's keys, in place of a network's");

const append = (value: string, before: readonly string[] = []) => [...before, value];
