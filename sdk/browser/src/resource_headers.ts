import { fits, type HeaderRule } from './options.js';

/** Headers that `trackResourceHeaders: true`, and a rule without a name, keep: how a response was cached and served. */
export const DEFAULT_TRACKED_RESOURCE_HEADERS: string[] =
  'cache-control etag age expires content-type content-encoding vary content-length server-timing x-cache cf-cache-status x-vercel-cache'.split(
    ' ',
  );

/** Headers that may hold a secret or tell who somebody is: never kept, whatever the rules say. */
const NEVER =
  /token|cookie|secret|authorization|(api|secret|access|app).?key|(client|connecting|real).?ip|forwarded/;
const MAX_HEADERS = 100;
const MAX_VALUE_LENGTH = 128;

/** The headers of one side of a request that the rules want, by lower-case name; undefined when there are none. */
export function wantedHeaders(
  side: 'request' | 'response',
  headers: Headers | undefined,
  url: string,
  rules: HeaderRule[],
): Record<string, string> | undefined {
  const found: [string, string][] = [];
  headers?.forEach((value, name) => {
    if (NEVER.test(name)) return;
    const rule = rules.find(
      (each) =>
        (each.url === undefined || fits([each.url], url)) &&
        [side, 'any', undefined].includes(each.location) &&
        fits(each.name === undefined ? DEFAULT_TRACKED_RESOURCE_HEADERS : [each.name], name, true),
    );
    const { extractor } = rule ?? {};
    // A global pattern goes on where it stopped.
    if (extractor) extractor.lastIndex = 0;
    const match = extractor ? extractor.exec(value) : [value];
    if (rule && match) found.push([name, String(match[1] ?? match[0]).slice(0, MAX_VALUE_LENGTH)]);
  });
  return found.length > 0 ? Object.fromEntries(found.slice(0, MAX_HEADERS)) : undefined;
}

/** The headers of a finished XMLHttpRequest. */
export function headersOf(xhr: XMLHttpRequest): Headers {
  const headers = new Headers();
  for (const line of xhr.getAllResponseHeaders().trim().split(/\r?\n/)) {
    const at = line.indexOf(':');
    if (at > 0) headers.append(line.slice(0, at), line.slice(at + 1));
  }
  return headers;
}
