/// <reference types="vitest/config" />
import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig, type PluginOption } from 'vite';

const src = fileURLToPath(new URL('./src', import.meta.url));

/** The address of the workspace the dev server forwards to, such as `http://demo.localhost:8000`. */
const backend = process.env.KONTOR_DEV_BACKEND ?? 'http://demo.localhost:8000';

/** With `--mode mock` the dev server answers /api itself from src/testing, so screens can be built without a backend. */
function mockApi(): PluginOption {
  return {
    name: 'mock-api',
    configureServer(server) {
      // Asked for on every request, so that edits of the mock take effect at once; the module itself is cached.
      server.middlewares.use((req, res, next) => {
        server.ssrLoadModule('/src/testing/nodeHandler.ts').then((module) => {
          (module as { handleNodeRequest: (req: unknown, res: unknown, next: () => void) => void }).handleNodeRequest(req, res, next);
        }, next);
      });
    },
  };
}

export default defineConfig(({ mode }) => ({
  plugins: [react(), mode === 'mock' && mockApi()],
  resolve: { alias: { '@': src } },
  build: {
    target: 'es2022',
    manifest: true,
    sourcemap: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 400,
    rolldownOptions: {
      output: {
        // What every page needs changes rarely: one file each for libraries and for our own floors, kept by the browser.
        codeSplitting: {
          groups: [{ name: 'libraries', test: /node_modules[\\/](react|react-dom|scheduler|use-sync-external-store|@tanstack[\\/](react-|router-|query-)?(query|router|store|history|core))[\\/]/ }],
        },
      },
    },
  },
  server: {
    port: 5173,
    proxy:
      mode === 'mock'
        ? undefined
        : {
            // changeOrigin rewrites Host, by which the backend finds the workspace; Origin is rewritten for its CSRF check.
            '^/(api|login|logout|password|static|media)(/|$)': {
              target: backend,
              changeOrigin: true,
              headers: { origin: backend },
            },
          },
  },
  test: {
    environment: 'happy-dom',
    setupFiles: ['src/testing/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}'],
    css: false,
    restoreMocks: true,
    testTimeout: 15000,
  },
}));
