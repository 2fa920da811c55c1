import { BlockList } from "node:net";
import type { INetworkPolicy, INetworkPolicyPeer, INetworkPolicyPort } from "kubernetes-models/networking.k8s.io/v1";
import {
  containersOf,
  isSelected,
  type KubeObject,
  type Labels,
  ofKind,
  type Selector,
  type Workload,
  workloadsOf,
} from "../objects.ts";

/** One end of a connection: a pod, of this namespace or another one, or somebody outside of the cluster. */
export interface Place {
  readonly name: string;
  /** Labels of its namespace; those of a pod's own are `kubernetes.io/metadata.name`. `undefined` outside of the cluster. */
  readonly namespace?: Labels;
  readonly labels: Labels;
  readonly address?: string;
}

export interface Door {
  readonly protocol: "TCP" | "UDP";
  readonly port: number;
}

export const OWN_NAMESPACE: Labels = { "kubernetes.io/metadata.name": "blockchain" };
export const DNS: Place = {
  name: "dns",
  namespace: { "kubernetes.io/metadata.name": "kube-system" },
  labels: { "k8s-app": "kube-dns" },
};
export const DNS_CACHE: Place = { name: "dns-cache", labels: {}, address: "169.254.20.10" };
export const PROMETHEUS: Place = {
  name: "prometheus",
  namespace: { "kubernetes.io/metadata.name": "monitoring" },
  labels: { app: "prometheus" },
};
export const INGRESS: Place = {
  name: "ingress",
  namespace: { "kubernetes.io/metadata.name": "ingress-nginx" },
  labels: { app: "ingress-nginx" },
};
/** A pod that happens to be in the cluster. */
export const STRANGER: Place = {
  name: "stranger",
  namespace: { "kubernetes.io/metadata.name": "default" },
  labels: { app: "webserver" },
};
export const OUTSIDE: Place = { name: "outside", labels: {}, address: "203.0.113.7" };

/** A pod of each workload, by the value of its label `app`. */
export const placesOf = (objects: readonly KubeObject[]): Place[] =>
  workloadsOf(objects).map(({ labels }) => ({ name: labels.app ?? "", namespace: OWN_NAMESPACE, labels }));

/** Whether the policies let `from` open a connection to `to`: both ends must. */
export function allows(objects: readonly KubeObject[], from: Place, to: Place, door: Door): boolean {
  return passes(objects, "Egress", from, to, door) && passes(objects, "Ingress", to, from, door);
}

/** Whether the policies of the pod `own` let a connection with `other` pass in one direction: a port of the one that is connected to. */
function passes(
  objects: readonly KubeObject[],
  type: "Ingress" | "Egress",
  own: Place,
  other: Place,
  door: Door,
): boolean {
  if (own.namespace?.["kubernetes.io/metadata.name"] !== OWN_NAMESPACE["kubernetes.io/metadata.name"]) return true;
  const policies = ofKind<INetworkPolicy>(objects, "NetworkPolicy").filter(
    ({ spec }) => isSelected(own.labels, spec?.podSelector as Selector) && typesOf(spec).includes(type),
  );
  if (policies.length === 0) return true;
  const owner = type === "Ingress" ? own : other;
  return policies.some(({ spec }) => {
    const rules: { peers?: INetworkPolicyPeer[]; ports?: INetworkPolicyPort[] }[] =
      type === "Ingress"
        ? (spec?.ingress ?? []).map(({ from, ports }) => ({ ...(from && { peers: from }), ...(ports && { ports }) }))
        : (spec?.egress ?? []).map(({ to, ports }) => ({ ...(to && { peers: to }), ...(ports && { ports }) }));
    return rules.some(
      ({ peers = [], ports = [] }) =>
        (peers.length === 0 || peers.some((peer) => isPeer(peer, other))) &&
        (ports.length === 0 || ports.some((port) => isDoor(port, door, owner, objects))),
    );
  });
}

/** What a policy is about where it does not say so: ingress always, egress where it has rules of it. */
const typesOf = (spec: INetworkPolicy["spec"]): readonly string[] =>
  spec?.policyTypes ?? ["Ingress", ...(spec?.egress === undefined ? [] : ["Egress"])];

function isPeer({ podSelector, namespaceSelector, ipBlock }: INetworkPolicyPeer, place: Place): boolean {
  if (ipBlock !== undefined) {
    return isInRange(place, ipBlock.cidr) && !(ipBlock.except ?? []).some((cidr) => isInRange(place, cidr));
  }
  if (place.namespace === undefined) return false;
  const isOwn = place.namespace["kubernetes.io/metadata.name"] === OWN_NAMESPACE["kubernetes.io/metadata.name"];
  const isNamespace =
    namespaceSelector === undefined ? isOwn : isSelected(place.namespace, namespaceSelector as Selector);
  return isNamespace && (podSelector === undefined || isSelected(place.labels, podSelector as Selector));
}

function isInRange({ address }: Place, cidr: string): boolean {
  if (address === undefined) return false;
  const [net = "", bits = "32"] = cidr.split("/");
  const list = new BlockList();
  list.addSubnet(net, Number(bits));
  return list.check(address);
}

function isDoor(
  { port, endPort, protocol = "TCP" }: INetworkPolicyPort,
  door: Door,
  owner: Place,
  objects: readonly KubeObject[],
) {
  if (protocol !== door.protocol) return false;
  if (port === undefined) return true;
  if (typeof port === "string")
    return portsOf(owner, objects).some((one) => one.name === port && one.containerPort === door.port);
  return door.port >= port && door.port <= (endPort ?? port);
}

const portsOf = ({ labels }: Place, objects: readonly KubeObject[]) =>
  workloadsOf(objects)
    .filter((workload) => workload.labels.app === labels.app)
    .flatMap(containersOf)
    .flatMap(({ ports = [] }) => ports);

/** Ports that are asked for of every pair of places. 22 stands for what nobody has opened. */
const DOORS: readonly Door[] = [
  ...[22, 53, 443, 2001, 6379, 8080, 9332].map((port) => ({ protocol: "TCP" as const, port })),
  { protocol: "UDP", port: 53 },
];

/** Every connection that the policies permit, as `from -> to tcp/port`, among all places. Pods of other namespaces are asked for with our own alone. */
export function permitted(objects: readonly KubeObject[]): string[] {
  const own = placesOf(objects);
  const others = [DNS, DNS_CACHE, PROMETHEUS, INGRESS, STRANGER, OUTSIDE];
  const pairs = [
    ...own.flatMap((from) => [...own, ...others].map((to) => [from, to] as const)),
    ...others.flatMap((from) => own.map((to) => [from, to] as const)),
  ];
  return pairs.flatMap(([from, to]) =>
    DOORS.filter((door) => allows(objects, from, to, door)).map(
      ({ protocol, port }) => `${from.name} -> ${to.name} ${protocol.toLowerCase()}/${port}`,
    ),
  );
}

/** A connection that a pod is told to make: to a Service, or to the set before it. */
export interface Need {
  readonly from: Workload;
  readonly host: string;
  readonly port: number;
}

/** What `needs` asks for and the policies, or the Services, do not give. */
export function networkProblems(objects: readonly KubeObject[], needs: readonly Need[]): string[] {
  const places = placesOf(objects);
  const placeOf = (labels: Labels) => places.find(({ labels: one }) => one === labels) as Place;
  return needs.flatMap(({ from, host, port }) => {
    const [name = "", namespace] = host.split(".");
    const service = ofKind<{ spec: { selector?: Labels; ports?: { port: number; targetPort?: string | number }[] } }>(
      objects,
      "Service",
    ).find(({ metadata }) => metadata.name === name && (namespace === undefined || metadata.namespace === namespace));
    const servicePort = service?.spec.ports?.find((one) => one.port === port);
    if (service === undefined || servicePort === undefined)
      return [`${from.name} is to call ${host}:${port}, which no Service is.`];
    const dns = [DNS, DNS_CACHE].flatMap((server) =>
      allows(objects, placeOf(from.labels), server, { protocol: "UDP", port: 53 })
        ? []
        : [`${from.name} may not ask ${server.name}.`],
    );
    const targets = workloadsOf(objects).filter(({ labels }) =>
      isSelected(labels, { matchLabels: service.spec.selector ?? {} }),
    );
    const closed = targets.filter((to) => {
      const ports = containersOf(to).flatMap(({ ports = [] }) => ports);
      const { targetPort } = servicePort;
      const number = ports.find((one) => one.name === targetPort || one.containerPort === targetPort)?.containerPort;
      return (
        number === undefined ||
        !allows(objects, placeOf(from.labels), placeOf(to.labels), { protocol: "TCP", port: number })
      );
    });
    return [...dns, ...closed.map((to) => `${from.name} may not call ${to.name} at ${host}:${port}.`)];
  });
}
