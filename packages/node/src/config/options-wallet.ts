import type { Row } from "./option-row.ts";

/** Options about wallets and what they pay. */
export const WALLET_OPTIONS: readonly Row[] = [
  ["addresstype", "text", "accepted", "", ""],
  ["avoidpartialspends", "boolean", "accepted", "", ""],
  ["changetype", "text", "accepted", "", ""],
  ["consolidatefeerate=<amt>", "text", "accepted", "", ""],
  ["disablewallet", "boolean", "accepted", "", ""],
  ["discardfee=<amt>", "text", "accepted", "", ""],
  [
    "fallbackfee=<amt>",
    "text",
    "active",
    "",
    "Fee rate to advise where too little is known to estimate one, in BTC/kvB; 0 for none (default: 0). estimatesmartfee never answers it",
  ],
  ["keypool=<n>", "integer", "accepted", "", ""],
  ["maxapsfee=<n>", "text", "accepted", "", ""],
  ["mintxfee=<amt>", "text", "accepted", "", ""],
  ["signer=<cmd>", "text", "accepted", "", ""],
  ["spendzeroconfchange", "boolean", "accepted", "", ""],
  ["txconfirmtarget=<n>", "integer", "accepted", "", ""],
  ["unsafesqlitesync", "boolean", "accepted", "D", ""],
  ["wallet=<path>", "list", "accepted", "S", ""],
  ["walletbroadcast", "boolean", "accepted", "", ""],
  ["walletcrosschain", "boolean", "accepted", "D", ""],
  ["walletdir=<dir>", "text", "accepted", "S", ""],
  ["walletnotify=<cmd>", "text", "accepted", "", ""],
  ["walletrbf", "boolean", "accepted", "", ""],
  ["walletrejectlongchains", "boolean", "accepted", "D", ""],
];
