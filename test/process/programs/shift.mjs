// Preloaded: a host whose clock is wrong by SHIFT milliseconds.
const now = Date.now
globalThis.trueNow = now
Date.now = () => now() + Number(process.env.SHIFT ?? 0)
