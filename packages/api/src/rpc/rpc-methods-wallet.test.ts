import { describe, expect, test } from "vitest";
import { RpcError } from "../errors.ts";
import { type JsonObject, type JsonValue, parseJson } from "../json.ts";
import { callLine, methodHelp } from "./rpc-help.ts";
import { isTextOnCommandLine } from "./rpc-methods.ts";
import { walletAddressMethods } from "./rpc-methods-wallet-addresses.ts";
import { walletBackupMethods } from "./rpc-methods-wallet-backup.ts";
import { walletCoinMethods } from "./rpc-methods-wallet-coins.ts";
import { walletDescriptorMethods } from "./rpc-methods-wallet-descriptors.ts";
import { walletEncryptMethods } from "./rpc-methods-wallet-encrypt.ts";
import { walletFundMethods } from "./rpc-methods-wallet-fund.ts";
import { walletManageMethods } from "./rpc-methods-wallet-manage.ts";
import { walletSignMethods } from "./rpc-methods-wallet-sign.ts";
import { walletSpendMethods } from "./rpc-methods-wallet-spend.ts";
import { walletTransactionMethods } from "./rpc-methods-wallet-transactions.ts";
import { bindParams } from "./rpc-params.ts";
import type { RpcMethod } from "./rpc-schema.ts";

const METHODS = {
  ...walletAddressMethods,
  ...walletBackupMethods,
  ...walletCoinMethods,
  ...walletDescriptorMethods,
  ...walletEncryptMethods,
  ...walletFundMethods,
  ...walletManageMethods,
  ...walletSignMethods,
  ...walletSpendMethods,
  ...walletTransactionMethods,
};
const entries = Object.entries<RpcMethod>(METHODS);

/** The calls as Core shows them: names of methods and parameters, their order, and which may be left out. */
const CALLS = `
abandontransaction "txid"
abortrescan
addhdkey ( "hdkey" )
backupwallet "destination"
bumpfee "txid" ( options )
createwallet "wallet_name" ( disable_private_keys blank "passphrase" avoid_reuse descriptors load_on_startup external_signer )
createwalletdescriptor "type" ( {"internal":bool,"hdkey":"str",...} )
encryptwallet "passphrase"
exportwatchonlywallet "destination"
fundrawtransaction "hexstring" ( options iswitness )
getaddressesbylabel "label"
getaddressinfo "address"
getbalance ( "dummy" minconf include_watchonly avoid_reuse )
getbalances
gethdkeys ( {"active_only":bool,"private":bool,...} )
getnewaddress ( "label" "address_type" )
getrawchangeaddress ( "address_type" )
getreceivedbyaddress "address" ( minconf include_immature_coinbase )
getreceivedbylabel "label" ( minconf include_immature_coinbase )
gettransaction "txid" ( include_watchonly verbose )
getwalletinfo
importdescriptors requests
importprunedfunds "rawtransaction" "txoutproof"
keypoolrefill ( newsize )
listaddressgroupings
listdescriptors ( private )
listlabels ( "purpose" )
listlockunspent
listreceivedbyaddress ( minconf include_empty include_watchonly "address_filter" include_immature_coinbase )
listreceivedbylabel ( minconf include_empty include_watchonly include_immature_coinbase )
listsinceblock ( "blockhash" target_confirmations include_watchonly include_removed include_change "label" )
listtransactions ( "label" count skip include_watchonly )
listunspent ( minconf maxconf ["address",...] include_unsafe query_options )
listwalletdir
listwallets
loadwallet "filename" ( load_on_startup "passphrase" )
lockunspent unlock ( [{"txid":"hex","vout":n},...] persistent )
migratewallet ( "wallet_name" "passphrase" load_wallet )
psbtbumpfee "txid" ( options )
removeprunedfunds "txid"
rescanblockchain ( start_height stop_height )
restorewallet "wallet_name" "backup_file" ( load_on_startup "passphrase" )
send [{"address":amount,...},{"data":"hex"},...] ( conf_target "estimate_mode" fee_rate options version )
sendall ["address",{"address":amount,...},...] ( conf_target "estimate_mode" fee_rate options )
sendmany ( "" ) {"address":amount,...} ( minconf "comment" ["address",...] replaceable conf_target "estimate_mode" fee_rate verbose )
sendtoaddress "address" amount ( "comment" "comment_to" subtractfeefromamount replaceable conf_target "estimate_mode" avoid_reuse fee_rate verbose )
setlabel "address" "label"
setwalletflag "flag" ( value )
signmessage "address" "message"
signrawtransactionwithwallet "hexstring" ( [{"txid":"hex","vout":n,"scriptPubKey":"hex","redeemScript":"hex","witnessScript":"hex","amount":amount},...] "sighashtype" )
simulaterawtransaction ( ["rawtx",...] {"include_watchonly":bool,...} )
unloadwallet ( "wallet_name" load_on_startup )
walletcreatefundedpsbt ( [{"txid":"hex","vout":n,"sequence":n,"weight":n},...] ) [{"address":amount,...},{"data":"hex"},...] ( locktime options bip32derivs version psbt_version )
walletlock
walletpassphrase "passphrase" timeout
walletpassphrasechange "oldpassphrase" "newpassphrase"
walletprocesspsbt "psbt" ( sign "sighashtype" bip32derivs finalize )`;

/** Members that may be given by name, as Core has them; those in quotes are text on a command line. */
const FUND = `add_inputs include_unsafe minconf maxconf "changeAddress" changePosition "change_type" includeWatching lockUnspents fee_rate feeRate subtractFeeFromOutputs`;
const FEES = `conf_target "estimate_mode" replaceable solving_data`;
const BUMP = `conf_target fee_rate replaceable "estimate_mode" outputs original_change_index`;
const MEMBERS: Readonly<Record<string, string>> = {
  bumpfee: BUMP,
  createwalletdescriptor: 'internal "hdkey"',
  fundrawtransaction: `${FUND} input_weights max_tx_weight ${FEES}`,
  gethdkeys: "active_only private",
  listunspent: "minimumAmount maximumAmount maximumCount minimumSumAmount include_immature_coinbase",
  psbtbumpfee: `${BUMP} psbt_version`,
  send: `add_inputs include_unsafe minconf maxconf add_to_wallet "change_address" change_position "change_type" fee_rate include_watching inputs locktime lock_unspents psbt subtract_fee_from_outputs max_tx_weight ${FEES}`,
  sendall: `add_to_wallet fee_rate include_watching inputs locktime lock_unspents psbt send_max minconf maxconf version ${FEES}`,
  simulaterawtransaction: "include_watchonly",
  walletcreatefundedpsbt: `${FUND} max_tx_weight ${FEES}`,
};

test("calls are Core's, and passphrases of whole files beside them", () => {
  const lines = entries.map(([name, method]) => callLine(name, method)).sort();
  expect(lines).toEqual(CALLS.trim().split("\n"));
});

test("so are the named members of options", () => {
  const members = entries.flatMap(([name, { params }]) => {
    const all = params.flatMap((param) => param.members ?? []);
    const words = all.map((member) => (isTextOnCommandLine(member) ? `"${member.name}"` : member.name));
    return words.length === 0 ? [] : [[name, words.join(" ")]];
  });
  expect(Object.fromEntries(members)).toEqual(MEMBERS);
});

test.each(entries)("help of %s is whole", (name, method) => {
  expect(method.category).toBe(name === "fundrawtransaction" ? "rawtransactions" : "wallet");
  const lines = methodHelp(name, method).split("\n");
  expect(lines).toContain(method.params.length > 0 ? "Arguments:" : lines[0]);
  expect(lines.some((line) => line.startsWith("Result"))).toBe(true);
  for (const { members = [] } of method.params) {
    for (const member of members) expect(lines.some((line) => line.startsWith(`${member.name} `))).toBe(true);
  }
});

test("help shows members of options with their kinds, defaults and items", () => {
  const lines = methodHelp("send", walletSpendMethods.send).split("\n");
  const named = lines.slice(lines.indexOf("Named Arguments:"), lines.indexOf("Result:"));
  const shown = (start: string) => named.find((line) => line.startsWith(start))?.replace(/\).*/, ")");
  expect(shown("minconf ")).toBe("minconf                      (numeric, optional, default=0)");
  expect(shown("fee_rate ")).toContain(
    "(numeric or string, optional, default=not set, fall back to wallet fee estimation)",
  );
  expect(shown('         "vout"')).toBe('         "vout": n,          (numeric, required)');
  expect(shown('         "weight"')).toBe('         "weight": n,        (numeric, optional)');
});

describe("parameters", () => {
  const bind = (name: keyof typeof METHODS, params: string) =>
    bindParams(name, METHODS[name], parseJson(params) as JsonObject | readonly JsonValue[]).named;
  const errorOf = (name: keyof typeof METHODS, params: string) => {
    try {
      bind(name, params);
    } catch (error) {
      if (error instanceof RpcError) return { code: error.code, message: error.message };
      throw error;
    }
    return undefined;
  };

  test("what may be left out before what may not", () => {
    expect(bind("sendmany", '{"amounts":{}}')).toMatchObject({ dummy: undefined, replaceable: undefined });
    expect(bind("walletcreatefundedpsbt", '{"outputs":[]}')).toMatchObject({ inputs: undefined, bip32derivs: true });
  });

  test("a name that is a parameter and a member is the parameter, as in Core", () => {
    const named = bind("send", '{"outputs":[],"fee_rate":2,"conf_target":3,"minconf":1}');
    expect(named).toMatchObject({ fee_rate: 2000n, conf_target: { text: "3" } });
    expect((named.options as JsonObject).members.map(([name]) => name)).toEqual(["minconf"]);
  });

  test("feerates have three decimals", () => {
    const feerate = (text: string) =>
      bind("sendtoaddress", `["a",1,null,null,null,null,null,null,null,${text}]`).fee_rate;
    expect([feerate("1"), feerate("1.234"), feerate('"0.001"'), feerate("0"), feerate("null")]).toEqual([
      1000n,
      1234n,
      1n,
      0n,
      undefined,
    ]);
    const problem = (text: string) => errorOf("sendtoaddress", `{"address":"a","amount":1,"fee_rate":${text}}`);
    expect(problem("1.2345")).toEqual({ code: -3, message: "Invalid amount" });
    expect(problem('""')).toEqual({ code: -3, message: "Invalid amount" });
    expect(problem("-1")).toEqual({ code: -3, message: "Amount out of range" });
    expect(problem('{"foo":"bar"}')).toEqual({ code: -3, message: "Amount is not a number or string" });
  });

  test("options of fundrawtransaction may be what they once were, a boolean; others' must be objects", () => {
    expect(bind("fundrawtransaction", '["00",true]').options).toBe(true);
    expect(errorOf("bumpfee", '["00",true]')?.message).toContain(
      '"Position 2 (options)": "JSON value of type bool is not of expected type object"',
    );
  });
});
