import { refuseSetting } from './setting-fault.ts'

const dayMs = 86_400_000
const clocks = new Map<string, Intl.DateTimeFormat>()

/** Throws `input_invalid` at the setting for a zone that the time zone database does not have. */
export function checkTimeZone(zone: string | undefined, at: string): void {
  if (zone === undefined) return
  try {
    clockOf(zone)
  } catch {
    refuseSetting({
      check: 'time zone',
      wanted: 'a name of the time zone database, like Europe/Berlin',
      arrived: zone,
      at,
    })
  }
}

/**
 * What a clock in this zone shows → the moment. Where clocks are set back and show a time twice, the first one, so that
 * nothing lasts longer than somebody meant; where they are set forward and never show it, none.
 */
export function localToInstant(local: Date, zone: string | undefined): Date | undefined {
  if (zone === undefined) return undefined
  const shown = local.getTime()
  const candidates = [shown - dayMs, shown + dayMs]
    .map((near) => shown - offsetMs(near, zone))
    .filter((instant) => instant + offsetMs(instant, zone) === shown)
  return candidates.length === 0 ? undefined : new Date(Math.min(...candidates))
}

function offsetMs(instant: number, zone: string): number {
  const parts = new Map<string, number>(
    clockOf(zone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const part = (type: string) => parts.get(type) ?? 0
  const shown = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  return shown - Math.floor(instant / 1000) * 1000
}

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone)
  if (known !== undefined) return known
  const clock = new Intl.DateTimeFormat('en-US-u-ca-iso8601-nu-latn', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  if (clocks.size > 500) clocks.clear()
  clocks.set(zone, clock)
  return clock
}
