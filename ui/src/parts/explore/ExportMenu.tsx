import { Button, Menu } from '@mantine/core';
import { addressOf } from '../../api/client.ts';
import type { Signal } from '../../api/explore.ts';
import { boundsOf, type Range } from '../range.ts';

/** As many as the server puts into one file. */
const MOST_ROWS = '100,000';

/** What the list shows, as a file; the browser fetches it. */
export function ExportMenu({ signal, query, range }: { signal: Signal; query: string; range: Range }) {
  const address = (format: string) => {
    const { from, to } = boundsOf(range);
    return addressOf('/export', { signal, format, from, to, query });
  };
  return (
    <Menu>
      <Menu.Target>
        <Button data-testid="export">Export</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>What is found, newest first, {MOST_ROWS} rows at most</Menu.Label>
        <Menu.Item component="a" href={address('csv')} download>
          CSV
        </Menu.Item>
        <Menu.Item component="a" href={address('parquet')} download>
          Parquet
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
