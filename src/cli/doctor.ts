import type { Command } from 'commander'
import { ConfigError } from '../config.ts'
import { formatFault } from '../schedule/fault.ts'
import { type Cli, type CommonFlags, command, settingsOf, withJson, withSettings } from './context.ts'
import { examine, type Finding } from './doctor-redis.ts'
import { EXIT, errorText, exitCodeOf } from './exit.ts'
import { openProject, type Project } from './project.ts'
import { faultsIn, filesOf } from './schedule-files.ts'
import { withStore } from './session.ts'
import { type SettingRow, settingRows } from './settings.ts'
import { print, table } from './terminal.ts'
import { counted } from './words.ts'

/** `morrow doctor`: everything that has to be right, and what is not; exit code 4 if something is wrong, 69 without Redis. */
export const doctorCommand = (cli: Cli): Command =>
  withJson(
    withSettings(command('doctor', 'what has to be right, and what is not', 'morrow doctor', 'morrow doctor --json')),
  ).action(async (flags: CommonFlags) => {
    const project = await openProject(settingsOf(flags))
    const { findings, code } = await redisFindings(project)
    const all = [...machineFindings(project), ...findings, ...(await fileFindings(project))]
    const settings = settingRows(project.config).filter(({ origin }) => origin !== 'default')
    const wrong = all.filter(({ state }) => state === 'wrong')
    const value = { ok: wrong.length === 0, findings: all, settings, file: project.file ?? null }
    print(cli.terminal, flags.json, { text: textOf(all, settings, project), value })
    if (wrong.length > 0) cli.finish(code === EXIT.ok ? EXIT.wrong : code)
  })

function machineFindings({ config }: Project): readonly Finding[] {
  const tz = process.versions['tz']
  return [
    { about: 'Node', state: 'fine', text: process.version },
    { about: 'tz data', state: tz === undefined ? 'doubtful' : 'fine', text: tz ?? 'unknown: this Node carries none' },
    ...config.warnings.map((text): Finding => ({ about: 'configuration', state: 'doubtful', text })),
  ]
}

/** What is found of Redis; a Redis that cannot be had is a finding too, and gives the exit code. */
async function redisFindings({
  config,
}: Project): Promise<{ readonly findings: readonly Finding[]; readonly code: number }> {
  try {
    // A Redis that evicts is a finding like others: it is looked at all the same.
    const tolerant = { ...config, allowEviction: true }
    return { findings: await withStore(tolerant, (session) => examine(session, config)), code: EXIT.ok }
  } catch (error) {
    const text = errorText(error).replace(/^error: /, '')
    const code = error instanceof ConfigError ? EXIT.config : exitCodeOf(error)
    return { findings: [{ about: 'Redis', state: 'wrong', text }], code }
  }
}

async function fileFindings(project: Project): Promise<readonly Finding[]> {
  const files = await filesOf(project)
  const faults = faultsIn(files, project.config)
  const untold = project.config.origins['schedules'] === 'default' && files.files.length === 0
  // A program without schedules needs no folder of them, as long as nobody says where it is.
  if (untold) return faults.map((fault) => ({ about: 'schedules', state: 'doubtful', text: formatFault(fault) }))
  if (faults.length > 0)
    return faults.map((fault) => ({ about: 'schedules', state: 'wrong', text: formatFault(fault) }))
  return [
    { about: 'schedules', state: 'fine', text: `${files.schedules.length} in ${counted(files.files.length, 'file')}` },
  ]
}

const MARKS = { fine: 'ok', doubtful: '?', wrong: 'WRONG' } as const

function textOf(findings: readonly Finding[], settings: readonly SettingRow[], { file }: Project): string {
  const set = settings.map(({ name, value, origin }) => ['', name, `${String(value)} (${origin})`])
  return [
    table(findings.map(({ about, state, text }) => [MARKS[state], about, text])),
    `configuration file: ${file ?? 'none'}; what is set, the rest is default (morrow config shows all):`,
    table(set),
  ].join('\n')
}
