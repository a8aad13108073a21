/** The one door to the server: paths under `/api/v1`, JSON in and out, problems as `ApiError`. */

const BASE = '/api/v1';

/** An answer that is not 2xx, in the words of its RFC 9457 problem. `status` 0: no answer came at all. */
export class ApiError extends Error {
  readonly status: number;
  readonly title: string;
  /** What of the request is meant, such as `query`; empty when it is the request as a whole. */
  readonly where: string;
  /** The characters of a search that cannot be understood, counted from 0; `end` is not one of them. */
  readonly position: Position | null;

  constructor(status: number, title: string, detail: string, place: Partial<Place> = {}) {
    super(detail || title);
    this.name = 'ApiError';
    this.status = status;
    this.title = title;
    this.where = place.where ?? '';
    this.position = place.position ?? null;
  }

  /** Whether this server has no such door: the part of the interface that needs it is then not shown. */
  get isAbsent(): boolean {
    return this.status === 404 || this.status === 405 || this.status === 501;
  }
}

export interface Position {
  start: number;
  end: number;
}

interface Place {
  where: string | undefined;
  position: Position | undefined;
}

/** A list is sent as the same name several times. */
export type Parameters = Record<string, string | number | readonly string[] | null | undefined>;

/** GETs `path` below `/api/v1`; empty parameters are left out, `?project=` of the page goes along. */
export async function get<Answer>(
  path: string,
  parameters: Parameters,
  signal?: AbortSignal,
): Promise<Answer> {
  return answerOf<Answer>(await reach(path, parameters, { signal: signal ?? null }));
}

/** GETs `/health`, which needs no cookie and stands beside the API. */
export async function getHealth<Answer>(signal?: AbortSignal): Promise<Answer> {
  const response = await fetch('/health', { signal: signal ?? null });
  return answerOf<Answer>(response);
}

/** POSTs `body` as JSON; gives null where the answer has no content. */
export async function post<Answer>(path: string, body: unknown): Promise<Answer | null> {
  const response = await reach(path, {}, withBody('POST', body));
  return response.status === 204 ? null : answerOf<Answer>(response);
}

/** PATCHes what stands at `path` with `body` as JSON, and gives it as it is then. */
export async function patch<Answer>(path: string, body: unknown): Promise<Answer> {
  return answerOf<Answer>(await reach(path, {}, withBody('PATCH', body)));
}

/** DELETEs `path`. */
export async function remove(path: string): Promise<void> {
  await reach(path, {}, { method: 'DELETE' });
}

/** Where `path` of the API stands, for links; with the page's `?project=`. */
export function addressOf(path: string, parameters: Parameters = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (Array.isArray(value)) for (const one of value) query.append(name, one);
    else if (value !== null && value !== undefined && value !== '') query.set(name, String(value));
  }
  const project = new URLSearchParams(window.location.search).get('project');
  if (project) query.set('project', project);
  return `${BASE}${path}${query.size > 0 ? `?${query}` : ''}`;
}

async function reach(path: string, parameters: Parameters, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(addressOf(path, parameters), { credentials: 'same-origin', ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, 'No answer from the server', 'The server did not answer. Is it running?');
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

function withBody(method: string, body: unknown): RequestInit {
  return { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

async function answerOf<Answer>(response: Response): Promise<Answer> {
  return (await response.json()) as Answer;
}

async function problemOf(response: Response): Promise<ApiError> {
  const text = await response.text();
  try {
    const problem = JSON.parse(text) as { title?: string; detail?: string } & Partial<Place>;
    const title = problem.title ?? `HTTP ${response.status}`;
    return new ApiError(response.status, title, problem.detail ?? '', problem);
  } catch {
    return new ApiError(response.status, `HTTP ${response.status}`, text.slice(0, 300));
  }
}
