import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { MorrowError } from '../errors.ts'
import type { JobContract } from '../job/contract.ts'
import { calendarsSchema } from '../schedule/calendar-schema.ts'
import { type SchemaJob, schemaFor } from '../schedule/schema.ts'
import type { Cli } from './context.ts'
import { jobsOf, openProject } from './project.ts'
import { type FolderFlags, folderSettings } from './schedule-files.ts'
import { print } from './terminal.ts'

type SchemaFlags = FolderFlags & { readonly write?: string | true; readonly calendars?: boolean }
type Fields = Readonly<Record<string, unknown>>

/** Prints or writes the JSON Schema of a project's schedule files, with names of jobs, and payloads where their schemas can say; or of its calendars. */
export async function printSchema({ terminal }: Cli, flags: SchemaFlags): Promise<void> {
  const project = await openProject(folderSettings(flags))
  const { schedules } = project.config
  const calendars = flags.calendars === true
  const schema = calendars ? calendarsSchema() : schemaFor(jobsOf(project).map(schemaJob))
  const text = JSON.stringify(schema, null, 2)
  if (flags.write === undefined) return terminal.out(text)
  const folder = calendars ? join(schedules, 'calendars') : schedules
  const file = flags.write === true ? join(folder, 'schema.json') : flags.write
  try {
    if (flags.write === true && calendars) mkdirSync(folder, { recursive: true })
    writeFileSync(file, `${text}\n`)
  } catch (error) {
    throw new MorrowError('MORROW_CONFIG', `--write: ${error instanceof Error ? error.message : String(error)}`)
  }
  const fromFolder = relative(folder, file)
  terminal.say(`wrote ${file}; let each ${calendars ? 'file of calendars' : 'schedule file'} begin with the line`)
  const line = `# yaml-language-server: $schema=${fromFolder.startsWith('.') ? fromFolder : `./${fromFolder}`}`
  print(terminal, flags.json, { text: line, value: { file, line } })
}

function schemaJob({ name, payload }: JobContract): SchemaJob {
  const schema = payload === undefined ? undefined : inputSchema(payload['~standard'])
  return schema === undefined ? { name } : { name, payload: schema }
}

/** The JSON Schema of a schema's input, from makers that can tell it by the Standard JSON Schema (standardschema.dev/json-schema). */
function inputSchema(standard: object): Fields | undefined {
  const maker: unknown = Reflect.get(standard, 'jsonSchema')
  if (!isFields(maker) || typeof maker['input'] !== 'function') return undefined
  try {
    const { $schema: _dialect, ...schema } = maker['input']({ target: 'draft-07' }) as Fields
    return schema
  } catch {
    // A schema that JSON Schema cannot say: any payload will do for the editor, enqueue checks it all the same.
    return undefined
  }
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null
