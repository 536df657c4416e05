import { defineConfig } from 'morrow'
import { jobs } from './jobs.ts'

/** What Morrow's processes know of the shop. Handlers and what they need are loaded by workers only. */
export const config = defineConfig({
  jobs,
  handlers: async () => (await import('./handlers.ts')).handlers,
  schedules: 'schedules',
  setup: async ({ role }) => (role.includes('worker') ? (await import('./services.ts')).openServices() : undefined),
})
