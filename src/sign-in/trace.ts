import type { TraceStep } from '../directory/sign-in.ts'

/** Records the steps of one attempt in order: name, duration, and what a step wants remembered. */
export interface Trace {
  /** Runs a step and records it, refused or not. */
  step<T>(name: string, run: () => T): T
  note(notes: Readonly<Record<string, unknown>>): void
  steps(): readonly TraceStep[]
}

export function startTrace(clockMs: () => number): Trace {
  const steps: { step: string; milliseconds: number; notes?: Record<string, unknown> }[] = []

  function finish(step: (typeof steps)[number], startedMs: number): void {
    step.milliseconds = Math.round((clockMs() - startedMs) * 1000) / 1000
  }

  return {
    step(name, run) {
      const step = { step: name, milliseconds: 0 }
      const startedMs = clockMs()
      steps.push(step)
      let isPending = false
      try {
        const result = run()
        if (result instanceof Promise) {
          isPending = true
          return result.finally(() => finish(step, startedMs)) as typeof result
        }
        return result
      } finally {
        if (!isPending) finish(step, startedMs)
      }
    },
    note(notes) {
      const last = steps.at(-1)
      if (last !== undefined) last.notes = { ...last.notes, ...notes }
    },
    steps: () => steps.map((step) => ({ ...step })),
  }
}
