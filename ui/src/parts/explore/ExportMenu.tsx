import { Button, Menu } from '@mantine/core';
import { exportAddress, type Signal } from '../../api/explore.ts';
import { boundsOf, type Range } from '../range.ts';

/** The rows of the list as a file; the server says in it when there were more than it gives. */
export function ExportMenu({ signal, query, range }: { signal: Signal; query: string; range: Range }) {
  if (!EXPORTED.includes(signal)) return null;
  const address = (format: 'csv' | 'parquet') => exportAddress(signal, format, { ...boundsOf(range), query });
  return (
    <Menu>
      <Menu.Target>
        <Button data-testid="export">Export</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>At most 100,000 rows</Menu.Label>
        <Menu.Item component="a" href={address('csv')} download={`${signal}.csv`}>
          CSV
        </Menu.Item>
        <Menu.Item component="a" href={address('parquet')} download={`${signal}.parquet`}>
          Parquet
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** What the server of this build can export. */
const EXPORTED: readonly Signal[] = [];
