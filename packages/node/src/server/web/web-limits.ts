/** Connections to the web server at a time; more are closed at once. Room for as many event streams as there may be, and others. */
export const CONNECTIONS_DEFAULT = 8_192;

/** Which pages of other origins may read what the API answers: any, or those named. */
export type CrossOrigins = "*" | readonly string[];
