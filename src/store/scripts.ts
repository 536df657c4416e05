import { defineScript } from './script.ts'

/** Every arrow of the picture, and the few scripts that move no job, with their keys and arguments by name. */
export const scripts = {
  apply: defineScript(
    'apply',
    ['ticks', 'schedules', 'alarm', 'channel'],
    ['queue', 'id', 'version', 'name', 'definition', 'next'],
  ),
  bury: defineScript('bury', ['pages', 'owners', 'dead', 'counts'], ['now', 'owner', 'call', 'emptied']),
  cancel: defineScript('cancel', ['pages', 'ended', 'counts', 'forget'], ['now', 'name', 'slot']),
  claim: defineScript(
    'claim',
    ['pages', 'ready', 'leases', 'owners', 'counts', 'holds', 'held', 'asleep'],
    ['now', 'owner', 'call', 'limit', 'bytes', 'lease', 'names'],
  ),
  claimed: defineScript('claimed', ['pages', 'owners'], ['now', 'owner', 'call']),
  complete: defineScript(
    'complete',
    ['pages', 'owners', 'ended', 'counts', 'forget'],
    ['now', 'owner', 'call', 'emptied'],
  ),
  enqueue: defineScript(
    'enqueue',
    ['clients', 'former', 'pages', 'ready', 'scheduled', 'own', 'counts', 'asleep', 'alarm', 'channel'],
    ['now', 'queue', 'client', 'first', 'count', 'floor'],
  ),
  fire: defineScript(
    'fire',
    ['pages', 'ready', 'counts', 'ticks', 'schedules', 'ledgers', 'asleep', 'channel'],
    ['now', 'queue', 'id', 'cursor', 'version', 'next', 'due', 'record', 'apart', 'entry'],
  ),
  forget: defineScript('forget', ['own', 'forget', 'clients', 'former', 'turned'], ['now', 'age', 'turn', 'limit']),
  get: defineScript('get', ['pages'], ['name', 'slot']),
  giveUp: defineScript('give_up', ['pages', 'holds', 'held', 'dead', 'counts'], ['now', 'patience', 'limit']),
  handBack: defineScript(
    'hand_back',
    ['pages', 'owners', 'ready', 'counts', 'asleep', 'channel'],
    ['now', 'queue', 'owner', 'call', 'emptied'],
  ),
  leave: defineScript('leave', ['leases', 'owners'], ['owner']),
  peek: defineScript('peek', ['pages', 'scheduled', 'ready'], ['now', 'limit']),
  promote: defineScript(
    'promote',
    ['pages', 'ready', 'scheduled', 'counts', 'asleep', 'alarm', 'keeper', 'channel'],
    ['now', 'queue', 'scheduler', 'limit', 'look'],
  ),
  prune: defineScript('prune', ['pages', 'ended', 'counts'], ['now', 'keep', 'age', 'limit']),
  purge: defineScript('purge', ['pages', 'dead', 'counts', 'forget'], ['now', 'keep', 'age', 'limit']),
  reclaim: defineScript(
    'reclaim',
    ['pages', 'leases', 'owners', 'ready', 'dead', 'counts', 'asleep', 'channel'],
    ['now', 'queue', 'limit', 'crashes'],
  ),
  release: defineScript(
    'release',
    ['pages', 'ready', 'holds', 'held', 'counts', 'asleep', 'channel'],
    ['queue', 'job', 'limit'],
  ),
  renew: defineScript('renew', ['leases'], ['now', 'owner', 'lease']),
  reschedule: defineScript(
    'reschedule',
    ['pages', 'scheduled', 'counts', 'alarm', 'channel'],
    ['now', 'queue', 'name', 'slot', 'at'],
  ),
  retry: defineScript(
    'retry',
    ['pages', 'owners', 'scheduled', 'counts', 'alarm', 'channel'],
    ['now', 'queue', 'owner', 'call', 'emptied'],
  ),
  revive: defineScript(
    'revive',
    ['pages', 'dead', 'ready', 'counts', 'asleep', 'channel'],
    ['queue', 'name', 'slot', 'record'],
  ),
  thoughFull: defineScript('though_full', ['key'], ['command']),
  withdraw: defineScript('withdraw', ['ticks', 'schedules'], ['id']),
}
