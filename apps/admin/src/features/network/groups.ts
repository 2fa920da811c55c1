/** Groups of nodes as they are put together before the network is parted. Pure functions. */

export type Groups = readonly (readonly string[])[];

/** The groups to begin with: those of the network, or one with all nodes. Nodes that are in none are put into the last. */
export function groupsOf(partition: Groups, names: readonly string[]): Groups {
  const known = partition.map((group) => group.filter((name) => names.includes(name)));
  const rest = names.filter((name) => !known.some((group) => group.includes(name)));
  if (known.length === 0) return [rest];
  return rest.length === 0 ? known : [...known.slice(0, -1), [...(known.at(-1) ?? []), ...rest]];
}

/** The groups after a node was put into another; a number behind the last one is a new group. Groups that are empty then go. */
export function moved(groups: Groups, name: string, toIndex: number): Groups {
  if (groups[toIndex]?.includes(name)) return groups;
  const next = groups.map((group) => group.filter((one) => one !== name));
  const target = next[toIndex];
  const placed =
    target === undefined ? [...next, [name]] : next.map((group) => (group === target ? [...target, name] : group));
  return placed.filter((group) => group.length > 0);
}

/** Whether the nodes are in the same company, whatever the order. */
export function isSameGroups(a: Groups, b: Groups): boolean {
  const textOf = (groups: Groups) =>
    groups
      .map((group) => [...group].sort().join(","))
      .sort()
      .join("|");
  return textOf(a) === textOf(b);
}
