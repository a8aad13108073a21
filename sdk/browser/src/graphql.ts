import { fits, type GraphQlRule, type MatchOption } from './options.js';
import { parsed } from './question.js';
import type { PageRequest } from './types/request.js';

/** The text of an operation is cut here, in characters. */
const MAX_PAYLOAD = 32 * 1024;

/** What a GraphQL request asked for, in wire names; undefined where no rule names its address. */
export function graphQlOf(
  { url, method, body }: PageRequest,
  rules: (MatchOption | GraphQlRule)[],
): Record<string, unknown> | undefined {
  const rule = rules.find((each) => fits([each], url));
  if (!rule) return undefined;
  const asked = (method === 'GET' ? Object.fromEntries(new URL(url).searchParams) : parsed(body)) as
    | Record<string, unknown>
    | undefined;
  if (!asked || Array.isArray(asked)) return undefined;
  const { query, operationName, variables } = asked;
  const text = typeof query === 'string' ? query.trim() : '';
  const [, type, name] = /(?:^|[}\s])(query|mutation|subscription)\b\s*(\w*)/.exec(text) ?? [];
  return {
    operationType: text.startsWith('{') ? 'query' : (type ?? asked.operationType),
    operationName: operationName || name || undefined,
    variables: typeof variables === 'object' ? JSON.stringify(variables) : variables,
    payload: (rule as GraphQlRule).trackPayload ? text.slice(0, MAX_PAYLOAD) : undefined,
  };
}
