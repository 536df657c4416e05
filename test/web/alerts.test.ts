import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseDocument } from 'yaml'
import { countEvents } from '../../src/web/event-metrics.ts'
import { announce, seedSchedules } from './seed.ts'
import { home, webOn } from './support.ts'

type Rule = {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

const text = readFileSync(new URL('../../docs/operations/alerts.yml', import.meta.url), 'utf8')
const document = parseDocument(text, { strict: true, uniqueKeys: true })
const { groups, ...rest } = document.toJS() as {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[]
}
const rules = groups.flatMap((group) => group.rules)

/** Metrics by name, with the labels that each may have; a histogram has three names. */
async function known(get: (url: string) => Promise<{ readonly body: string }>): Promise<Map<string, Set<string>>> {
  const labels = new Map<string, Set<string>>()
  const { register } = countEvents()
  for (const metric of register.getMetricsAsArray()) {
    const { labelNames } = metric as unknown as { readonly labelNames: readonly string[] }
    for (const name of [metric.name, `${metric.name}_bucket`, `${metric.name}_sum`, `${metric.name}_count`])
      labels.set(name, new Set([...labelNames, 'le']))
  }
  const { body } = await get('/metrics')
  for (const [, name = ''] of body.matchAll(/^# TYPE (\w+) /gm)) labels.set(name, labels.get(name) ?? new Set())
  for (const [, name = '', inner = ''] of body.matchAll(/^(\w+)\{(.*)\} /gm))
    for (const [, label = ''] of inner.matchAll(/(\w+)="/g)) labels.get(name)?.add(label)
  return labels
}

const FUNCTIONS = ['absent', 'max', 'sum', 'rate', 'increase', 'histogram_quantile', 'time', 'abs', 'by']

/** What an expression is made of, or where it is none: names, numbers, texts, ranges, operators, brackets. */
function tokens(expr: string): readonly string[] {
  const found: string[] = []
  const token = /\s*([A-Za-z_]\w*|\d+(?:\.\d+)?|"[^"]*"|\[\d+[smhd]\]|==|!=|>=|<=|=~|[-+*/<>=(){},])/y
  while (token.lastIndex < expr.length) {
    const from = token.lastIndex
    const match = token.exec(expr)
    assert.ok(match?.[1], `expected an expression at column ${from} of: ${expr}`)
    found.push(match[1])
  }
  return found
}

function assertBalanced(expr: string, all: readonly string[]): void {
  const open: string[] = []
  const closes: Readonly<Record<string, string>> = { ')': '(', '}': '{' }
  for (const each of all) {
    if (each === '(' || each === '{') open.push(each)
    if (closes[each] !== undefined) assert.equal(open.pop(), closes[each], expr)
  }
  assert.deepEqual(open, [], expr)
}

test('the rules are strict YAML of the form that Prometheus reads', () => {
  assert.deepEqual([document.errors, document.warnings, rest], [[], [], {}])
  assert.equal(new Set(groups.map(({ name }) => name)).size, groups.length)
  assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length)
  for (const { alert, expr, for: wait = '1m', labels, annotations, ...more } of rules) {
    assert.deepEqual(more, {}, alert)
    assert.match(alert, /^Morrow[A-Z][A-Za-z]+$/)
    assert.match(wait, /^\d+[smhd]$/, alert)
    assert.equal(typeof expr, 'string', alert)
    assert.match(labels['severity'] ?? '', /^(critical|warning)$/, alert)
    assert.deepEqual(Object.keys(annotations).sort(), ['command', 'look_at', 'summary'], `${alert}: its recipe`)
    for (const each of Object.values(annotations)) {
      assert.ok(each.length > 5, alert)
      for (const [, inner = ''] of each.matchAll(/\{\{(.*?)\}\}/g))
        assert.match(inner, /^ \$(value|labels\.\w+)( \| humanize(Duration)?)? $/, alert)
    }
  }
})

test('every rule names metrics, labels and functions that exist', async (t) => {
  const here = await home(t)
  await seedSchedules(here)
  await announce(here)
  const metrics = await known((url) => webOn(t, here.store).get(url))
  for (const { alert, expr, annotations } of rules) {
    const all = tokens(expr)
    assertBalanced(expr, all)
    const names = all.filter((each) => /^[a-z_]/i.test(each))
    const used = names.filter((each) => each.startsWith('morrow_'))
    assert.ok(used.length > 0, `${alert}: expected a metric in ${expr}`)
    const labels = new Set(used.flatMap((each) => [...(metrics.get(each) ?? [])]))
    for (const name of names) {
      if (name.startsWith('morrow_')) assert.ok(metrics.has(name), `${alert}: there is no metric ${name}`)
      else
        assert.ok(FUNCTIONS.includes(name) || labels.has(name), `${alert}: ${name} is no label of ${used.join(', ')}`)
    }
    for (const [, label = ''] of Object.values(annotations)
      .join(' ')
      .matchAll(/\$labels\.(\w+)/g))
      assert.match(expr, new RegExp(`by \\([^)]*\\b${label}\\b`), `${alert}: ${label} is lost in ${expr}`)
  }
})

test('every metric is explained on the page of the metrics', async (t) => {
  const page = readFileSync(new URL('../../docs/web.md', import.meta.url), 'utf8')
  const { store } = await home(t)
  const { body } = await webOn(t, store).get('/metrics')
  const own = countEvents().register.getMetricsAsArray()
  const names = [...own.map(({ name }) => name), ...[...body.matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']) => name)]
  assert.deepEqual(
    names.filter((name) => !new RegExp(`\`${name}(\\{|\`)`).test(page)),
    [],
  )
})

test('commands of recipes are commands of Morrow, or of Heroku', () => {
  const commands =
    /^(heroku ps(:scale|:restart)?|morrow (status|doctor|clock show|queue check|job show|dead ls|schedule (lint|history|audit)))\b/
  for (const { alert, annotations } of rules) assert.match(annotations['command'] ?? '', commands, alert)
})
