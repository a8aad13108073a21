/** The recorder as a classic script: announces itself under the name that `src/script.ts` looks for. */
import { startRecorder } from './index.js';

(window as unknown as Record<string, unknown>).__diptych_recorder__ = { startRecorder };
