/**
 * What of the device the page of an app may ask its user for, as `Permissions-Policy` says it, wherever it is served: the wallet app for the camera, which
 * reads QR codes; no other page for it, and none to hear or to be located.
 */
export const PAGE_PERMISSIONS = {
  wallet: "camera=(self), geolocation=(), microphone=()",
  admin: "camera=(), geolocation=(), microphone=()",
} as const;
