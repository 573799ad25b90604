import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { inProcess } from '../measure.ts'
import { type ContenderName, contenders } from './contenders.ts'
import type { VerifyInput } from './inputs.ts'

/** Started by `own-process.ts` with the name of a contender and the file of an input. */
const [, , name = '', file = ''] = process.argv
const input = JSON.parse(readFileSync(file, 'utf8')) as VerifyInput
const contender = inProcess(name, contenders[name as ContenderName](input))
for await (const line of createInterface({ input: process.stdin })) {
  const { cpuMicroseconds } = await contender.takeTurn(Number(line))
  console.log(cpuMicroseconds)
}
