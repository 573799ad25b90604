import { directoryConformance } from './conformance.ts'

directoryConformance('served')
