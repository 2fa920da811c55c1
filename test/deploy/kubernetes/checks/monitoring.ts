import type { IService } from "kubernetes-models/v1";
import { isSelected, type KubeObject, type Labels, nameOf, ofKind } from "../objects.ts";

const METRICS = "/metrics";

interface ServiceMonitor {
  spec: { jobLabel: string; selector: { matchLabels: Labels }; endpoints: { port: string; path: string }[] };
}
interface PrometheusRule {
  spec: { groups: { rules: { expr: string }[] }[] };
}

/** Monitors that watch nothing, and jobs that have another name than the rules beside them ask for. */
export function monitoringProblems(objects: readonly KubeObject[]): string[] {
  const patterns = ofKind<PrometheusRule>(objects, "PrometheusRule").flatMap(({ spec }) =>
    spec.groups.flatMap(({ rules }) => rules.flatMap(({ expr }) => jobPatterns(expr))),
  );
  return ofKind<ServiceMonitor>(objects, "ServiceMonitor").flatMap((monitor) => {
    const services = ofKind<IService>(objects, "Service").filter(({ metadata }) =>
      isSelected(metadata.labels ?? {}, monitor.spec.selector),
    );
    if (services.length === 0) return [`${nameOf(monitor)} watches no Service.`];
    const paths = monitor.spec.endpoints
      .filter(({ path }) => path !== METRICS)
      .map(({ path }) => `${nameOf(monitor)}: the node has no route ${path}.`);
    const ofServices = services.flatMap((service) => {
      const job = service.metadata.labels?.[monitor.spec.jobLabel];
      const ports = (service.spec?.ports ?? []).map(({ name }) => name);
      return [
        ...monitor.spec.endpoints
          .filter(({ port }) => !ports.includes(port))
          .map(({ port }) => `${nameOf(monitor)}: ${nameOf(service)} has no port ${port}.`),
        ...(job === undefined ? [`${nameOf(monitor)}: ${nameOf(service)} has no label ${monitor.spec.jobLabel}.`] : []),
        ...patterns
          .filter((pattern) => job !== undefined && !new RegExp(`^(${pattern})$`).test(job))
          .map((pattern) => `${nameOf(monitor)}: rules ask for jobs like ${pattern}, and this one is ${job}.`),
      ];
    });
    return [...paths, ...ofServices];
  });
}

const jobPatterns = (expression: string) =>
  [...expression.matchAll(/\bjob=~"([^"]+)"/g)].map(([, pattern]) => pattern as string);
