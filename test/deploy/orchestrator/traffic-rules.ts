import {
  type NetworkPolicy,
  type PolicyPeer,
  type PolicyRule,
  type PortReference,
  selects,
} from "./kubernetes-types.ts";

/** A pod as the node's rules see it. */
export interface TrafficPod {
  readonly address: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Numbers of the ports that its containers name. */
  readonly portNames: Readonly<Record<string, number>>;
}

/** A port of a service with an address of its own, and the ports of pods that are behind it at this moment. */
export interface BalancedPort {
  readonly address: string;
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  readonly targets: readonly { readonly address: string; readonly port: number }[];
}

export interface Traffic {
  readonly pods: readonly TrafficPod[];
  readonly namespaceLabels: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly services: readonly BalancedPort[];
  readonly policies: readonly NetworkPolicy[];
  /** Pairs of addresses that hear nothing of one another, whatever was said before. */
  readonly cuts: readonly (readonly [string, string])[];
}

/** Name of the table, and of the set in which it notes what policies refused. */
const TABLE = "ip orchestrator";

/**
 * The node's rules in the language of nft, to take the place of the ones before: new connections to a service go to one of its
 * pods by chance, as kube-proxy does it (a connection stays with its pod, since it is tracked), and are refused where there is
 * none; what policies do not permit is dropped and noted.
 */
export function rulesetOf(traffic: Traffic): string {
  const balanced = traffic.services.filter(({ targets }) => targets.length > 0);
  const empty = traffic.services.filter(({ targets }) => targets.length === 0);
  return [
    // Rules are emptied and chains stay: the tracking of addresses is never without its hooks.
    `table ${TABLE} {`,
    "  set denied { type ipv4_addr . ipv4_addr . inet_proto . inet_service; flags dynamic; size 4096; }",
    "  chain arriving { type nat hook prerouting priority dstnat; }",
    "  chain leaving { type nat hook postrouting priority srcnat; }",
    "  chain passing { type filter hook forward priority filter; }",
    "  chain refused { }",
    ...traffic.pods.flatMap(({ address }) => [`  chain in-${address} { }`, `  chain out-${address} { }`]),
    "}",
    `flush table ${TABLE}`,
    `table ${TABLE} {`,
    ...block("arriving", balanced.map(balanceRule)),
    ...block(
      "leaving",
      // A pod that reaches itself through a service must not see its own address as the caller's.
      traffic.pods.map(({ address }) => `ip saddr ${address} ip daddr ${address} masquerade`),
    ),
    ...block("refused", [
      "meta l4proto { tcp, udp } add @denied { ip saddr . ip daddr . meta l4proto . th dport }",
      "drop",
    ]),
    ...traffic.pods.flatMap((pod) => [
      ...block(`in-${pod.address}`, isolationRules(pod, "Ingress", traffic)),
      ...block(`out-${pod.address}`, isolationRules(pod, "Egress", traffic)),
    ]),
    ...block("passing", [
      ...traffic.cuts.flatMap(([a, b]) => [`ip saddr ${a} ip daddr ${b} drop`, `ip saddr ${b} ip daddr ${a} drop`]),
      "ct state established,related accept",
      ...empty.map(({ address, port, protocol }) => `ip daddr ${address} ${protocol} dport ${port} reject`),
      ...traffic.pods.map(({ address }) => `ip daddr ${address} jump in-${address}`),
      ...traffic.pods.map(({ address }) => `ip saddr ${address} jump out-${address}`),
    ]),
    "}",
    "",
  ].join("\n");
}

/** What policies refused since the beginning, by a listing of the rules: from, to, protocol and port. */
export function refusalsOf(listing: string): { from: string; to: string; protocol: string; port: string }[] {
  const elements = /set denied \{[^}]*elements = \{([^}]*)\}/.exec(listing)?.[1] ?? "";
  return elements
    .split(",")
    .map((element) => element.trim().split(" . "))
    .filter((fields) => fields.length === 4)
    .map(([from, to, protocol, port]) => ({ from: from!, to: to!, protocol: protocol!, port: port! }));
}

function block(chain: string, rules: readonly string[]): string[] {
  return [`  chain ${chain} {`, ...rules.map((rule) => `    ${rule}`), "  }"];
}

function balanceRule({ address, port, protocol, targets }: BalancedPort): string {
  const map = targets.map((target, index) => `${index} : ${target.address} . ${target.port}`).join(", ");
  return `ip daddr ${address} ${protocol} dport ${port} dnat ip to numgen random mod ${targets.length} map { ${map} }`;
}

/** None for a pod that no policy of this direction selects: all is open there. */
function isolationRules(pod: TrafficPod, direction: "Ingress" | "Egress", traffic: Traffic): string[] {
  const policies = traffic.policies.filter(
    (policy) =>
      (policy.metadata.namespace ?? pod.namespace) === pod.namespace &&
      typesOf(policy).includes(direction) &&
      selects(policy.spec.podSelector, pod.labels),
  );
  if (policies.length === 0) return [];
  const rules = policies.flatMap(({ spec }) => (direction === "Ingress" ? spec.ingress : spec.egress) ?? []);
  return [...rules.flatMap((rule) => permissions(rule, pod, direction, traffic)), "goto refused"];
}

function typesOf({ spec }: NetworkPolicy): readonly string[] {
  return spec.policyTypes ?? (spec.egress === undefined ? ["Ingress"] : ["Ingress", "Egress"]);
}

/** A rule of a policy as rules of nft, one for each peer and port. */
function permissions(rule: PolicyRule, pod: TrafficPod, direction: "Ingress" | "Egress", traffic: Traffic): string[] {
  const peers = direction === "Ingress" ? rule.from : rule.to;
  const side = direction === "Ingress" ? "saddr" : "daddr";
  const hosts: { match: string; pods: readonly TrafficPod[] }[] =
    peers === undefined || peers.length === 0
      ? [{ match: "", pods: traffic.pods }]
      : peers.flatMap((peer) => {
          if (peer.ipBlock !== undefined) {
            const { cidr, except = [] } = peer.ipBlock;
            const others = except.length === 0 ? "" : `ip ${side} != { ${except.join(", ")} } `;
            return [{ match: `ip ${side} ${cidr} ${others}`, pods: [] }];
          }
          return podsOf(peer, pod.namespace, traffic).map((one) => ({
            match: `ip ${side} ${one.address} `,
            pods: [one],
          }));
        });
  const ports = rule.ports ?? [];
  return hosts.flatMap(({ match, pods }) => {
    if (ports.length === 0) return [`${match}return`];
    return ports.flatMap(({ port, endPort, protocol = "TCP" }) => {
      if (port === undefined) return [`${match}meta l4proto ${protocol.toLowerCase()} return`];
      const numbers = numbersOf(port, direction === "Ingress" ? [pod] : pods);
      return numbers.map((number) => {
        const range = endPort === undefined ? number : `${number}-${endPort}`;
        return `${match}${protocol.toLowerCase()} dport ${range} return`;
      });
    });
  });
}

/** A port's name stands for its number in the pod that is called. */
function numbersOf(port: PortReference, pods: readonly TrafficPod[]): number[] {
  if (typeof port === "number") return [port];
  return [...new Set(pods.flatMap(({ portNames }) => portNames[port] ?? []))];
}

function podsOf(peer: PolicyPeer, namespace: string, traffic: Traffic): TrafficPod[] {
  return traffic.pods.filter((pod) => {
    const labels = traffic.namespaceLabels[pod.namespace] ?? {};
    const isOfNamespace =
      peer.namespaceSelector === undefined ? pod.namespace === namespace : selects(peer.namespaceSelector, labels);
    return isOfNamespace && selects(peer.podSelector ?? {}, pod.labels);
  });
}
