import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import { addressOf } from '../../api/client.ts';
import type { Span, Trace } from '../../api/types.ts';
import { Icon } from '../Icon.tsx';

/** The chosen span or the whole trace, to take elsewhere. */
export function CopyMenu({ trace, span }: { trace: Trace; span: Span | null }) {
  const copy = (text: string) => void navigator.clipboard.writeText(text);
  return (
    <Menu>
      <Menu.Target>
        <Tooltip label="Copy as …">
          <ActionIcon aria-label="Copy as" data-testid="copy-as">
            <Icon name="copy" size={16} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {span && (
          <>
            <Menu.Item onClick={() => copy(spanLink(span))}>Link to this span</Menu.Item>
            <Menu.Item onClick={() => copy(JSON.stringify(span, null, 2))}>Span as JSON</Menu.Item>
          </>
        )}
        <Menu.Item onClick={() => copy(JSON.stringify(trace, null, 2))}>Trace as JSON</Menu.Item>
        <Menu.Item onClick={() => copy(curlOf(trace))}>Trace as cURL</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function spanLink(span: Span): string {
  const address = new URL(`/traces/${encodeURIComponent(span.trace_id)}`, window.location.origin);
  const project = new URLSearchParams(window.location.search).get('project');
  if (project) address.searchParams.set('project', project);
  address.searchParams.set('span', span.span_id);
  return address.href;
}

/** The command that asks the server for this trace; the key comes from the reader's environment. */
function curlOf(trace: Trace): string {
  const address = new URL(addressOf(`/traces/${encodeURIComponent(trace.trace_id)}`), window.location.origin);
  return `curl -H "Authorization: Bearer $DIPTYCH_READ_KEY" '${address.href}'`;
}
