#!lua flags=allow-oom
-- One command on one key, carried out though Redis is full: a note without which what it holds could not drain, such as that a process
-- lives. Answers as the command does.
local key = KEYS[1]
local command = ARGV[1]

return redis.call(command, key, unpack(ARGV, 2))
