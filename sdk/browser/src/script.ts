/**
 * The script tag: `<script src="https://diptych.example.com/sdk/diptych.js"></script>` gives `window.diptych`
 * (and `window.DIPTYCH`), ready in the next line. The recorder is a second classic script beside it, so that no
 * CORS is needed to load it.
 */
import { createDiptych, type Diptych } from './api.js';
import { guarded } from './guard.js';
import type { RecorderModule } from './types/recorder.js';

/** Name under which the recorder script announces itself. */
const RECORDER_GLOBAL = '__diptych_recorder__';

interface TrustedTypesFactory {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}
type Globals = Window & {
  diptych?: Diptych & { q?: (() => void)[] };
  DIPTYCH?: Diptych & { q?: (() => void)[] };
  [RECORDER_GLOBAL]?: RecorderModule;
  trustedTypes?: TrustedTypesFactory;
};

const globals = window as unknown as Globals;
/** Only known while this script runs for the first time. */
const ownScript = document.currentScript as HTMLScriptElement | null;

function loadRecorder(): Promise<RecorderModule> {
  return new Promise((resolve, reject) => {
    // A form of that name would stand in the place of the document's own.
    const script = Document.prototype.createElement.call(document, 'script') as HTMLScriptElement;
    const url = new URL('diptych-recorder.js', ownScript?.src || location.href).href;
    // Under `require-trusted-types-for 'script'` the page's CSP must allow a policy named "diptych".
    const policy = globals.trustedTypes?.createPolicy('diptych', { createScriptURL: (each) => each });
    script.src = policy ? policy.createScriptURL(url) : url;
    // Under a nonce-based CSP the recorder may run because this script may.
    if (ownScript?.nonce) script.nonce = ownScript.nonce;
    script.onload = script.onerror = () => {
      const module = globals[RECORDER_GLOBAL];
      if (module) resolve(module);
      else reject(new Error(`${url} is no recorder`));
    };
    document.head.append(script);
    script.remove();
  });
}

/** A second tag of the same page changes nothing. */
if (!globals.diptych?.version) {
  const early = [...(globals.diptych?.q ?? []), ...(globals.DIPTYCH?.q ?? [])];
  globals.diptych = globals.DIPTYCH = createDiptych(loadRecorder);
  for (const call of early) guarded(call)();
}
