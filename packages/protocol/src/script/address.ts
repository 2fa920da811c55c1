/** The bytes that tell one network's addresses and keys from another's. */
export interface AddressPrefixes {
  /** Base58 version byte of pay-to-public-key-hash addresses. */
  readonly pubKeyHash: number;
  /** Base58 version byte of pay-to-script-hash addresses. */
  readonly scriptHash: number;
  /** Base58 version byte of private keys in wallet import format. */
  readonly privateKey: number;
  /** BIP32: four version bytes of extended public keys, as a big-endian number (`0x0488b21e` is `xpub`). */
  readonly extPublicKey: number;
  /** BIP32: four version bytes of extended private keys, as a big-endian number (`0x0488ade4` is `xprv`). */
  readonly extPrivateKey: number;
  /** Human-readable part of segwit addresses (BIP173), lower case. */
  readonly bech32: string;
}
