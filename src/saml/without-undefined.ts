/** Properties that may be undefined become properties that may be absent. */
export type WithoutUndefined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** A copy without the properties whose value is undefined: what is not there is left out. */
export function withoutUndefined<T extends object>(object: T): WithoutUndefined<T> {
  const copy: Partial<T> = {}
  for (const key in object) if (object[key] !== undefined) copy[key] = object[key]
  return copy as object as WithoutUndefined<T>
}
