import type { IPersistentVolumeClaim, IPodSpec, IPodTemplateSpec } from "kubernetes-models/v1";
import { parseAllDocuments } from "yaml";

/** Objects of Kubernetes as the files have them. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Labels; annotations?: Labels };
}
export type Labels = Record<string, string>;

/**
 * The objects of a YAML text, read as kubectl reads it: YAML 1.1, in which `yes` is a boolean and 0440 an octal number. Throws where a key comes twice
 * or the text is damaged.
 */
export function parseObjects(text: string): KubeObject[] {
  return parseAllDocuments(text, { version: "1.1", merge: true })
    .map((document) => {
      const [problem] = document.errors;
      if (problem !== undefined) throw problem;
      return document.toJS() as KubeObject | null;
    })
    .filter((object) => object !== null);
}

/** How an object is named in a problem. */
export const nameOf = ({ kind, metadata }: KubeObject) => `${kind} ${metadata.name}`;

/** The objects of one kind. The caller says what type that is. */
export function ofKind<T>(objects: readonly KubeObject[], kind: string): (KubeObject & T)[] {
  return objects.filter((object) => object.kind === kind) as (KubeObject & T)[];
}

export function find<T>(objects: readonly KubeObject[], kind: string, name: string | undefined) {
  return ofKind<T>(objects, kind).find(({ metadata }) => metadata.name === name);
}

/** What a ConfigMap or a Secret has, as far as it is written in clear. */
export function dataOf(objects: readonly KubeObject[], kind: "ConfigMap" | "Secret", name: string | undefined) {
  const object = find<{ data?: Labels; stringData?: Labels }>(objects, kind, name);
  return object && { ...object.data, ...object.stringData };
}

/** What makes pods. */
export interface Workload {
  readonly object: KubeObject;
  readonly name: string;
  readonly selector: Labels | undefined;
  readonly replicas: number;
  readonly template: IPodTemplateSpec;
  readonly pod: IPodSpec;
  readonly labels: Labels;
  readonly claimTemplates: readonly IPersistentVolumeClaim[];
}

interface AnyWorkload {
  spec: {
    replicas?: number;
    selector?: { matchLabels?: Labels };
    template?: IPodTemplateSpec;
    jobTemplate?: { spec: { template: IPodTemplateSpec } };
    volumeClaimTemplates?: IPersistentVolumeClaim[];
  };
}

/** All workloads: Deployments, StatefulSets, Jobs and CronJobs. */
export function workloadsOf(objects: readonly KubeObject[]): Workload[] {
  return ["Deployment", "StatefulSet", "Job", "CronJob"].flatMap((kind) =>
    ofKind<AnyWorkload>(objects, kind).map((object) => {
      const template = object.spec.template ?? object.spec.jobTemplate?.spec.template ?? {};
      return {
        object,
        name: nameOf(object),
        selector: object.spec.selector?.matchLabels,
        replicas: object.spec.replicas ?? 1,
        template,
        pod: template.spec ?? { containers: [] },
        labels: (template.metadata?.labels ?? {}) as Labels,
        claimTemplates: object.spec.volumeClaimTemplates ?? [],
      };
    }),
  );
}

export const containersOf = ({ pod }: Workload) => [...(pod.initContainers ?? []), ...pod.containers];

/** Whether `labels` are what `selector` asks for; an empty selector asks for nothing. */
export function isSelected(labels: Labels, selector: Selector | undefined): boolean {
  if (selector === undefined) return false;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([name, value]) => labels[name] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === "In") return value !== undefined && values.includes(value);
      if (operator === "NotIn") return value === undefined || !values.includes(value);
      return operator === "Exists" ? value !== undefined : value === undefined;
    })
  );
}

export interface Selector {
  matchLabels?: Labels;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** The number that a quantity means: 500m is 0.5, 1Gi is 1073741824. Throws where it is none. */
export function quantity(text: string | number): number {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(String(text)) ?? [];
  if (digits === undefined) throw new Error(`${text} is no quantity.`);
  return Number(digits) * (UNITS[unit] as number);
}
