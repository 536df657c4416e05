import { spawn } from 'node:child_process'

/**
 * Ends process `pid` (a whole group when negative) and removes `directory` as soon as this process is gone, however it
 * went: the guard holds the reading end of a pipe that only we keep open. Returns how to dismiss it.
 */
export function guard(pid: number, directory = ''): () => void {
  const script = 'read -r gone; kill -s KILL -- "$1" 2>/dev/null; [ -z "$2" ] || rm -rf -- "$2"'
  const child = spawn('/bin/sh', ['-c', script, 'guard', String(pid), directory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  })
  child.unref()
  child.on('error', () => undefined)
  child.stdin.on('error', () => undefined)
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref()
  return () => {
    child.kill('SIGKILL')
  }
}
