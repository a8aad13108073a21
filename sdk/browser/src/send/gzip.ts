/** Shorter bodies are sent as they are: the head of a gzip stream eats the gain. */
const WORTH_BYTES = 1024;

/** The text gzipped by the browser itself, off the main thread; undefined where it cannot, or is not worth it. */
export async function gzip(text: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (text.length < WORTH_BYTES || typeof CompressionStream !== 'function') return undefined;
  try {
    const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch {
    return undefined; // a page may forbid or replace streams: plain text always works
  }
}
