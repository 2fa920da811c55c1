/** A text of letters that have one byte each, as keys are, in base64url without padding: what may stand in the name of a subprotocol. */
export function base64Url(text: string): string {
  return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}
