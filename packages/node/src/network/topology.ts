/** What a node of the network is for. */
export type NodeRole = "miner" | "webserver";

export interface NetworkSize {
  readonly miners: number;
  readonly webservers: number;
}

export interface NetworkPorts {
  /** Of the first miner; the next nodes have the next ones, miners first. */
  readonly rpc: number;
  /** Of the first web server. */
  readonly web: number;
}

/** One node of the plan. */
export interface PlannedNode {
  readonly name: string;
  readonly role: NodeRole;
  readonly p2pPort: number;
  readonly rpcPort: number;
  /** Port of its page; absent where it serves none. */
  readonly webPort: number | undefined;
  /** Names of the nodes that it connects to. */
  readonly connectsTo: readonly string[];
}

/** One computer has room for about so many. */
export const NODES_MAX = 50;
/** Miner n listens at 2000 + n, counted from 1; web servers begin at 2101. */
export const MINER_P2P_PORT = 2001;
const WEB_SERVER_P2P_PORT = 2101;
const PORT_MAX = 65_535;

/**
 * The nodes of a network of that size, in the order in which they start: miners in a chain, each connected to the one before,
 * then the web servers, spread over the miners. Without web servers the first miner serves the page. Throws `RangeError`.
 */
export function planNetwork({ miners, webservers }: NetworkSize, ports: NetworkPorts): readonly PlannedNode[] {
  for (const [what, number] of Object.entries({ miners, webservers }))
    if (!Number.isSafeInteger(number) || number < 0)
      throw new RangeError(`A whole number of ${what} is expected, not ${number}.`);
  if (miners < 1) throw new RangeError("A network needs a miner at least.");
  if (miners + webservers > NODES_MAX)
    throw new RangeError(`At most ${NODES_MAX} nodes run on one machine, not ${miners + webservers}.`);
  refusePorts({ miners, webservers }, ports);
  const minerAt = (index: number): PlannedNode => ({
    name: `miner-${index}`,
    role: "miner",
    p2pPort: MINER_P2P_PORT + index,
    rpcPort: ports.rpc + index,
    webPort: webservers === 0 && index === 0 ? ports.web : undefined,
    connectsTo: index === 0 ? [] : [`miner-${index - 1}`],
  });
  const webServerAt = (index: number): PlannedNode => ({
    name: `webserver-${index}`,
    role: "webserver",
    p2pPort: WEB_SERVER_P2P_PORT + index,
    rpcPort: ports.rpc + miners + index,
    webPort: ports.web + index,
    connectsTo: [`miner-${index % miners}`],
  });
  return [...numbers(miners).map(minerAt), ...numbers(webservers).map(webServerAt)];
}

/** Throws where the ports do not suffice, or where JSON-RPC and pages would share one. */
function refusePorts({ miners, webservers }: NetworkSize, ports: NetworkPorts): void {
  const lastRpc = ports.rpc + miners + webservers - 1;
  const lastWeb = ports.web + Math.max(webservers, 1) - 1;
  if (Math.max(lastRpc, lastWeb) > PORT_MAX)
    throw new RangeError(
      `The ports behind ${lastRpc > PORT_MAX ? ports.rpc : ports.web} do not suffice for so many nodes.`,
    );
  if (ports.rpc <= lastWeb && ports.web <= lastRpc)
    throw new RangeError(
      `JSON-RPC from port ${ports.rpc} to ${lastRpc} and pages from port ${ports.web} to ${lastWeb} overlap.`,
    );
}

/** A connection from one node to another, by name. */
export interface Link {
  readonly from: string;
  readonly to: string;
}

/** Groups of names that do not talk to each other. Empty: one network. */
export type Partition = readonly (readonly string[])[];

/**
 * The connections that a network has: those of the plan; under a partition those within a group, and of each group all nodes in a
 * chain, so that a group which the plan does not connect is connected all the same.
 */
export function linksOf(nodes: readonly PlannedNode[], partition: Partition): readonly Link[] {
  const planned = nodes.flatMap(({ name, connectsTo }) => connectsTo.map((to) => ({ from: name, to })));
  if (partition.length === 0) return planned;
  const inOneGroup = ({ from, to }: Link) => partition.some((group) => group.includes(from) && group.includes(to));
  const kept = planned.filter(inOneGroup);
  const chains = partition.flatMap((group) => group.slice(1).map((name, index) => ({ from: name, to: group[index]! })));
  const isNew = (link: Link) => !kept.some((one) => sameEnds(one, link));
  return [...kept, ...chains.filter(isNew)];
}

/** The partition that `text` says: `miner-0,miner-1 | miner-2`; see {@link partitionOf}. */
export function parsePartition(text: string, names: readonly string[]): Partition {
  const groups = text.split("|").map((group) => group.split(",").map((name) => name.trim()));
  return partitionOf(
    groups.map((group) => group.filter((name) => name !== "")),
    names,
  );
}

/** The partition into these groups. Nodes that are in none form one more. Throws `RangeError` that names what is wrong. */
export function partitionOf(groups: Partition, names: readonly string[]): Partition {
  const named = groups.flat();
  const unknown = named.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new RangeError(`There is no node '${unknown}' in the network; there are ${names.join(", ")}.`);
  const twice = named.find((name, index) => named.indexOf(name) !== index);
  if (twice !== undefined) throw new RangeError(`${twice} is named twice; a node is in one group.`);
  const rest = names.filter((name) => !named.includes(name));
  const partition = [...groups, rest].filter((group) => group.length > 0);
  if (partition.length < 2)
    throw new RangeError("All nodes are in one group; a partition needs two: miner-0,miner-1 | miner-2");
  return partition;
}

const sameEnds = (a: Link, b: Link) => (a.from === b.from && a.to === b.to) || (a.from === b.to && a.to === b.from);

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
