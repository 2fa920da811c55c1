/** Filled in by the build (scripts/vite/page-build.ts): the version in the root's package.json. */
declare const BITFLEET_VERSION: string;
