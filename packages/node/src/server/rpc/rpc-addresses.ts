import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { helpFor } from "@bitfleet/api/rpc/rpc-methods.ts";
import { int64Of } from "@bitfleet/api/rpc/rpc-params.ts";
import type { BlockHash } from "@bitfleet/protocol/primitives/types.ts";
import { isValid, networkClassOf } from "@bitfleet/protocol/wire/address-class.ts";
import { formatAddress, parseAddress } from "@bitfleet/protocol/wire/address-text.ts";
import type { NetworkKind } from "@bitfleet/protocol/wire/network-address.ts";
import { ServiceFlag } from "@bitfleet/protocol/wire/services.ts";
import type { AddressEntry } from "../../p2p/addresses/address-entry.ts";
import type { TableName } from "../../p2p/addresses/address-tables.ts";
import { addressesToTell } from "../../p2p/addresses/addresses-to-tell.ts";
import { type Asmap, systemOf } from "../../p2p/addresses/asmap.ts";
import { formatSubnet, parseSubnet, type Subnet, subnetOf } from "../../p2p/addresses/subnet.ts";
import type { P2pNode } from "../../p2p/p2p-node.ts";
import { parseHashParam } from "../chain-json.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";
import { requirePeers } from "./rpc-peers.ts";

const NETWORKS: readonly NetworkKind[] = ["ipv4", "ipv6", "onion", "i2p", "cjdns"];
const PORT_MAX = 0xffff;

/** Calls about addresses that we know and that we shut out. */
export function addressHandlers(deps: Pick<RpcDependencies, "chain" | "clock" | "p2p">) {
  const { clock } = deps;
  const peersOf = () => requirePeers(deps.p2p);
  const nowSeconds = () => Math.floor(clock.nowMs() / 1000);

  return {
    setban: ({ subnet: text, command, bantime, absolute }) => {
      if (command !== "add" && command !== "remove") throw new RpcError(RpcErrorCode.MISC_ERROR, helpFor("setban"));
      const p2p = peersOf();
      const subnet = subnetOfText(text, p2p);
      if (subnet === undefined)
        throw new RpcError(RpcErrorCode.CLIENT_INVALID_IP_OR_SUBNET, "Error: Invalid IP/Subnet");
      if (command === "remove") {
        if (p2p.bans.unban(subnet)) return null;
        const message = "Error: Unban failed. Requested address/subnet was not previously manually banned.";
        throw new RpcError(RpcErrorCode.CLIENT_INVALID_IP_OR_SUBNET, message);
      }
      const isBanned = text.includes("/") ? p2p.bans.isSubnetBanned(subnet) : p2p.bans.isBanned(subnet.address);
      if (isBanned) throw new RpcError(RpcErrorCode.CLIENT_NODE_ALREADY_ADDED, "Error: IP/Subnet already banned");
      const seconds = bantime === undefined ? 0n : int64Of(bantime);
      if (absolute && seconds < nowSeconds())
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, "Error: Absolute timestamp is in the past");
      p2p.bans.ban(subnet, seconds, absolute);
      p2p.disconnectSubnet(subnet);
      return null;
    },

    listbanned: () =>
      peersOf()
        .bans.list()
        .map(({ subnet, createdSeconds, untilSeconds }) => ({
          address: formatSubnet(subnet),
          ban_created: createdSeconds,
          banned_until: untilSeconds,
          ban_duration: untilSeconds - BigInt(createdSeconds),
          time_remaining: untilSeconds - BigInt(nowSeconds()),
        })),

    clearbanned: () => {
      peersOf().bans.clear();
      return null;
    },

    getnodeaddresses: ({ count, network: text }) => {
      if (count < 0) throw new RpcError(RpcErrorCode.INVALID_PARAMETER, "Address count out of range");
      const network = text === undefined ? undefined : NETWORKS.find((name) => name === text.toLowerCase());
      if (text !== undefined && network === undefined)
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, `Network not recognized: ${text}`);
      const query = { countMax: count, percentMax: 0, ...(network && { network }) };
      const found = addressesToTell(query, peersOf());
      return found.map(({ timeSeconds, services, address, port }) => ({
        time: timeSeconds,
        services,
        address: formatAddress(address),
        port,
        network: networkClassOf(address),
      }));
    },

    getaddrmaninfo: () => {
      const { addresses } = peersOf();
      const counts = (network?: NetworkKind) => {
        const of = (table?: TableName) => addresses.size({ ...(network && { network }), ...(table && { table }) });
        return { new: of("new"), tried: of("tried"), total: of() };
      };
      return {
        ...Object.fromEntries(NETWORKS.map((network) => [network, counts(network)])),
        all_networks: counts(),
      };
    },

    addpeeraddress: ({ address: text, port, tried }) => {
      const { addresses, networks } = peersOf();
      if (port < 0 || port > PORT_MAX) throw new RpcError(RpcErrorCode.MISC_ERROR, "JSON integer out of range");
      const parsed = parseAddress(text);
      if (parsed === undefined) throw new RpcError(RpcErrorCode.CLIENT_INVALID_IP_OR_SUBNET, "Invalid IP address");
      const address = networks.withCjdns(parsed);
      const services = ServiceFlag.NETWORK | ServiceFlag.WITNESS;
      // As if the node had told of itself.
      if (!addresses.add([{ address, port, services, timeSeconds: nowSeconds() }], address))
        return { error: "failed-adding-to-new", success: false };
      if (tried && !addresses.good({ address, port }, nowSeconds()))
        return { error: "failed-adding-to-tried", success: false };
      return { success: true };
    },

    getrawaddrman: () => {
      const p2p = peersOf();
      return { new: tableJson(p2p, "new"), tried: tableJson(p2p, "tried") };
    },

    exportasmap: () => {
      throw new RpcError(RpcErrorCode.MISC_ERROR, "No embedded ASMap data available");
    },

    getblockfrompeer: ({ blockhash, peer_id: id }) => {
      const entry = deps.chain.find(parseHashParam<BlockHash>(blockhash, "blockhash"));
      if (entry === undefined) throw new RpcError(RpcErrorCode.MISC_ERROR, "Block header missing");
      // Blocks that come before their time keep their files, with much else, from being pruned.
      if (deps.chain.pruneMode !== undefined && entry.height > deps.chain.tip.height) {
        const message =
          "In prune mode, only blocks that the node has already synced previously can be fetched from a peer";
        throw new RpcError(RpcErrorCode.MISC_ERROR, message);
      }
      if (entry.hasData) throw new RpcError(RpcErrorCode.MISC_ERROR, "Block already downloaded");
      const problem = peersOf().network.sync.download.fetchBlock(id, entry);
      if (problem !== undefined) throw new RpcError(RpcErrorCode.MISC_ERROR, problem);
      return {};
    },
  } satisfies Partial<RpcHandlers>;
}

function subnetOfText(text: string, { networks }: Pick<P2pNode, "networks">): Subnet | undefined {
  if (text.includes("/")) return parseSubnet(text, networks.isReachable("cjdns"));
  const address = parseAddress(text);
  return address && isValid(address) ? subnetOf(networks.withCjdns(address)) : undefined;
}

function tableJson({ addresses, asmap }: P2pNode, table: TableName) {
  return Object.fromEntries(
    [...addresses.entries(table)].map(({ bucket, position, entry }) => [
      `${bucket}/${position}`,
      entryJson(entry, asmap),
    ]),
  );
}

function entryJson({ endpoint, services, timeSeconds, source }: AddressEntry, asmap: Asmap | undefined) {
  const system = systemOf(asmap, endpoint.address);
  const sourceSystem = systemOf(asmap, source);
  return {
    address: formatAddress(endpoint.address),
    ...(system !== 0 && { mapped_as: system }),
    port: endpoint.port,
    services,
    time: timeSeconds,
    network: networkClassOf(endpoint.address),
    source: formatAddress(source),
    source_network: networkClassOf(source),
    ...(sourceSystem !== 0 && { source_mapped_as: sourceSystem }),
  };
}
