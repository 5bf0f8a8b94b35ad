import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import packageJson from './package.json' with { type: 'json' };

// The page is served from inside the program under a policy without inline script or style and without
// remote hosts (src-tauri/tauri.conf.json): everything is a file of its own, and paths are absolute.
export default defineConfig({
  plugins: [svelte()],
  define: { __VERSION__: JSON.stringify(packageJson.version) },
  build: {
    target: 'safari15',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // It comes from the program itself, not over a network.
    chunkSizeWarningLimit: 2000,
  },
  server: { host: '127.0.0.1', port: 1420, strictPort: true },
  test: { environment: 'node', include: ['src/**/*.test.ts', 'tests/**/*.test.ts'] },
});
