// The script of the service worker, as an app would write it.
import { serve } from '/userpool-wasm/service-worker.js';

import { pools } from '/tests/pool.mjs';

serve({ pools });
