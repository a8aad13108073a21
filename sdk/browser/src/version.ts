/** Version of this SDK; the build puts package.json's here. */
export const SDK_VERSION: string = typeof __SDK_VERSION__ === 'string' ? __SDK_VERSION__ : 'dev';

declare const __SDK_VERSION__: string | undefined;
