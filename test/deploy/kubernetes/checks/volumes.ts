import { containersOf, type KubeObject, quantity, type Workload, workloadsOf } from "../objects.ts";

/** Mounts without a volume, volumes without a mount, two at one place, and places on a machine's disk without an end. */
export function volumeProblems(objects: readonly KubeObject[]): string[] {
  return workloadsOf(objects).flatMap((workload) => {
    const volumes = volumeNames(workload);
    const mounts = containersOf(workload).flatMap(({ volumeMounts = [] }) => volumeMounts);
    return [
      ...mounts
        .filter(({ name }) => !volumes.includes(name))
        .map(({ name, mountPath }) => `${workload.name}: ${mountPath} is to be volume ${name}, which there is not.`),
      ...volumes
        .filter((name) => !mounts.some((mount) => mount.name === name))
        .map((name) => `${workload.name}: volume ${name} is mounted nowhere.`),
      ...volumes
        .filter((name, index) => volumes.indexOf(name) !== index)
        .map((name) => `${workload.name} has volume ${name} twice.`),
      ...containersOf(workload).flatMap(({ volumeMounts = [] }) =>
        volumeMounts
          .map(({ mountPath }) => mountPath)
          .filter((path, index, paths) => paths.indexOf(path) !== index)
          .map((path) => `${workload.name}: two volumes are at ${path}.`),
      ),
      ...(workload.pod.volumes ?? [])
        .filter(({ emptyDir }) => emptyDir !== undefined && emptyDir.sizeLimit === undefined)
        .map(({ name }) => `${workload.name}: volume ${name} may fill the machine's disk: it needs a sizeLimit.`),
      ...(workload.pod.volumes ?? [])
        .filter(({ hostPath }) => hostPath !== undefined)
        .map(({ name }) => `${workload.name}: volume ${name} is a folder of the machine.`),
      ...diskProblems(workload),
    ];
  });
}

/** A pod is ended when all that it keeps on the machine's disk is more than the limits of its containers: what its volumes may hold must be less. */
function diskProblems(workload: Workload): string[] {
  const limits = containersOf(workload).map(({ resources }) => resources?.limits?.["ephemeral-storage"]);
  if (limits.includes(undefined)) return [];
  const most = limits.reduce<number>((sum, limit) => sum + quantity(limit ?? "0"), 0);
  const volumes = (workload.pod.volumes ?? []).flatMap(({ emptyDir }) => emptyDir?.sizeLimit ?? []);
  const held = volumes.reduce<number>((sum, limit) => sum + quantity(limit), 0);
  return held < most ? [] : [`${workload.name} is ended before its volumes are full: they may hold ${held} bytes.`];
}

const volumeNames = ({ pod, claimTemplates }: Workload) => [
  ...(pod.volumes ?? []).map(({ name }) => name),
  ...claimTemplates.map(({ metadata }) => metadata?.name ?? ""),
];
