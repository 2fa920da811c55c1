import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    // Nothing becomes a data: address, so that the page's policy can forbid them.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      "/api": { target: process.env.BITFLEET_URL ?? "http://localhost:8080" },
      "/health": { target: process.env.BITFLEET_URL ?? "http://localhost:8080" },
    },
  },
});
