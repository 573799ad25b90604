/** Something that must never be, with the texts that show it. */
export interface Finding {
  readonly problem: string
  readonly evidence: Readonly<Record<string, string>>
}

export function finding(problem: string, evidence: Readonly<Record<string, string>>): Finding {
  return { problem, evidence }
}
