import { ActionIcon, Button, Menu, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { forgetView, type Signal, savedViewsQuery, saveView } from '../../api/explore.ts';
import { Icon } from '../Icon.tsx';
import styles from './SavedViews.module.css';

/** Views of an explorer kept under a name, for everyone of the project; absent where the server keeps none. */
export function SavedViews({ signal, path }: { signal: Signal; path: string }) {
  const queries = useQueryClient();
  const router = useRouter();
  const { data: views } = useQuery({ ...savedViewsQuery(), retry: false });
  const [name, setName] = useState('');
  const settle = () => queries.invalidateQueries({ queryKey: savedViewsQuery().queryKey });
  const save = useMutation({ mutationFn: saveView, onSuccess: () => setName(''), onSettled: settle });
  const forget = useMutation({ mutationFn: forgetView, onSettled: settle });
  if (!views) return null;
  const own = views.filter((view) => view.signal === signal);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) save.mutate({ name: name.trim(), signal, search: searchWorthKeeping() });
  };
  const failure = save.error ?? forget.error;
  return (
    <Menu width={280}>
      <Menu.Target>
        <Button data-testid="saved-views">Saved views</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {own.length === 0 && <Menu.Label>None yet: name what you see now</Menu.Label>}
        {own.map((view) => (
          <div key={view.id} className={styles.view}>
            <Menu.Item onClick={() => router.history.push(`${path}${view.search}`)}>{view.name}</Menu.Item>
            <ActionIcon size="sm" onClick={() => forget.mutate(view.id)} aria-label={`Forget ${view.name}`}>
              <Icon name="close" size={13} />
            </ActionIcon>
          </div>
        ))}
        <Menu.Divider />
        <form className={styles.form} onSubmit={submit}>
          <TextInput
            size="xs"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            onKeyDown={(event) => event.stopPropagation()}
            placeholder="Name of this view"
            aria-label="Name of this view"
            error={failure?.message}
          />
          <Button type="submit" disabled={!name.trim()} loading={save.isPending}>
            Save
          </Button>
        </form>
      </Menu.Dropdown>
    </Menu>
  );
}

/** The URL's search without what belongs to one look: the chosen row and what is open of it. */
function searchWorthKeeping(): string {
  const kept = new URLSearchParams(window.location.search);
  for (const name of ['selected', 'tab', 't', 'view', 'span', 'project']) kept.delete(name);
  return kept.size > 0 ? `?${kept}` : '';
}
