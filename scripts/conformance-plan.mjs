/** What `npm run conformance` runs, and the table in docs/conformance.md that it writes: text in, text out. */

/** The scripts of Core's functional tests about peers, addresses, blocks, the choice of chain and the mempool that this node is held against. */
export const DEFAULT_SCRIPTS = [
  "p2p_block_sync p2p_getdata p2p_handshake p2p_invalid_block p2p_invalid_messages p2p_invalid_locator p2p_leak p2p_leak_tx",
  "p2p_ping p2p_timeouts p2p_add_connections p2p_addrfetch p2p_addrv2_relay p2p_addr_relay p2p_getaddr_caching",
  "p2p_sendheaders p2p_compactblocks p2p_compactblocks_blocksonly p2p_compactblocks_hb p2p_unrequested_blocks",
  "p2p_mutated_blocks p2p_ibd_stalling p2p_initial_headers_sync p2p_headers_sync_with_minchainwork p2p_v2_transport",
  "p2p_v2_encrypted p2p_v2_misbehaving p2p_fingerprint p2p_eviction p2p_outbound_eviction p2p_disconnect_ban",
  "p2p_blockfilters feature_block feature_assumevalid feature_minchainwork feature_chain_tiebreaks feature_maxtipage",
  "feature_asmap feature_addrman feature_anchors feature_bind_extra feature_discover rpc_bind rpc_net rpc_setban",
  "p2p_addr_selfannouncement p2p_dns_seeds p2p_net_deadlock p2p_permissions p2p_seednode",
  "p2p_1p1c_network p2p_feefilter p2p_filter p2p_opportunistic_1p1c p2p_orphan_handling p2p_tx_download p2p_tx_privacy",
  "mempool_accept_wtxid mempool_cluster mempool_datacarrier mempool_dust mempool_ephemeral_dust mempool_limit",
  "mempool_package_rbf mempool_packages mempool_sigoplimit mempool_spend_coinbase rpc_packages rpc_estimatefee feature_fee_estimation",
  "interface_zmq",
  "mempool_expiry mempool_persist mempool_reorg mempool_resurrect mempool_unbroadcast mempool_updatefromblock",
  "mempool_package_limits mempool_truc p2p_blocksonly p2p_invalid_tx feature_rbf rpc_orphans",
  "mempool_accept rpc_txoutproof rpc_gettxspendingprevout rpc_getblockstats rpc_getblockfilter feature_bip68_sequence",
  "feature_cltv feature_csv_activation feature_dersig feature_nulldummy feature_taproot mining_prioritisetransaction",
  "mining_template_verification mining_mainnet feature_signet mining_getblocktemplate_longpoll p2p_segwit rpc_scanblocks",
  "rpc_createmultisig rpc_deriveaddresses rpc_getdescriptoractivity rpc_getdescriptorinfo rpc_scantxoutset rpc_signmessagewithprivkey",
  "rpc_signrawtransactionwithkey rpc_validateaddress",
  "mining_basic rpc_rawtransaction p2p_node_network_limited rpc_blockchain rpc_getblockfrompeer feature_reindex",
  "feature_remove_pruned_files_on_startup feature_utxo_set_hash feature_loadblock feature_reindex_readonly interface_rest",
  "feature_settings feature_help feature_notifications",
  "wallet_blank wallet_labels wallet_keypool_topup wallet_listsinceblock wallet_balance wallet_coinbase_category wallet_orphanedreward",
  "wallet_listreceivedby wallet_abandonconflict wallet_conflicts wallet_txn_clone wallet_txn_doublespend wallet_address_types",
  "wallet_avoidreuse wallet_simulaterawtx wallet_signmessagewithaddress wallet_timelock wallet_keypool wallet_rescan_unconfirmed",
  "wallet_reorgsrestore wallet_hd wallet_basic",
  "wallet_createwallet wallet_startup wallet_encryption wallet_listdescriptors wallet_importdescriptors wallet_backup wallet_gethdkeys",
  "wallet_createwalletdescriptor wallet_multiwallet wallet_disable wallet_crosschain wallet_fast_rescan wallet_transactiontime_rescan",
  "wallet_reindex wallet_importprunedfunds wallet_exported_watchonly wallet_miniscript wallet_taproot",
  "wallet_sendmany wallet_create_tx wallet_change_address wallet_fallbackfee wallet_send wallet_sendall wallet_fundrawtransaction",
  "wallet_bumpfee wallet_signrawtransactionwithwallet wallet_spend_unconfirmed wallet_groups wallet_avoid_mixing_output_types",
  "wallet_v3_txs wallet_anchor wallet_deprecated_rbf wallet_resendwallettransactions wallet_multisig_descriptor_psbt",
  "wallet_miniscript_decaying_multisig_descriptor_psbt wallet_musig rpc_psbt feature_segwit",
].flatMap((line) => line.split(" "));

const NOTE_LENGTH_MAX = 140;
const TABLE_BEGIN = "<!-- table: begin -->";
const TABLE_END = "<!-- table: end -->";

/**
 * One run of one script.
 * @typedef {{ readonly script: string, readonly args: readonly string[] }} Run
 * @typedef {"PASS" | "FAIL" | "SKIP"} Result
 * @typedef {{ readonly run: Run, readonly result: Result, readonly seconds: number, readonly note: string }} Outcome
 */

/** How a run is asked for and shown: the script's name without its ending, then its arguments. @param {Run} run */
export function runName({ script, args }) {
  return [script, ...args].join(" ");
}

/**
 * Every script with the arguments that Core's own runner gives it, in that runner's order.
 * @param {string} runnerSource Text of test/functional/test_runner.py
 * @returns {readonly Run[]}
 */
export function listedRuns(runnerSource) {
  const lists = runnerSource.matchAll(/^(?:EXTENDED|BASE)_SCRIPTS = \[$(.*?)^\]$/gms);
  return [...lists].flatMap(([, body]) => {
    return [...(body ?? "").matchAll(/^\s*'([^']+)',?/gm)].map(([, command]) => parseCommand(command ?? ""));
  });
}

/** @param {string} command `p2p_ping`, `p2p_ping.py` or `p2p_handshake.py --v2transport` @returns {Run} */
export function parseCommand(command) {
  const [name = "", ...args] = command.trim().split(/\s+/);
  return { script: name.replace(/\.py$/, ""), args };
}

/**
 * A script without arguments stands for all the variants that Core's runner has of it; one with arguments for itself.
 * @param {readonly string[]} commands
 * @param {readonly Run[]} listed
 * @returns {readonly Run[]}
 */
export function plannedRuns(commands, listed) {
  return commands.flatMap((command) => {
    const run = parseCommand(command);
    const variants = run.args.length === 0 ? listed.filter(({ script }) => script === run.script) : [];
    return variants.length > 0 ? variants : [run];
  });
}

/**
 * What says best why a script failed or was skipped: the last error of its output, in one line.
 * @param {string} output @param {Result} result
 */
export function noteOf(output, result) {
  if (result === "PASS") return "";
  const lines = output.split("\n").map((line) => line.trim());
  const skipped = lines.find((line) => line.includes("Test Skipped: "));
  if (result === "SKIP") return shorten(skipped?.split("Test Skipped: ")[1] ?? "");
  const isError = (/** @type {string} */ line) => /^[\w.]*(Error|Exception|Failure|Expired)\b.*/.test(line);
  return shorten(withoutFolders(lines.findLast(isError) ?? lines.findLast((line) => line !== "") ?? ""));
}

/**
 * Where a program lies on the machine that ran it says nothing to a reader of the page.
 * @param {string} text
 */
function withoutFolders(text) {
  return text.replace(/(?<![\w.])\/(?:[^\s'",/]+\/){2,}(?=[^\s'",/])/g, "");
}

/** @param {string} text */
function shorten(text) {
  return text.length <= NOTE_LENGTH_MAX ? text : `${text.slice(0, NOTE_LENGTH_MAX - 1)}…`;
}

/**
 * The page with the rows of `outcomes` replaced or added, sorted by script. A row whose result is as before keeps its note,
 * which somebody may have written by hand; a run that was not made keeps its row.
 * @param {string} page Text of docs/conformance.md
 * @param {readonly Outcome[]} outcomes
 * @param {string} coreVersion
 */
export function updatedPage(page, outcomes, coreVersion) {
  const begin = page.indexOf(TABLE_BEGIN);
  const end = page.indexOf(TABLE_END);
  if (begin < 0 || end < begin) throw new Error(`the page has no lines ${TABLE_BEGIN} and ${TABLE_END}`);
  const rows = rowsOf(page.slice(begin, end));
  for (const { run, result, seconds, note } of outcomes) {
    const before = rows.get(runName(run));
    const kept = before?.result === result && before.note !== "" ? before.note : note;
    rows.set(runName(run), { script: run.script, args: run.args.join(" "), result, seconds: `${seconds}`, note: kept });
  }
  const sorted = [...rows.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  const count = (/** @type {Result} */ result) => sorted.filter((row) => row.result === result).length;
  const summary = `${count("PASS")} passed, ${count("FAIL")} failed, ${count("SKIP")} skipped; scripts of ${coreVersion}.`;
  return page.slice(0, begin) + [TABLE_BEGIN, summary, "", ...tableLines(sorted), ""].join("\n") + page.slice(end);
}

/** @typedef {{ script: string, args: string, result: string, seconds: string, note: string }} Row */

/** @param {readonly Row[]} rows */
function tableLines(rows) {
  const lines = rows.map(({ script, args, result, seconds, note }) => {
    const shownNote = note.replaceAll("|", "\\|").replaceAll("<", "&lt;");
    return `| ${script} | ${args === "" ? "" : `\`${args}\``} | ${result} | ${seconds} | ${shownNote} |`;
  });
  return ["| script | arguments | result | seconds | note |", "|---|---|---|---|---|", ...lines];
}

/** @param {string} table @returns {Map<string, Row>} */
function rowsOf(table) {
  /** @type {Map<string, Row>} */
  const rows = new Map();
  for (const line of table.split("\n")) {
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    const [, script = "", shownArgs = "", result = "", seconds = "", note = ""] = cells;
    if (!/^(PASS|FAIL|SKIP)$/.test(result)) continue;
    const args = shownArgs.replaceAll("`", "");
    rows.set(args === "" ? script : `${script} ${args}`, {
      script,
      args,
      result,
      seconds,
      note: note.replaceAll("\\|", "|").replaceAll("&lt;", "<"),
    });
  }
  return rows;
}
