import { POLICIES } from './policy-schema.ts'
import { DEFAULT_KEYS } from './read-definitions.ts'

type Schema = { readonly [key: string]: unknown }

/** A job as the schema of a project knows it: its name, and the JSON Schema of its payload where there is one. */
export type SchemaJob = { readonly name: string; readonly payload?: Schema }

const NAME = '^[A-Za-z0-9][\\w.-]{0,99}$'
const SCHEDULE_NAME = '^[A-Za-z0-9][\\w.:/@-]{0,99}$'
const NOT_BLANK = '\\S'

const texts = (item: Schema): Schema => ({ anyOf: [item, { type: 'array', items: item, minItems: 1 }] })

const TIMING: Schema = {
  cron: {
    description: 'One cron expression of 5 or 6 fields, or a list of them. Quote it: * begins an alias in YAML.',
    ...texts({ type: 'string', pattern: NOT_BLANK }),
    examples: ['0 9 * * 1-5', '*/10 * * * *', 'H 3 * * *'],
  },
  every: { description: "An interval of at least 1 s: '15m', '1h30m'.", type: 'string', pattern: NOT_BLANK },
  offset: { description: "Shifts the grid of every: '5m'.", type: 'string', pattern: NOT_BLANK },
  manual: { description: 'Never on its own: it waits for a person to press the button.', const: true },
}

/** A JSON Schema (draft-07) of schedule files; with the jobs of a project it also knows their names and payloads. */
export function schemaFor(jobs: readonly SchemaJob[] = []): Schema {
  const common = commonKeys(jobs)
  const known: Schema = { ...common, ...POLICIES }
  const defaults = Object.fromEntries(DEFAULT_KEYS.map((key) => [key, known[key]]))
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Morrow schedules',
    type: 'object',
    additionalProperties: false,
    required: ['schedules'],
    properties: {
      defaults: {
        description: 'What the schedules of this file have in common.',
        type: 'object',
        additionalProperties: false,
        properties: defaults,
      },
      schedules: {
        description: 'The schedules by name; names are unique over all files.',
        type: 'object',
        propertyNames: { pattern: SCHEDULE_NAME },
        additionalProperties: { $ref: '#/definitions/schedule' },
      },
    },
    definitions: { schedule: scheduleSchema(common, jobs) },
  }
}

function commonKeys(jobs: readonly SchemaJob[]): Schema {
  const name: Schema = { type: 'string', pattern: NAME }
  return {
    tz: { description: "An IANA time zone: 'Europe/Berlin'. UTC unless said.", type: 'string', pattern: '^[A-Za-z]' },
    job: {
      description: 'The name of the job type to run.',
      ...(jobs.length === 0 ? name : { enum: jobs.map((job) => job.name) }),
    },
    queue: { description: 'The queue; that of the job type unless said.', ...name },
    payload: { description: 'What the job is about, as the schema of the job type wants it.' },
    enabled: { description: 'false: it is known and never ticks.', type: 'boolean' },
    env: {
      description: 'The environments (MORROW_ENV) in which it ticks; in each unless said.',
      ...texts({ type: 'string', pattern: '^[\\w.-]+$' }),
    },
  }
}

function scheduleSchema(common: Schema, jobs: readonly SchemaJob[]): Schema {
  const description = { description: 'What it is for, for people.', type: 'string', pattern: NOT_BLANK }
  const payloads = jobs.filter((job) => job.payload !== undefined)
  return {
    type: 'object',
    additionalProperties: false,
    properties: { ...TIMING, ...common, description, ...POLICIES },
    oneOf: [
      { required: ['cron'], not: { required: ['offset'] } },
      { required: ['every'], not: { required: ['tz'] } },
      { required: ['manual'], not: { required: ['offset'] } },
    ],
    ...(payloads.length === 0 ? {} : { allOf: payloads.map(payloadRule) }),
  }
}

const payloadRule = ({ name, payload }: SchemaJob): Schema => ({
  if: { required: ['job'], properties: { job: { const: name } } },
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own word; nobody awaits a schema.
  then: { properties: { payload } },
})
