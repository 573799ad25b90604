import type { Application } from '../../directory/application.ts'
import type { ApplicationDirectory } from '../../directory/directory.ts'
import { LatchkeyError } from '../../errors.ts'
import { type Queryable, run } from '../statement.ts'

/** An application belongs to the installation: its audit events have no organization. */
const save = {
  name: 'application_save',
  text: `
    with saved as (
      insert into application (id, name, host, settings, version)
      select $1, $2, $3, $4::jsonb, 1
      where not exists (
        select
        from application
        where host = $3
          and id <> $1
      )
      on conflict (id) do update
      set
        name = excluded.name,
        host = excluded.host,
        settings = excluded.settings,
        version = application.version + 1
      returning id
    )
    select record_events('', $5::jsonb)
    from saved`,
}

const list = {
  name: 'application_list',
  text: `
    select id, name, settings, version
    from application
    order by id`,
}

/** Cookies do not tell ports apart, so two applications must not share a host name on different ports either. */
function hostOf(application: Application): string {
  return new URL(application.settings.origin).hostname
}

export function applicationQueries(db: Queryable): ApplicationDirectory {
  return {
    async saveApplication(application, event) {
      const { id, name, settings } = application
      const host = hostOf(application)
      const rows = await run(db, save, [id, name, host, JSON.stringify(settings), JSON.stringify([event])])
      if (rows.length === 0) throw new LatchkeyError('application_exists', { check: 'host name', arrived: host })
    },
    async listApplications() {
      return run<Application>(db, list)
    },
  }
}
