import { ActionIcon, Menu, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { Fragment } from 'react';
import { meQuery, signOut } from '../api/me.ts';
import { useZone } from './explore/zone.ts';
import { Icon, type IconName } from './Icon.tsx';
import { KeyHelp } from './KeyHelp.tsx';
import styles from './Shell.module.css';

/** The frame of every page once signed in: the rail at the left, the page beside it. */
export function Shell() {
  return (
    <div className={styles.shell}>
      <nav className={styles.rail} aria-label="Pages">
        <Link to="/overview" className={styles.mark} aria-label="Diptych">
          <i />
          <i />
        </Link>
        <RailLink to="/overview" icon="tiles" label="Overview" />
        <RailLink to="/sessions" icon="person" label="Sessions" />
        <RailLink to="/traces" icon="trace" label="LLM traces" />
        <RailLink to="/answers" icon="answer" label="Answers" />
        <RailLink to="/evaluations" icon="verdict" label="Evaluations" />
        <span className={styles.space} />
        <ProjectMenu />
        <RailLink to="/settings" icon="settings" label="Settings" />
        <SchemeToggle />
        <SignOut />
      </nav>
      <main className={styles.page}>
        {/* All times are words already: another zone draws the page anew. */}
        <Fragment key={useZone()}>
          <Outlet />
        </Fragment>
      </main>
      <KeyHelp />
    </div>
  );
}

type Page = '/overview' | '/sessions' | '/traces' | '/answers' | '/evaluations' | '/settings';

function RailLink({ to, icon, label }: { to: Page; icon: IconName; label: string }) {
  return (
    <Tooltip label={label} position="right">
      <Link
        to={to}
        className={styles.link}
        activeProps={{ className: `${styles.link} ${styles.on}` }}
        aria-label={label}
      >
        <Icon name={icon} />
      </Link>
    </Tooltip>
  );
}

/** Only where the person may see several projects. */
function ProjectMenu() {
  const { data: me } = useQuery(meQuery());
  const navigate = useNavigate();
  if (!me || me.projects.length < 2) return null;
  const current = new URLSearchParams(window.location.search).get('project') ?? me.project;
  return (
    <Menu position="right-end">
      <Menu.Target>
        <ActionIcon size={36} aria-label={`Project ${current}`}>
          {current.slice(0, 2).toUpperCase()}
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {me.projects.map((project) => (
          <Menu.Item key={project} onClick={() => navigate({ to: '/sessions', search: { project } })}>
            {project}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function SchemeToggle() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const other = scheme === 'dark' ? 'light' : 'dark';
  return (
    <Tooltip label={`Switch to ${other}`} position="right">
      <ActionIcon size={36} onClick={() => setColorScheme(other)} aria-label={`Switch to ${other}`}>
        <Icon name={scheme === 'dark' ? 'sun' : 'moon'} />
      </ActionIcon>
    </Tooltip>
  );
}

function SignOut() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const leave = async () => {
    await signOut();
    await navigate({ to: '/sign-in' });
    queries.clear();
  };
  return (
    <Tooltip label="Sign out" position="right">
      <ActionIcon size={36} onClick={leave} aria-label="Sign out">
        <Icon name="leave" />
      </ActionIcon>
    </Tooltip>
  );
}
