// Migrations are numbered without a gap and without a double: two changes that both took the next number are found here.
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../src/store/migrations/', import.meta.url))
const names = readdirSync(folder).sort()
const problems = names.filter((name, index) => !name.startsWith(`${String(index + 1).padStart(4, '0')}_`))
if (problems.length > 0) {
  console.error(`migrations must be numbered 0001, 0002, … without gap or double; look at ${problems[0]}`)
  process.exit(1)
}
console.log(`migrations: ${names.length}, numbered without a gap`)
