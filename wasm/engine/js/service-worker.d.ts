import type { Options } from './index.js';

/**
 * Answers, from the script of a service worker, what pages send to these endpoints: whole addresses or paths below the
 * scope. Call it while the script is first run. Without a store it keeps everything in IndexedDB.
 */
export function serve(options?: Omit<Options, 'baseUrl'> & { endpoints?: string[] }): void;
