import type { RpcMethodView } from "@bitfleet/api/rest/console.ts";
import { expect, test } from "vitest";
import { isKeepable, riskOf } from "./risks.ts";

test.each([
  ["stop", "grave"],
  ["invalidateblock", "grave"],
  ["sendtoaddress", "notable"],
  ["send", "notable"],
  ["generatetoaddress", "notable"],
  ["bumpfee", "notable"],
  ["unloadwallet", "notable"],
  ["getblock", undefined],
  ["listtransactions", undefined],
  ["reverttosnapshot", "grave"],
  ["setminer", "notable"],
  ["backupwallet", "notable"],
  ["sendmsgtopeer", "notable"],
] as const)("%s is asked about: %s", (method, risk) => {
  expect(riskOf(method)).toBe(risk);
});

const method = (name: string, ...names: string[]): RpcMethodView => ({
  ...{
    name,
    category: "wallet",
    needs_wallet: false,
    is_elsewhere: false,
    call: name,
    help: "",
    results: [],
    examples: [],
  },
  params: names.map((one) => ({
    ...{ name: one, aliases: [], is_required: false, default_hint: null, is_text: true, schema: {} },
  })),
});
const METHODS = [
  method("walletpassphrase", "passphrase", "timeout"),
  method("createwallet", "wallet_name", "disable_private_keys", "blank", "passphrase"),
  method("getblock", "blockhash"),
  method("echo", "arg0"),
];

test.each([
  ["walletpassphrase", ["horse", 60], false],
  ["walletpassphrase", { passphrase: "horse", timeout: 60 }, false],
  ["walletpassphrase", [], true],
  ["createwallet", ["shop"], true],
  ["createwallet", ["shop", false, false, "horse"], false],
  ["createwallet", { args: ["shop", false, false, "horse"] }, false],
  ["createwallet", { args: ["shop"], blank: true }, true],
  ["echo", [{ passphrase: "horse" }], false],
  ["getblock", ["00ab"], true],
  ["echo", ["cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87JcbXMTcA"], false],
  [
    "echo",
    [
      [
        "tprv8ZgxMBicQKsPd7Uf69XL1XwhmjHopUGep8GuEiJDZmbQz6o58LninorQAfcKZWARbtRtfnLcJ5MQ2AtHcQJCCRUcMRvmDUjyEmNUWwx8UbK",
      ],
    ],
    false,
  ],
  ["echo", [{ [`${"abandon ".repeat(11)}about`]: 1 }], false],
  ["newer", ["anything"], false],
])("a line of %s with %j is kept: %s", (name, params, isKept) => {
  expect(isKeepable({ method: name, params }, METHODS)).toBe(isKept);
});
