import type { ChainTip } from "@bitfleet/api/rest/chain.ts";

/** What is looked at of a branch's end. */
type BranchEnd = Pick<ChainTip, "hash" | "height" | "branch_length" | "status">;

/** The branches beside the chain that have a block of `height`, as a text: another one where one comes, grows or is told otherwise of. */
export function branchesAt(tips: readonly BranchEnd[], height: number): string {
  const branches = tips.filter(
    (tip) => tip.status !== "active" && tip.height >= height && tip.height - tip.branch_length < height,
  );
  return branches
    .map(({ hash, status }) => `${hash} ${status}`)
    .sort()
    .join();
}
