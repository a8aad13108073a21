/** The one door to the server: paths under `/api/v1`, JSON in and out, problems as `ApiError`. */

const BASE = '/api/v1';

/** An answer that is not 2xx, in the words of its RFC 9457 problem. `status` 0: no answer came at all. */
export class ApiError extends Error {
  readonly status: number;
  readonly title: string;

  constructor(status: number, title: string, detail: string) {
    super(detail || title);
    this.name = 'ApiError';
    this.status = status;
    this.title = title;
  }
}

export type Parameters = Record<string, string | number | null | undefined>;

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
  const response = await reach(
    path,
    {},
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    },
  );
  return response.status === 204 ? null : answerOf<Answer>(response);
}

async function reach(path: string, parameters: Parameters, init: RequestInit): Promise<Response> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== '') query.set(name, String(value));
  }
  const project = new URLSearchParams(window.location.search).get('project');
  if (project) query.set('project', project);
  const search = query.size > 0 ? `?${query}` : '';
  let response: Response;
  try {
    response = await fetch(`${BASE}${path}${search}`, { credentials: 'same-origin', ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, 'No answer from the server', 'The server did not answer. Is it running?');
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function answerOf<Answer>(response: Response): Promise<Answer> {
  return (await response.json()) as Answer;
}

async function problemOf(response: Response): Promise<ApiError> {
  const text = await response.text();
  try {
    const problem = JSON.parse(text) as { title?: string; detail?: string };
    return new ApiError(response.status, problem.title ?? `HTTP ${response.status}`, problem.detail ?? '');
  } catch {
    return new ApiError(response.status, `HTTP ${response.status}`, text.slice(0, 300));
  }
}
