import type { NamedService } from "./dns-zone.ts";
import type { Service, ServicePort } from "./kubernetes-types.ts";
import type { Pod } from "./pod.ts";
import type { BalancedPort } from "./traffic-rules.ts";

/** What of the services depends on which pods are ready: as kube-proxy and DNS come to know it, a moment later. */
export interface Endpoints {
  readonly balanced: readonly BalancedPort[];
  readonly named: readonly NamedService[];
}

/** Pods that are behind each service now. `addresses` has the address of each service that is not headless, by its name. */
export function endpointsOf(
  services: readonly Service[],
  pods: readonly Pod[],
  addresses: ReadonlyMap<string, string>,
): Endpoints {
  return {
    balanced: services.flatMap((service) => {
      const address = addresses.get(service.metadata.name);
      const behind = podsBehind(service, pods).filter((pod) => pod.isReady || service.spec.publishNotReadyAddresses);
      return address === undefined ? [] : service.spec.ports.map((port) => balance(address, port, behind));
    }),
    named: services.map((service) => ({
      name: service.metadata.name,
      clusterAddress: addresses.get(service.metadata.name),
      pods: podsBehind(service, pods)
        .filter((pod) => pod.isReady || service.spec.publishNotReadyAddresses)
        .map((pod) => ({
          address: pod.address,
          hostname: pod.subdomain === service.metadata.name ? pod.name : undefined,
        })),
    })),
  };
}

/** Throws on what the orchestrator does not do for a service, so that nobody believes it was tested. */
export function checkService({ metadata, spec }: Service): void {
  if (spec.type === "ExternalName" || (spec.sessionAffinity ?? "None") !== "None") {
    throw new Error(`${metadata.name}: the orchestrator knows neither ExternalName nor sessionAffinity.`);
  }
}

export const isHeadless = ({ spec }: Service): boolean => spec.clusterIP === "None";

function podsBehind({ spec }: Service, pods: readonly Pod[]): Pod[] {
  const wanted = Object.entries(spec.selector ?? {});
  if (wanted.length === 0) return [];
  return pods.filter((pod) => wanted.every(([key, value]) => pod.labels[key] === value));
}

function balance(
  address: string,
  { port, targetPort = port, protocol = "TCP" }: ServicePort,
  pods: readonly Pod[],
): BalancedPort {
  const targets = pods.flatMap((pod) => {
    const number = typeof targetPort === "number" ? targetPort : pod.portNames[targetPort];
    return number === undefined ? [] : [{ address: pod.address, port: number }];
  });
  return { address, port, protocol: protocol.toLowerCase() as "tcp" | "udp", targets };
}
