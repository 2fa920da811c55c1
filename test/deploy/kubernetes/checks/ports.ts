import type { IIngress } from "kubernetes-models/networking.k8s.io/v1";
import type { IService } from "kubernetes-models/v1";
import { containersOf, find, type KubeObject, nameOf, ofKind, type Workload, workloadsOf } from "../objects.ts";
import { podsOf } from "./selectors.ts";

/** Names of ports: at most 15 letters, digits and dashes, with a letter. */
const PORT_NAME = /^(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*$/;
const NODE_PORT_MIN = 30_000;
const NODE_PORT_MAX = 32_767;

/** Ports that are no ports, have no name or one twice, and ways to ports that no container has. */
export function portProblems(objects: readonly KubeObject[]): string[] {
  const workloads = workloadsOf(objects);
  return [
    ...workloads.flatMap(containerPortProblems),
    ...ofKind<IService>(objects, "Service").flatMap((service) => servicePortProblems(service, workloads)),
    ...ofKind<IIngress>(objects, "Ingress").flatMap((ingress) => ingressProblems(ingress, objects)),
  ];
}

const portsOf = (workload: Workload) => containersOf(workload).flatMap(({ ports = [] }) => ports);

function containerPortProblems(workload: Workload): string[] {
  const ports = portsOf(workload);
  const probed = containersOf(workload).flatMap(({ startupProbe, readinessProbe, livenessProbe }) =>
    [startupProbe, readinessProbe, livenessProbe].flatMap(
      (probe) => probe?.httpGet?.port ?? probe?.tcpSocket?.port ?? [],
    ),
  );
  return [
    ...nameProblems(
      workload.name,
      ports.map(({ name }) => name),
    ),
    ...ports
      .filter(({ containerPort }) => !isPort(containerPort) || containerPort < 1024)
      .map(({ containerPort }) => `${workload.name}: ${containerPort} is no port that a user without rights can have.`),
    ...twice(ports.map(({ containerPort }) => containerPort)).map((port) => `${workload.name} has port ${port} twice.`),
    ...probed
      .filter((port) => !ports.some((one) => one.name === port || one.containerPort === port))
      .map((port) => `${workload.name}: a probe asks at port ${port}, which no container has.`),
  ];
}

function servicePortProblems(service: KubeObject & IService, workloads: readonly Workload[]): string[] {
  const ports = service.spec?.ports ?? [];
  const pods = podsOf(workloads, { matchLabels: service.spec?.selector ?? {} });
  return [
    ...(ports.length === 0 ? [`${nameOf(service)} has no port.`] : []),
    ...nameProblems(
      nameOf(service),
      ports.map(({ name }) => name),
    ),
    ...twice(ports.map(({ port }) => port)).map((port) => `${nameOf(service)} has port ${port} twice.`),
    ...ports.flatMap(({ port, targetPort, nodePort }) => [
      ...(isPort(port) ? [] : [`${nameOf(service)}: ${port} is no port.`]),
      ...(nodePort === undefined || (nodePort >= NODE_PORT_MIN && nodePort <= NODE_PORT_MAX)
        ? []
        : [`${nameOf(service)}: ${nodePort} is no port of machines.`]),
      ...pods
        .filter((pod) => !portsOf(pod).some((one) => one.name === targetPort || one.containerPort === targetPort))
        .map((pod) => `${nameOf(service)}: ${pod.name} has no port ${targetPort}.`),
    ]),
  ];
}

function ingressProblems(ingress: KubeObject & IIngress, objects: readonly KubeObject[]): string[] {
  const paths = (ingress.spec?.rules ?? []).flatMap(({ http }) => http?.paths ?? []);
  const encrypted = new Set((ingress.spec?.tls ?? []).flatMap(({ hosts = [] }) => hosts));
  return [
    ...(ingress.spec?.ingressClassName ? [] : [`${nameOf(ingress)} has no class: no controller may look at it.`]),
    ...paths.flatMap(({ backend }) => {
      const service = find<IService>(objects, "Service", backend.service?.name);
      const { name, number } = backend.service?.port ?? {};
      const isThere = service?.spec?.ports?.some((port) => port.name === name || port.port === number);
      return isThere
        ? []
        : [`${nameOf(ingress)}: there is no Service ${backend.service?.name} with port ${name ?? number}.`];
    }),
    ...(ingress.spec?.rules ?? [])
      .filter(({ host }) => host === undefined || !encrypted.has(host))
      .map(({ host }) => `${nameOf(ingress)}: ${host} has no TLS.`),
  ];
}

function nameProblems(owner: string, names: readonly (string | undefined)[]): string[] {
  return [
    ...names
      .filter((name) => name === undefined || !PORT_NAME.test(name))
      .map((name) => `${owner}: ${name} is no name of a port.`),
    ...twice(names).map((name) => `${owner} has two ports with the name ${name}.`),
  ];
}

const twice = <T>(values: readonly T[]) => values.filter((value, index) => values.indexOf(value) !== index);
const isPort = (port: number) => Number.isInteger(port) && port >= 1 && port <= 65_535;
