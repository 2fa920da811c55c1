import type { DecodedTransaction } from "@bitfleet/api/rest/transactions.ts";

/** One of several transactions that are handed in together. */
export interface Member {
  readonly hex: string;
  readonly transaction: DecodedTransaction;
}

/** Puts transactions in the order that a package has, parents before children, and fills in what they spend of one another. */
export function orderedMembers(members: readonly Member[]): readonly Member[] {
  const byId = new Map(members.map((member) => [member.transaction.txid, member]));
  const ordered = new Set<Member>();
  const met = new Set<Member>();
  const visit = (member: Member): void => {
    if (met.has(member)) return;
    met.add(member);
    for (const { txid } of member.transaction.inputs) {
      const parent = byId.get(txid ?? "");
      if (parent !== undefined) visit(parent);
    }
    ordered.add(member);
  };
  for (const member of members) visit(member);
  return [...ordered].map(({ hex, transaction }) => ({ hex, transaction: withParents(transaction, byId) }));
}

/** The node knows none of the outputs that another of them makes. */
function withParents(transaction: DecodedTransaction, byId: ReadonlyMap<string, Member>): DecodedTransaction {
  const inputs = transaction.inputs.map((input) => {
    const output = byId.get(input.txid ?? "")?.transaction.outputs[input.vout ?? -1];
    if (input.prevout !== null || output === undefined) return input;
    return { ...input, prevout: { value: output.value, height: null, is_coinbase: false, script: output.script } };
  });
  return { ...transaction, inputs, fee: transaction.fee ?? feeOf(transaction, inputs) };
}

function feeOf({ total_output: total }: DecodedTransaction, inputs: DecodedTransaction["inputs"]): number | null {
  let fee = -total;
  for (const { prevout } of inputs) {
    if (prevout === null) return null;
    fee += prevout.value;
  }
  return fee;
}

/** Which transactions a script's run needs: the one itself behind those of the others that it may spend. */
export function membersUpTo(members: readonly Member[], txid: string): readonly string[] {
  const index = members.findIndex(({ transaction }) => transaction.txid === txid);
  return members.slice(0, index + 1).map(({ hex }) => hex);
}
