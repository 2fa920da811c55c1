/** Text of a peer without what could confuse a log, a terminal or a page: letters, digits and a few marks stay. */
export function sanitize(text: string): string {
  return text.replace(/[^a-zA-Z0-9 .,;\-_/:?@()]/g, "");
}
