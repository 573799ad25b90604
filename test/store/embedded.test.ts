import { directoryConformance } from './conformance.ts'

directoryConformance('embedded')
