import { z } from 'zod'
import { LatchkeyError } from '../../errors.ts'
import { nearestName } from '../../nearest-name.ts'
import { allPresets } from './all-presets.ts'
import type { Preset } from './preset.ts'

/** Throws `input_invalid` with the nearest name. */
export function findPreset(id: string, at = 'preset'): Preset {
  const preset = allPresets.find((known) => known.id === id)
  if (preset !== undefined) return preset
  const ids = allPresets.map((known) => known.id)
  const near = nearestName(id, ids)
  throw new LatchkeyError('input_invalid', {
    check: 'preset',
    wanted: `one of ${ids.join(', ')}`,
    arrived: id.slice(0, 100),
    at,
    ...(near === undefined ? {} : { advice: `Did you mean ${near}?` }),
  })
}

/** A preset by its id. */
export const presetInput = z.string().max(100)

type Written = Readonly<Record<string, unknown>>

/** The settings as they were given, with the preset's where none was given: setting by setting, and in the mapping field by field. */
export function fillPreset(preset: Preset, given: Written): Written {
  const { attributeMapping } = given
  const mapping = isWritten(attributeMapping)
    ? { attributeMapping: { ...preset.settings.attributeMapping, ...attributeMapping } }
    : {}
  return { ...preset.settings, ...given, ...mapping }
}

/** As `fillPreset`, for the preset of this id; without one, the settings as they were given. Throws `input_invalid`. */
export function withPreset(id: string | undefined, given: Written, at?: string): Written {
  return id === undefined ? given : fillPreset(findPreset(id, at), given)
}

function isWritten(value: unknown): value is Written {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
