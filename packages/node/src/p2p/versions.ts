/** Version of the peer protocol that we speak. */
export const PROTOCOL_VERSION = 70_017;
/** Older peers are disconnected: they know no `getheaders`. */
export const PEER_VERSION_MIN = 31_800;
/** BIP130. */
export const SEND_HEADERS_VERSION = 70_012;
/** BIP133. */
export const FEE_FILTER_VERSION = 70_013;
/** BIP152. */
export const SHORT_IDS_VERSION = 70_014;
/** BIP339. */
export const WTXID_RELAY_VERSION = 70_016;
/** BIP155 has no version of its own; to older peers `sendaddrv2` would be news that some do not bear. */
export const ADDRESS_V2_VERSION = 70_016;
/** BIP434. */
export const FEATURE_VERSION = 70_017;
