#!/usr/bin/env node
import { wantsColour } from '../config.ts'
import { EXIT } from './exit.ts'
import { runCli } from './program.ts'

const { stdout, stderr } = process

let lost: NodeJS.ErrnoException | null | undefined
/** `morrow … | head` closes the pipe: nobody is left to write for. Any other loss of data is a failure. */
const end = (code: number): never => {
  if (lost && lost.code !== 'EPIPE') stderr.write(`error: the output cannot be written: ${lost.message}\n`)
  return process.exit(lost ? (lost.code === 'EPIPE' ? EXIT.ok : EXIT.failure) : code)
}
stdout.on('error', (error) => {
  lost ??= error
  end(EXIT.failure)
})
// Messages that nobody reads change nothing.
stderr.on('error', () => undefined)

const code = await runCli(process.argv.slice(2), {
  out: (text) =>
    stdout.write(`${text}\n`, (error) => {
      lost ??= error
    }),
  say: (text) => stderr.write(`${text}\n`),
  colour: wantsColour(stdout.isTTY),
})
// What a program of the user's left open must not keep the process alive; what was written has to be out first.
stdout.write('', () => stderr.write('', () => end(code)))
