import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestEnd } from '../support/processes.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { findRedisServer } from '../support/redis-server.ts'

/** A Redis whose wall clock is set while it runs; its timers and every other process go on as before. */
export type ShiftedRedis = RedisServer & {
  /** Sets its clock so many milliseconds ahead of this machine's. */
  shift(milliseconds: number): void
}

/** A library that is loaded before all others and adds the 8 bytes of a file to what the clock says. */
const SHIM = `#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static volatile long long *offset;
static int tried;
static long long milliseconds(void) {
  if (!tried) {
    const char *path = getenv("SHIFT_FILE");
    int file = path ? open(path, O_RDONLY) : -1;
    tried = 1;
    if (file >= 0) {
      void *map = mmap(0, 8, PROT_READ, MAP_SHARED, file, 0);
      if (map != MAP_FAILED) offset = map;
      close(file);
    }
  }
  return offset ? *offset : 0;
}
static void shift(struct timespec *t) {
  long long by = milliseconds(), nanoseconds = t->tv_nsec + (by % 1000) * 1000000LL;
  t->tv_sec += by / 1000;
  while (nanoseconds >= 1000000000LL) { nanoseconds -= 1000000000LL; t->tv_sec++; }
  while (nanoseconds < 0) { nanoseconds += 1000000000LL; t->tv_sec--; }
  t->tv_nsec = nanoseconds;
}
int clock_gettime(clockid_t clock, struct timespec *t) {
  int failed = syscall(SYS_clock_gettime, clock, t);
  if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) shift(t);
  return failed;
}
int gettimeofday(struct timeval *v, void *zone) {
  struct timespec t;
  (void)zone;
  if (clock_gettime(CLOCK_REALTIME, &t)) return -1;
  if (v) { v->tv_sec = t.tv_sec; v->tv_usec = t.tv_nsec / 1000; }
  return 0;
}
time_t time(time_t *out) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  if (out) *out = t.tv_sec;
  return t.tv_sec;
}
`

/** Whether this machine has a C compiler, without which no clock can be shifted. */
export function hasCompiler(): boolean {
  try {
    execFileSync('cc', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Starts a Redis whose clock is right at first; needs `cc`. */
export async function startShiftedRedis(end: TestEnd, config: readonly string[] = []): Promise<ShiftedRedis> {
  if (!hasCompiler())
    throw new Error('expected a C compiler, `cc`, with which the clock of Redis is shifted; found none')
  const folder = mkdtempSync(join(tmpdir(), 'morrow-clock-'))
  end.after(async () => rmSync(folder, { recursive: true, force: true }))
  const at = (name: string): string => join(folder, name)
  writeFileSync(at('shift.c'), SHIM)
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', at('shift.so'), at('shift.c')])
  const shift = (milliseconds: number): void => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(BigInt(milliseconds))
    // In place: the file stays mapped where it is.
    writeFileSync(at('shift.bin'), bytes, { flag: 'r+' })
  }
  writeFileSync(at('shift.bin'), Buffer.alloc(8))
  const line = `exec env LD_PRELOAD=${at('shift.so')} SHIFT_FILE=${at('shift.bin')} ${findRedisServer()} "$@"`
  writeFileSync(at('redis-server'), `#!/bin/sh\n${line}\n`)
  chmodSync(at('redis-server'), 0o755)
  const redis = await startRedis({ path: at('redis-server'), config })
  end.after(redis.stop)
  return Object.assign(redis, { shift })
}
