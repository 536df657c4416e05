#!/usr/bin/env node
import { wantsColour } from '../config.ts'
import { runCli } from './program.ts'

const { stdout, stderr } = process

// `morrow … | head` closes the pipe: nobody is left to write for.
stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

const code = await runCli(process.argv.slice(2), {
  out: (text) => stdout.write(`${text}\n`),
  say: (text) => stderr.write(`${text}\n`),
  colour: wantsColour(stdout.isTTY),
})
// What a program of the user's left open must not keep the process alive; what was written has to be out first.
stdout.write('', () => stderr.write('', () => process.exit(code)))
