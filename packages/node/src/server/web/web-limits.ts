/** Connections to the web server at a time; more are closed at once. Room for as many event streams as there may be, and others. */
export const CONNECTIONS_DEFAULT = 8_192;

/** `-webeventclients`: streams of live events open at the same time. */
export const EVENT_CLIENTS_DEFAULT = 4096;
/** `-webeventclientsperaddress`: of those, from one address. This machine itself is not counted: proxies stand there. */
export const EVENT_CLIENTS_PER_ADDRESS_DEFAULT = 256;

/** `-webdrain`: longest that a web server goes on answering when its node is to stop. */
export const DRAIN_SECONDS_MAX = 300;

/** Which pages of other origins may read what the API answers: any, or those named. */
export type CrossOrigins = "*" | readonly string[];
