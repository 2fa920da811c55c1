import { ConfigError } from "../settings.ts";

/** The variables of the process. What is empty, as of a secret that nobody has filled in, is as what is absent. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Whether the process has a role in a container: only then does anything of its environment count. Throws {@link ConfigError}. */
export function hasRole(environment: Environment): boolean {
  return [yesOrNo(environment, "NODE_IS_MINER"), yesOrNo(environment, "NODE_IS_WEB_SERVER")].some(
    (one) => one !== undefined,
  );
}

export const isMiner = (environment: Environment) => yesOrNo(environment, "NODE_IS_MINER") === true;

export const isWebServer = (environment: Environment) => yesOrNo(environment, "NODE_IS_WEB_SERVER") === true;

/** `undefined` where absent or empty. Throws {@link ConfigError}. */
export function yesOrNo(environment: Environment, name: string): boolean | undefined {
  const text = environment[name];
  if (text === undefined || text === "") return undefined;
  const value = text.toLowerCase();
  if (["yes", "true", "1"].includes(value)) return true;
  if (["no", "false", "0"].includes(value)) return false;
  throw new ConfigError(`Invalid value '${text}' for ${name}: yes or no is expected.`);
}

/** `undefined` where absent or empty; white space around it does not count. */
export function textOf(environment: Environment, name: string): string | undefined {
  const text = environment[name]?.trim();
  return text === "" ? undefined : text;
}

/** `-option=text`; nothing where the text is absent or empty. */
export function textArguments(text: string | undefined, option: string): readonly string[] {
  return text === undefined || text === "" ? [] : [`-${option}=${text}`];
}

/** The items of a text with commas between. */
export function listOf(text: string | undefined): readonly string[] {
  return (text ?? "")
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}
