import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { scripts } from '../../src/store/scripts.ts'

const FOLDER = new URL('../../src/store/scripts/', import.meta.url)
const PRELUDES = ['record', 'noted', 'schedule', 'tick', 'lanes', 'row']
const files = readdirSync(FOLDER).map((name) => name.replace('.lua', ''))

/** The parts of a list, cut at commas that stand in no brackets. */
function partsOf(list: string): string[] {
  const parts: string[] = ['']
  let depth = 0
  for (const letter of list.replace(/ --.*$/, '')) {
    depth += '([{'.includes(letter) ? 1 : ')]}'.includes(letter) ? -1 : 0
    if (letter === ',' && depth === 0) parts.push('')
    else parts.push((parts.pop() ?? '') + letter)
  }
  return parts.map((part) => part.trim())
}

/** The names that a script gives its KEYS or ARGV, in their order. */
function namesIn(text: string, source: 'KEYS' | 'ARGV'): string[] {
  const all = new RegExp(`^local ([\\w, ]+) = unpack\\(${source}\\)$`, 'm').exec(text)?.[1]
  const names: string[] = all === undefined ? [] : partsOf(all)
  for (const [, left = '', right = ''] of text.matchAll(/^local ([\w, ]+) = (.*(?:KEYS|ARGV)\[\d+\].*)$/gm)) {
    const given = partsOf(right)
    partsOf(left).forEach((name, index) => {
      const [, from, number] = /\b(KEYS|ARGV)\[(\d+)\]/.exec(given[index] ?? '') ?? []
      if (from === source) names[Number(number) - 1] = name
    })
  }
  return names
}

/** What a script's first lines call an argument differently from the definition, because Lua has a word for it. */
const body = (name: string): string => readFileSync(new URL(`${name}.lua`, FOLDER), 'utf8')

test('every script file is defined, and every definition has a file', () => {
  assert.deepEqual(
    Object.values(scripts)
      .map(({ name }) => name)
      .sort(),
    files.filter((name) => !PRELUDES.includes(name)).sort(),
  )
})

for (const script of Object.values(scripts)) {
  test(`${script.name} names its keys and arguments as its definition does, in the same order`, () => {
    assert.deepEqual(namesIn(body(script.name), 'KEYS'), [...script.keys])
    assert.deepEqual(namesIn(body(script.name), 'ARGV'), [...script.args])
  })

  test(`${script.name} may run in a full Redis unless it makes room for a job`, () => {
    const refused = ['enqueue', 'fire', 'revive', 'update'].includes(script.name)
    assert.equal(/^#!lua.*allow-oom/.test(script.text), !refused)
    assert.ok(!script.flagless.startsWith('#!'))
  })
}
