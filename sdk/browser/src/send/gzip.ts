/** Shorter bodies are sent as they are: setting up the browser's compressor takes the page's thread some milliseconds. */
const WORTH_BYTES = 8192;

/** The text gzipped by the browser itself; undefined where it cannot, or is not worth it. */
export async function gzip(text: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (text.length < WORTH_BYTES || typeof CompressionStream !== 'function') return undefined;
  try {
    // A response makes a stream of the text in the page; a blob would take it to the browser's process and back.
    const stream = new Response(text).body?.pipeThrough(new CompressionStream('gzip'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch {
    return undefined; // a page may forbid or replace streams: plain text always works
  }
}
