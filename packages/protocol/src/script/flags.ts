/** A set of {@link ScriptFlag} bits. More flags can only refuse more scripts, never accept more. */
export type ScriptFlags = number;

/** The rules a script may be held to, by the names that vectors and `-testactivationheight` style tools use. */
export const ScriptFlag = {
  /** BIP16: run the redeem script of a pay-to-script-hash output. */
  P2SH: 1 << 0,
  /** Signatures are strict DER with a defined hash type, public keys compressed or uncompressed. */
  STRICTENC: 1 << 1,
  /** BIP66: signatures are strict DER. */
  DERSIG: 1 << 2,
  /** BIP146: signatures have the lower of the two possible s values. */
  LOW_S: 1 << 3,
  /** BIP147: the extra item that CHECKMULTISIG takes is empty. */
  NULLDUMMY: 1 << 4,
  /** BIP62 rule 2: a scriptSig only pushes. */
  SIGPUSHONLY: 1 << 5,
  /** BIP62 rules 3 and 4: pushes and numbers take their shortest form. */
  MINIMALDATA: 1 << 6,
  /** NOPs without a meaning yet fail. */
  DISCOURAGE_UPGRADABLE_NOPS: 1 << 7,
  /** BIP62 rule 6: one item is left. Only together with P2SH and WITNESS. */
  CLEANSTACK: 1 << 8,
  /** BIP65 */
  CHECKLOCKTIMEVERIFY: 1 << 9,
  /** BIP112 */
  CHECKSEQUENCEVERIFY: 1 << 10,
  /** BIP141, BIP143 */
  WITNESS: 1 << 11,
  /** Witness versions without a meaning yet fail. */
  DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM: 1 << 12,
  /** In version 0 witness scripts OP_IF and OP_NOTIF take an empty item or 01. */
  MINIMALIF: 1 << 13,
  /** BIP146: a failed signature check had an empty signature. */
  NULLFAIL: 1 << 14,
  /** BIP143: public keys in version 0 witness scripts are compressed. */
  WITNESS_PUBKEYTYPE: 1 << 15,
  /** Outside the witness, OP_CODESEPARATOR and signatures that stand in the signed script fail. */
  CONST_SCRIPTCODE: 1 << 16,
  /** BIP341, BIP342 */
  TAPROOT: 1 << 17,
  /** Leaf versions without a meaning yet fail. */
  DISCOURAGE_UPGRADABLE_TAPROOT_VERSION: 1 << 18,
  /** OP_SUCCESSx fail. */
  DISCOURAGE_OP_SUCCESS: 1 << 19,
  /** Public key types without a meaning in tapscript yet fail. */
  DISCOURAGE_UPGRADABLE_PUBKEYTYPE: 1 << 20,
} as const;

export type ScriptFlagName = keyof typeof ScriptFlag;

/** Every flag name, lowest bit first. */
export const SCRIPT_FLAG_NAMES = Object.keys(ScriptFlag) as readonly ScriptFlagName[];

export const NO_SCRIPT_FLAGS: ScriptFlags = 0;

export const ALL_SCRIPT_FLAGS: ScriptFlags = Object.values(ScriptFlag).reduce((flags, flag) => flags | flag, 0);

/** What every block after the soft forks' activation is held to: a peer that breaks these broke consensus. */
export const MANDATORY_SCRIPT_FLAGS: ScriptFlags =
  ScriptFlag.P2SH |
  ScriptFlag.DERSIG |
  ScriptFlag.NULLDUMMY |
  ScriptFlag.CHECKLOCKTIMEVERIFY |
  ScriptFlag.CHECKSEQUENCEVERIFY |
  ScriptFlag.WITNESS |
  ScriptFlag.TAPROOT;

/** What transactions are held to before they are relayed or mined: consensus, and all that later forks may forbid. */
export const STANDARD_SCRIPT_FLAGS: ScriptFlags =
  MANDATORY_SCRIPT_FLAGS |
  ScriptFlag.STRICTENC |
  ScriptFlag.MINIMALDATA |
  ScriptFlag.DISCOURAGE_UPGRADABLE_NOPS |
  ScriptFlag.CLEANSTACK |
  ScriptFlag.MINIMALIF |
  ScriptFlag.NULLFAIL |
  ScriptFlag.LOW_S |
  ScriptFlag.DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM |
  ScriptFlag.WITNESS_PUBKEYTYPE |
  ScriptFlag.CONST_SCRIPTCODE |
  ScriptFlag.DISCOURAGE_UPGRADABLE_TAPROOT_VERSION |
  ScriptFlag.DISCOURAGE_OP_SUCCESS |
  ScriptFlag.DISCOURAGE_UPGRADABLE_PUBKEYTYPE;

/** The set of the named flags. Throws `RangeError` on a name that is none: names come from vectors and our own parameters. */
export function scriptFlagsFromNames(names: Iterable<string>): ScriptFlags {
  let flags = NO_SCRIPT_FLAGS;
  for (const name of names) {
    if (!Object.hasOwn(ScriptFlag, name)) throw new RangeError(`unknown script flag ${name}`);
    flags |= ScriptFlag[name as ScriptFlagName];
  }
  return flags;
}

/** Names of the flags in a set, lowest bit first. */
export function scriptFlagNames(flags: ScriptFlags): ScriptFlagName[] {
  return SCRIPT_FLAG_NAMES.filter((name) => (flags & ScriptFlag[name]) !== 0);
}
