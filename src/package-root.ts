/** The installed package's folder, where files that are not code lie. This file is compiled to `dist/src/`. */
export const packageRoot = new URL('../../', import.meta.url)
