import { defineConfig } from "vite";

export default defineConfig({
  // Absolute, because one page is served at several depths (/alert, /unit/7).
  base: "/",
  build: {
    outDir: "../web",
    emptyOutDir: true,
    target: "es2022",
    // Everything stays a file of its own: the server's content policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: "assets/licences.txt" },
    chunkSizeWarningLimit: 1300,
    rolldownOptions: {
      input: { console: "index.html", alert: "alert.html", screen: "screen.html" },
    },
  },
  worker: { format: "es" },
  // `npm run dev` beside a running server; the built pages always talk to the host they came from.
  server: { proxy: { "/api": "http://127.0.0.1:8080" } },
});
