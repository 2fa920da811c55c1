/**
 * A PSBT that one screen made for the page of PSBTs. Kept in memory alone, of one account: another one has no use for it.
 */

let kept: { readonly accountId: string; readonly psbt: string } | undefined;

export function keepPsbt(accountId: string, psbt: string): void {
  kept = { accountId, psbt };
}

/** What was kept for the account, which stays until {@link dropPsbt}: the page may be left and come back to. */
export function keptPsbt(accountId: string): string | undefined {
  return kept?.accountId === accountId ? kept.psbt : undefined;
}

export function dropPsbt(): void {
  kept = undefined;
}
