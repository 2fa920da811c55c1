/** The four things that `bitfleet startnode` is told, by the variables of a container that say the same. */
export type StartNodeVariables = Readonly<
  Record<"NODE_IS_MINER" | "NODE_IS_WEB_SERVER" | "NODE_CONNECT_NODES" | "NODE_MINING_ADDRESS" | "NODE_NETWORK", string>
>;

const USAGE =
  "bitfleet startnode <is_miner> <is_web_server> <connect_nodes...> [-option=value...] [-- <mining address>], as: bitfleet startnode yes no local";

/** Of a network that is one's own, where coins cost nothing. */
const NETWORK_DEFAULT = "regtest";

/**
 * What `<is_miner> <is_web_server> <connect_nodes…> [-- <mining address>]` sets, and the options of `bitcoind` that stand among it before
 * the dashes. A network that the environment names stays. Throws `Error`.
 */
export function readStartNode(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): { readonly variables: StartNodeVariables; readonly options: readonly string[] } {
  const dashes = words.indexOf("--");
  const before = dashes === -1 ? words : words.slice(0, dashes);
  const behind = dashes === -1 ? [] : words.slice(dashes + 1);
  const options = before.filter((word) => word.startsWith("-"));
  const [isMiner, isWebServer, ...nodes] = before.filter((word) => !word.startsWith("-"));
  if (isMiner === undefined || isWebServer === undefined || nodes.length === 0) {
    throw new Error(`Three things at least are expected: ${USAGE}.`);
  }
  if (behind.length > 1) throw new Error(`One mining address is expected behind --, not ${behind.length}: ${USAGE}.`);
  for (const [name, text] of Object.entries({ is_miner: isMiner, is_web_server: isWebServer })) {
    if (!["yes", "no"].includes(text)) throw new Error(`Invalid value '${text}' for <${name}>: yes or no is expected.`);
  }
  return {
    variables: {
      NODE_IS_MINER: isMiner,
      NODE_IS_WEB_SERVER: isWebServer,
      NODE_CONNECT_NODES: nodes.join(","),
      NODE_MINING_ADDRESS: behind[0] ?? "",
      NODE_NETWORK: environment.NODE_NETWORK || NETWORK_DEFAULT,
    },
    options,
  };
}
